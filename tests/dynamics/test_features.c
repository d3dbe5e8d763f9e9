/* The features against a recomputation from the whole history with the formulas as they are written down,
   known values, refusals, and continuation from a saved state. */
#include "support/dynamics.h"

#include "base/rng.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { COUNT = 37, STEPS = 60 }; /* 37: the last lanes of the pass are not full */

struct history {
    float gradient[STEPS][COUNT];
    struct trm_training_state state[STEPS];
};

static struct history *make_history(uint64_t seed) {
    struct history *h = malloc(sizeof *h);
    assert_non_null(h);
    struct rng r = rng_stream(seed, RNG_TEST, 1, 0);
    for (size_t t = 0; t < STEPS; t++) {
        for (size_t i = 0; i < COUNT; i++)
            h->gradient[t][i] = (float)(0.3 * sin((double)i) + 0.2 * rng_normal(&r));
        const double top = 1 + rng_uniform(&r);
        h->state[t] =
            (struct trm_training_state){.loss = 2.3 * exp(-0.02 * (double)t) + 0.1 * rng_uniform(&r),
                                        .gradient = h->gradient[t],
                                        .gradient_count = COUNT,
                                        .batch_size = 128,
                                        .sigma_max = top,
                                        .sigma_min = t % 7 == 3 ? 0 : top * rng_uniform(&r),
                                        .has_last_update = t > 0,
                                        .effective_rank = 1 + 31 * rng_uniform(&r),
                                        .n = 32,
                                        .ortho_error = t % 5 == 1 ? 0 : rng_uniform(&r),
                                        .epoch = t / 20,
                                        .epochs = 3,
                                        .epoch_step = t % 20,
                                        .steps_per_epoch = 20,
                                        .width = 2};
    }
    return h;
}

/* ĝ_t[i] = (1−β) Σ_k β^{t−k} g_k[i] / (1 − β^{t+1}) */
static double g_hat(const struct history *h, size_t t, size_t i) {
    double sum = 0;
    for (size_t k = 0; k <= t; k++)
        sum += pow(0.9, (double)(t - k)) * (double)h->gradient[k][i];
    return 0.1 * sum / (1 - pow(0.9, (double)t + 1));
}

/* Sum of the squares of the weights that the average of k gradients gives them. */
static double variance_of_average(size_t k) {
    double sum = 0, square = 0;
    for (size_t i = 0; i < k; i++)
        sum += pow(0.9, (double)i), square += pow(0.81, (double)i);
    return square / (sum * sum);
}

/* The noise scale at step t: weights 0.99^{t−k} over all steps k = 1 ... t. */
static double slow_gns(const struct history *h, size_t t) {
    double noise = 0, signal = 0;
    for (size_t k = 1; k <= t; k++) {
        const double w = pow(0.99, (double)(t - k));
        double difference = 0, average = 0;
        for (size_t i = 0; i < COUNT; i++) {
            const double d = (double)h->gradient[k][i] - g_hat(h, k - 1, i), g = g_hat(h, k, i);
            difference += d * d, average += g * g;
        }
        difference /= 1 + variance_of_average(k);
        noise += w * difference;
        signal += w * (average - variance_of_average(k + 1) * difference);
    }
    return log(fmin(fmax(128 * noise / fmax(signal, 1e-12 * noise), 1e-3), 1e9));
}

static double window_mean(const struct history *h, size_t from, size_t to) {
    double sum = 0;
    for (size_t k = from; k <= to; k++)
        sum += h->state[k].loss;
    return sum / (double)(to - from + 1);
}

static void slow_features(const struct history *h, size_t t, double out[TRM_FEATURE_COUNT]) {
    const struct trm_training_state *s = &h->state[t];
    const size_t first = t >= 9 ? t - 9 : 0;
    const double mean = window_mean(h, first, t);
    double norm = 0, square = 0;
    for (size_t i = 0; i < COUNT; i++)
        norm += pow((double)h->gradient[t][i], 2);
    for (size_t k = first; k <= t; k++)
        square += pow(h->state[k].loss - mean, 2);
    const double before = t >= 9 ? window_mean(h, t - 9, t - 5) : 1;
    out[0] = log(s->loss);
    out[1] = t >= 9 ? (window_mean(h, t - 4, t) - before) / before : 0;
    out[2] = log(sqrt(norm) + 1e-12);
    out[3] = t > 0 ? slow_gns(h, t) : 0;
    out[4] = log(s->sigma_max + 1e-12);
    out[5] = t > 0 ? s->effective_rank / 32 : 1;
    out[6] = s->sigma_min > 1e-7 * s->sigma_max ? log(s->sigma_max) - log(s->sigma_min) : 7 * log(10);
    out[7] = t > 0 ? log(s->ortho_error + 1e-12) : log(1e-12);
    out[8] = (double)(t / 20) / 3;
    out[9] = (double)(t % 20) / 20;
    out[10] = log(2);
    out[11] = log(sqrt(square / (double)(t - first + 1)) / mean + 1e-8);
}

static void every_feature_agrees_with_the_whole_history(void **state) {
    (void)state;
    struct history *h = make_history(11);
    struct trm_features *f;
    assert_int_equal(trm_features_create(&f, COUNT, NULL), TRM_OK);
    for (size_t t = 0; t < STEPS; t++) {
        double got[TRM_FEATURE_COUNT], want[TRM_FEATURE_COUNT], norm;
        assert_int_equal(trm_features_pre_step(f, &h->state[t], got, &norm, NULL), TRM_OK);
        slow_features(h, t, want);
        for (unsigned i = 0; i < TRM_FEATURE_COUNT; i++) {
            /* ĝ is kept in float; all else in double. */
            const double tolerance = i == TRM_FEATURE_GNS_PROXY ? 2e-5 : 1e-11;
            if (!(fabs(got[i] - want[i]) <= tolerance))
                fail_msg("step %zu, %s: %.15g, expected %.15g", t, trm_feature_name((enum trm_feature)i),
                         got[i], want[i]);
        }
        assert_true(fabs(log(norm) - want[TRM_FEATURE_LOG_GRAD_NORM]) < 1e-10);
    }
    trm_features_destroy(f);
    free(h);
}

static struct trm_training_state plain_state(const float *gradient, size_t count) {
    return (struct trm_training_state){.loss = 1,
                                       .gradient = gradient,
                                       .gradient_count = count,
                                       .batch_size = 4,
                                       .sigma_max = 1,
                                       .sigma_min = 1,
                                       .effective_rank = 1,
                                       .n = 1,
                                       .epochs = 1,
                                       .steps_per_epoch = 1,
                                       .width = 1};
}

static void step_0_has_its_own_values(void **state) {
    (void)state;
    struct trm_features *f;
    const float g[2] = {3, 4};
    double x[TRM_FEATURE_COUNT], norm;
    assert_int_equal(trm_features_create(&f, 2, NULL), TRM_OK);
    struct trm_training_state s = plain_state(g, 2);
    s.effective_rank = NAN, s.ortho_error = NAN, s.n = 0; /* not looked at */
    assert_int_equal(trm_features_pre_step(f, &s, x, &norm, NULL), TRM_OK);
    assert_true(norm == 5);
    assert_true(x[TRM_FEATURE_LOG_LOSS] == 0 && x[TRM_FEATURE_LOSS_TREND] == 0 &&
                x[TRM_FEATURE_GNS_PROXY] == 0);
    assert_true(x[TRM_FEATURE_LOG_GRAD_NORM] == log(5 + 1e-12));
    assert_true(x[TRM_FEATURE_EFF_RANK] == 1 && x[TRM_FEATURE_LOG_COND] == 0);
    assert_true(x[TRM_FEATURE_LOG_ORTHO_ERR] == log(1e-12) && x[TRM_FEATURE_LOSS_STABILITY] == log(1e-8));
    assert_true(x[TRM_FEATURE_EPOCH_PROGRESS] == 0 && x[TRM_FEATURE_STEP_PROGRESS] == 0);
    assert_true(x[TRM_FEATURE_LOG_WIDTH] == 0);
    trm_features_destroy(f);
}

static void extremes_have_floors(void **state) {
    (void)state;
    struct trm_features *f;
    double x[TRM_FEATURE_COUNT];
    const float zero[2] = {0, 0}, huge[2] = {3e38f, -3e38f}, turned[2] = {-3e38f, 3e38f};
    assert_int_equal(trm_features_create(&f, 2, NULL), TRM_OK);
    struct trm_training_state s = plain_state(zero, 2);
    s.loss = 0, s.sigma_max = s.sigma_min = 0, s.has_last_update = true, s.effective_rank = 0;
    for (size_t t = 0; t < 12; t++)
        assert_int_equal(trm_features_pre_step(f, &s, x, NULL, NULL), TRM_OK);
    assert_true(x[TRM_FEATURE_LOG_LOSS] == log(1e-8) && x[TRM_FEATURE_LOSS_TREND] == 0);
    assert_true(x[TRM_FEATURE_LOG_GRAD_NORM] == log(1e-12) && x[TRM_FEATURE_TOP_SV] == log(1e-12));
    assert_true(x[TRM_FEATURE_GNS_PROXY] == log(1e-3));
    assert_true(x[TRM_FEATURE_EFF_RANK] == 0 && x[TRM_FEATURE_LOG_COND] == 0);
    assert_true(x[TRM_FEATURE_LOSS_STABILITY] == log(1e-8));
    for (size_t t = 0; t < 20; t++) { /* nothing but noise */
        s.gradient = t % 2 == 0 ? huge : turned;
        assert_int_equal(trm_features_pre_step(f, &s, x, NULL, NULL), TRM_OK);
        for (size_t i = 0; i < TRM_FEATURE_COUNT; i++)
            assert_true(isfinite(x[i]));
    }
    assert_true(x[TRM_FEATURE_GNS_PROXY] == log(1e9));
    trm_features_destroy(f);
}

static void a_saved_state_goes_on_with_the_same_bits(void **state) {
    (void)state;
    struct history *h = make_history(12);
    const size_t cuts[] = {0, 1, 7, 30};
    for (size_t c = 0; c < 4; c++) {
        struct trm_features *f, *g;
        assert_int_equal(trm_features_create(&f, COUNT, NULL), TRM_OK);
        assert_int_equal(trm_features_create(&g, COUNT, NULL), TRM_OK);
        double x[TRM_FEATURE_COUNT], y[TRM_FEATURE_COUNT];
        for (size_t t = 0; t < cuts[c]; t++)
            assert_int_equal(trm_features_pre_step(f, &h->state[t], x, NULL, NULL), TRM_OK);
        /* Through memory of its own, as a checkpoint does; and g was not fresh. */
        assert_int_equal(trm_features_pre_step(g, &h->state[5], y, NULL, NULL), TRM_OK);
        struct trm_features_state saved;
        trm_features_save(f, &saved);
        double scalars[TRM_FEATURES_SCALARS];
        float average[COUNT];
        memcpy(scalars, saved.scalars, sizeof scalars);
        memcpy(average, saved.average, sizeof average);
        const struct trm_features_state loaded = {scalars, average, saved.gradient_count};
        assert_int_equal(trm_features_restore(g, &loaded, NULL), TRM_OK);
        for (size_t t = cuts[c]; t < STEPS; t++) {
            assert_int_equal(trm_features_pre_step(f, &h->state[t], x, NULL, NULL), TRM_OK);
            assert_int_equal(trm_features_pre_step(g, &h->state[t], y, NULL, NULL), TRM_OK);
            assert_memory_equal(x, y, sizeof x);
        }
        trm_features_destroy(f);
        trm_features_destroy(g);
    }
    free(h);
}

static void a_saved_state_that_does_not_fit_is_refused(void **state) {
    (void)state;
    struct trm_features *f;
    assert_int_equal(trm_features_create(&f, 3, NULL), TRM_OK);
    double scalars[TRM_FEATURES_SCALARS];
    float average[3] = {0, 0, 0};
    struct trm_features_state saved;
    trm_features_save(f, &saved);
    memcpy(scalars, saved.scalars, sizeof scalars);
    saved = (struct trm_features_state){scalars, average, 2};
    assert_int_equal(trm_features_restore(f, &saved, NULL), TRM_SHAPE);
    saved.gradient_count = 3;
    average[1] = NAN;
    assert_int_equal(trm_features_restore(f, &saved, NULL), TRM_NOT_FINITE);
    average[1] = 0, scalars[0] += 1;
    assert_int_equal(trm_features_restore(f, &saved, NULL), TRM_FORMAT);
    scalars[0] -= 1;
    assert_int_equal(trm_features_restore(f, &saved, NULL), TRM_OK);
    trm_features_destroy(f);
}

static void bad_input_is_refused_and_changes_nothing(void **state) {
    (void)state;
    struct history *h = make_history(13);
    struct trm_features *f, *g;
    double x[TRM_FEATURE_COUNT], y[TRM_FEATURE_COUNT];
    assert_int_equal(trm_features_create(&f, COUNT, NULL), TRM_OK);
    assert_int_equal(trm_features_create(&g, COUNT, NULL), TRM_OK);
    float broken[COUNT];
    memcpy(broken, h->gradient[1], sizeof broken);
    broken[COUNT - 1] = INFINITY;
    const struct trm_training_state good = h->state[1];
    assert_int_equal(trm_features_pre_step(f, &h->state[0], x, NULL, NULL), TRM_OK);
    assert_int_equal(trm_features_pre_step(g, &h->state[0], y, NULL, NULL), TRM_OK);
    struct {
        struct trm_training_state state;
        enum trm_status status;
    } cases[9];
    for (size_t i = 0; i < 9; i++)
        cases[i].state = good;
    cases[0].state.gradient = broken, cases[0].status = TRM_DIVERGED;
    cases[1].state.loss = NAN, cases[1].status = TRM_DIVERGED;
    cases[2].state.sigma_max = INFINITY, cases[2].status = TRM_NOT_FINITE;
    cases[3].state.ortho_error = NAN, cases[3].status = TRM_NOT_FINITE;
    cases[4].state.gradient_count = COUNT - 1, cases[4].status = TRM_SHAPE;
    cases[5].state.sigma_min = 3, cases[5].status = TRM_INVALID;
    cases[6].state.width = 0, cases[6].status = TRM_INVALID;
    cases[7].state.steps_per_epoch = 0, cases[7].status = TRM_INVALID;
    cases[8].state.loss = 1.7e308, cases[8].status = TRM_DIVERGED; /* its square overflows in the spread */
    for (size_t i = 0; i < 9; i++) {
        struct trm_error error = {TRM_OK, ""};
        assert_int_equal(trm_features_pre_step(f, &cases[i].state, x, NULL, &error), cases[i].status);
        assert_int_equal(error.status, cases[i].status);
        assert_true(strlen(error.text) > 10);
    }
    assert_int_equal(trm_features_pre_step(f, &good, x, NULL, NULL), TRM_OK);
    assert_int_equal(trm_features_pre_step(g, &good, y, NULL, NULL), TRM_OK);
    assert_memory_equal(x, y, sizeof x);
    trm_features_destroy(f);
    trm_features_destroy(g);
    assert_int_equal(trm_features_create(&f, 0, NULL), TRM_INVALID);
    assert_null(f);
    trm_features_destroy(NULL);
    free(h);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_feature_agrees_with_the_whole_history),
        cmocka_unit_test(step_0_has_its_own_values),
        cmocka_unit_test(extremes_have_floors),
        cmocka_unit_test(a_saved_state_goes_on_with_the_same_bits),
        cmocka_unit_test(a_saved_state_that_does_not_fit_is_refused),
        cmocka_unit_test(bad_input_is_refused_and_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
