/* Splits: no group in two parts, guards between, the same in every run, and refusals. */
#include "support/runs.h"

#include "oracle/merge.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A data set in memory: `runs` runs with `steps` shared steps each. */
static struct trm_dataset *make(size_t runs, size_t steps) {
    struct trm_dataset *const d = calloc(1, sizeof *d);
    assert_non_null(d);
    d->samples = calloc(runs * steps, sizeof *d->samples);
    assert_non_null(d->samples);
    d->statistics =
        (struct trm_statistics){.runs = runs, .steps = steps, .present = 3, .block = dataset_block(steps)};
    d->statistics.guard = dataset_guard(d->statistics.block);
    d->statistics.groups = dataset_groups(steps, d->statistics.block);
    for (size_t r = 0; r < runs; r++)
        for (size_t k = 0; k < steps; k++)
            d->samples[d->count++] = (struct trm_sample){.label = k % 3 == 0,
                                                         .present = 3,
                                                         .run = (int64_t)r + 1,
                                                         .step = k,
                                                         .position = k,
                                                         .group = dataset_group(&d->statistics, k),
                                                         .seed = r / 2};
    dataset_count(d);
    return d;
}

static void blocks_have_the_length_of_the_design(void **state) {
    (void)state;
    assert_true(dataset_block(5) == 8 && dataset_block(80) == 8 && dataset_block(200) == 20 &&
                dataset_block(999) == 99 && dataset_block(11730) == 100);
    assert_true(dataset_guard(8) == 2 && dataset_guard(20) == 5 && dataset_guard(40) == 10 &&
                dataset_guard(100) == 10);
    assert_true(dataset_groups(5, 8) == 1 && dataset_groups(80, 8) == 10 && dataset_groups(83, 8) == 10 &&
                dataset_groups(84, 8) == 11 && dataset_groups(11730, 100) == 117);
    const struct trm_statistics st = {.block = 8, .groups = 10};
    assert_true(dataset_group(&st, 7) == 0 && dataset_group(&st, 8) == 1 && dataset_group(&st, 82) == 9);
}

/* The guard by brute force: a sample gives way where a sample of a smaller part, validation after training, is
   within `guard` steps in its run. */
static bool gives_way(const unsigned char *of_group, const struct trm_statistics *st, size_t k) {
    const unsigned char mine = of_group[dataset_group(st, k)];
    for (size_t other = 0; other < st->steps; other++) {
        const size_t distance = other > k ? other - k : k - other;
        if (distance <= st->guard && of_group[dataset_group(st, other)] > mine)
            return true;
    }
    return false;
}

static void check_groups(size_t runs, size_t steps, uint64_t seed) {
    struct trm_dataset *const d = make(runs, steps);
    const struct trm_statistics *const st = &d->statistics;
    struct trm_split_options options = trm_split_defaults();
    struct trm_split split;
    options.seed = seed;
    assert_int_equal(trm_dataset_split(d, &options, &split, NULL), TRM_OK);
    unsigned char *const of_group = malloc(st->groups);
    assert_non_null(of_group);
    memset(of_group, TRM_GUARD, st->groups);
    for (size_t i = 0; i < d->count; i++) {
        if (split.part[i] == TRM_GUARD)
            continue;
        unsigned char *const part = &of_group[d->samples[i].group];
        assert_true(*part == TRM_GUARD || *part == split.part[i]); /* no group in two parts */
        *part = split.part[i];
    }
    size_t groups[TRM_PARTS] = {0}, samples[TRM_PARTS] = {0};
    for (size_t g = 0; g < st->groups; g++)
        groups[of_group[g]]++;
    for (size_t i = 0; i < d->count; i++) {
        samples[split.part[i]]++;
        assert_int_equal(split.part[i], split.part[i % steps]); /* the same in every run */
        assert_int_equal(split.part[i] == TRM_GUARD, gives_way(of_group, st, i % steps));
    }
    assert_memory_equal(samples, split.samples, sizeof samples);
    assert_memory_equal(groups, split.groups, sizeof groups);
    assert_int_equal(groups[TRM_TEST], (size_t)floor(0.2 * (double)st->groups + 0.5));
    assert_int_equal(groups[TRM_VALIDATION], (size_t)floor(0.1 * (double)st->groups + 0.5));
    assert_int_equal(groups[TRM_GUARD], 0);
    assert_int_equal(split.warning[0] != '\0', groups[TRM_TEST] < 10);
    free(of_group);
    trm_split_free(&split);
    trm_dataset_free(d);
}

static void no_group_is_in_two_parts_and_guards_lie_between(void **state) {
    (void)state;
    for (uint64_t seed = 0; seed < 6; seed++) {
        check_groups(3, 80, seed);
        check_groups(2, 407, seed);
        check_groups(1, 3370, seed); /* the last block is a short one */
    }
}

static void step_splits_draw_steps_and_say_so(void **state) {
    (void)state;
    struct trm_dataset *const d = make(3, 200);
    struct trm_split_options options = trm_split_defaults();
    struct trm_split split;
    size_t beside = 0;
    options.kind = TRM_SPLIT_STEP;
    assert_int_equal(trm_dataset_split(d, &options, &split, NULL), TRM_OK);
    assert_true(split.samples[TRM_TEST] == 120 && split.samples[TRM_VALIDATION] == 60);
    assert_true(split.samples[TRM_TRAIN] == 420 && split.samples[TRM_GUARD] == 0);
    assert_non_null(strstr(split.warning, "neighbours"));
    for (size_t i = 0; i < d->count; i++)
        assert_int_equal(split.part[i], split.part[i % 200]);
    for (size_t i = 1; i < 200; i++)
        beside += split.part[i] == TRM_TEST && split.part[i - 1] == TRM_TRAIN;
    assert_true(beside > 15); /* really at random, not in blocks */
    trm_split_free(&split);
    trm_dataset_free(d);
}

static void the_seed_decides(void **state) {
    (void)state;
    struct trm_dataset *const d = make(2, 1000);
    struct trm_split_options options = trm_split_defaults();
    struct trm_split a, b, c;
    assert_int_equal(trm_dataset_split(d, &options, &a, NULL), TRM_OK);
    assert_int_equal(trm_dataset_split(d, &options, &b, NULL), TRM_OK);
    options.seed++;
    assert_int_equal(trm_dataset_split(d, &options, &c, NULL), TRM_OK);
    assert_memory_equal(a.part, b.part, d->count);
    assert_true(memcmp(a.part, c.part, d->count) != 0);
    trm_split_free(&a);
    trm_split_free(&b);
    trm_split_free(&c);
    trm_dataset_free(d);
}

static void impossible_shares_are_refused(void **state) {
    (void)state;
    struct trm_dataset *const d = make(2, 80), *const tiny = make(2, 16);
    static const double shares[][2] = {{0, 0.1},   {1, 0},     {-1, 0.1}, {0.2, 1},
                                       {0.5, 0.5}, {NAN, 0.1}, {0.2, NAN}};
    struct trm_split_options options = trm_split_defaults();
    struct trm_split split;
    struct trm_error error = {0};
    for (size_t i = 0; i < sizeof shares / sizeof *shares; i++) {
        options.test_share = shares[i][0];
        options.val_share = shares[i][1];
        assert_int_equal(trm_dataset_split(d, &options, &split, &error), TRM_INVALID);
        assert_non_null(strstr(error.text, "share"));
        assert_null(split.part);
    }
    options = trm_split_defaults();
    assert_int_equal(trm_dataset_split(tiny, &options, &split, &error), TRM_INVALID);
    assert_non_null(strstr(error.text, "2 groups of steps do not suffice"));
    options.val_share = 0;
    assert_int_equal(trm_dataset_split(tiny, &options, &split, &error), TRM_OK);
    assert_true(split.groups[TRM_TEST] == 1 && split.groups[TRM_TRAIN] == 1 &&
                split.samples[TRM_VALIDATION] == 0);
    trm_split_free(&split);
    options.test_share = 0.999;
    assert_int_equal(trm_dataset_split(d, &options, &split, &error), TRM_INVALID);
    trm_dataset_free(d);
    trm_dataset_free(tiny);
}

static void moments_are_of_the_training_part(void **state) {
    (void)state;
    struct trm_dataset *const d = make(1, 200);
    const struct trm_split_options options = trm_split_defaults();
    struct trm_split split;
    double mean[TRM_FEATURE_COUNT], deviation[TRM_FEATURE_COUNT], sum = 0, square = 0, n = 0;
    for (size_t i = 0; i < d->count; i++) {
        d->samples[i].feature[0] = 1e4 + runs_feature(i, 0);
        d->samples[i].feature[1] = 1e4;
        d->samples[i].feature[2] = 1e4 + 1e-3 * runs_feature(i, 1);
    }
    assert_int_equal(trm_dataset_split(d, &options, &split, NULL), TRM_OK);
    trm_split_moments(d, &split, mean, deviation);
    for (size_t i = 0; i < d->count; i++)
        if (split.part[i] == TRM_TRAIN) {
            sum += d->samples[i].feature[0];
            n++;
        }
    for (size_t i = 0; i < d->count; i++)
        if (split.part[i] == TRM_TRAIN)
            square += pow(d->samples[i].feature[0] - sum / n, 2);
    assert_true(fabs(mean[0] - sum / n) < 1e-9 && fabs(deviation[0] - sqrt(square / n)) < 1e-9);
    assert_true(mean[1] == 1e4 && deviation[1] == 0 && deviation[2] == 0); /* below 1e-6 of the mean */
    trm_split_free(&split);
    trm_dataset_free(d);
}

static void kinds_have_names(void **state) {
    (void)state;
    assert_string_equal(trm_split_name(TRM_SPLIT_GROUP), "group");
    assert_string_equal(trm_split_name(TRM_SPLIT_STEP), "step");
    assert_null(trm_split_name(2));
    assert_null(trm_split_name(-1));
    assert_int_equal(trm_split_find("step"), TRM_SPLIT_STEP);
    assert_int_equal(trm_split_find("steps"), -1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_have_the_length_of_the_design),
        cmocka_unit_test(no_group_is_in_two_parts_and_guards_lie_between),
        cmocka_unit_test(step_splits_draw_steps_and_say_so),
        cmocka_unit_test(the_seed_decides),
        cmocka_unit_test(impossible_shares_are_refused),
        cmocka_unit_test(moments_are_of_the_training_part),
        cmocka_unit_test(kinds_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
