#include "support/runs.h"

#include "base/rng.h"
#include "muon/muon.h"

#include <stdio.h>
#include <string.h>

double runs_uniform(uint64_t a, uint64_t b, uint64_t c) {
    struct rng rng = rng_stream(a, RNG_TEST, b, c);
    return rng_uniform(&rng);
}

double runs_feature(size_t step, int f) {
    return runs_uniform(77, step, (uint64_t)f);
}

int runs_rule(size_t step) {
    const double a = runs_feature(step, 2), b = runs_feature(step, 7);
    return b > 0.8 ? 4 : b < 0.5 ? (a < 0.25 ? 0 : 1) : (a < 0.6 ? 2 : 3);
}

int runs_noisy_label(size_t step) {
    const int other = (int)(5 * runs_uniform(78, step, 1));
    return runs_uniform(78, step, 0) < 0.1 ? other : runs_rule(step);
}

struct trm_run_settings runs_settings(const char *solver, uint64_t seed) {
    struct trm_run_settings s = dynamics_settings();
    s.solver = solver;
    s.seed = seed;
    s.epochs = 4;
    s.steps_per_epoch = 50;
    return s;
}

static double by_rule(int arm, uint64_t seed, size_t step) {
    (void)seed;
    return arm == runs_noisy_label(step) ? -1 : -0.5 + 0.1 * runs_uniform(79, step, (uint64_t)arm);
}

void runs_store(const char *path, const struct trm_run_settings *s,
                double (*change)(int arm, uint64_t seed, size_t step)) {
    struct trm_store *store = NULL;
    struct trm_error error = {0};
    int64_t run;
    const int arm = muon_solver_find(s->solver);
    const struct trm_run_result done = {.status = TRM_RUN_DONE};
    if (trm_store_create(path, true, &store, &error) != TRM_OK ||
        trm_store_run_begin(store, s, &run, &error) != TRM_OK)
        fail_msg("%s", error.text);
    for (size_t step = 0; step < s->epochs * s->steps_per_epoch; step += s->record_every) {
        struct trm_step row = dynamics_step(step, 0.001 * arm);
        row.epoch = step / s->steps_per_epoch;
        row.epoch_step = step % s->steps_per_epoch;
        row.solver = s->solver;
        row.next_loss = row.loss + (change != NULL ? change : by_rule)(arm, s->seed, step);
        row.solve_seconds = arm == 2 ? 1e-4 : 1e-3 * (arm + 1);
        for (int f = 0; f < TRM_FEATURE_COUNT; f++)
            row.feature[f] = runs_feature(step, f);
        assert_int_equal(trm_store_step_insert(store, run, &row, NULL), TRM_OK);
    }
    assert_int_equal(trm_store_run_finish(store, run, &done, NULL), TRM_OK);
    assert_int_equal(trm_store_close(store, NULL), TRM_OK);
}

struct trm_dataset *runs_dataset(const char *name, unsigned mask, size_t seeds, size_t epochs, size_t steps) {
    char paths[32][160], output[160];
    const char *inputs[32];
    size_t count = 0;
    struct trm_dataset *dataset = NULL;
    struct trm_error error = {0};
    for (size_t seed = 1; seed <= seeds; seed++)
        for (int arm = 0; arm < TRM_ARMS; arm++)
            if (mask >> arm & 1) {
                char file[32];
                struct trm_run_settings s = runs_settings(muon_solver_name(arm), seed);
                s.epochs = epochs;
                s.steps_per_epoch = steps;
                snprintf(file, sizeof file, "run-%zu-%d.db", seed, arm);
                snprintf(paths[count], sizeof paths[count], "%s", dynamics_path(file));
                runs_store(paths[count], &s, NULL);
                inputs[count] = paths[count];
                count++;
            }
    snprintf(output, sizeof output, "%s", dynamics_path(name));
    if (trm_merge_runs(inputs, count, output, true, NULL, &error) != TRM_OK ||
        trm_dataset_open(output, &dataset, &error) != TRM_OK)
        fail_msg("%s", error.text);
    return dataset;
}
