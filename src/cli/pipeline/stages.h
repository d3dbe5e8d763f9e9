/* The stages of `run`, and the tasks and files that they come to. */
#ifndef TRM_CLI_PIPELINE_STAGES_H
#define TRM_CLI_PIPELINE_STAGES_H

#include "cli/options/config.h"
#include "cli/pipeline/setup.h"
#include "storage/digest.h"

/* How a task begins. */
enum pipeline_mode {
    PIPELINE_NEW,    /* nothing is there */
    PIPELINE_RESUME, /* it was interrupted: go on */
    PIPELINE_AGAIN   /* replace what is there */
};

struct pipeline {
    struct pipeline_setup setup;
    struct config *config;
    const char *folder;  /* of the results */
    const char *program; /* version */
    size_t threads;
    char fingerprint[DIGEST_TEXT]; /* of the data set that is there now; "" where none can be read */
};

struct pipeline_task;

/* The work of a stage, and what can be refused before anything is written. */
#define STAGE_WORK(name)                                                                                     \
    enum trm_status name(const struct pipeline *pipeline, const struct pipeline_task *task,                  \
                         enum pipeline_mode mode, struct trm_error *error)
#define STAGE_CHECK(name)                                                                                    \
    enum trm_status name(const struct pipeline *pipeline, const struct pipeline_task *task,                  \
                         struct trm_error *error)

/* One row: what a stage is called, what checks (NULL: nothing) and does it, which sections of the configuration decide
   it, what it reads and what it writes. {solver} and {seed} in names of outputs make one task for each; those that
   stand in inputs only name all files at once. Sections and names are separated by blanks. */
struct pipeline_stage {
    const char *name;
    STAGE_CHECK((*check));
    STAGE_WORK((*work));
    const char *sections, *inputs, *outputs;
};

/* Paths of files. */
struct pipeline_files {
    char **at;
    size_t count;
};

struct pipeline_task {
    const struct pipeline_stage *stage;
    const char *solver; /* NULL: of none */
    size_t seed;
    bool has_seed;
    char name[96]; /* "collect-admm-42", "train" */
    struct pipeline_files inputs, outputs;
};

struct pipeline_tasks {
    struct pipeline_task *at;
    size_t count;
};

/* The names of the stages, "collect|prepare|...", into text; returns it. */
enum { PIPELINE_STAGE_NAMES = 96 };
const char *pipeline_stage_names(char text[PIPELINE_STAGE_NAMES]);

/* The tasks up to and with those of stage `last` (NULL: all), in their order. false: out of memory. To be freed, also
   then. */
bool pipeline_tasks_make(const struct pipeline *pipeline, const char *last, struct pipeline_tasks *tasks);
void pipeline_tasks_free(struct pipeline_tasks *tasks);

/* folder/name, to be freed; NULL: out of memory. */
char *pipeline_path(const struct pipeline *pipeline, const char *name);
/* The name within the results folder of a path that was made so. */
const char *pipeline_name(const struct pipeline *pipeline, const char *path);

STAGE_CHECK(stage_collect_check);
STAGE_CHECK(stage_online_check);
STAGE_WORK(stage_collect);
STAGE_WORK(stage_prepare);
STAGE_WORK(stage_train);
STAGE_WORK(stage_evaluate);
STAGE_WORK(stage_online);
STAGE_WORK(stage_report);

#endif
