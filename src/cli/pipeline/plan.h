/* The stages of `run`, and the tasks and files that they come to. */
#ifndef TRM_CLI_PIPELINE_PLAN_H
#define TRM_CLI_PIPELINE_PLAN_H

#include "cli/options/config.h"
#include "cli/pipeline/setup.h"

/* How a task begins. */
enum run_mode {
    RUN_NEW,    /* nothing is there */
    RUN_RESUME, /* it was interrupted: go on */
    RUN_AGAIN   /* replace what is there */
};

struct run {
    struct run_setup setup;
    struct config *config;
    const char *folder;  /* of the results */
    const char *program; /* version */
    size_t threads;
};

struct run_task;

/* One row: what a stage is called, what checks and does it, which sections of the configuration decide it, what
   it reads and what it writes. {solver} and {seed} in names of outputs make one task for each; those that stand
   in inputs only name all files at once. Sections and names are separated by blanks. */
struct run_stage {
    const char *name;
    /* What can be refused before anything is written; NULL: nothing. */
    enum trm_status (*check)(const struct run *run, const struct run_task *task, struct trm_error *error);
    enum trm_status (*work)(const struct run *run, const struct run_task *task, enum run_mode mode,
                            struct trm_error *error);
    const char *sections, *inputs, *outputs;
};

struct run_task {
    const struct run_stage *stage;
    const char *solver; /* NULL: of none */
    size_t seed;
    bool has_seed;
    char name[96]; /* "collect-admm-42", "train" */
};

/* The names of the stages, "collect|prepare|...", into text; returns it. */
enum { RUN_STAGE_NAMES = 96 };
const char *run_stage_names(char text[RUN_STAGE_NAMES]);

/* The tasks up to and with those of stage `last` (NULL: all), in their order; *tasks is to be freed. false: out
   of memory. */
bool run_plan(const struct run *run, const char *last, struct run_task **tasks, size_t *count);

/* Names of files within the results folder. */
struct run_names {
    char **at;
    size_t count;
};

/* The files that `patterns` (of task's stage) names for this task. false: out of memory. Free with
   run_names_free, also after a failure. */
bool run_names_make(const struct run *run, const struct run_task *task, const char *patterns,
                    struct run_names *names);
void run_names_free(struct run_names *names);

/* folder/name into path; TRM_INVALID where it is too long. */
enum { RUN_PATH = 1024 };
enum trm_status run_path(const struct run *run, const char *name, char path[RUN_PATH],
                         struct trm_error *error);

#define RUN_CHECK(name)                                                                                      \
    enum trm_status name(const struct run *run, const struct run_task *task, struct trm_error *error)
RUN_CHECK(run_collect_check);
RUN_CHECK(run_online_check);

/* The work of the stages. */
#define RUN_WORK(name)                                                                                       \
    enum trm_status name(const struct run *run, const struct run_task *task, enum run_mode mode,             \
                         struct trm_error *error)
RUN_WORK(run_collect);
RUN_WORK(run_prepare);
RUN_WORK(run_train);
RUN_WORK(run_evaluate);
RUN_WORK(run_online);
RUN_WORK(run_report);

#endif
