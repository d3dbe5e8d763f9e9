/* Images held out of training: each image in one place, the same ones held out whatever the limit, refusals. */
#include "data/support.h"

#include <string.h>

static bool same(const struct data_images *a, size_t i, const struct data_images *b, size_t j) {
    return a->labels[i] == b->labels[j] &&
           memcmp(a->pixels + i * DATA_IMAGE, b->pixels + j * DATA_IMAGE, DATA_IMAGE) == 0;
}

/* Where image i of a is in b; its count where it is not there. */
static size_t place(const struct data_images *a, size_t i, const struct data_images *b) {
    size_t j = 0;
    while (j < b->count && !same(a, i, b, j))
        j++;
    return j;
}

static void test_every_image_is_in_one_place(void **state) {
    support_write(state, &support_cifar, false);
    struct data_set *whole = support_load(state, &support_cifar, 0),
                    *set = support_load_held(state, &support_cifar, 0, 13);
    const struct data_images *const all = &whole->images[DATA_TRAIN], *const train = &set->images[DATA_TRAIN],
                                    *const held = &set->images[DATA_HELD];
    assert_int_equal(whole->images[DATA_HELD].count, 0);
    assert_int_equal(held->count, 13);
    assert_int_equal(set->info.held, 13);
    assert_int_equal(train->count, 27);
    assert_int_equal(set->info.train, 27);
    size_t next = 0;
    for (size_t i = 0; i < 40; i++) {
        const bool trains = place(all, i, train) < 27;
        assert_true(trains != (place(all, i, held) < 13));
        if (trains) /* in their order */
            assert_true(same(all, i, train, next++));
    }
    assert_int_equal(next, 27);
    assert_memory_equal(set->images[DATA_TEST].pixels, whole->images[DATA_TEST].pixels, 10 * DATA_IMAGE);
    assert_string_not_equal(set->fingerprint, whole->fingerprint);
    /* Not simply the first or last ones: the files may be sorted. */
    assert_true(place(held, 0, all) < 39 && place(held, 12, all) != 12);
    data_free(set);
    data_free(whole);
}

static void test_the_limit_does_not_move_them(void **state) {
    support_write(state, &support_idx, true);
    struct data_set *some = support_load_held(state, &support_idx, 5, 7),
                    *more = support_load_held(state, &support_idx, 13, 7),
                    *fewer = support_load_held(state, &support_idx, 5, 4);
    const struct data_images *const a = &some->images[DATA_HELD];
    assert_int_equal(some->images[DATA_TRAIN].count, 5);
    assert_int_equal(more->images[DATA_TRAIN].count, 13);
    assert_memory_equal(a->pixels, more->images[DATA_HELD].pixels, 7 * DATA_IMAGE);
    assert_memory_equal(a->labels, more->images[DATA_HELD].labels, 7);
    assert_memory_equal(a->labels, fewer->images[DATA_HELD].labels, 4);
    assert_memory_equal(some->images[DATA_TRAIN].labels, more->images[DATA_TRAIN].labels, 5);
    data_free(some);
    data_free(more);
    data_free(fewer);
}

static void test_too_many(void **state) {
    struct data_info info;
    struct trm_error error = {0};
    support_write(state, &support_cifar, false);
#define CHECK(...) source_check(&support_cifar, *state, &(struct data_options){__VA_ARGS__}, &info, &error)
    assert_int_equal(CHECK(.holdout = 39), TRM_OK);
    assert_int_equal(info.train, 1);
    assert_int_equal(CHECK(.holdout = 40), TRM_INVALID);
    assert_non_null(strstr(error.text, "--holdout 40"));
    assert_int_equal(CHECK(.holdout = 30, .train_limit = 10), TRM_OK);
    assert_int_equal(CHECK(.holdout = 30, .train_limit = 11), TRM_INVALID);
    assert_non_null(strstr(error.text, "--train-limit 11 is more than the 10"));
    assert_null(strchr(error.text, '\n'));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_every_image_is_in_one_place, support_folder_make,
                                        support_folder_remove),
        cmocka_unit_test_setup_teardown(test_the_limit_does_not_move_them, support_folder_make,
                                        support_folder_remove),
        cmocka_unit_test_setup_teardown(test_too_many, support_folder_make, support_folder_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
