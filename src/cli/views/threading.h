/* The threads that a command uses, and the line that says so. */
#ifndef TRM_CLI_VIEWS_THREADING_H
#define TRM_CLI_VIEWS_THREADING_H

#include <stddef.h>

/* First of all in main: threads that wait for one another go to sleep soon, so that other work on the same
   processors costs little. libgomp reads this from the environment before main, so the program begins again with it
   set; not where the environment says how to wait (GOMP_SPINCOUNT, OMP_WAIT_POLICY). */
void threading_bound_waiting(char **argv);

/* Use this many threads in OpenMP and OpenBLAS; 0: OMP_NUM_THREADS, else the processors that this process may use
   (affinity mask, CPU quota of its control group). Returns how many there really are, which may be fewer than were
   asked for: that is said in one line. */
size_t threading_use(size_t threads);

/* The same for single solves, whose every product waits for the slowest thread; 0: no more than the processors that
   are idle now, unless OMP_NUM_THREADS says how many. */
size_t threading_use_idle(size_t threads);

/* One line on stderr with threads and instruction set; one more where OpenBLAS is not the build that shares
   OpenMP's threads. */
void threading_announce(size_t threads);

/* One line on stderr where the network does not run in f32, or does although bf16 was asked for; used:
   nn_precision_used. */
void threading_announce_precision(const char *used);

#endif
