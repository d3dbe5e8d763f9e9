#include "cli/pipeline/stages.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ALL_RUNS "{solver}-{seed}.db"

static const struct pipeline_stage stages[] = {
    {"collect", stage_collect_check, stage_collect, "collect", "",
     ALL_RUNS " {solver}-{seed}.weights.safetensors"},
    {"prepare", NULL, stage_prepare, "", ALL_RUNS, "dataset.db"},
    {"train", NULL, stage_train, "train", "dataset.db", "router.safetensors router.history.csv"},
    {"evaluate", NULL, stage_evaluate, "evaluate", "router.safetensors dataset.db", "evaluation.json"},
    {"online", stage_online_check, stage_online, "collect online", "router.safetensors", "online.db"},
    {"report", NULL, stage_report, "evaluate",
     ALL_RUNS " dataset.db router.safetensors router.history.csv online.db", "report/report.html"},
};
enum { STAGES = sizeof stages / sizeof *stages };

const char *pipeline_stage_names(char text[PIPELINE_STAGE_NAMES]) {
    size_t length = 0;
    for (size_t i = 0; i < STAGES; i++)
        length += (size_t)snprintf(text + length, PIPELINE_STAGE_NAMES - length, "%s|", stages[i].name);
    return text;
}

char *pipeline_path(const struct pipeline *pipeline, const char *name) {
    const size_t room = strlen(pipeline->folder) + strlen(name) + 2;
    char *const path = malloc(room);
    if (path != NULL)
        snprintf(path, room, "%s/%s", pipeline->folder, name);
    return path;
}

const char *pipeline_name(const struct pipeline *pipeline, const char *path) {
    return path + strlen(pipeline->folder) + 1;
}

static bool add_file(const struct pipeline *pipeline, struct pipeline_files *files, const char *name) {
    char **const longer = realloc(files->at, (files->count + 1) * sizeof *longer);
    if (longer == NULL)
        return false;
    files->at = longer;
    files->at[files->count] = pipeline_path(pipeline, name);
    return files->at[files->count++] != NULL;
}

/* The pattern with solver and seed in their places. */
static void fill(char name[256], const char *pattern, const char *solver, size_t seed) {
    size_t used = 0;
    for (const char *at = pattern; *at != '\0' && used < 255;) {
        if (strncmp(at, "{solver}", 8) == 0) {
            used += (size_t)snprintf(name + used, 256 - used, "%s", solver);
            at += 8;
        } else if (strncmp(at, "{seed}", 6) == 0) {
            used += (size_t)snprintf(name + used, 256 - used, "%zu", seed);
            at += 6;
        } else {
            name[used++] = *at++;
        }
    }
    name[used < 255 ? used : 255] = '\0';
}

/* What `patterns` names for this task: with its solver and seed where it has one, else with each. */
static bool add_files(const struct pipeline *pipeline, const struct pipeline_task *task, const char *patterns,
                      struct pipeline_files *files) {
    const struct setting_words *const solvers = &pipeline->setup.solvers;
    const struct setting_counts *const seeds = &pipeline->setup.seeds;
    char pattern[128], name[256];
    for (const char *at = patterns; *at != '\0'; at += strspn(at, " ")) {
        const size_t length = strcspn(at, " ");
        snprintf(pattern, sizeof pattern, "%.*s", (int)length, at);
        at += length;
        const bool each_solver = task->solver == NULL && strstr(pattern, "{solver}") != NULL,
                   each_seed = !task->has_seed && strstr(pattern, "{seed}") != NULL;
        for (size_t seed = 0; seed < (each_seed ? seeds->count : 1); seed++)
            for (size_t solver = 0; solver < (each_solver ? solvers->count : 1); solver++) {
                fill(name, pattern, task->solver != NULL ? task->solver : solvers->at[solver],
                     task->has_seed ? task->seed : seeds->at[seed]);
                if (!add_file(pipeline, files, name))
                    return false;
            }
    }
    return true;
}

static void name_task(struct pipeline_task *task) {
    const char *const solver = task->solver != NULL ? task->solver : "";
    char seed[24] = "";
    if (task->has_seed)
        snprintf(seed, sizeof seed, "-%zu", task->seed);
    snprintf(task->name, sizeof task->name, "%s%s%s%s", task->stage->name, *solver != '\0' ? "-" : "", solver,
             seed);
}

bool pipeline_tasks_make(const struct pipeline *pipeline, const char *last, struct pipeline_tasks *tasks) {
    const size_t solvers = pipeline->setup.solvers.count, seeds = pipeline->setup.seeds.count;
    tasks->count = 0;
    tasks->at = calloc(STAGES * solvers * seeds, sizeof *tasks->at);
    bool good = tasks->at != NULL;
    for (const struct pipeline_stage *stage = stages; good && stage < stages + STAGES; stage++) {
        const bool by_solver = strstr(stage->outputs, "{solver}") != NULL,
                   by_seed = strstr(stage->outputs, "{seed}") != NULL;
        for (size_t seed = 0; seed < (by_seed ? seeds : 1); seed++)
            for (size_t solver = 0; good && solver < (by_solver ? solvers : 1); solver++) {
                struct pipeline_task *const task = &tasks->at[tasks->count++];
                task->stage = stage;
                task->solver = by_solver ? pipeline->setup.solvers.at[solver] : NULL;
                task->has_seed = by_seed;
                task->seed = by_seed ? pipeline->setup.seeds.at[seed] : 0;
                name_task(task);
                good = add_files(pipeline, task, stage->inputs, &task->inputs) &&
                       add_files(pipeline, task, stage->outputs, &task->outputs);
            }
        if (last != NULL && strcmp(last, stage->name) == 0)
            break;
    }
    return good;
}

static void free_files(struct pipeline_files *files) {
    for (size_t i = 0; i < files->count; i++)
        free(files->at[i]);
    free(files->at);
}

void pipeline_tasks_free(struct pipeline_tasks *tasks) {
    for (size_t i = 0; i < tasks->count; i++) {
        free_files(&tasks->at[i].inputs);
        free_files(&tasks->at[i].outputs);
    }
    free(tasks->at);
}
