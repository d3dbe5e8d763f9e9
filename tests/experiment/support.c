#include "experiment/support.h"

#include <omp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[] = "/tmp/trm-experiment-XXXXXX";

int support_make_folder(void **state) {
    (void)state;
    return mkdtemp(folder) != NULL ? 0 : -1;
}

int support_remove_folder(void **state) {
    (void)state;
    char command[64];
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    return system(command);
}

const char *support_path_of(const char *name, char path[64]) {
    snprintf(path, 64, "%s/%s", folder, name);
    return path;
}

void support_need_data(void) {
    struct data_info info;
    const struct data_options package = {0};
    if (data_check(&package, &info, NULL) != TRM_OK) {
        print_message("skipped: the data set's package is not installed\n");
        skip();
    }
}

void support_make_small(struct run_settings *settings, const char *model, double width) {
    settings->model = model;
    settings->width = width;
    settings->epochs = 2;
    settings->batch_size = 32;
    settings->data.train_limit = 160;
}

void support_interrupt(struct interruption *i, size_t run, size_t step) {
    if (run != i->run)
        return;
    if (i->kill_after != SUPPORT_NEVER && step == i->kill_after)
        raise(SIGKILL);
    i->stop = i->stop_after != SUPPORT_NEVER && step == i->stop_after;
}

bool support_asked_to_stop(void *context) {
    return ((struct interruption *)context)->stop;
}

int support_run(support_body *body, const void *request, size_t threads, struct interruption interruption,
                char reason[512]) {
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct trm_error error = {0};
        omp_set_num_threads((int)threads);
        const enum trm_status status = body(request, &interruption, &error);
        if (write(ends[1], error.text, sizeof error.text) != (ssize_t)sizeof error.text)
            _exit(127);
        _exit((int)status);
    }
    close(ends[1]);
    memset(reason, 0, 512);
    if (read(ends[0], reason, 511) < 0)
        reason[0] = '\0';
    close(ends[0]);
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
