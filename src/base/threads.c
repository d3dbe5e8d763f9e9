#include "base/threads.h"

#include <omp.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* The runtime's threads are not in the child, though it believes they are. */
static void one_thread(void) {
    omp_set_num_threads(1);
}

static void watch_forks(void) {
    pthread_atfork(NULL, NULL, one_thread);
}

/* How many threads a region gets at most. */
static int bounded(int threads) {
    const int limit = omp_get_thread_limit();
    if (omp_get_active_level() >= omp_get_max_active_levels())
        return 1;
    return threads < limit ? threads : limit;
}

struct threads_before threads_enter(size_t most) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, watch_forks);
    const struct threads_before before = {omp_get_max_threads(), omp_get_dynamic()};
    const int real = bounded(before.threads);
    omp_set_dynamic(0);
    omp_set_num_threads(most > 0 && (size_t)real > most ? (int)most : real);
    return before;
}

void threads_leave(struct threads_before before) {
    omp_set_num_threads(before.threads);
    omp_set_dynamic(before.dynamic);
}

size_t threads_use(size_t wanted) {
    int team = 1;
    if (wanted == 0) {
        const size_t most = threads_available();
        wanted = (size_t)omp_get_max_threads();
        if (getenv("OMP_NUM_THREADS") == NULL && wanted > most)
            wanted = most;
    }
    omp_set_dynamic(0);
    omp_set_num_threads((int)wanted);
#pragma omp parallel
#pragma omp single
    team = omp_get_num_threads();
    omp_set_num_threads(team);
    return (size_t)team;
}

/* ---- What the control group pays for */

/* "max 100000" or "200000 100000": quota and period; v1 has the two in files of their own. */
static size_t processors(const char *quota, const char *period) {
    char *end;
    const double q = strtod(quota, &end);
    if (end == quota || q <= 0.0)
        return 0;
    const double p = strtod(period != NULL ? period : end, NULL);
    const double count = p > 0.0 ? q / p : 0.0;
    return count > 0.0 && count < 1e6 ? (size_t)(count + 0.999) : 0;
}

static bool first_line(const char *root, const char *folder, const char *group, const char *name, char *line,
                       size_t room) {
    char path[1024];
    if (snprintf(path, sizeof path, "%s%s%s/%s", root, folder, group, name) >= (int)sizeof path)
        return false;
    FILE *const file = fopen(path, "r");
    const bool read = file != NULL && fgets(line, (int)room, file) != NULL;
    if (file != NULL)
        fclose(file);
    return read;
}

/* The smallest quota of a group and those above it. group is cut short. */
static size_t smallest(const char *root, bool unified, char *group) {
    size_t least = 0;
    for (char *end = group + strlen(group); end != NULL; end = strrchr(group, '/')) {
        char quota[64], period[64];
        size_t count = 0;
        *end = '\0';
        if (unified && first_line(root, "/sys/fs/cgroup", group, "cpu.max", quota, sizeof quota))
            count = processors(quota, NULL);
        else if (!unified &&
                 first_line(root, "/sys/fs/cgroup/cpu", group, "cpu.cfs_quota_us", quota, sizeof quota) &&
                 first_line(root, "/sys/fs/cgroup/cpu", group, "cpu.cfs_period_us", period, sizeof period))
            count = processors(quota, period);
        if (count > 0 && (least == 0 || count < least))
            least = count;
    }
    return least;
}

/* Is cpu among the comma-separated controllers? */
static bool has_cpu(const char *controllers) {
    const char *at = controllers;
    for (size_t length; *at != '\0'; at += length + (at[length] == ',')) {
        length = strcspn(at, ",");
        if (length == 3 && memcmp(at, "cpu", 3) == 0)
            return true;
    }
    return false;
}

size_t threads_quota(const char *root) {
    char path[1024], line[1024];
    size_t least = 0;
    snprintf(path, sizeof path, "%s/proc/self/cgroup", root);
    FILE *const file = fopen(path, "r");
    /* "4:cpu,cpuacct:/group", or "0::/group" for v2 */
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        char *const controllers = strchr(line, ':'), *const group =
                                                         controllers ? strchr(controllers + 1, ':') : NULL;
        if (group == NULL)
            continue;
        *group = '\0';
        group[1 + strcspn(group + 1, "\n")] = '\0';
        const bool unified = controllers[1] == '\0';
        const size_t count = unified || has_cpu(controllers + 1) ? smallest(root, unified, group + 1) : 0;
        if (count > 0 && (least == 0 || count < least))
            least = count;
    }
    if (file != NULL)
        fclose(file);
    return least;
}

size_t threads_available(void) {
    const size_t mask = (size_t)omp_get_num_procs(), quota = threads_quota("");
    const size_t count = quota > 0 && quota < mask ? quota : mask;
    return count > 0 ? count : 1;
}

/* "0.52 0.41 0.30 3/152 8852": three averages, then tasks that run or wait to, this one among them, and all. */
static bool runnable(const char *root, size_t *count) {
    char line[128];
    if (!first_line(root, "/proc", "", "loadavg", line, sizeof line))
        return false;
    char *at = line, *end;
    for (int word = 0; word < 3; word++) {
        at += strcspn(at, " ");
        at += strspn(at, " ");
    }
    *count = strtoul(at, &end, 10);
    return end != at && *end == '/' && *count > 0;
}

size_t threads_idle(const char *root) {
    const long online = sysconf(_SC_NPROCESSORS_ONLN);
    const size_t all = online > 0 ? (size_t)online : 1;
    size_t least = SIZE_MAX, count;
    for (int look = 0; look < 3; look++) {
        if (look > 0)
            nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
        if (!runnable(root, &count))
            return all;
        least = count < least ? count : least;
    }
    return all > least ? all - (least - 1) : 1;
}
