/* Small good files for the targets to begin with: FOLDER/TARGET/NAME. usage: make_seeds FOLDER */
#include "support/runs.h"

#include "report/tensorboard.h"
#include "router/router.h"
#include "storage/file.h"
#include "storage/safetensors.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <zlib.h>

static const char *folder;

static const char *seed(const char *target, const char *name) {
    static char path[512];
    snprintf(path, sizeof path, "%s/%s", folder, target);
    (void)mkdir(path, 0777);
    snprintf(path, sizeof path, "%s/%s/%s", folder, target, name);
    return path;
}

static void put(const char *target, const char *name, const void *bytes, size_t size) {
    assert_int_equal(file_write(seed(target, name), bytes, size, true, NULL), TRM_OK);
}

static void copy(const char *from, const char *target, const char *name) {
    void *bytes;
    size_t size;
    assert_int_equal(file_read(from, 1 << 24, &bytes, &size, NULL), TRM_OK);
    put(target, name, bytes, size);
    free(bytes);
}

static void test_safetensors(void **state) {
    (void)state;
    const float numbers[6] = {1, 0, 0, 1, 0, 0};
    const struct st_tensor tensors[] = {{"W", ST_F32, 2, {3, 2}, 6, numbers},
                                        {"G", ST_I8, 1, {24}, 24, numbers}};
    const struct st_meta meta[] = {{"format", "a \"text\"\n"}};
    assert_int_equal(st_write(seed("safetensors", "two"), tensors, 2, meta, 1, true, NULL), TRM_OK);
    assert_int_equal(st_write(seed("safetensors", "empty"), NULL, 0, NULL, 0, true, NULL), TRM_OK);
}

static void test_router(void **state) {
    (void)state;
    struct trm_router_config config;
    struct trm_router *router;
    assert_int_equal(trm_router_config_named("tiny", &config, NULL), TRM_OK);
    config.width = 2, config.hidden = 2, config.blocks = 1, config.inner = 1, config.cycles = 1;
    assert_int_equal(trm_router_create(&router, &config, 1, NULL), TRM_OK);
    assert_int_equal(trm_router_save(seed("router", "small"), router, true, NULL), TRM_OK);
    trm_router_destroy(router);
}

static void test_data(void **state) {
    (void)state;
    static unsigned char bytes[1 + 3 * 3073] = {0};
    put("data", "cifar", bytes, sizeof bytes);
    static unsigned char labels[] = {1, 0, 0, 8, 1, 0, 0, 0, 3, 7, 8, 9};
    put("data", "labels", labels, sizeof labels);
    static unsigned char images[1 + 16 + 3 * 784] = {2, 0, 0, 8, 3, 0, 0, 0, 3, 0, 0, 0, 28, 0, 0, 0, 28};
    put("data", "images", images, sizeof images);
    const struct {
        const char *name;
        const unsigned char *plain;
        size_t size;
    } packed[] = {{"labels.gz", labels, sizeof labels}, {"images.gz", images, sizeof images}};
    for (size_t i = 0; i < 2; i++) { /* the first byte chooses the reader, the rest is what gzip packs */
        void *zipped;
        size_t size;
        gzFile f = gzopen(dynamics_path("zipped"), "wb");
        assert_int_equal(gzwrite(f, packed[i].plain + 1, (unsigned)packed[i].size - 1),
                         (int)packed[i].size - 1);
        assert_int_equal(gzclose(f), Z_OK);
        assert_int_equal(file_read(dynamics_path("zipped"), 1 << 20, &zipped, &size, NULL), TRM_OK);
        unsigned char *const both = malloc(size + 1);
        assert_non_null(both);
        both[0] = packed[i].plain[0];
        memcpy(both + 1, zipped, size);
        put("data", packed[i].name, both, size + 1);
        free(both), free(zipped);
    }
}

static void test_stores(void **state) {
    (void)state;
    struct trm_store *const store = dynamics_store(dynamics_path("store"));
    dynamics_insert(store, 1, 0, 4, 0);
    assert_int_equal(trm_store_close(store, NULL), TRM_OK);
    copy(dynamics_path("store"), "store", "store");
    trm_dataset_free(runs_dataset("data set", 3, 1, 1, 20));
    copy(dynamics_path("data set"), "store", "data-set");
}

static void test_texts(void **state) {
    (void)state;
    static const char history[] =
        "epoch,train_loss,train_accuracy,val_loss,val_accuracy\n1,1.5,0.25,,\n2,1,0.5,1e-3,1\n";
    put("history", "history.csv", history, sizeof history - 1);
    copy(CONFIGS_DIR "/default.yaml", "configuration", "default.yaml");
    copy(CONFIGS_DIR "/demo.yaml", "configuration", "demo.yaml");
}

static void test_events(void **state) {
    (void)state;
    struct tensorboard *log;
    struct trm_error error;
    (void)seed("events", "");
    char path[512];
    snprintf(path, sizeof path, "%s/events", folder);
    assert_int_equal(tensorboard_open(&log, path, 1.0, 0, &error), TRM_OK);
    for (int64_t step = 1; step <= 6; step++)
        assert_int_equal(tensorboard_scalar(log, "train/loss", step, 1.0, 0.5, &error), TRM_OK);
    assert_int_equal(tensorboard_close(log, &error), TRM_OK);
}

int main(int argc, char **argv) {
    if (argc != 2) {
        fprintf(stderr, "usage: make_seeds FOLDER\n");
        return 2;
    }
    folder = argv[1];
    (void)mkdir(folder, 0777);
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_safetensors), cmocka_unit_test(test_router),
                                       cmocka_unit_test(test_data),        cmocka_unit_test(test_stores),
                                       cmocka_unit_test(test_texts),       cmocka_unit_test(test_events)};
    return cmocka_run_group_tests(tests, NULL, dynamics_cleanup);
}
