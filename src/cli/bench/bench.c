/* bench: a table of what can be timed. Figures are minima over repeats on a machine that is otherwise idle.
 */
#include "cli/command.h"

static const struct command benches[] = {
    {"bench solvers", bench_solvers,
     "how long each solver takes to each certified gap, on problems from files",
     "Times are those of a whole solve: load, reduce, iterate, repair, certify. A gap that is not reached is "
     "shown as '-', with the gap that the solver ended at; tighter ones are not tried. The gap of "
     "frank_wolfe is over its own set.",
     "bench solvers layer.safetensors --output pictures"},
    {"bench scaling", bench_scaling, "what a solve costs as n grows, on generated problems",
     "G holds standard normal numbers, W is the orthonormal factor of a matrix of such; both are double. "
     "Beside the "
     "times: the exponent of n by least squares of log ms on log n, the machine's rate of n x n x n products "
     "on the "
     "same threads, and each solve in units of one such product in double and in float.",
     "bench scaling --n 64,128,256 --output pictures"},
    {"bench train-step", bench_train_step, "forward and backward of one batch, without optimiser", NULL,
     "bench train-step --model small_cnn --batch-size 128 --json"},
    {"bench arms", bench_arms, "a training step with each arm: the seconds of prepare --seconds",
     "Run it with nothing beside: what other programs take is counted.",
     "bench arms --arms quasi_newton,quasi_newton:0.5,frank_wolfe@10 --output seconds.json"},
    {"bench collect-step", bench_collect_step,
     "a whole training step: network, inner solves, retraction, loss after it", NULL,
     "bench collect-step --solver quasi_newton --tol 1e-2 --manifold all --json"},
    {"bench update", bench_update, "the optimiser alone: momentum, inner solves, retraction",
     "The network's step, which makes the gradients, is run and not counted. bench/peers.sh times plain "
     "Muon's "
     "update of the same matrices in PyTorch.",
     "bench update --tol 1e-2 --json"},
    {"bench router", bench_router, "an epoch of training a router, and one of its decisions", NULL,
     "bench router --json"},
};

int cmd_bench(const struct command *self, int argc, char **argv) {
    (void)self;
    return command_dispatch("trm-router bench", benches, sizeof benches / sizeof *benches, argc, argv);
}
