#include "data/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A sparse file of the right size: all labels and pixels 0. */
static void put_sparse(void **state, const char *name, off_t size) {
    char path[SUPPORT_PATH];
    support_put(support_path(path, state, name), "", 0);
    assert_int_equal(truncate(path, size), 0);
}

static void expect_error(struct data_options options, enum trm_status expected, const char *one,
                         const char *two) {
    struct trm_error error = {0};
    struct data_info info;
    struct data_set *set;
    assert_int_equal(data_check(&options, &info, &error), expected);
    assert_null(strchr(error.text, '\n'));
    if (strstr(error.text, one) == NULL || strstr(error.text, two) == NULL)
        fail_msg("\"%s\" does not say \"%s\" and \"%s\"", error.text, one, two);
    assert_int_equal(data_load(&options, &set, NULL), expected);
    assert_null(set);
}

/* Folders and files near the data set that people have: each is told apart, with what to do. */
static void test_near_misses(void **state) {
    static const struct {
        const char *folder, *file, *says, *todo;
    } cases[] = {
        {"parent/cifar-10-batches-bin", "data_batch_1.bin", "in cifar-10-batches-bin", "give that folder"},
        {"py", "data_batch_1", "for Python", "cifar-10-binary.tar.gz"},
        {"root/cifar-10-batches-py", "data_batch_1", "for Python", "cifar-10-binary.tar.gz"},
        {"root100/cifar-100-python", "train", "for Python", "cifar-100-binary.tar.gz"},
        {"parent100/cifar-100-binary", "train.bin", "in cifar-100-binary", "give that folder"},
        {"archive", "cifar-10-binary.tar.gz", "archive", "tar xzf"},
    };
    char path[SUPPORT_PATH], name[64], top[64];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        snprintf(top, sizeof top, "%.*s", (int)strcspn(cases[i].folder, "/"), cases[i].folder);
        assert_int_equal(mkdir(support_path(path, state, top), 0700), 0);
        if (strcmp(top, cases[i].folder) != 0)
            assert_int_equal(mkdir(support_path(path, state, cases[i].folder), 0700), 0);
        snprintf(name, sizeof name, "%s/%s", cases[i].folder, cases[i].file);
        support_put(support_path(path, state, name), "x", 1);
        support_path(path, state, top);
        expect_error((struct data_options){.dir = path}, TRM_NOT_FOUND, cases[i].says, cases[i].todo);
        expect_error((struct data_options){.name = "cifar10", .dir = path}, TRM_NOT_FOUND, cases[i].says,
                     cases[i].todo);
    }
    assert_int_equal(mkdir(support_path(path, state, "hundred"), 0700), 0);
    support_put(support_path(path, state, "hundred/train.bin"), "x", 1);
    support_path(path, state, "hundred");
    expect_error((struct data_options){.name = "cifar10", .dir = path}, TRM_NOT_FOUND, "holds CIFAR-100",
                 "give cifar100");
    support_path(path, state, "archive/cifar-10-binary.tar.gz");
    expect_error((struct data_options){.dir = path}, TRM_INVALID, "is no folder", "tar xzf");
}

static void test_choice(void **state) {
    char path[SUPPORT_PATH];
    struct data_info info;
    const char *dir = *state;
    expect_error((struct data_options){.name = "mnist"}, TRM_NOT_FOUND, "\"mnist\"",
                 "cifar10, fashion-mnist");
    expect_error((struct data_options){.name = "cifar10"}, TRM_NOT_FOUND, "cifar10", "data_batch_1.bin");
    expect_error((struct data_options){.dir = dir}, TRM_NOT_FOUND, dir,
                 "data_batch_1.bin ... test_batch.bin");
    expect_error((struct data_options){.dir = dir}, TRM_NOT_FOUND, dir, "t10k-labels-idx1-ubyte");
    expect_error((struct data_options){.dir = ""}, TRM_INVALID, "empty", "");
    expect_error((struct data_options){.name = "cifar10", .dir = dir}, TRM_NOT_FOUND, "test_batch.bin",
                 "missing");
    expect_error((struct data_options){.dir = support_path(path, state, "no")}, TRM_NOT_FOUND, path,
                 "folder");
    put_sparse(state, "test_batch.bin", 30730000);
    expect_error((struct data_options){.dir = dir}, TRM_NOT_FOUND, dir, "no training file");
    put_sparse(state, "data_batch_4.bin", 30730000);
    assert_int_equal(data_check(&(struct data_options){.dir = dir}, &info, NULL), TRM_OK);
    assert_string_equal(info.name, "cifar10");
    assert_int_equal(info.train, 10000);
    assert_int_equal(info.test, 10000);
    expect_error((struct data_options){.dir = dir, .train_limit = 10001}, TRM_INVALID, "10001", "10000");
    support_path(path, state, "test_batch.bin");
    expect_error((struct data_options){.dir = path}, TRM_INVALID, path, "no folder");
    put_sparse(state, "t10k-labels-idx1-ubyte.gz", 1);
    expect_error((struct data_options){.dir = dir}, TRM_INVALID, "both", "fashion-mnist");
    assert_int_equal(data_check(&(struct data_options){.name = "cifar10", .dir = dir}, &info, NULL), TRM_OK);
    expect_error((struct data_options){.name = "fashion-mnist", .dir = dir}, TRM_NOT_FOUND, "train-images",
                 "missing");
    put_sparse(state, "data_batch_5.bin", 30730001);
    expect_error((struct data_options){.name = "cifar10", .dir = dir}, TRM_FORMAT, "data_batch_5.bin",
                 "30730000");
}

static void test_long_folder(void **state) {
    char dir[2 * DATA_PATH];
    (void)state;
    memset(dir, 'a', sizeof dir - 1);
    dir[sizeof dir - 1] = '\0';
    expect_error((struct data_options){.dir = dir}, TRM_INVALID, "too long", "");
    expect_error((struct data_options){.name = "cifar10", .dir = dir}, TRM_INVALID, "too long", "");
}

static void test_package_missing(void **state) {
    struct data_info info;
    struct trm_error error;
    (void)state;
    assert_int_equal(
        source_check(&support_idx, support_idx.package_dir, &(struct data_options){0}, &info, &error),
        TRM_NOT_FOUND);
    assert_non_null(strstr(error.text, "install the package some-package"));
}

static void test_names(void **state) {
    (void)state;
    assert_int_equal(data_known(), 3);
    assert_string_equal(data_name(0), "cifar10");
    assert_string_equal(data_name(1), "fashion-mnist");
    assert_string_equal(data_name(2), "cifar100");
    assert_null(data_name(3));
    assert_null(source_at(3));
    for (size_t i = 0; i < data_known(); i++) {
        assert_true(source_at(i)->file_count <= DATA_MAX_FILES);
        for (size_t f = 0; f < source_at(i)->file_count; f++)
            if (source_at(i)->files[f].sha1 != NULL)
                assert_int_equal(strlen(source_at(i)->files[f].sha1), 40);
    }
    assert_string_equal(data_file_text(DATA_FILE_DIFFERS), "SHA-1 differs");
}

static void test_list(void **state) {
    struct data_listing listing;
    data_list(0, NULL, &listing);
    assert_false(listing.found);
    assert_string_equal(listing.info.title, "CIFAR-10");
    assert_non_null(strstr(listing.problem, "cifar-10-binary.tar.gz"));
    put_sparse(state, "test_batch.bin", 30730000);
    put_sparse(state, "data_batch_2.bin", 30730000);
    data_list(0, *state, &listing);
    assert_true(listing.found);
    assert_int_equal(listing.info.train, 10000);
    data_list(1, *state, &listing);
    assert_false(listing.found);
    assert_string_equal(listing.info.name, "fashion-mnist");
}

/* A source whose sums are those of the synthetic files, as sha1sum gives them. */
static void test_verify(void **state) {
    struct data_verification v;
    support_write(state, &support_cifar, false);
    source_verify(&support_cifar, *state, &v);
    assert_int_equal(v.count, 3);
    assert_false(v.good);
    assert_int_equal(v.files[0].state, DATA_FILE_GOOD);
    assert_string_equal(v.files[0].name, "train_a.bin");
    assert_int_equal(v.files[1].state, DATA_FILE_DIFFERS);
    assert_int_equal(strlen(v.files[1].actual), 40);
    struct source_file files[3];
    memcpy(files, support_cifar.files, sizeof files);
    struct source source = support_cifar;
    source.files = files;
    char sums[2][DIGEST_TEXT], path[SUPPORT_PATH];
    memcpy(sums[0], v.files[1].actual, DIGEST_TEXT);
    memcpy(sums[1], v.files[2].actual, DIGEST_TEXT);
    files[1].sha1 = sums[0], files[2].sha1 = sums[1];
    source_verify(&source, *state, &v);
    assert_true(v.good);
    assert_int_equal(unlink(support_path(path, state, "train_b.bin")), 0);
    source_verify(&source, *state, &v);
    assert_true(v.good); /* optional */
    assert_int_equal(v.files[1].state, DATA_FILE_ABSENT);
    assert_string_equal(v.files[1].actual, "");
    assert_int_equal(unlink(support_path(path, state, "test.bin")), 0);
    source_verify(&source, *state, &v);
    assert_false(v.good);
    assert_int_equal(v.files[2].state, DATA_FILE_MISSING);
    support_write_file(state, &source, 2, "test.bin", 100);
    source_verify(&source, *state, &v);
    assert_int_equal(v.files[2].state, DATA_FILE_SIZE);
    support_write_file(state, &source, 2, "test.bin", SIZE_MAX);
    assert_int_equal(unlink(support_path(path, state, "train_a.bin")), 0);
    source_verify(&source, *state, &v);
    assert_false(v.good); /* nothing to train on */
}

/* The sum is of the content, whoever compressed it; a damaged compressed file cannot be read. */
static void test_verify_compressed(void **state) {
    struct data_verification plain, packed;
    char path[SUPPORT_PATH];
    support_write(state, &support_idx, false);
    source_verify(&support_idx, *state, &plain);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(unlink(support_path(path, state, support_idx.files[i].name)), 0);
    support_write(state, &support_idx, true);
    source_verify(&support_idx, *state, &packed);
    for (size_t i = 0; i < 4; i++)
        assert_string_equal(plain.files[i].actual, packed.files[i].actual);
    assert_string_equal(packed.files[0].name, "train-images.gz");
    struct stat st;
    assert_int_equal(stat(support_path(path, state, "train-images.gz"), &st), 0);
    assert_int_equal(truncate(path, st.st_size - 1), 0);
    source_verify(&support_idx, *state, &packed);
    assert_int_equal(packed.files[0].state, DATA_FILE_UNREADABLE);
}

int main(void) {
#define TEST(f) cmocka_unit_test_setup_teardown(f, support_folder_make, support_folder_remove)
    const struct CMUnitTest tests[] = {
        TEST(test_near_misses), TEST(test_choice), TEST(test_long_folder), TEST(test_package_missing),
        TEST(test_names),       TEST(test_list),   TEST(test_verify),      TEST(test_verify_compressed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
