/* Own images: in a safetensors file, in idx files that data.yaml names, and CIFAR-100's layout. */
#include "data/support_own.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct data_set *load(const char *dir, size_t holdout) {
    struct data_set *set;
    struct trm_error error;
    const struct data_options options = {.dir = dir, .holdout = holdout};
    if (data_load(&options, &set, &error) != TRM_OK)
        fail_msg("%s", error.text);
    return set;
}

static void expect_images(const struct data_set *set, const struct own *own) {
    const size_t image = own->channels * own->height * own->width;
    assert_int_equal(data_image(&set->info.shape), image);
    assert_int_equal(set->info.shape.height, own->height);
    assert_int_equal(set->info.shape.classes, own->classes);
    assert_int_equal(set->images[DATA_TRAIN].count, TRAIN);
    assert_int_equal(set->images[DATA_TEST].count, TEST);
    for (size_t split = 0; split < 2; split++)
        for (size_t i = 0; i < set->images[split].count; i++) {
            assert_int_equal(set->images[split].labels[i], label_of(own, i));
            for (size_t p = 0; p < image; p++)
                assert_int_equal(set->images[split].pixels[i * image + p], pixel_of(split, i * image + p));
        }
    double sum = 0, squares = 0;
    const size_t pixels = own->height * own->width, last = own->channels - 1;
    for (size_t i = 0; i < TRAIN; i++)
        for (size_t p = 0; p < pixels; p++) {
            const double v = pixel_of(0, (i * own->channels + last) * pixels + p) / 255.0;
            sum += v, squares += v * v;
        }
    const double mean = sum / (double)(TRAIN * pixels);
    assert_true(fabs((double)set->mean[last] - mean) < 1e-6);
    assert_true(fabs((double)set->deviation[last] - sqrt(squares / (double)(TRAIN * pixels) - mean * mean)) <
                1e-6);
}

static const struct own grey = {1, 28, 20, 7, ST_I64, 8}, colour = {3, 64, 64, 3, ST_U8, 1},
                        many = {1, 8, 9, 5, ST_U16, 2};

static void tensors_are_read_as_they_are(void **state) {
    const struct own *const all[] = {&grey, &colour, &many};
    char path[SUPPORT_PATH];
    for (size_t i = 0; i < 3; i++) {
        put_own(state, "my flowers.safetensors", all[i], NULL);
        struct data_set *set = load(support_path(path, state, "my flowers.safetensors"), 0);
        assert_string_equal(set->info.name, "my-flowers");
        expect_images(set, all[i]);
        struct data_set *folder = load(*state, 0); /* the one in its folder */
        assert_string_equal(folder->fingerprint, set->fingerprint);
        data_free(folder);
        data_free(set);
    }
}

/* Batches of 28 x 20 grey images are those images, normalised. */
static void batches_have_the_size_of_the_images(void **state) {
    put_own(state, "a.safetensors", &grey, NULL);
    struct data_set *set = load(*state, 3);
    assert_int_equal(set->images[DATA_HELD].count, 3);
    assert_int_equal(set->images[DATA_TRAIN].count, TRAIN - 3);
    struct data_loader_options options = data_loader_defaults(DATA_TEST);
    struct data_loader *loader;
    const struct data_batch *batch;
    options.batch_size = 3;
    assert_int_equal(data_loader_create(&loader, set, &options, NULL), TRM_OK);
    assert_int_equal(data_loader_next(loader, &batch, NULL), TRM_OK);
    for (size_t p = 0; p < 3 * 28 * 20; p++)
        assert_true(batch->x[p] == ((float)pixel_of(1, p) / 255.0f - set->mean[0]) / set->deviation[0]);
    data_loader_destroy(loader);
    options = data_loader_defaults(DATA_TRAIN); /* cropped and mirrored: of the same values, and zeros */
    options.batch_size = 4;
    assert_int_equal(data_loader_create(&loader, set, &options, NULL), TRM_OK);
    assert_int_equal(data_loader_next(loader, &batch, NULL), TRM_OK);
    assert_int_equal(batch->count, 4);
    assert_true(isfinite(batch->x[4 * 28 * 20 - 1]));
    data_loader_destroy(loader);
    data_free(set);
}

#define IDX "train-images: a\ntrain-labels: b\ntest-images: c\ntest-labels: d\n"

/* Names that end in .gz, as people have them: a packed file is smaller than its content. */
static void packed_idx_files_are_named_whole(void **state) {
    static const struct own own = {1, 10, 12, 4, ST_U8, 1};
    static const char *const names[] = {"a", "b", "c", "d"};
    char command[4 * SUPPORT_PATH], path[SUPPORT_PATH];
    put_idx(state, "a", 0, TRAIN, 3, 10, 12);
    put_idx(state, "b", 0, TRAIN, 1, 0, 0);
    put_idx(state, "c", 1, TEST, 3, 10, 12);
    put_idx(state, "d", 1, TEST, 1, 0, 0);
    for (size_t i = 0; i < 4; i++) {
        snprintf(command, sizeof command, "gzip '%s'", support_path(path, state, names[i]));
        assert_int_equal(system(command), 0);
    }
    put_yaml(state,
             "name: leaves\ntrain-images: a.gz\ntrain-labels: b.gz\ntest-images: c.gz\ntest-labels: d.gz\n");
    struct data_set *set = load(*state, 0);
    expect_images(set, &own);
    data_free(set);
}

static void idx_files_are_named_in_yaml(void **state) {
    static const struct own own = {1, 10, 12, 4, ST_U8, 1};
    put_idx(state, "a", 0, TRAIN, 3, 10, 12);
    put_idx(state, "b", 0, TRAIN, 1, 0, 0);
    put_idx(state, "c", 1, TEST, 3, 10, 12);
    put_idx(state, "d", 1, TEST, 1, 0, 0);
    put_yaml(state, "name: leaves\ntitle: Leaves of trees\n" IDX);
    struct data_set *set = load(*state, 0);
    assert_string_equal(set->info.name, "leaves");
    assert_string_equal(set->info.title, "Leaves of trees");
    expect_images(set, &own);
    data_free(set);
}

/* ---- refused ---- */

static void refuse(const char *dir, const char *words) {
    const struct data_options options = {.dir = dir};
    struct data_info info;
    struct data_set *set;
    struct trm_error error;
    if (data_check(&options, &info, &error) == TRM_OK && data_load(&options, &set, &error) == TRM_OK)
        fail_msg("taken, but should say %s", words);
    if (strstr(error.text, words) == NULL || strchr(error.text, '\n') != NULL)
        fail_msg("says \"%s\", should say \"%s\"", error.text, words);
}

static void bad_yaml_is_refused(void **state) {
    static const struct {
        const char *text, *words;
    } cases[] = {
        {"", "must hold lines"},
        {"title: x\n" IDX, "lacks name"},
        {"name: a b\n" IDX, "letters, digits"},
        {"name: cifar10\n" IDX, "published data set"},
        {"name: x\ntrain-images: a\n", "give either images"},
        {"name: x\nimages: y\n" IDX, "give either images"},
        {"name: x\nname: y\n", "data.yaml:2: name comes twice"},
        {"name: x\nclass: 3\n", "data.yaml:2: unknown key 'class'"},
        {"name: [x]\n", "data.yaml:1: write 'key: value'"},
        {"name: x\n" IDX, "a: cannot be opened"},
        {"name: {", "is no YAML"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        put_yaml(state, cases[i].text);
        refuse(*state, cases[i].words);
    }
    put_yaml(state, "name: x\n" IDX);
    put_idx(state, "a", 0, TRAIN, 3, 10, 12);
    put_idx(state, "b", 0, TRAIN - 1, 1, 0, 0);
    refuse(*state, "11 labels for 12 images");
    put_idx(state, "b", 0, TRAIN, 1, 0, 0);
    put_idx(state, "c", 1, TEST, 3, 12, 10);
    put_idx(state, "d", 1, TEST, 1, 0, 0);
    refuse(*state, "test images are 1 x 12 x 10, training images 1 x 10 x 12");
    put_idx(state, "a", 0, TRAIN, 3, 10, 12);
    assert_int_equal(unlink(support_path((char[SUPPORT_PATH]){0}, state, "d")), 0);
    assert_int_equal(mkfifo(support_path((char[SUPPORT_PATH]){0}, state, "d"), 0600), 0);
    refuse(*state, "d: is no regular file");
    put_idx(state, "a", 0, TRAIN, 3, 10, 65);
    refuse(*state, "sides must be 8 to 64");
}

static void no_labels(struct st_tensor t[4]) {
    t[3].name = "test_label";
}
static void two_channels(struct st_tensor t[4]) {
    t[0].shape[1] = 2, t[0].shape[2] = 14;
}
static void too_small(struct st_tensor t[4]) {
    t[0].shape[2] = 4, t[0].shape[3] = 140;
}
static void other_type(struct st_tensor t[4]) {
    t[2].dtype = ST_I8;
}
static void real_labels(struct st_tensor t[4]) {
    t[1].dtype = ST_F64;
}
static void negative_label(struct st_tensor t[4]) {
    memset((void *)(uintptr_t)t[1].data, 0xff, 8);
}
static void strange_test_label(struct st_tensor t[4]) {
    ((uint8_t *)(uintptr_t)t[3].data)[8] = 7;
}
static void one_class(struct st_tensor t[4]) {
    memset((void *)(uintptr_t)t[1].data, 0, TRAIN * 8);
}
static void one_class_above_0(struct st_tensor t[4]) {
    for (size_t i = 0; i < TRAIN; i++)
        ((uint8_t *)(uintptr_t)t[1].data)[8 * i] = 5;
}

static void bad_tensors_are_refused(void **state) {
    static const struct {
        void (*change)(struct st_tensor t[4]);
        const char *words;
    } cases[] = {
        {no_labels, "has no tensor test_labels"},
        {two_channels, "has 2 channels"},
        {too_small, "sides must be 8 to 64"},
        {other_type, "test_images is I8"},
        {real_labels, "12 whole numbers"},
        {negative_label, "the label of image 0 is not among 0 to 999"},
        {strange_test_label, "the label of image 1 is not among 0 to 6"},
        {one_class, "label 0; give two classes at least"},
        {one_class_above_0, "label 5; give two classes at least"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        put_own(state, "x.safetensors", &grey, cases[i].change);
        refuse(*state, cases[i].words);
    }
    put_own(state, "cifar10.safetensors", &grey, NULL);
    char path[SUPPORT_PATH];
    refuse(support_path(path, state, "cifar10.safetensors"), "published data set");
    assert_int_equal(unlink(path), 0);
    put_own(state, "y.safetensors", &grey, NULL);
    refuse(*state, "holds 2 safetensors files");
}

static void cifar100_takes_the_fine_label(void **state) {
    char path[SUPPORT_PATH];
    uint8_t *const bytes = malloc(2 * 3074), pixels_a = 7;
    uint16_t labels[2];
    uint8_t *const pixels = malloc(2 * DATA_IMAGE);
    assert_true(bytes != NULL && pixels != NULL);
    memset(bytes, pixels_a, 2 * 3074);
    bytes[0] = 19, bytes[1] = 99, bytes[3074] = 0, bytes[3075] = 42;
    support_put(support_path(path, state, "train.bin"), bytes, 2 * 3074);
    assert_int_equal(cifar_read(path, true, 100, 2, pixels, labels, NULL), TRM_OK);
    assert_int_equal(labels[0], 99);
    assert_int_equal(labels[1], 42);
    assert_int_equal(pixels[2 * DATA_IMAGE - 1], 7);
    assert_int_equal(cifar_read(path, true, 99, 2, pixels, labels, NULL), TRM_FORMAT);
    free(bytes);
    free(pixels);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, support_folder_make, support_folder_remove)

int main(void) {
    const struct CMUnitTest tests[] = {
        IN_FOLDER(tensors_are_read_as_they_are),  IN_FOLDER(batches_have_the_size_of_the_images),
        IN_FOLDER(idx_files_are_named_in_yaml),   IN_FOLDER(packed_idx_files_are_named_whole),
        IN_FOLDER(bad_yaml_is_refused),           IN_FOLDER(bad_tensors_are_refused),
        IN_FOLDER(cifar100_takes_the_fine_label),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
