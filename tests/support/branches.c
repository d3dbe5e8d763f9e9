#include "support/branches.h"

#include "base/rng.h"

double branches_two_regimes(int arm, uint64_t seed, size_t step) {
    (void)seed;
    const int best = runs_feature(step, 2) < 0.5 ? 0 : 1;
    return arm == best ? -0.7 : -0.5;
}

double branches_nothing(int arm, uint64_t seed, size_t step) {
    (void)arm, (void)seed, (void)step;
    return -0.5;
}

enum { ARMS = TRM_ARMS_MAX, PROBES = 16 };

static void insert_state(struct trm_store *store, int64_t run, const struct trm_run_settings *s,
                         const struct branches *b, size_t arms, size_t step, double loss) {
    static double probe[ARMS][PROBES], look[ARMS][PROBES], cosine[ARMS][ARMS];
    static double base[PROBES];
    static uint64_t seeds[PROBES];
    struct trm_outcome outcome[ARMS];
    struct rng rng = rng_stream(s->seed, RNG_TEST, step, 99);
    for (size_t k = 0; k < b->probes; k++)
        seeds[k] = k + 1, base[k] = 2 + 0.3 * rng_normal(&rng);
    for (size_t a = 0; a < arms; a++) {
        const double change = b->change((int)a, s->seed, step);
        for (size_t k = 0; k < b->probes; k++)
            probe[a][k] = base[k] + change + b->noise * rng_normal(&rng);
        for (size_t k = 0; k < b->looks; k++)
            look[a][k] = loss + change + b->noise * rng_normal(&rng);
        for (size_t other = 0; other < a; other++)
            cosine[a][other] = b->cosine;
        outcome[a] = (struct trm_outcome){.chosen = a == 0,
                                          .next_loss = loss + change + b->noise * rng_normal(&rng),
                                          .decrease = 1,
                                          .norm = 1 + b->longer * (double)a,
                                          .scale = 1,
                                          .rank = 0.5,
                                          .gap = 0.01,
                                          .iterations = 10,
                                          .seconds = 0.001,
                                          .probe_loss = probe[a],
                                          .cosine = cosine[a],
                                          .look_loss = look[a]};
    }
    const struct trm_branch state = {.step = step,
                                     .match = b->match,
                                     .probe_count = b->probes,
                                     .probe_seed = seeds,
                                     .base_loss = base,
                                     .repeat_count = b->looks,
                                     .hold = b->looks > 0 ? 3 : 0,
                                     .anneal = b->looks > 0 ? 5 : 0,
                                     .arm_count = arms,
                                     .outcome = outcome};
    struct trm_error error = {0};
    if (trm_store_branch_insert(store, run, &state, &error) != TRM_OK)
        fail_msg("%s", error.text);
}

void branches_store(const char *path, const struct trm_run_settings *s, const struct branches *b) {
    struct trm_store *store = NULL;
    struct trm_error error = {0};
    struct trm_arms arms;
    int64_t run;
    const struct trm_run_result done = {.status = TRM_RUN_DONE};
    if (trm_arms_parse(b->arms, &arms, &error) != TRM_OK ||
        trm_store_create(path, true, &store, &error) != TRM_OK ||
        trm_store_run_begin(store, s, &run, &error) != TRM_OK ||
        trm_store_arms_insert(store, run, &arms, &error) != TRM_OK)
        fail_msg("%s", error.text);
    for (size_t a = 0; b->seconds != NULL && a < arms.count; a++)
        assert_int_equal(trm_store_arm_seconds(store, run, a, b->seconds[a], NULL), TRM_OK);
    for (size_t step = 0; step < s->epochs * s->steps_per_epoch; step++) {
        struct trm_step row = dynamics_step(step, 0.001 * (double)s->seed);
        row.epoch = step / s->steps_per_epoch;
        row.epoch_step = step % s->steps_per_epoch;
        for (int f = 0; f < TRM_FEATURE_COUNT; f++)
            row.feature[f] = runs_feature(step, f);
        assert_int_equal(trm_store_step_insert(store, run, &row, NULL), TRM_OK);
        if (step % b->every == 0)
            insert_state(store, run, s, b, arms.count, step, row.loss);
    }
    assert_int_equal(trm_store_run_finish(store, run, &done, NULL), TRM_OK);
    assert_int_equal(trm_store_close(store, NULL), TRM_OK);
}
