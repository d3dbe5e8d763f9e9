#include "cli/views/machine.h"

#include "cli/message.h"
#include "nn/nn.h"

#include <cblas.h>
#include <omp.h>
#include <string.h>

enum { OPENBLAS_WITH_OPENMP = 2 };

size_t machine_use_threads(size_t threads) {
    const int count = threads == 0 ? omp_get_max_threads() : (int)threads;
    omp_set_num_threads(count);
    openblas_set_num_threads(count);
    return (size_t)count;
}

void machine_announce(size_t threads) {
    cli_say("%zu thread%s, instruction set %s (%s; OpenBLAS for %s)", threads, threads == 1 ? "" : "s",
            nn_instruction_set(), nn_library(), openblas_get_corename());
    if (openblas_get_parallel() != OPENBLAS_WITH_OPENMP)
        cli_say("warning: OpenBLAS is not its OpenMP build and will be slower; install libopenblas0-openmp");
}

void machine_announce_precision(const char *used) {
    if (strcmp(used, nn_precision_name(NN_F32)) != 0)
        cli_say("precision %s", used);
}
