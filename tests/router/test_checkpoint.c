/* Checkpoints of a router: what is written comes back, and every damage is refused with a reason. */
#include "support/dynamics.h"

#include "router/router.h"

#include "storage/file.h"
#include "storage/safetensors.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct trm_router *make(void) {
    struct trm_router_config config;
    struct trm_router *router;
    double mean[TRM_FEATURE_COUNT], std[TRM_FEATURE_COUNT];
    assert_int_equal(trm_router_config_named("tiny", &config, NULL), TRM_OK);
    assert_int_equal(trm_router_create(&router, &config, 9, NULL), TRM_OK);
    for (int i = 0; i < TRM_FEATURE_COUNT; i++)
        mean[i] = 0.1 * i - 1.0 / 3.0, std[i] = i == 10 ? 0.0 : 1.0 / (i + 1.0);
    assert_int_equal(trm_router_set_statistics(router, mean, std, NULL), TRM_OK);
    struct trm_router_origin origin = {.present = 1u << 1 | 1u << 3 | 1u << 4,
                                       .split = {TRM_SPLIT_STEP, 0.25, 0.125, 77},
                                       .samples = 1234,
                                       .groups = 10,
                                       .epoch = 3,
                                       .epochs = 9,
                                       .val_accuracy = 1.0 / 3.0,
                                       .val_loss = NAN,
                                       .configuration = "{\"lr\":0.1}"};
    trm_router_set_origin(router, &origin);
    return router;
}

static void expect_same(const struct trm_router *a, const struct trm_router *b) {
    double mean[2][TRM_FEATURE_COUNT], std[2][TRM_FEATURE_COUNT];
    const struct trm_router_origin *const x = trm_router_origin(a), *const y = trm_router_origin(b);
    const size_t values = trm_router_parameter_count(a) + 2 * trm_router_configuration(a)->width;
    assert_memory_equal(trm_router_values(a), trm_router_values(b), values * sizeof(float));
    trm_router_statistics(a, mean[0], std[0]);
    trm_router_statistics(b, mean[1], std[1]);
    assert_memory_equal(mean[0], mean[1], sizeof mean[0]);
    assert_memory_equal(std[0], std[1], sizeof std[0]);
    assert_int_equal(x->present, y->present);
    assert_int_equal(x->split.kind, y->split.kind);
    assert_true(x->split.test_share == y->split.test_share && x->split.val_share == y->split.val_share);
    assert_true(x->split.seed == y->split.seed && x->samples == y->samples && x->groups == y->groups);
    assert_true(x->epoch == y->epoch && x->epochs == y->epochs && x->val_accuracy == y->val_accuracy);
    assert_true(isnan(x->val_loss) && isnan(y->val_loss));
    assert_string_equal(x->configuration, y->configuration);
}

static void test_round_trip(void **state) {
    (void)state;
    struct trm_router *const router = make(), *loaded;
    void *bytes, *again;
    size_t size, size_again;
    char first[512];
    snprintf(first, sizeof first, "%s", dynamics_path("a.safetensors"));
    const char *const second = dynamics_path("b.safetensors");
    assert_int_equal(trm_router_save(first, router, false, NULL), TRM_OK);
    assert_int_equal(trm_router_save(first, router, false, NULL), TRM_EXISTS);
    assert_int_equal(trm_router_load(first, &loaded, NULL), TRM_OK);
    expect_same(router, loaded);
    assert_int_equal(trm_router_save(second, loaded, true, NULL), TRM_OK);
    assert_int_equal(file_read(first, 1 << 24, &bytes, &size, NULL), TRM_OK);
    assert_int_equal(file_read(second, 1 << 24, &again, &size_again, NULL), TRM_OK);
    assert_int_equal(size, size_again);
    assert_memory_equal(bytes, again, size);
    free(bytes);
    free(again);
    trm_router_destroy(router);
    trm_router_destroy(loaded);
}

/* A saved router as bytes, ended by 0 in its header's text. */
static char *saved(size_t *size) {
    struct trm_router *const router = make();
    void *bytes;
    const char *const path = dynamics_path("saved.safetensors");
    assert_int_equal(trm_router_save(path, router, true, NULL), TRM_OK);
    assert_int_equal(file_read(path, 1 << 24, &bytes, size, NULL), TRM_OK);
    trm_router_destroy(router);
    return bytes;
}

static void refuse(const char *bytes, size_t size, enum trm_status expected, const char *word) {
    struct trm_router *router = NULL;
    struct trm_error error = {0};
    const char *const path = dynamics_path("damaged.safetensors");
    FILE *const file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    fclose(file);
    const enum trm_status status = trm_router_load(path, &router, &error);
    assert_null(router);
    if (status != expected || strstr(error.text, word) == NULL)
        fail_msg("expected %d with '%s', got %d: %s", (int)expected, word, (int)status, error.text);
    assert_null(strchr(error.text, '\n'));
    assert_non_null(strstr(error.text, "damaged.safetensors"));
}

/* Replace a text of the header by another of the same length. */
static void refuse_edit(const char *from, const char *to, enum trm_status expected, const char *word) {
    size_t size, at = 8;
    char *const bytes = saved(&size);
    const size_t length = strlen(from);
    assert_int_equal(length, strlen(to));
    while (at + length < size && memcmp(bytes + at, from, length) != 0)
        at++;
    assert_true(at + length < size);
    memcpy(bytes + at, to, length);
    refuse(bytes, size, expected, word);
    free(bytes);
}

/* Seven arms with names of their own: kept in the file, one row of the head each, the last can be chosen. */
static void test_other_arms(void **state) {
    (void)state;
    struct trm_router_config config;
    struct trm_router *router, *loaded;
    struct trm_decision a, b;
    const double feature[TRM_FEATURE_COUNT] = {0.5, -1};
    assert_int_equal(trm_router_config_named("tiny", &config, NULL), TRM_OK);
    config.arms = 7;
    assert_string_equal(trm_router_config_name(&config), "tiny");
    assert_int_equal(trm_router_create(&router, &config, 3, NULL), TRM_OK);
    struct trm_router_origin origin = *trm_router_origin(router);
    origin.arms.count = 0;
    for (char name[] = "admm@10:1"; name[8] <= '7'; name[8]++)
        assert_true(trm_arm_names_add(&origin.arms, name));
    assert_false(trm_arm_names_add(&origin.arms, "admm@10:7"));
    origin.present = 0x51;
    trm_router_set_origin(router, &origin);
    assert_int_equal(trm_router_save(dynamics_path("arms.safetensors"), router, false, NULL), TRM_OK);
    assert_int_equal(trm_router_load(dynamics_path("arms.safetensors"), &loaded, NULL), TRM_OK);
    assert_true(trm_arm_names_equal(&trm_router_origin(loaded)->arms, &origin.arms));
    assert_true(trm_router_origin(loaded)->present == 0x51);
    assert_int_equal(trm_router_decide(router, feature, UINT64_MAX, &a, NULL), TRM_OK);
    assert_int_equal(trm_router_decide(loaded, feature, UINT64_MAX, &b, NULL), TRM_OK);
    assert_memory_equal(a.probability, b.probability, sizeof a.probability);
    assert_true(a.probability[1] == 0 && a.probability[6] > 0 && a.probability[7] == 0);
    assert_int_equal(trm_router_decide(loaded, feature, 1 << 6, &b, NULL), TRM_OK);
    assert_true(b.arm == 6 && b.probability[6] == 1);
    trm_router_destroy(router);
    trm_router_destroy(loaded);
}

static void test_other_versions_and_shapes(void **state) {
    (void)state;
    refuse_edit("trm-router router 1", "trm-router router 2", TRM_FORMAT, "router 2");
    refuse_edit("trm-router router 1", "something-else    1", TRM_FORMAT, "is no router");
    refuse_edit("\\\"feature_version\\\":2", "\\\"feature_version\\\":1", TRM_FORMAT, "features");
    refuse_edit("log_grad_norm", "log_gnat_norm", TRM_FORMAT, "features");
    refuse_edit("\\\"dual_ascent\\\",\\\"quasi", "\\\"dual_decent\\\",\\\"quasi", TRM_FORMAT, "solvers");
    refuse_edit("\\\"width\\\":32", "\\\"width\\\":64", TRM_SHAPE, "numbers");
    refuse_edit("\\\"hidden\\\":128", "\\\"hidden\\\":127", TRM_SHAPE, "numbers");
    refuse_edit("\\\"inner\\\":6", "\\\"inner\\\":0", TRM_SHAPE, "inner");
    refuse_edit("\\\"arms\\\":5", "\\\"arms\\\":4", TRM_SHAPE, "4 rows for 5 arms");
    refuse_edit("\\\"arms\\\":5", "\\\"arms\\\":1", TRM_SHAPE, "2 to 64");
    refuse_edit("\\\"blocks\\\":2", "\\\"blocks\\\":x", TRM_FORMAT, "features"); /* no JSON at all */
    refuse_edit("\\\"test_share\\\":0.25", "\\\"test_share\\\":9.25", TRM_FORMAT, "split");
    refuse_edit("\\\"val_accuracy\\\"", "\\\"val_accurate\\\"", TRM_FORMAT, "training");
    refuse_edit("\"halt.weight\"", "\"hald.weight\"", TRM_SHAPE, "halt.weight");
    refuse_edit("\"shape\":[32,5]", "\"shape\":[5,32]", TRM_SHAPE, "head.weight");
}

static void test_damage(void **state) {
    (void)state;
    size_t size;
    char *const bytes = saved(&size);
    const float nan = NAN;
    struct trm_router *router = NULL;
    struct trm_error error;
    const size_t lengths[] = {0, 5, 8, 100, size / 2, size - 4, size - 1};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++)
        refuse(bytes, lengths[i], TRM_FORMAT, "");
    memcpy(bytes + size - 40, &nan, sizeof nan);
    refuse(bytes, size, TRM_NOT_FINITE, "initial.z");
    memcpy(bytes + size - 25218 * sizeof nan, &nan, sizeof nan);
    refuse(bytes, size, TRM_NOT_FINITE, "embed.weight");
    free(bytes);
    assert_int_equal(trm_router_load(dynamics_path("absent.safetensors"), &router, &error), TRM_NOT_FOUND);
    assert_null(router);
}

/* A file without metadata, as another program writes them. */
static void test_foreign_file(void **state) {
    (void)state;
    const float value = 1.0f;
    const struct st_tensor tensor = {
        .name = "weight", .dtype = ST_F32, .rank = 1, .shape = {1}, .count = 1, .data = &value};
    struct trm_router *router = NULL;
    struct trm_error error;
    const char *const path = dynamics_path("foreign.safetensors");
    assert_int_equal(st_write(path, &tensor, 1, NULL, 0, true, NULL), TRM_OK);
    assert_int_equal(trm_router_load(path, &router, &error), TRM_FORMAT);
    assert_non_null(strstr(error.text, "no router"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_other_arms),
        cmocka_unit_test(test_other_versions_and_shapes),
        cmocka_unit_test(test_damage),
        cmocka_unit_test(test_foreign_file),
    };
    return cmocka_run_group_tests(tests, NULL, dynamics_cleanup);
}
