/* What training does to weights: loss and its gradient, a rule learnt, the best epoch, absent solvers. */
#include "support/dynamics.h"

#include "router/adamw.h"
#include "router/training_run.h"

#include "base/rng.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ALL = (1u << TRM_ARMS) - 1 };

static double uniform(struct rng *rng) {
    return rng_uniform(rng);
}

/* Five classes by thresholds on features 2 and 7; one label in ten is another class. */
static int rule(const struct trm_sample *s) {
    const double a = s->feature[2], b = s->feature[7];
    return a < -0.4 ? 0 : b > 0.5 ? 1 : a > 0.5 ? 2 : b < -0.3 ? 3 : 4;
}

static struct trm_sample *make_samples(size_t count, unsigned present, uint64_t seed) {
    struct trm_sample *const samples = calloc(count, sizeof *samples);
    struct rng rng = rng_stream(seed, RNG_TEST, 0, 0);
    assert_non_null(samples);
    for (size_t i = 0; i < count; i++) {
        struct trm_sample *const s = &samples[i];
        for (int k = 0; k < TRM_FEATURE_COUNT; k++)
            s->feature[k] = k % 5 == 2 || k == 0 ? 2.0 * uniform(&rng) - 1.0 : 0.0; /* 0, 2, 7 vary */
        s->label = rule(s);
        if (uniform(&rng) < 0.1)
            s->label = (s->label + 1 + (int)rng_below(&rng, 4)) % TRM_ARMS;
        while ((present >> s->label & 1u) == 0)
            s->label = (s->label + 1) % TRM_ARMS;
        for (int arm = 0; arm < TRM_ARMS; arm++)
            s->change[arm] = (present >> arm & 1u) == 0 ? NAN : arm == s->label ? -1.0 : -0.5 + 0.1 * arm;
        s->present = present, s->tied = 1u << s->label;
    }
    return samples;
}

static void start(struct training *t, const struct trm_train_options *options,
                  const struct trm_sample *samples, size_t train, size_t validation) {
    double mean[TRM_FEATURE_COUNT] = {0}, std[TRM_FEATURE_COUNT];
    unsigned char *const part = calloc(train + validation, 1);
    struct trm_error error = {0};
    assert_non_null(part);
    memset(part + train, TRM_VALIDATION, validation);
    for (int i = 0; i < TRM_FEATURE_COUNT; i++)
        std[i] = 0.6;
    if (training_create(t, options, TRM_ARMS, samples, part, train + validation, mean, std, &error) != TRM_OK)
        fail_msg("%s", error.text);
    free(part);
}

/* With enough samples the router finds the rule: within three points of the rule itself, on the same noisy
   labels. */
static void test_learns_a_rule(void **state) {
    (void)state;
    enum { TRAIN = 4000, VALIDATION = 600 };
    struct trm_train_options o = trm_train_defaults();
    struct trm_sample *const samples = make_samples(TRAIN + VALIDATION, ALL, 1);
    struct training t;
    size_t right = 0;
    o.size = "tiny", o.epochs = 8, o.batch_size = 32, o.lr = 3e-3, o.deep_supervision = true;
    start(&t, &o, samples, TRAIN, VALIDATION);
    while (t.epoch < o.epochs)
        assert_int_equal(training_epoch(&t, NULL, NULL), TRM_OK);
    for (size_t i = TRAIN; i < TRAIN + VALIDATION; i++)
        right += rule(&samples[i]) == samples[i].label;
    const double bayes = (double)right / VALIDATION, found = t.history[t.best_epoch - 1].val_accuracy;
    if (found < bayes - 0.03)
        fail_msg("accuracy %.3f, the rule itself %.3f", found, bayes);
    for (size_t e = 0; e < o.epochs; e++) /* the best: highest accuracy, lowest loss, earliest */
        assert_true(
            t.history[e].val_accuracy < found ||
            (t.history[e].val_accuracy == found &&
             (t.history[e].val_loss > t.history[t.best_epoch - 1].val_loss || e + 1 == t.best_epoch)));
    training_destroy(&t);
    free(samples);
}

/* Absent solvers: their logits get no gradient, and no choice of training is one of them. */
static void test_absent_solvers(void **state) {
    (void)state;
    struct trm_train_options o = trm_train_defaults();
    struct trm_sample *const samples = make_samples(64, 1u << 1 | 1u << 4, 2);
    struct training_target target;
    struct training_sums sums = {0};
    const uint32_t index = 0;
    const float logits[TRM_ARMS] = {9, 1, 9, 9, 2}, halt[2] = {0.5f, 0.5f};
    float d[TRM_ARMS], dhalt[2];
    for (unsigned loss = 0; loss < TRM_LOSSES; loss++) {
        o.loss = (enum trm_loss)loss, o.tau = 0.2;
        training_target_of(&samples[0], &o, &target);
        training_loss(&target, TRM_ARMS, &index, 1, logits, halt, 1.0f, d, dhalt, &sums);
        assert_true(d[0] == 0.0f && d[2] == 0.0f && d[3] == 0.0f);
        assert_true(d[1] != 0.0f && fabsf(d[1] + d[4]) < 1e-6f);
    }
    assert_int_equal(sums.right, samples[0].label == 4 ? 2 : 0);
    free(samples);
}

/* Loss and gradient of one row against difference quotients. */
static void test_loss_gradient(void **state) {
    (void)state;
    struct trm_train_options o = trm_train_defaults();
    struct trm_sample *const samples = make_samples(8, ALL, 3);
    const uint32_t index[] = {0, 1, 2, 3, 4, 5, 6, 7};
    struct training_target targets[8];
    float logits[8 * TRM_ARMS], halt[8 * 2], d[8 * TRM_ARMS], dhalt[8 * 2];
    struct training_sums sums = {0};
    o.loss = TRM_LOSS_REGRET, o.tau = 0.3;
    for (int i = 0; i < 8; i++)
        training_target_of(&samples[i], &o, &targets[i]);
    for (size_t i = 0; i < 8 * TRM_ARMS; i++)
        logits[i] = (float)sin((double)i);
    for (size_t i = 0; i < 8 * 2; i++)
        halt[i] = (float)(4.0 * cos((double)i));
    training_loss(targets, TRM_ARMS, index, 8, logits, halt, 0.125f, d, dhalt, &sums);
    for (size_t i = 0; i < 8 * (TRM_ARMS + 2); i++) {
        const bool choice = i < 8 * TRM_ARMS;
        const size_t k = choice ? i : i - 8 * TRM_ARMS;
        float *const x = choice ? &logits[k] : &halt[k], at = *x, h = 1e-3f;
        struct training_sums low = {0}, high = {0};
        *x = at - h, training_loss(targets, TRM_ARMS, index, 8, logits, halt, 0.125f, NULL, NULL, &low);
        *x = at + h, training_loss(targets, TRM_ARMS, index, 8, logits, halt, 0.125f, NULL, NULL, &high);
        *x = at;
        const double change = choice ? high.loss - low.loss : 0.5 * (high.halt_loss - low.halt_loss);
        assert_true(fabs(0.125 * change / (2.0 * (double)h) - (double)(choice ? d[k] : dhalt[k])) < 2e-4);
    }
    free(samples);
}

/* Three steps by the formula of PyTorch's documentation, in double. */
static void test_adamw(void **state) {
    (void)state;
    float p[3] = {1.0f, -2.0f, 0.5f}, m[3] = {0}, v[3] = {0};
    double q[3] = {1.0, -2.0, 0.5}, mm[3] = {0}, vv[3] = {0};
    for (int step = 1; step <= 3; step++) {
        float g[3];
        for (int i = 0; i < 3; i++) {
            g[i] = 0.3f * (float)(step * (i + 1)) - 0.7f;
            const double x = (double)g[i];
            mm[i] = 0.9 * mm[i] + 0.1 * x;
            vv[i] = 0.95 * vv[i] + 0.05 * x * x;
            q[i] *= 1.0 - 0.01 * 0.1;
            q[i] -= 0.01 * (mm[i] / (1.0 - pow(0.9, step))) / (sqrt(vv[i] / (1.0 - pow(0.95, step))) + 1e-8);
        }
        adamw_step(p, m, v, g, 3, 0.01, 0.1, (uint64_t)step);
    }
    for (int i = 0; i < 3; i++)
        assert_true(fabs((double)p[i] - q[i]) < 1e-6);
}

/* The rate falls as a cosine; averaged weights are validated where asked; the last epoch is kept without a
   validation part; a loss that is not finite ends it. */
static void test_schedule_average_and_divergence(void **state) {
    (void)state;
    struct trm_train_options o = trm_train_defaults();
    struct trm_sample *const samples = make_samples(96, ALL, 4);
    struct training t;
    struct trm_error error;
    o.size = "tiny", o.epochs = 4, o.ema = true, o.lr = 1e-2;
    start(&t, &o, samples, 96, 0);
    for (size_t e = 0; e < o.epochs; e++) {
        assert_int_equal(training_epoch(&t, NULL, NULL), TRM_OK);
        const double expected = 1e-6 + (1e-2 - 1e-6) * 0.5 * (1.0 + cos(3.14159265358979 * (double)e / 4.0));
        assert_true(fabs(t.history[e].lr - expected) < 1e-12);
        assert_int_equal(t.best_epoch, e + 1);
    }
    assert_memory_equal(t.best, t.average, t.count * sizeof(float));
    assert_memory_not_equal(t.best, trm_router_values(t.router), t.count * sizeof(float));
    training_destroy(&t);
    start(&t, &o, samples, 96, 0);
    trm_router_parameters(t.router)[0] = NAN;
    assert_int_equal(training_epoch(&t, NULL, &error), TRM_DIVERGED);
    assert_non_null(strstr(error.text, "--lr"));
    training_destroy(&t);
    free(samples);
}

/* One step an epoch: the average is followed by hand, and is near the weights after few steps. */
static void test_average_warms_up(void **state) {
    (void)state;
    enum { STEPS = 12 };
    struct trm_train_options o = trm_train_defaults();
    struct trm_sample *const samples = make_samples(64, ALL, 6);
    struct training t;
    o.size = "tiny", o.epochs = STEPS, o.ema = true, o.lr = o.min_lr = 1e-3;
    start(&t, &o, samples, 64, 0);
    const float *const p = trm_router_values(t.router);
    double *const average = calloc(t.count, sizeof *average), *const first = calloc(t.count, sizeof *first);
    double off = 0.0, moved = 0.0, behind = 0.0;
    assert_true(average != NULL && first != NULL);
    for (size_t i = 0; i < t.count; i++)
        average[i] = first[i] = (double)p[i];
    for (size_t step = 1; step <= STEPS; step++) {
        const double keep = (1.0 + (double)step) / (10.0 + (double)step);
        assert_int_equal(training_epoch(&t, NULL, NULL), TRM_OK);
        for (size_t i = 0; i < t.count; i++)
            average[i] = keep * average[i] + (1.0 - keep) * (double)p[i];
    }
    for (size_t i = 0; i < t.count; i++) {
        off = fmax(off, fabs((double)t.average[i] - average[i]));
        moved += pow((double)p[i] - first[i], 2.0);
        behind += pow((double)p[i] - (double)t.average[i], 2.0);
    }
    assert_true(off < 1e-6);
    assert_true(moved > 0.0 && behind < 0.1 * moved);
    training_destroy(&t);
    free(samples);
    free(average);
    free(first);
}

static void test_refuses(void **state) {
    (void)state;
    struct trm_train_options o = trm_train_defaults();
    struct trm_sample *const samples = make_samples(8, ALL, 5);
    const unsigned char part[8] = {TRM_TEST, TRM_TEST, TRM_TEST, TRM_TEST, TRM_TEST, TRM_TEST, TRM_TEST, 1};
    const double mean[TRM_FEATURE_COUNT] = {0};
    struct training t;
    struct trm_error error;
    o.size = "tiny";
    assert_int_equal(training_create(&t, &o, TRM_ARMS, samples, part, 8, mean, mean, &error), TRM_INVALID);
    samples[3].feature[1] = NAN;
    assert_int_equal(training_create(&t, &o, TRM_ARMS, samples, part, 8, mean, mean, &error), TRM_NOT_FINITE);
    assert_non_null(strstr(error.text, "loss_trend"));
    free(samples);
    assert_null(trm_train_check(&o));
    struct trm_train_options bad = o;
    bad.size = "huge", assert_non_null(trm_train_check(&bad));
    bad = o, bad.cycles = 65, assert_non_null(trm_train_check(&bad));
    bad = o, bad.without = "log_loss,tea", assert_non_null(trm_train_check(&bad));
    bad = o, bad.without = "log_loss,", assert_non_null(trm_train_check(&bad));
    bad = o, bad.without = "log_loss,log_loss", assert_non_null(trm_train_check(&bad));
    bad = o, bad.without = "log_loss,top_sv", assert_null(trm_train_check(&bad));
    bad = o, bad.epochs = 0, assert_non_null(trm_train_check(&bad));
    bad = o, bad.lr = NAN, assert_non_null(trm_train_check(&bad));
    bad = o, bad.tau = 0.0, assert_non_null(trm_train_check(&bad));
    bad = o, bad.split.test_share = 1.0, assert_non_null(trm_train_check(&bad));
    bad = o, bad.split.test_share = 0.0, assert_non_null(trm_train_check(&bad));
    bad = o, bad.batch_size = 0, assert_non_null(trm_train_check(&bad));
    bad = o, bad.weight_decay = -1.0, assert_non_null(trm_train_check(&bad));
    bad = o, bad.struct_size = 0, assert_non_null(trm_train_check(&bad));
    bad = o, bad.split.room[1] = 1.0, assert_non_null(trm_train_check(&bad));
    struct {
        struct trm_train_options now;
        double later;
    } grown = {o, 0.0}; /* of a later version */
    grown.now.struct_size = sizeof grown;
    assert_null(trm_train_check(&grown.now));
    grown.later = 1.0, assert_non_null(trm_train_check(&grown.now));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_learns_a_rule),
        cmocka_unit_test(test_absent_solvers),
        cmocka_unit_test(test_loss_gradient),
        cmocka_unit_test(test_adamw),
        cmocka_unit_test(test_schedule_average_and_divergence),
        cmocka_unit_test(test_average_warms_up),
        cmocka_unit_test(test_refuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
