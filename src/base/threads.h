/* How many threads there really are. OpenMP may give a parallel region fewer threads than were asked for
   (OMP_THREAD_LIMIT, OMP_DYNAMIC, OMP_MAX_ACTIVE_LEVELS, a region around it), and a child made by fork has none of
   its parent's; OpenBLAS's OpenMP build then waits for ever for those that never come. */
#ifndef TRM_BASE_THREADS_H
#define TRM_BASE_THREADS_H

#include <stddef.h>

/* Processors that this process may keep busy: those of its affinity mask, and no more than the CPU quota of its
   control group (v1 or v2) pays for, rounded up. At least 1. */
size_t threads_available(void);

/* The quota alone, read below `root` ("" on a real machine) for the groups that root/proc/self/cgroup names and
   those above them; 0 where there is none. */
size_t threads_quota(const char *root);

/* Processors of the machine that no other work is on: those that are online, but for one for every other task that
   root/proc/loadavg calls runnable, by the emptiest of three looks a millisecond apart. At least 1; all where it
   cannot be read. */
size_t threads_idle(const char *root);

/* Make the calling thread's parallel regions have as many threads as they get, and say how many: one region of
   `wanted` is made and counted. 0: what OMP_NUM_THREADS says, else threads_available. */
size_t threads_use(size_t wanted);

/* For functions of the library, which find whatever their caller has set: between the two calls a region of the
   calling thread gets the threads that it asks for, at most `most` (0: no bound). After the first call a child
   made by fork has one thread. */
struct threads_before {
    int threads, dynamic;
};
struct threads_before threads_enter(size_t most);
void threads_leave(struct threads_before before);

#endif
