/* The real data sets, where they are on this machine. */
#include "data/support.h"

#include <math.h>
#include <unistd.h>

static void expect_published(const struct data_options *options, size_t train, double mean0) {
    struct trm_error error;
    struct data_set *set;
    if (data_load(options, &set, &error) != TRM_OK)
        fail_msg("%s", error.text);
    assert_int_equal(set->info.train, train);
    assert_int_equal(set->info.test, 10000);
    size_t seen[DATA_CLASSES] = {0};
    for (size_t i = 0; i < 10000; i++)
        seen[set->images[DATA_TEST].labels[i]]++;
    for (size_t i = 0; i < DATA_CLASSES; i++)
        assert_int_equal(seen[i], 1000);
    double sum = 0;
    for (size_t i = 0; i < train; i++)
        for (size_t p = 0; p < 1024; p++)
            sum += set->images[DATA_TRAIN].pixels[i * DATA_IMAGE + p];
    assert_true(fabs(sum / 255 / 1024 / (double)train - mean0) < 5e-3);
    data_free(set);
}

static void test_real_cifar10(void **state) {
    char path[SUPPORT_PATH];
    struct data_verification v;
    struct trm_error error;
    (void)state;
    if (support_cifar10(path) == NULL) {
        print_message("skipped: TRM_CIFAR10_DIR is not set\n");
        skip();
    }
    const struct data_options options = {
        .name = "cifar10", .dir = support_cifar10(path), .train_limit = 10000};
    if (data_verify(&options, &v, &error) != TRM_OK)
        fail_msg("%s", error.text);
    assert_true(v.good);
    expect_published(&options, 10000, .4914);
}

static void test_real_fashion_mnist(void **state) {
    const struct data_options options = {.train_limit = 10000};
    struct data_verification v;
    struct data_info info;
    (void)state;
    if (access(source_at(1)->package_dir, F_OK) != 0) {
        print_message("skipped: the package %s is not installed\n", source_at(1)->package);
        skip();
    }
    assert_int_equal(data_check(&options, &info, NULL), TRM_OK);
    assert_string_equal(info.name, "fashion-mnist");
    assert_int_equal(data_verify(&options, &v, NULL), TRM_OK);
    assert_true(v.good);
    /* .2860 is the mean of the 28 x 28 pixels, before the padding. */
    expect_published(&options, 10000, .2860 * 28 * 28 / 1024);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_real_cifar10),
                                       cmocka_unit_test(test_real_fashion_mnist)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
