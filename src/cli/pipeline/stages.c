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

static void name_task(struct pipeline_task *task) {
    const char *const solver = task->solver != NULL ? task->solver : "";
    char seed[24] = "";
    if (task->has_seed)
        snprintf(seed, sizeof seed, "-%zu", task->seed);
    snprintf(task->name, sizeof task->name, "%s%s%s%s", task->stage->name, *solver != '\0' ? "-" : "", solver,
             seed);
}

const char *pipeline_stage_names(char text[PIPELINE_STAGE_NAMES]) {
    size_t length = 0;
    for (size_t i = 0; i < sizeof stages / sizeof *stages; i++)
        length += (size_t)snprintf(text + length, PIPELINE_STAGE_NAMES - length, "%s|", stages[i].name);
    return text;
}

bool pipeline_tasks(const struct pipeline *pipeline, const char *last, struct pipeline_task **tasks,
                    size_t *count) {
    const size_t stage_count = sizeof stages / sizeof *stages;
    const size_t solvers = pipeline->setup.solvers.count, seeds = pipeline->setup.seeds.count;
    *count = 0;
    *tasks = calloc(stage_count * solvers * seeds, sizeof **tasks);
    if (*tasks == NULL)
        return false;
    for (size_t i = 0; i < stage_count; i++) {
        const bool by_solver = strstr(stages[i].outputs, "{solver}") != NULL,
                   by_seed = strstr(stages[i].outputs, "{seed}") != NULL;
        for (size_t seed = 0; seed < (by_seed ? seeds : 1); seed++)
            for (size_t solver = 0; solver < (by_solver ? solvers : 1); solver++) {
                struct pipeline_task *const task = &(*tasks)[(*count)++];
                task->stage = &stages[i];
                task->solver = by_solver ? pipeline->setup.solvers.at[solver] : NULL;
                task->has_seed = by_seed;
                task->seed = by_seed ? pipeline->setup.seeds.at[seed] : 0;
                name_task(task);
            }
        if (last != NULL && strcmp(last, stages[i].name) == 0)
            break;
    }
    return true;
}

static bool add_name(struct pipeline_names *names, const char *name) {
    char **const longer = realloc(names->at, (names->count + 1) * sizeof *longer);
    char *const copy = strdup(name);
    if (longer != NULL)
        names->at = longer;
    if (longer == NULL || copy == NULL) {
        free(copy);
        return false;
    }
    names->at[names->count++] = copy;
    return true;
}

/* pattern (length letters of it) with solver and seed in their places. */
static bool add_filled(struct pipeline_names *names, const char *pattern, size_t length, const char *solver,
                       size_t seed) {
    char name[256] = "";
    size_t used = 0;
    for (size_t i = 0; i < length && used < sizeof name - 1;) {
        if (strncmp(pattern + i, "{solver}", 8) == 0) {
            used += (size_t)snprintf(name + used, sizeof name - used, "%s", solver);
            i += 8;
        } else if (strncmp(pattern + i, "{seed}", 6) == 0) {
            used += (size_t)snprintf(name + used, sizeof name - used, "%zu", seed);
            i += 6;
        } else {
            name[used++] = pattern[i++];
        }
    }
    return add_name(names, name);
}

static bool holds(const char *pattern, size_t length, const char *word) {
    const char *const at = strstr(pattern, word);
    return at != NULL && at < pattern + length;
}

bool pipeline_names_make(const struct pipeline *pipeline, const struct pipeline_task *task,
                         const char *patterns, struct pipeline_names *names) {
    const struct setting_words *const solvers = &pipeline->setup.solvers;
    const struct setting_counts *const seeds = &pipeline->setup.seeds;
    *names = (struct pipeline_names){0};
    for (const char *at = patterns + strspn(patterns, " "); *at != '\0';) {
        const size_t length = strcspn(at, " ");
        const size_t solver_count =
            task->solver == NULL && holds(at, length, "{solver}") ? solvers->count : 1;
        const size_t seed_count = !task->has_seed && holds(at, length, "{seed}") ? seeds->count : 1;
        for (size_t seed = 0; seed < seed_count; seed++)
            for (size_t solver = 0; solver < solver_count; solver++)
                if (!add_filled(names, at, length, task->solver != NULL ? task->solver : solvers->at[solver],
                                task->has_seed ? task->seed : seeds->at[seed]))
                    return false;
        at += length;
        at += strspn(at, " ");
    }
    return true;
}

void pipeline_names_free(struct pipeline_names *names) {
    for (size_t i = 0; i < names->count; i++)
        free(names->at[i]);
    free(names->at);
    *names = (struct pipeline_names){0};
}

enum trm_status pipeline_path(const struct pipeline *pipeline, const char *name, char path[PIPELINE_PATH],
                              struct trm_error *error) {
    const int length = snprintf(path, PIPELINE_PATH, "%s/%s", pipeline->folder, name);
    return length >= 0 && length < PIPELINE_PATH
               ? TRM_OK
               : trm_fail(error, TRM_INVALID, "--output: the path %.80s... is too long", pipeline->folder);
}
