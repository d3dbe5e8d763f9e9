#include "data/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void test_cifar_bytes(void **state) {
    support_write(state, &support_cifar, false);
    struct data_set *set = support_load(state, &support_cifar, 0);
    assert_int_equal(set->info.train, 40);
    assert_int_equal(set->images[DATA_TRAIN].count, 40);
    assert_int_equal(set->images[DATA_TEST].count, 10);
    assert_string_equal(set->info.dir, *state);
    for (size_t i = 0; i < 40; i++) {
        assert_int_equal(set->images[DATA_TRAIN].labels[i], support_label(i / 20, i % 20));
        for (size_t p = 0; p < DATA_IMAGE; p++)
            if (set->images[DATA_TRAIN].pixels[i * DATA_IMAGE + p] != support_pixel(i / 20, i % 20, p))
                fail_msg("image %zu differs at pixel %zu", i, p);
    }
    assert_int_equal(set->images[DATA_TEST].pixels[9 * DATA_IMAGE + 5], support_pixel(2, 9, 5));
    assert_int_equal(set->images[DATA_TEST].labels[9], support_label(2, 9));
    data_free(set);
    data_free(NULL);
}

/* Grey 28 x 28 in the middle of three equal 32 x 32 channels, zeros around. */
static void expect_idx(void **state) {
    struct data_set *set = support_load(state, &support_idx, 0);
    for (size_t i = 0; i < 10; i++) {
        const uint8_t *image = set->images[DATA_TEST].pixels + i * DATA_IMAGE;
        assert_int_equal(set->images[DATA_TEST].labels[i], support_label(3, i));
        for (size_t c = 0; c < 3; c++)
            for (size_t y = 0; y < 32; y++)
                for (size_t x = 0; x < 32; x++) {
                    const bool inside = y >= 2 && y < 30 && x >= 2 && x < 30;
                    const uint8_t expected = inside ? support_pixel(2, i, (y - 2) * 28 + x - 2) : 0;
                    if (image[(c * 32 + y) * 32 + x] != expected)
                        fail_msg("image %zu differs at %zu, %zu, %zu", i, c, y, x);
                }
    }
    assert_int_equal(set->images[DATA_TRAIN].count, 20);
    assert_int_equal(set->images[DATA_TRAIN].labels[19], support_label(1, 19));
    data_free(set);
}

static void test_idx_plain(void **state) {
    support_write(state, &support_idx, false);
    expect_idx(state);
}

static void test_idx_compressed(void **state) {
    support_write(state, &support_idx, true);
    expect_idx(state);
}

static void test_limit_and_fingerprint(void **state) {
    support_write(state, &support_cifar, false);
    struct data_set *whole = support_load(state, &support_cifar, 0),
                    *again = support_load(state, &support_cifar, 0);
    struct data_set *some = support_load(state, &support_cifar, 25),
                    *few = support_load(state, &support_cifar, 20);
    struct data_info info;
    struct trm_error error;
    assert_int_equal(some->images[DATA_TRAIN].count, 25);
    assert_int_equal(some->images[DATA_TEST].count, 10);
    assert_memory_equal(some->images[DATA_TRAIN].pixels, whole->images[DATA_TRAIN].pixels, 25 * DATA_IMAGE);
    assert_int_equal(few->images[DATA_TRAIN].count, 20);
    assert_int_equal(strlen(whole->fingerprint), 40);
    assert_string_equal(whole->fingerprint, again->fingerprint);
    assert_string_not_equal(whole->fingerprint, some->fingerprint);
    assert_string_not_equal(few->fingerprint, some->fingerprint);
    assert_int_equal(
        source_check(&support_cifar, *state, &(struct data_options){.train_limit = 40}, &info, &error),
        TRM_OK);
    assert_int_equal(
        source_check(&support_cifar, *state, &(struct data_options){.train_limit = 41}, &info, &error),
        TRM_INVALID);
    assert_non_null(strstr(error.text, "41"));
    assert_non_null(strstr(error.text, "40"));

    /* One byte of one test image is enough to be other data. */
    char path[SUPPORT_PATH];
    FILE *f = fopen(support_path(path, state, "test.bin"), "r+b");
    fseek(f, -1, SEEK_END);
    putc(support_pixel(2, 9, DATA_IMAGE - 1) ^ 1, f);
    fclose(f);
    struct data_set *other = support_load(state, &support_cifar, 0);
    assert_string_not_equal(whole->fingerprint, other->fingerprint);
    data_free(other);
    data_free(few);
    data_free(some);
    data_free(again);
    data_free(whole);
}

static void expect_refused(void **state, const struct source *source, enum trm_status expected,
                           const char *file, const char *reason) {
    struct trm_error error = {0};
    struct data_set *set = (struct data_set *)&error;
    assert_int_equal(source_load(source, *state, &(struct data_options){0}, &set, &error), expected);
    assert_null(set);
    assert_null(strchr(error.text, '\n'));
    if (strstr(error.text, file) == NULL || strstr(error.text, reason) == NULL)
        fail_msg("\"%s\" does not say \"%s\" and \"%s\"", error.text, file, reason);
    assert_int_equal(source_load(source, *state, &(struct data_options){0}, &set, NULL), expected);
}

/* What stat can see: data_check must refuse it too, before anything is read. */
static void expect_unchecked(void **state, const struct source *source, enum trm_status expected,
                             const char *file, const char *reason) {
    struct data_info info;
    assert_int_equal(source_check(source, *state, &(struct data_options){0}, &info, NULL), expected);
    expect_refused(state, source, expected, file, reason);
}

static void test_cifar_refused(void **state) {
    char path[SUPPORT_PATH];
    support_write(state, &support_cifar, false);
    support_write_file(state, &support_cifar, 1, "train_b.bin", 3073 * 20 - 1);
    expect_unchecked(state, &support_cifar, TRM_FORMAT, "train_b.bin", "61460 bytes");
    support_put(support_path(path, state, "train_b.bin"), "", 0);
    expect_unchecked(state, &support_cifar, TRM_FORMAT, "train_b.bin", "61460 bytes");
    assert_int_equal(unlink(path), 0);
    assert_int_equal(mkdir(path, 0700), 0);
    expect_unchecked(state, &support_cifar, TRM_IO, "train_b.bin", "regular file");
    assert_int_equal(rmdir(path), 0); /* and without train_b all is well */
    data_free(support_load(state, &support_cifar, 0));

    FILE *f = fopen(support_path(path, state, "test.bin"), "r+b");
    fseek(f, 3 * 3073, SEEK_SET);
    putc(10, f);
    fclose(f);
    expect_refused(state, &support_cifar, TRM_FORMAT, "test.bin", "image 3 has label 10");
    assert_int_equal(unlink(path), 0);
    expect_unchecked(state, &support_cifar, TRM_NOT_FOUND, "test.bin", "missing");
    support_write_file(state, &support_cifar, 2, "test.bin", SIZE_MAX);
    assert_int_equal(unlink(support_path(path, state, "train_a.bin")), 0);
    expect_unchecked(state, &support_cifar, TRM_NOT_FOUND, *state, "no training file");
}

/* Overwrite one byte of a plain idx file. */
static void spoil(void **state, const char *name, long at, int byte) {
    char path[SUPPORT_PATH];
    FILE *f = fopen(support_path(path, state, name), "r+b");
    assert_non_null(f);
    fseek(f, at, SEEK_SET);
    putc(byte, f);
    fclose(f);
}

static void test_idx_refused(void **state) {
    support_write(state, &support_idx, false);
    spoil(state, "train-images", 3, 1); /* says it has one dimension */
    expect_refused(state, &support_idx, TRM_FORMAT, "train-images", "right kind");
    spoil(state, "train-images", 3, 3);
    spoil(state, "train-images", 2, 9); /* int8 */
    expect_refused(state, &support_idx, TRM_FORMAT, "train-images", "right kind");
    spoil(state, "train-images", 2, 8);
    spoil(state, "train-images", 4, 0x80); /* 2^31 images */
    expect_refused(state, &support_idx, TRM_FORMAT, "train-images", "dimension 0 is 2147483668");
    spoil(state, "train-images", 4, 0);
    spoil(state, "train-images", 15, 27);
    expect_refused(state, &support_idx, TRM_FORMAT, "train-images", "dimension 2 is 27");
    spoil(state, "train-images", 15, 28);
    spoil(state, "t10k-labels", 8 + 4, 200);
    expect_refused(state, &support_idx, TRM_FORMAT, "t10k-labels", "image 4 has label 200");
    spoil(state, "t10k-labels", 8 + 4, 9);
    data_free(support_load(state, &support_idx, 0));
    support_write_file(state, &support_idx, 0, "train-images", 16 + 784 * 20 - 1);
    expect_unchecked(state, &support_idx, TRM_FORMAT, "train-images", "15696 bytes");
}

static void test_compressed_refused(void **state) {
    char path[SUPPORT_PATH];
    struct stat st;
    support_write(state, &support_idx, true);
    support_write_file(state, &support_idx, 2, "t10k-images.gz", 16 + 784 * 10 - 1);
    expect_refused(state, &support_idx, TRM_FORMAT, "t10k-images.gz", "ends too early");
    support_write_file(state, &support_idx, 2, "t10k-images.gz", 9);
    expect_refused(state, &support_idx, TRM_FORMAT, "t10k-images.gz", "ends too early");
    support_path(path, state, "t10k-images.gz");
    /* Cut the compressed file: in the data, in the checksum, by the last byte. */
    for (int cut = 0; cut < 3; cut++) {
        support_write_file(state, &support_idx, 2, "t10k-images.gz", SIZE_MAX);
        assert_int_equal(stat(path, &st), 0);
        assert_int_equal(truncate(path, st.st_size - (off_t[]){st.st_size / 2, 6, 1}[cut]), 0);
        expect_refused(state, &support_idx, TRM_FORMAT, "t10k-images.gz", "fetch it again");
    }
    support_write_file(state, &support_idx, 2, "t10k-images.gz", SIZE_MAX);
    spoil(state, "t10k-images.gz", st.st_size - 6, 0xa5); /* the checksum */
    expect_refused(state, &support_idx, TRM_FORMAT, "t10k-images.gz", "fetch it again");
    support_put(path, "", 0);
    expect_unchecked(state, &support_idx, TRM_FORMAT, "t10k-images.gz", "fetch it again");
    support_write_file(state, &support_idx, 0, "t10k-images.gz", SIZE_MAX); /* 20 images, not 10 */
    expect_refused(state, &support_idx, TRM_FORMAT, "t10k-images.gz", "dimension 0 is 20");
    spoil(state, "t10k-labels.gz", 0, 0); /* no longer compressed, so read as it is */
    support_write_file(state, &support_idx, 2, "t10k-images.gz", SIZE_MAX);
    expect_refused(state, &support_idx, TRM_FORMAT, "t10k-labels.gz", "right kind");
}

/* The content is whole but goes on: one more element than the head says. */
static void test_longer_content(void **state) {
    char path[SUPPORT_PATH];
    uint8_t bytes[8 + 11] = {0, 0, 8, 1, 0, 0, 0, 10};
    support_write(state, &support_idx, true);
    support_put(support_path(path, state, "t10k-labels.gz"), bytes, sizeof bytes);
    expect_refused(state, &support_idx, TRM_FORMAT, "t10k-labels.gz", "does not end after its last element");
}

int main(void) {
#define TEST(f) cmocka_unit_test_setup_teardown(f, support_folder_make, support_folder_remove)
    const struct CMUnitTest tests[] = {
        TEST(test_cifar_bytes),           TEST(test_idx_plain),      TEST(test_idx_compressed),
        TEST(test_limit_and_fingerprint), TEST(test_cifar_refused),  TEST(test_idx_refused),
        TEST(test_compressed_refused),    TEST(test_longer_content),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
