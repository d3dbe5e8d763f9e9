/* The trained baselines: logistic regression against scikit-learn, the networks' gradients against differences. */
#include "support/dynamics.h"

#include "evaluation/baseline_network.h"

#include <math.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t lcg;

static double uniform(void) {
    lcg = lcg * 6364136223846793005u + 1442695040888963407u;
    return (double)(lcg >> 32) / 4294967296.0;
}

static int label_of(const double *x) {
    const int rule = x[7] > 0.8 ? 4 : x[7] < 0.5 ? (x[2] < 0.25 ? 0 : 1) : (x[2] < 0.6 ? 2 : 3);
    const double noise = uniform();
    const int other = (int)(uniform() * 5);
    return noise < 0.1 ? other : rule;
}

/* As make_logistic.py makes it. */
static struct trm_sample *make(size_t count) {
    struct trm_sample *const samples = calloc(count, sizeof *samples);
    assert_non_null(samples);
    lcg = 20250131;
    for (size_t i = 0; i < count; i++) {
        for (int f = 0; f < TRM_FEATURE_COUNT; f++)
            samples[i].feature[f] = uniform();
        samples[i].feature[5] = 3;
        samples[i].feature[9] = 1000 + 50 * samples[i].feature[9];
        samples[i].label = label_of(samples[i].feature);
    }
    return samples;
}

struct set {
    struct trm_sample *samples;
    const struct trm_sample **at;
    struct trm_evaluation_options options;
    struct partition parts;
    struct predictions predicted;
};

/* The first `train` samples to train on, the next `test` to answer. */
static void set_up(struct set *s, size_t train, size_t test) {
    s->samples = make(train + test);
    s->at = calloc(train + test, sizeof *s->at);
    s->options = trm_evaluation_defaults();
    s->parts = (struct partition){.names = trm_arm_names_solvers(), .arms = 31, .options = &s->options};
    assert_non_null(s->at);
    for (size_t i = 0; i < train + test; i++)
        s->at[i] = &s->samples[i];
    s->parts.part[TRM_TRAIN] = (struct partition_samples){s->at, train};
    s->parts.part[TRM_TEST] = (struct partition_samples){s->at + train, test};
    for (size_t i = 0; i < train; i++)
        s->parts.seen |= 1u << s->samples[i].label;
    for (int f = 0; f < TRM_FEATURE_COUNT; f++) {
        double sum = 0, square = 0;
        for (size_t i = 0; i < train; i++)
            sum += s->samples[i].feature[f];
        for (size_t i = 0; i < train; i++)
            square += pow(s->samples[i].feature[f] - sum / (double)train, 2);
        s->parts.mean[f] = sum / (double)train;
        s->parts.deviation[f] = f == 5 ? 0 : sqrt(square / (double)train);
    }
    s->predicted = (struct predictions){.arm = calloc(test, sizeof *s->predicted.arm),
                                        .confidence = calloc(test, sizeof *s->predicted.confidence)};
    assert_true(s->predicted.arm != NULL && s->predicted.confidence != NULL);
}

static void tear_down(struct set *s) {
    free(s->samples);
    free(s->at);
    free(s->predicted.arm);
    free(s->predicted.confidence);
}

static void logistic_regression_is_scikit_learns(void **state) {
    (void)state;
    FILE *const file = fopen(TEST_DATA_DIR "/logistic.txt", "r");
    size_t train, test, right = 0;
    double accuracy;
    struct set s;
    assert_non_null(file);
    assert_int_equal(fscanf(file, "%zu %zu %lf", &train, &test, &accuracy), 3);
    set_up(&s, train, test);
    assert_int_equal(baseline_logistic(&s.parts, &s.predicted, NULL), TRM_OK);
    for (size_t i = 0; i < test; i++) {
        int label, choice;
        double confidence;
        assert_int_equal(fscanf(file, "%d %d %lf", &label, &choice, &confidence), 3);
        assert_int_equal(s.samples[train + i].label, label); /* the same set as there */
        assert_int_equal(s.predicted.arm[i], choice);
        assert_true(fabs(s.predicted.confidence[i] - confidence) < 1e-6);
        right += s.predicted.arm[i] == label;
    }
    fclose(file);
    assert_true(fabs((double)right / (double)test - accuracy) < 1e-12);
    assert_int_equal(s.predicted.parameters, 5 * 13);
    tear_down(&s);
}

static void a_label_that_training_lacks_is_never_chosen(void **state) {
    (void)state;
    struct set s;
    set_up(&s, 200, 100);
    size_t kept = 0;
    for (size_t i = 0; i < 200; i++)
        if (s.at[i]->label != 1)
            s.at[kept++] = s.at[i];
    s.parts.part[TRM_TRAIN].count = kept;
    s.parts.seen = 31 & ~2u;
    assert_int_equal(baseline_logistic(&s.parts, &s.predicted, NULL), TRM_OK);
    for (size_t i = 0; i < 100; i++)
        assert_true(s.predicted.arm[i] != 1 && s.predicted.confidence[i] > 0 &&
                    s.predicted.confidence[i] <= 1);
    s.parts.part[TRM_TRAIN].count = 0;
    assert_int_equal(baseline_logistic(&s.parts, &s.predicted, NULL), TRM_NUMERIC);
    tear_down(&s);
}

/* Central differences on every eleventh parameter. Float arithmetic: the step is large, the tolerance too. */
static void check_gradient(const struct baseline_shape *shape) {
    enum { ROWS = 7 };
    struct network n;
    struct rng rng = rng_stream(5, RNG_TEST, shape->layers, 0);
    float x[ROWS * TRM_FEATURE_COUNT];
    int label[ROWS];
    assert_int_equal(network_create(&n, shape, ROWS, 31 & ~4u, &rng, NULL), TRM_OK);
    for (size_t i = 0; i < ROWS * TRM_FEATURE_COUNT; i++)
        x[i] = (float)rng_normal(&rng);
    for (size_t i = 0; i < ROWS; i++)
        label[i] = i % 2 == 0 ? 1 : 3;
    network_forward(&n, x, ROWS);
    network_backward(&n, x, label, ROWS);
    float *const gradient = malloc(n.count * sizeof *gradient);
    assert_non_null(gradient);
    memcpy(gradient, n.gradient, n.count * sizeof *gradient);
    double error = 0, size = 0;
    for (size_t i = 0; i < n.count; i += 11) {
        const float kept = n.theta[i], step = 4e-3f;
        double loss[2];
        for (int side = 0; side < 2; side++) {
            n.theta[i] = kept + (side == 0 ? step : -step);
            network_forward(&n, x, ROWS);
            loss[side] = network_backward(&n, x, label, ROWS);
        }
        n.theta[i] = kept;
        const double difference = (loss[0] - loss[1]) / (2 * (double)step);
        error += pow(difference - (double)gradient[i], 2);
        size += pow(difference, 2);
    }
    assert_true(size > 0 && sqrt(error / size) < 0.03);
    free(gradient);
    network_destroy(&n);
}

static void gradients_are_those_of_differences(void **state) {
    (void)state;
    check_gradient(&(struct baseline_shape){.width = 16, .layers = 3, .arms = 5, .residual = false});
    check_gradient(&(struct baseline_shape){.width = 16, .layers = 6, .arms = 5, .residual = true});
    check_gradient(&(struct baseline_shape){.width = 8, .layers = 2, .arms = 5, .residual = false});
}

static void shapes_have_about_the_size_asked_for(void **state) {
    (void)state;
    const struct baseline_shape mlp = baseline_shape_for(3, 99586, 5, false);
    assert_int_equal(mlp.layers, 3);
    assert_true(fabs((double)baseline_shape_parameters(&mlp) / 99586 - 1) < 0.005);
    const struct baseline_shape deep = baseline_shape_for(21, 21 * 98304, 5, true);
    assert_int_equal(deep.layers, 21);
    assert_true(fabs((double)baseline_shape_parameters(&deep) / (21 * 98304) - 1) < 0.005);
    assert_int_equal(baseline_shape_for(3, 1, 5, false).width, 1);
}

/* The rule is learnt well above what one choice for all would reach, and to the same bits twice. */
static void networks_learn(void **state) {
    (void)state;
    struct set s;
    set_up(&s, 1200, 300);
    s.parts.part[TRM_VALIDATION] = (struct partition_samples){s.at + 1000, 200};
    s.parts.part[TRM_TRAIN].count = 1000;
    s.options.baseline_epochs = 100;
    const struct baseline_shape shapes[] = {{48, 3, 5, false}, {24, 8, 5, true}};
    for (size_t k = 0; k < 2; k++) {
        double confidence[300];
        size_t right = 0;
        assert_int_equal(baseline_network(&s.parts, "net", &shapes[k], &s.predicted, NULL), TRM_OK);
        for (size_t i = 0; i < 300; i++)
            right += s.predicted.arm[i] == s.samples[1200 + i].label;
        assert_true(right > 210); /* the rule is right for 92 %, the commonest label occurs for about 40 % */
        memcpy(confidence, s.predicted.confidence, sizeof confidence);
        assert_int_equal(baseline_network(&s.parts, "net", &shapes[k], &s.predicted, NULL), TRM_OK);
        assert_memory_equal(confidence, s.predicted.confidence, sizeof confidence);
    }
    tear_down(&s);
}

static void the_bits_do_not_depend_on_the_threads(void **state) {
    (void)state;
    struct set s;
    double confidence[2][2][100];
    const struct baseline_shape shape = {100, 4, 5, true};
    set_up(&s, 400, 100);
    s.options.baseline_epochs = 3;
    const int threads = omp_get_max_threads();
    for (int k = 0; k < 2; k++) {
        omp_set_num_threads(1 + 2 * k);
        assert_int_equal(baseline_network(&s.parts, "net", &shape, &s.predicted, NULL), TRM_OK);
        memcpy(confidence[k][0], s.predicted.confidence, sizeof confidence[k][0]);
        assert_int_equal(baseline_logistic(&s.parts, &s.predicted, NULL), TRM_OK);
        memcpy(confidence[k][1], s.predicted.confidence, sizeof confidence[k][1]);
    }
    omp_set_num_threads(threads);
    assert_memory_equal(confidence[0], confidence[1], sizeof confidence[0]);
    tear_down(&s);
}

/* Steps bound the epochs of the networks; one is always made. */
static void steps_bound_the_epochs(void **state) {
    (void)state;
    struct trm_evaluation_options o = trm_evaluation_defaults();
    struct partition parts = {.options = &o};
    static const size_t expected[][3] = {/* samples, steps, epochs */
                                         {6400, 10000, 100},
                                         {6401, 10000, 99},
                                         {21000, 10000, 30},
                                         {640, 9, 1}};
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        parts.part[TRM_TRAIN].count = expected[i][0];
        o.baseline_steps = expected[i][1];
        assert_int_equal(baseline_network_epochs(&parts), expected[i][2]);
    }
    o.baseline_epochs = 0;
    assert_int_equal(baseline_network_epochs(&parts), 0);
    o.baseline_steps = 0;
    assert_non_null(trm_evaluation_check(&o));
    o = trm_evaluation_defaults();
    assert_null(trm_evaluation_check(&o));
    o.size = 0;
    assert_non_null(trm_evaluation_check(&o));
}

/* Arm 3 is best in the first 60 % of a run, arm 1 after it: the switch finds both and where. Learners are given each run
   from its start, and see no arm but their own. */
static void what_changes_in_the_run_is_followed(void **state) {
    (void)state;
    enum { STEPS = 1000 };
    struct set s;
    set_up(&s, STEPS, STEPS);
    for (size_t i = 0; i < 2 * STEPS; i++) {
        struct trm_sample *const x = &s.samples[i];
        x->step = i % STEPS, x->epochs = 1, x->steps_per_epoch = STEPS, x->run = i < STEPS ? 1 : 2;
        for (int arm = 0; arm < 5; arm++)
            x->change[arm] = -0.1 * (double)uniform() - (arm == (x->step < 600 ? 3 : 1));
    }
    s.parts.all = s.samples, s.parts.count = 2 * STEPS;
    baseline_plan(&s.parts, PLAN_TWO_PHASE, &s.predicted);
    for (size_t i = 0; i < STEPS; i++)
        assert_int_equal(s.predicted.arm[i], i < 600 ? 3 : 1);
    baseline_plan(&s.parts, PLAN_SCHEDULE, &s.predicted);
    for (size_t i = 0; i < STEPS; i++)
        assert_int_equal(s.predicted.arm[i], i < 600 ? 3 : 1);
    baseline_plan(&s.parts, PLAN_BEST_FIXED, &s.predicted);
    for (size_t i = 0; i < STEPS; i++)
        assert_int_equal(s.predicted.arm[i], 3);
    size_t right = 0;
    assert_int_equal(baseline_learner(&s.parts, TRM_LEARNER_DISCOUNTED, &s.predicted, NULL), TRM_OK);
    for (size_t i = 0; i < STEPS; i++)
        right += s.predicted.arm[i] == (i < 600 ? 3 : 1);
    assert_true(right > 0.75 * STEPS && s.predicted.arm[0] == 0); /* the second run begins anew */
    tear_down(&s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steps_bound_the_epochs),
        cmocka_unit_test(what_changes_in_the_run_is_followed),
        cmocka_unit_test(logistic_regression_is_scikit_learns),
        cmocka_unit_test(a_label_that_training_lacks_is_never_chosen),
        cmocka_unit_test(gradients_are_those_of_differences),
        cmocka_unit_test(shapes_have_about_the_size_asked_for),
        cmocka_unit_test(networks_learn),
        cmocka_unit_test(the_bits_do_not_depend_on_the_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
