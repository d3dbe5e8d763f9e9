#include "cli/views/threading.h"

#include "base/threads.h"
#include "cli/diagnostics.h"
#include "nn/nn.h"

#include <cblas.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { OPENBLAS_WITH_OPENMP = 2 };

/* Turns of libgomp's waiting loop before a thread sleeps, some 50 microseconds. Its own 300,000 make a thread whose
   partner lost its processor to other work burn what is left of its own. */
static const char spin_count[] = "3000";

void threading_bound_waiting(char **argv) {
    char program[4096];
    if (getenv("GOMP_SPINCOUNT") != NULL || getenv("OMP_WAIT_POLICY") != NULL)
        return;
    const ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
    if (length <= 0 || setenv("GOMP_SPINCOUNT", spin_count, 0) != 0)
        return;
    program[length] = '\0';
    execv(program, argv); /* where that fails, threads wait as the runtime has them wait */
}

size_t threading_use(size_t threads) {
    const size_t team = threads_use(threads);
    openblas_set_num_threads((int)team);
    if (threads > team)
        cli_say("warning: %zu threads were asked for, OpenMP gives %zu; is OMP_THREAD_LIMIT or "
                "OMP_MAX_ACTIVE_LEVELS set?",
                threads, team);
    return team;
}

size_t threading_use_idle(size_t threads) {
    if (threads > 0 || getenv("OMP_NUM_THREADS") != NULL)
        return threading_use(threads);
    const size_t most = threads_available(), idle = threads_idle("");
    if (idle < most)
        cli_say("other work is on the processors: %zu of %zu threads; --threads has it otherwise", idle,
                most);
    return threading_use(idle < most ? idle : 0);
}

void threading_announce(size_t threads) {
    cli_say("%zu thread%s, instruction set %s (%s; OpenBLAS for %s)", threads, threads == 1 ? "" : "s",
            nn_instruction_set(), nn_library(), openblas_get_corename());
    if (openblas_get_parallel() != OPENBLAS_WITH_OPENMP)
        cli_say("warning: OpenBLAS is not its OpenMP build and will be slower; install libopenblas0-openmp");
}

void threading_announce_precision(const char *used) {
    if (strcmp(used, nn_precision_name(NN_F32)) != 0)
        cli_say("precision %s", used);
}
