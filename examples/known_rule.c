/* A data set whose best solver is known: a noisy rule of two features decides it. It is made as the program makes
   one, from a store of every solver, so that a router can be trained on it and held against the rule itself.

   cc known_rule.c $(pkg-config --cflags --libs trmrouter) -lm -o known_rule
   ./known_rule FOLDER STEPS VARYING     (default known_rule_data 2000 12)
   trm-router train --data FOLDER/merged.db --output FOLDER/router.safetensors --split step --deep-supervision

   VARYING of the twelve features differ from step to step, normal; the rule's two are among them. The others are 0.
   Each step has a sample of each of the five solvers. One label in ten is another than the rule says. */
#include <muon.h>
#include <trm.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { FIRST = 2, SECOND = 7, EPOCHS = 2 };

static const double noise = 0.1;
static uint64_t state = 88172645463325252u;

static double uniform(void) { /* xorshift, Marsaglia 2003 */
    state ^= state << 13, state ^= state >> 7, state ^= state << 17;
    return (double)(state >> 11) / 9007199254740992.0;
}

static double normal(void) {
    const double radius = sqrt(-2.0 * log(1.0 - uniform()));
    return radius * cos(6.283185307179586 * uniform());
}

static int rule(const double *feature) {
    const double a = feature[FIRST], b = feature[SECOND];
    return a < -0.7 ? 0 : b > 0.8 ? 1 : a > 0.7 ? 2 : b < -0.5 ? 3 : 4;
}

/* The rule's two features first, then the others in their order. */
static void draw(double feature[TRM_FEATURE_COUNT], size_t varying) {
    size_t drawn = 2;
    feature[FIRST] = normal(), feature[SECOND] = normal();
    for (int f = 0; f < TRM_FEATURE_COUNT; f++)
        if (f != FIRST && f != SECOND)
            feature[f] = drawn++ < varying ? normal() : 0.0;
}

static void stop_at(enum trm_status status, const struct trm_error *error) {
    if (status == TRM_OK)
        return;
    fprintf(stderr, "known_rule: %s\n", error->text);
    exit(1);
}

/* One step as the run of `arm` saw it: features of its own that follow the same rule, and what it gained. */
static struct trm_step make_step(size_t step, size_t steps, int arm, int says, int label, size_t varying) {
    struct trm_step row = {.step = step,
                           .epoch = step / (steps / EPOCHS),
                           .epoch_step = step % (steps / EPOCHS),
                           .loss = 2.0,
                           .grad_norm = 1.0,
                           .has_next_loss = true,
                           .next_loss = arm == label ? 1.0 : 1.5 + 0.01 * arm,
                           .solver = muon_solver_name(arm),
                           .solve_seconds = 1e-3};
    do
        draw(row.feature, varying);
    while (rule(row.feature) != says);
    return row;
}

static void make_stores(char path[TRM_ARMS][512], size_t steps, size_t varying, struct trm_error *error) {
    struct trm_store *store[TRM_ARMS];
    const struct trm_run_result done = {.status = TRM_RUN_DONE};
    int64_t run;
    for (int arm = 0; arm < TRM_ARMS; arm++) {
        const struct trm_run_settings settings = {.solver = muon_solver_name(arm),
                                                  .model = "none",
                                                  .dataset = "a known rule",
                                                  .fingerprint = "none",
                                                  .tracked = "none",
                                                  .program = "known_rule",
                                                  .config = "{}",
                                                  .width = 1,
                                                  .threads = 1,
                                                  .epochs = EPOCHS,
                                                  .batch_size = 1,
                                                  .steps_per_epoch = steps / EPOCHS,
                                                  .record_every = 1};
        stop_at(trm_store_create(path[arm], true, &store[arm], error), error);
        stop_at(trm_store_run_begin(store[arm], &settings, &run, error), error);
    }
    for (size_t step = 0; step < steps; step++) {
        double feature[TRM_FEATURE_COUNT];
        draw(feature, varying);
        const int says = rule(feature);
        const int label = uniform() < noise ? (says + 1 + (int)(4.0 * uniform())) % TRM_ARMS : says;
        for (int arm = 0; arm < TRM_ARMS; arm++) {
            const struct trm_step row = make_step(step, steps, arm, says, label, varying);
            stop_at(trm_store_step_insert(store[arm], 1, &row, error), error);
        }
    }
    for (int arm = 0; arm < TRM_ARMS; arm++) {
        stop_at(trm_store_run_finish(store[arm], 1, &done, error), error);
        stop_at(trm_store_close(store[arm], error), error);
    }
}

/* How often the rule is right on the very samples that `train` validates on and `evaluate` tests on: nothing that
   knows the features only can be expected to do better. */
static void print_best(const struct trm_dataset *dataset, enum trm_split_kind kind, struct trm_error *error) {
    struct trm_split_options options = trm_split_defaults();
    struct trm_split split;
    size_t count, right[TRM_PARTS] = {0};
    const struct trm_sample *const samples = trm_dataset_samples(dataset, &count);
    options.kind = kind;
    stop_at(trm_dataset_split(dataset, &options, &split, error), error);
    for (size_t i = 0; i < count; i++)
        right[split.part[i]] += rule(samples[i].feature) == samples[i].label;
    printf("--split %-5s  training %zu samples; the rule is right on %.4f of %zu in validation, %.4f of %zu "
           "in test\n",
           trm_split_name(kind), split.samples[TRM_TRAIN],
           (double)right[TRM_VALIDATION] / (double)split.samples[TRM_VALIDATION],
           split.samples[TRM_VALIDATION], (double)right[TRM_TEST] / (double)split.samples[TRM_TEST],
           split.samples[TRM_TEST]);
    trm_split_free(&split);
}

int main(int argc, char **argv) {
    const char *const folder = argc > 1 ? argv[1] : "known_rule_data";
    const size_t steps = argc > 2 ? strtoul(argv[2], NULL, 10) : 2000;
    const size_t varying = argc > 3 ? strtoul(argv[3], NULL, 10) : TRM_FEATURE_COUNT;
    char path[TRM_ARMS][512], output[512];
    const char *inputs[TRM_ARMS];
    struct trm_dataset *dataset;
    struct trm_error error;
    if (steps < 100 || steps % EPOCHS != 0 || varying < 2 || varying > TRM_FEATURE_COUNT) {
        fprintf(stderr,
                "usage: known_rule [FOLDER [STEPS [VARYING]]]; STEPS even, at least 100; VARYING 2 to %d\n",
                TRM_FEATURE_COUNT);
        return 2;
    }
    for (int arm = 0; arm < TRM_ARMS; arm++) {
        snprintf(path[arm], sizeof path[arm], "%s/%s.db", folder, muon_solver_name(arm));
        inputs[arm] = path[arm];
    }
    snprintf(output, sizeof output, "%s/merged.db", folder);
    make_stores(path, steps, varying, &error);
    stop_at(trm_merge_runs(inputs, TRM_ARMS, output, true, NULL, &error), &error);
    stop_at(trm_dataset_open(output, &dataset, &error), &error);
    printf("%s\n", output);
    print_best(dataset, TRM_SPLIT_GROUP, &error);
    print_best(dataset, TRM_SPLIT_STEP, &error);
    trm_dataset_free(dataset);
    return 0;
}
