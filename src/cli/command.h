/* A command is one row of a table; the table is dispatcher and help. */
#ifndef TRM_CLI_COMMAND_H
#define TRM_CLI_COMMAND_H

#include <stddef.h>

struct command {
    const char *name; /* "solve"; a verb below another is "bench solvers" */
    /* argv: what follows the name. Returns the exit status. */
    int (*run)(const struct command *self, int argc, char **argv);
    const char *summary; /* one line, lower case, no full stop */
    const char *details; /* what help says below the options; may be NULL */
    const char *example; /* arguments of an example that can be typed, without "trm-router" */
};

/* All of them. */
extern const struct command cli_commands[];
extern const size_t cli_command_count;

/* Run the command that argv[0] names (the last word of its name), or print help for "help", "--help", "-h"
   and "help COMMAND...". --help=FORMAT asks that of every row. above: what stands before the names, "trm-router" or
   "trm-router bench". */
int command_dispatch(const char *above, const struct command *table, size_t count, int argc, char **argv);

int cmd_collect(const struct command *self, int argc, char **argv);
int cmd_evaluate(const struct command *self, int argc, char **argv);
int cmd_prepare(const struct command *self, int argc, char **argv);
int cmd_train(const struct command *self, int argc, char **argv);
int cmd_online(const struct command *self, int argc, char **argv);
int cmd_report(const struct command *self, int argc, char **argv);
int cmd_solve(const struct command *self, int argc, char **argv);
int cmd_export(const struct command *self, int argc, char **argv);
int cmd_sweep(const struct command *self, int argc, char **argv);
int cmd_run(const struct command *self, int argc, char **argv);
int cmd_man(const struct command *self, int argc, char **argv);
int cmd_completion(const struct command *self, int argc, char **argv);
int cmd_data(const struct command *self, int argc, char **argv);
int cmd_bench(const struct command *self, int argc, char **argv);
int bench_solvers(const struct command *self, int argc, char **argv);
int bench_scaling(const struct command *self, int argc, char **argv);
int bench_arms(const struct command *self, int argc, char **argv);
int bench_collect_step(const struct command *self, int argc, char **argv);
int bench_update(const struct command *self, int argc, char **argv);
int bench_train_step(const struct command *self, int argc, char **argv);
int bench_router(const struct command *self, int argc, char **argv);

#endif
