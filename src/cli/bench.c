/* bench: a table of what can be timed. Figures are minima over repeats on a machine that is otherwise idle.
 */
#include "cli/command.h"

static const struct command benches[] = {
    {"bench solvers", bench_solvers, "each of the five solvers on problems from files",
     "Prints file, solver, milliseconds (the fastest of the repeats) and certified gap at the default "
     "budget.",
     "bench solvers layer.safetensors --json"},
    {"bench train-step", bench_train_step, "forward and backward of one batch, without optimiser", NULL,
     "bench train-step --model small_cnn --batch-size 128 --json"},
    {"bench collect-step", bench_collect_step,
     "a whole training step: network, inner solves, retraction, loss after it", NULL,
     "bench collect-step --solver quasi_newton --tol 1e-2 --manifold all --json"},
    {"bench router", bench_router, "an epoch of training a router, and one of its decisions", NULL,
     "bench router --json"},
};

int cmd_bench(const struct command *self, int argc, char **argv) {
    (void)self;
    return command_dispatch("trm-router bench", benches, sizeof benches / sizeof *benches, argc, argv);
}
