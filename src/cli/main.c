#include "cli/command.h"
#include "cli/diagnostics.h"
#include "cli/views/stop.h"
#include "cli/views/threading.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

const struct command cli_commands[] = {
    {"collect", cmd_collect, "train with one solver and record the dynamics of every step",
     "SIGINT stops after the step and saves; --resume then goes on. With the same options, seed and threads "
     "a run gives "
     "the same bits, interrupted or not.",
     "collect --solver admm --epochs 3 --data-dir cifar-10-batches-bin --output results/admm.db"},
    {"solve", cmd_solve, "solve one inner problem from a file, with a certificate of how good the answer is",
     "Minimises <G, A> over ||A||_2 <= B and W'A + A'W = 0. The relative gap bounds how far A is from "
     "optimal. "
     "A solve that ends at the iteration limit or stalls is a result: exit status 0, status says how it "
     "ended.",
     "solve layer.safetensors --solver quasi_newton --radius 0.1 --output step.safetensors --json"},
    {"prepare", cmd_prepare,
     "compare fixed-solver runs step by step: a data set with the best solver of each step",
     "The merge oracle: the label of a step is the solver whose own run lowered the loss of that batch most. "
     "Runs must "
     "be alike in everything but solver and seed; several seeds are compared each within itself.",
     "prepare --inputs results/dual_ascent-42.db results/admm-42.db --output results/merged.db"},
    {"online", cmd_online, "train with a router that picks the solver of every step",
     "All runs of the command lie in one store. SIGINT stops after the step and saves; --resume goes on, "
     "also "
     "with more "
     "seeds or with --baselines. Every solver has its default budget. Times of a step leave out the loss "
     "after "
     "it, and, "
     "for all but the router, the features.",
     "online --router results/router.safetensors --epochs 3 --baselines --seeds 3"},
    {"train", cmd_train, "train a router on a data set; the epoch best in validation is kept",
     "The same options, data and seed give the same bytes, with any number of threads, interrupted or not. "
     "SIGINT stops "
     "after the epoch and saves; --resume goes on.",
     "train --data results/merged.db --output results/router.safetensors --epochs 100 --deep-supervision"},
    {"evaluate", cmd_evaluate,
     "measure a router on the steps that it was not trained on, beside simple policies",
     "Uses the test part of the split that is stored with the router, or with --test-data all of another "
     "data "
     "set. The JSON document holds no times: the same router and data give the same bytes.",
     "evaluate --model results/router.safetensors --data results/merged.db --plot "
     "results/confusion_matrix.png"},
    {"report", cmd_report, "draw and tabulate a folder of results: pictures and one HTML page",
     "Files are known by their content: stores of collect and online, data sets of prepare, routers of "
     "train. "
     "Every figure is computed again from them; the page names what is missing, with the command that makes "
     "it.",
     "report --results results"},
    {"run", cmd_run, "the whole experiment from a configuration file, stage by stage",
     "Stages: collect (each solver and seed), prepare, train, evaluate, online, report. One whose outputs "
     "are "
     "complete and "
     "whose configuration and inputs are unchanged is skipped; an interrupted one goes on; another one is "
     "made "
     "again. "
     "SIGINT stops after the step; the same command then goes on.",
     "run --config configs/demo.yaml --output results/try collect.epochs=2 collect.solvers=admm,dual_ascent"},
    {"sweep", cmd_sweep, "many runs of a plan, by GNU parallel, over ssh, by Slurm, or as a list",
     "A plan is a configuration of run in which any key may have a list of values; solvers and seeds make a "
     "run "
     "each. Its section sweep says how values go together (method: grid, zip or random; draws, seed). "
     "Only the stages are run that it has sections of. What is done is skipped, what was interrupted goes "
     "on. "
     "`trm-router sweep status DIR` says how the runs go, `trm-router sweep gather DIR` makes one store of "
     "them.",
     "sweep configs/sweep.yaml --output results/radii --jobs 2"},
    {"man", cmd_man, "a manual page, for man", "Without a command the page that lists them.",
     "man solve | man -l -"},
    {"completion", cmd_completion, "the completion of a shell",
     "Installed with the program; without that, keep it where the shell looks for such files.",
     "completion bash > ~/.local/share/bash-completion/completions/trm-router"},
    {"export", cmd_export, "a view or table of a store as comma-separated values", NULL,
     "export results/admm-42.db --csv epoch --output results/epochs.csv"},
    {"data", cmd_data, "list and verify data sets", NULL, NULL},
    {"bench", cmd_bench, "time the parts: the inner solvers, a training step", NULL, NULL},
};
const size_t cli_command_count = sizeof cli_commands / sizeof *cli_commands;

int main(int argc, char **argv) {
    threading_bound_waiting(argv);
    signal(SIGXFSZ, SIG_IGN); /* a file that may not grow is then an error of a write, which is told */
    if (argc == 2 && (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0)) {
        printf("trm-router %s\n", TRM_VERSION);
        return cli_flush_output(CLI_DONE);
    }
    const int exit_status =
        command_dispatch("trm-router", cli_commands, cli_command_count, argc - 1, argv + 1);
    return stop_signal() != 0 && exit_status != CLI_DONE ? 128 + stop_signal() : exit_status;
}
