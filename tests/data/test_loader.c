#include "data/support.h"

#include "base/rng.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct data_loader_options small = {.split = DATA_TRAIN,
                                                 .batch_size = 7,
                                                 .seed = 5,
                                                 .shuffle = true,
                                                 .augment = true,
                                                 .threads = 1,
                                                 .ahead = 2};

static struct data_set *cifar(void **state) {
    support_write(state, &support_cifar, false);
    return support_load(state, &support_cifar, 0);
}

static struct data_loader *create(const struct data_set *set, struct data_loader_options options) {
    struct data_loader *loader;
    struct trm_error error;
    if (data_loader_create(&loader, set, &options, &error) != TRM_OK)
        fail_msg("%s", error.text);
    return loader;
}

static const struct data_batch *next(struct data_loader *loader) {
    const struct data_batch *batch;
    struct trm_error error;
    if (data_loader_next(loader, &batch, &error) != TRM_OK)
        fail_msg("%s", error.text);
    return batch;
}

/* One normalised value the slow way, by the definition: pad with zeros, cut, mirror, normalise. */
static float slow_value(const struct data_set *set, const uint8_t *image, size_t top, size_t left, bool flip,
                        size_t c, size_t y, size_t x) {
    uint8_t padded[40][40] = {{0}};
    for (size_t i = 0; i < 32; i++)
        for (size_t j = 0; j < 32; j++)
            padded[i + 4][j + 4] = image[(c * 32 + i) * 32 + j];
    const uint8_t raw = padded[y + top][left + (flip ? 31 - x : x)];
    return ((float)raw / 255.0f - set->mean[c]) / set->deviation[c];
}

static void test_batch_by_definition(void **state) {
    struct data_set *set = cifar(state);
    struct data_loader *loader = create(set, small);
    uint32_t order[40];
    bool flips[2] = {false};
    struct rng shuffle = rng_stream(5, RNG_SHUFFLE, 3, 0);
    rng_permutation(&shuffle, order, 40);
    assert_int_equal(data_loader_steps(loader), 5);
    assert_int_equal(data_loader_start(loader, 3, 2, NULL), TRM_OK);
    const struct data_batch *batch = next(loader);
    assert_int_equal(batch->epoch, 3);
    assert_int_equal(batch->step, 2);
    assert_int_equal(batch->count, 7);
    assert_int_equal((uintptr_t)batch->x % 64, 0);
    for (size_t i = 0; i < 7; i++) {
        const uint32_t sample = order[14 + i];
        const uint8_t *image = set->images[DATA_TRAIN].pixels + sample * DATA_IMAGE;
        struct rng r = rng_stream(5, RNG_AUGMENT, 3, sample);
        const size_t top = rng_below(&r, 9), left = rng_below(&r, 9);
        const bool flip = rng_below(&r, 2) == 1;
        flips[flip] = true;
        assert_int_equal(batch->samples[i], sample);
        assert_int_equal(batch->labels[i], support_label(sample / 20, sample % 20));
        for (size_t p = 0; p < DATA_IMAGE; p += 3) {
            const size_t c = p / 1024, y = p / 32 % 32, x = p % 32;
            if (batch->x[i * DATA_IMAGE + p] != slow_value(set, image, top, left, flip, c, y, x))
                fail_msg("image %zu differs at %zu, %zu, %zu", i, c, y, x);
        }
    }
    assert_true(flips[0] && flips[1]);
    data_loader_destroy(loader);
    data_free(set);
}

/* Test batches: in order, as they are, the last one kept. */
static void test_test_batches(void **state) {
    struct data_set *set = cifar(state);
    struct data_loader_options options = data_loader_defaults(DATA_TEST);
    assert_int_equal(options.batch_size, 128);
    options.batch_size = 4;
    struct data_loader *loader = create(set, options);
    assert_int_equal(data_loader_steps(loader), 3);
    for (size_t step = 0; step < 6; step++) {
        const struct data_batch *batch = next(loader);
        assert_int_equal(batch->epoch, step / 3);
        assert_int_equal(batch->step, step % 3);
        assert_int_equal(batch->count, step % 3 == 2 ? 2 : 4);
        for (size_t i = 0; i < batch->count; i++) {
            const size_t sample = step % 3 * 4 + i;
            assert_int_equal(batch->samples[i], sample);
            assert_int_equal(batch->labels[i], support_label(2, sample));
            for (size_t p = 0; p < DATA_IMAGE; p++) {
                const size_t c = p / 1024;
                const float raw = (float)support_pixel(2, sample, p);
                if (batch->x[i * DATA_IMAGE + p] != (raw / 255.0f - set->mean[c]) / set->deviation[c])
                    fail_msg("image %zu differs at pixel %zu", sample, p);
            }
        }
    }
    data_loader_destroy(loader);
    data_free(set);
}

/* Batches come in order, and every image once an epoch, in a new order each. */
static void test_epochs(void **state) {
    struct data_set *set = cifar(state);
    struct data_loader_options options = small;
    options.batch_size = 8, options.threads = 3, options.ahead = 4;
    struct data_loader *loader = create(set, options);
    uint32_t orders[3][40];
    for (size_t epoch = 0; epoch < 3; epoch++) {
        bool seen[40] = {false};
        for (size_t step = 0; step < 5; step++) {
            const struct data_batch *batch = next(loader);
            assert_int_equal(batch->epoch, epoch);
            assert_int_equal(batch->step, step);
            for (size_t i = 0; i < 8; i++) {
                assert_false(seen[batch->samples[i]]);
                seen[batch->samples[i]] = true;
                orders[epoch][step * 8 + i] = batch->samples[i];
            }
        }
        assert_true(epoch == 0 || memcmp(orders[epoch], orders[epoch - 1], sizeof orders[0]) != 0);
    }
    data_loader_destroy(loader);
    data_free(set);
}

/* The same batches for any number of threads and wherever a loader begins. */
static void test_same_batches(void **state) {
    enum { STEPS = 13 };
    struct data_set *set = cifar(state);
    static float expected[STEPS][7 * DATA_IMAGE];
    struct data_loader_options options = small;
    options.threads = 0;
    struct data_loader *loader = create(set, options);
    for (size_t i = 0; i < STEPS; i++)
        memcpy(expected[i], next(loader)->x, sizeof expected[i]);
    data_loader_destroy(loader);
    assert_memory_not_equal(expected[0], expected[1], sizeof expected[0]);
    const unsigned threads[] = {0, 1, 2, 4}, ahead[] = {1, 1, 2, 9};
    const size_t begin[] = {0, 4, 5, 7};
    for (size_t t = 0; t < 4; t++) {
        options.threads = threads[t], options.ahead = ahead[t];
        loader = create(set, options);
        for (size_t b = 0; b < 4; b++) { /* 4 then 5 steps: the end of an epoch said in both ways */
            const size_t first = begin[b], epoch = b == 2 ? 0 : first / 5;
            assert_int_equal(data_loader_start(loader, epoch, first - 5 * epoch, NULL), TRM_OK);
            for (size_t i = first; i < STEPS - b; i++) {
                const struct data_batch *batch = next(loader);
                assert_int_equal(batch->epoch * 5 + batch->step, i);
                assert_memory_equal(batch->x, expected[i], sizeof expected[i]);
            }
        }
        data_loader_destroy(loader);
    }
    data_free(set);
}

/* Sent elsewhere again and again while its threads are at work, a loader never serves a batch of before. */
static void test_restart_under_way(void **state) {
    struct data_set *set = cifar(state);
    struct data_loader_options options = small;
    options.threads = 4, options.ahead = 8;
    struct data_loader *loader = create(set, options);
    for (size_t i = 0; i < 500; i++) {
        assert_int_equal(data_loader_start(loader, i, i % 5, NULL), TRM_OK);
        const struct data_batch *batch = next(loader);
        assert_int_equal(batch->epoch, i);
        assert_int_equal(batch->step, i % 5);
    }
    data_loader_destroy(loader);
    data_free(set);
}

/* A batch stays as it is until the next call, however long the threads work on. */
static void test_batch_is_held(void **state) {
    struct data_set *set = cifar(state);
    struct data_loader_options options = small;
    options.threads = 2, options.ahead = 1;
    struct data_loader *loader = create(set, options);
    for (size_t i = 0; i < 5; i++) {
        const struct data_batch *batch = next(loader);
        float *copy = malloc(7 * DATA_IMAGE * sizeof *copy);
        memcpy(copy, batch->x, 7 * DATA_IMAGE * sizeof *copy);
        usleep(3000);
        assert_memory_equal(batch->x, copy, 7 * DATA_IMAGE * sizeof *copy);
        free(copy);
    }
    data_loader_destroy(loader);
    data_free(set);
}

static void test_seeds_differ(void **state) {
    struct data_set *set = cifar(state);
    struct data_loader_options options = small;
    struct data_loader *one = create(set, options);
    options.seed = 6;
    struct data_loader *two = create(set, options);
    assert_memory_not_equal(next(one)->samples, next(two)->samples, 7 * sizeof(uint32_t));
    data_loader_destroy(one);
    data_loader_destroy(two);
    data_free(set);
}

/* Destroyed before, during and after work. */
static void test_shutdown_anywhere(void **state) {
    struct data_set *set = cifar(state);
    struct data_loader_options options = small;
    for (unsigned i = 0; i < 60; i++) {
        options.threads = i % 4, options.ahead = 1 + i % 3;
        struct data_loader *loader = create(set, options);
        if (i % 5 > 0)
            data_loader_start(loader, i, i % 6, NULL);
        for (unsigned j = 0; j < i % 7; j++)
            next(loader);
        if (i % 2 > 0)
            data_loader_start(loader, 0, 0, NULL);
        data_loader_destroy(loader);
    }
    data_loader_destroy(NULL);
    data_free(set);
}

/* An error met by a thread comes in its place in the order, and stays. */
static void test_error_in_order(void **state) {
    struct data_set *set = cifar(state);
    for (unsigned threads = 0; threads < 3; threads++) {
        struct data_loader_options options = small;
        options.threads = threads;
        struct data_loader *loader = create(set, options);
        const struct data_batch *batch;
        struct trm_error error = {0};
        assert_int_equal(data_loader_start(loader, (size_t)UINT32_MAX, 3, NULL), TRM_OK);
        assert_int_equal(next(loader)->step, 3);
        assert_int_equal(next(loader)->step, 4);
        for (int i = 0; i < 3; i++) {
            assert_int_equal(data_loader_next(loader, &batch, &error), TRM_INVALID);
            assert_null(batch);
            assert_non_null(strstr(error.text, "4294967296"));
        }
        assert_int_equal(data_loader_start(loader, 0, 1, NULL), TRM_OK);
        assert_int_equal(next(loader)->step, 1);
        assert_int_equal(data_loader_start(loader, 0, 6, &error), TRM_INVALID);
        assert_int_equal(data_loader_start(loader, (size_t)UINT32_MAX + 1, 0, &error), TRM_INVALID);
        data_loader_destroy(loader);
    }
    data_free(set);
}

static void test_options(void **state) {
    struct data_set *set = cifar(state);
    struct data_loader_options options = data_loader_defaults(DATA_TRAIN);
    struct data_loader *loader = (struct data_loader *)&options;
    struct trm_error error;
    assert_true(options.shuffle && options.augment && !options.keep_last && options.seed == 42);
    assert_int_equal(data_loader_create(&loader, set, &options, &error), TRM_INVALID); /* 128 of 40 images */
    assert_null(loader);
    assert_non_null(strstr(error.text, "batch_size"));
    assert_null(data_loader_check(&options, 128));
    options.batch_size = 0;
    assert_non_null(data_loader_check(&options, 128));
    options.batch_size = 1, options.threads = 17;
    assert_non_null(data_loader_check(&options, 128));
    options.threads = 16, options.ahead = 0;
    assert_non_null(data_loader_check(&options, 128));
    options.ahead = 16;
    assert_null(data_loader_check(&options, 128));
    assert_non_null(data_loader_check(&options, 0));
    assert_non_null(data_loader_check(&options, (size_t)1 << 28));
    options.split = (enum data_split)7;
    assert_int_equal(data_loader_create(&loader, set, &options, &error), TRM_INVALID);
    data_free(set);
}

int main(void) {
#define TEST(f) cmocka_unit_test_setup_teardown(f, support_folder_make, support_folder_remove)
    const struct CMUnitTest tests[] = {
        TEST(test_batch_by_definition),
        TEST(test_test_batches),
        TEST(test_epochs),
        TEST(test_same_batches),
        TEST(test_batch_is_held),
        TEST(test_restart_under_way),
        TEST(test_seeds_differ),
        TEST(test_shutdown_anywhere),
        TEST(test_error_in_order),
        TEST(test_options),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
