/* The threads that a command uses, and the line that says so. */
#ifndef TRM_CLI_VIEWS_MACHINE_H
#define TRM_CLI_VIEWS_MACHINE_H

#include <stddef.h>

/* Use this many threads in OpenMP and OpenBLAS; 0: as many as OpenMP would take by itself (the cores, or
   OMP_NUM_THREADS). Returns the number. */
size_t machine_use_threads(size_t threads);

/* One line on stderr with threads and instruction set; one more where OpenBLAS is not the build that shares
   OpenMP's threads. */
void machine_announce(size_t threads);

/* One line on stderr where the network does not run in f32, or does although bf16 was asked for; used:
   nn_precision_used. */
void machine_announce_precision(const char *used);

#endif
