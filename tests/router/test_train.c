/* trm_train from file to file: the same bytes again, on any number of threads, interrupted or not. */
#include "support/runs.h"

#include "muon/muon.h"
#include "router/training_run.h"

#include "storage/file.h"

#include <locale.h>
#include <math.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MASK = 1u << 1 | 1u << 3 | 1u << 4, EPOCHS = 5 };

struct files {
    char data[160], output[160], history[160], state[160];
    struct trm_train_request request;
};

static void make_files(struct files *f, const char *stem) {
    char name[64];
    snprintf(f->data, sizeof f->data, "%s", dynamics_path("merged.db"));
    if (!file_exists(f->data))
        trm_dataset_free(runs_dataset("merged.db", MASK, 1, 4, 40));
    snprintf(name, sizeof name, "%s.safetensors", stem);
    snprintf(f->output, sizeof f->output, "%s", dynamics_path(name));
    snprintf(name, sizeof name, "%s.history.csv", stem);
    snprintf(f->history, sizeof f->history, "%s", dynamics_path(name));
    snprintf(name, sizeof name, "%s.state.safetensors", stem);
    snprintf(f->state, sizeof f->state, "%s", dynamics_path(name));
    f->request =
        (struct trm_train_request){.options = trm_train_defaults(), .data = f->data, .output = f->output};
    f->request.options.size = "tiny";
    f->request.options.epochs = EPOCHS;
    f->request.options.lr = 1e-3;
    f->request.options.ema = true;
}

static struct trm_train_result train(const struct files *f) {
    struct trm_train_result result;
    struct trm_error error = {0};
    if (trm_train(&f->request, NULL, &result, &error) != TRM_OK)
        fail_msg("%s", error.text);
    return result;
}

static void expect_same_file(const char *a, const char *b) {
    void *bytes[2];
    size_t size[2];
    assert_int_equal(file_read(a, 1 << 24, &bytes[0], &size[0], NULL), TRM_OK);
    assert_int_equal(file_read(b, 1 << 24, &bytes[1], &size[1], NULL), TRM_OK);
    assert_int_equal(size[0], size[1]);
    assert_memory_equal(bytes[0], bytes[1], size[0]);
    free(bytes[0]);
    free(bytes[1]);
}

static void test_same_bytes(void **state) {
    (void)state;
    struct files a, b;
    make_files(&a, "first");
    make_files(&b, "second");
    a.request.options.deep_supervision = b.request.options.deep_supervision = true;
    omp_set_num_threads(2);
    const struct trm_train_result result = train(&a);
    assert_int_equal(result.parameters, 25218);
    assert_string_equal(result.history, a.history);
    assert_true(result.samples[TRM_TRAIN] > 0 && result.samples[TRM_VALIDATION] > 0);
    omp_set_num_threads(1);
    train(&b);
    omp_set_num_threads(2);
    expect_same_file(a.output, b.output);
    expect_same_file(a.history, b.history);
    assert_false(file_exists(a.state));
    b.request.force = true, b.request.options.seed = 43;
    train(&b);
    struct trm_router *router, *other;
    assert_int_equal(trm_router_load(a.output, &router, NULL), TRM_OK);
    assert_int_equal(trm_router_load(b.output, &other, NULL), TRM_OK);
    assert_int_equal(trm_router_origin(router)->present, MASK);
    assert_int_equal(trm_router_origin(router)->epoch, result.best_epoch);
    assert_memory_not_equal(trm_router_values(router), trm_router_values(other), 4000);
    trm_router_destroy(router);
    trm_router_destroy(other);
}

static bool stop_at_once(void *context) {
    ++*(size_t *)context;
    return true;
}

static void test_resume(void **state) {
    (void)state;
    struct files whole, parts;
    struct trm_train_result result;
    struct trm_error error;
    size_t stops = 0;
    const struct trm_train_watch watch = {.context = &stops, .stop = stop_at_once};
    make_files(&whole, "whole");
    make_files(&parts, "parts");
    train(&whole);
    assert_int_equal(trm_train(&parts.request, &watch, &result, &error), TRM_STOPPED);
    assert_non_null(strstr(error.text, "--resume"));
    assert_false(file_exists(parts.output));
    assert_int_equal(trm_train(&parts.request, NULL, &result, &error), TRM_EXISTS); /* neither nor */
    parts.request.resume = true;
    while (trm_train(&parts.request, &watch, &result, &error) == TRM_STOPPED)
        assert_true(stops < EPOCHS);
    assert_int_equal(stops, EPOCHS - 1);
    expect_same_file(whole.output, parts.output);
    expect_same_file(whole.history, parts.history);
    assert_false(file_exists(parts.state));
    const struct trm_train_result again = train(&parts);
    assert_true(again.finished_before);
    assert_int_equal(again.best_epoch, result.best_epoch);
    assert_true(again.best_val_loss == result.best_val_loss);
}

/* Stopped after its first epoch; the request is now one to resume it. */
static void stop_and_resume(struct files *f, const char *name) {
    struct trm_train_result result;
    size_t stops = 0;
    const struct trm_train_watch watch = {.context = &stops, .stop = stop_at_once};
    make_files(f, name);
    assert_int_equal(trm_train(&f->request, &watch, &result, NULL), TRM_STOPPED);
    f->request.resume = true;
}

static void test_resume_with_other_options(void **state) {
    (void)state;
    struct files f;
    struct trm_train_result result;
    struct trm_error error;
    stop_and_resume(&f, "other");
    f.request.options.epochs = 9;
    assert_int_equal(trm_train(&f.request, NULL, &result, &error), TRM_INVALID);
    assert_non_null(strstr(error.text, "epochs 5, now 9"));
    f.request.options.epochs = EPOCHS;
    train(&f);
    f.request.options.loss = TRM_LOSS_REGRET;
    assert_int_equal(trm_train(&f.request, NULL, &result, &error), TRM_INVALID);
    assert_non_null(strstr(error.text, "loss cross-entropy, now regret"));
    f.request.resume = false;
    assert_int_equal(trm_train(&f.request, NULL, &result, &error), TRM_EXISTS);
    f.request.force = true;
    train(&f);
}

/* A few hundred steps: the halting head must know more than a coin (ln 2). From a bias of -5 it has not yet learned to say
   yes then, and its loss is above 1. */
static void test_halting_learns_in_few_steps(void **state) {
    (void)state;
    struct files f;
    void *text;
    size_t size;
    make_files(&f, "halting");
    f.request.options.epochs = 40;
    f.request.options.deep_supervision = true;
    train(&f);
    assert_int_equal(file_read(f.history, 1 << 20, &text, &size, NULL), TRM_OK);
    const char *last = (const char *)text + size - 1;
    while (last[-1] != '\n')
        last--;
    double column[7]; /* epoch to halt_loss */
    assert_int_equal(sscanf(last, "%lf,%lf,%lf,%lf,%lf,%lf,%lf", &column[0], &column[1], &column[2],
                            &column[3], &column[4], &column[5], &column[6]),
                     7);
    print_message("halting loss %.3f, accuracy %.3f\n", column[6], column[3]);
    assert_true(column[0] == 40 && column[6] < log(2.0));
    free(text);
}

static void damage(const char *path, long from_end, size_t cut) {
    void *bytes;
    size_t size;
    const float nan = NAN;
    assert_int_equal(file_read(path, 1 << 24, &bytes, &size, NULL), TRM_OK);
    if (from_end > 0)
        memcpy((char *)bytes + size - (size_t)from_end, &nan, sizeof nan);
    FILE *const file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size - cut, file), size - cut);
    fclose(file);
    free(bytes);
}

static void test_damaged_state(void **state) {
    (void)state;
    struct files f;
    struct trm_train_result result;
    struct trm_error error;
    stop_and_resume(&f, "damaged");
    damage(f.state, 50000, 0);
    assert_int_equal(trm_train(&f.request, NULL, &result, &error), TRM_NOT_FINITE);
    assert_non_null(strstr(error.text, "--force"));
    damage(f.state, 0, 100);
    assert_int_equal(trm_train(&f.request, NULL, &result, &error), TRM_FORMAT);
    assert_false(file_exists(f.output));
}

/* Without a validation part the last epoch is kept, and the history has empty fields. */
static void test_no_validation(void **state) {
    (void)state;
    struct files f;
    void *text;
    size_t size;
    make_files(&f, "without");
    f.request.options.split.val_share = 0.0;
    f.request.options.loss = TRM_LOSS_REGRET;
    const struct trm_train_result result = train(&f);
    assert_int_equal(result.best_epoch, EPOCHS);
    assert_true(isnan(result.best_val_accuracy));
    assert_int_equal(file_read(f.history, 1 << 20, &text, &size, NULL), TRM_OK);
    assert_non_null(strstr(text, "epoch,lr,train_loss,train_accuracy,val_loss,val_accuracy,"));
    assert_non_null(strstr(text, ",,,"));
    size_t lines = 0;
    for (size_t i = 0; i < size; i++)
        lines += ((const char *)text)[i] == '\n';
    assert_int_equal(lines, EPOCHS + 1);
    free(text);
    f.request.resume = true; /* a done one without validation is found as well */
    assert_true(train(&f).finished_before);
}

/* A host whose numbers have a comma: the same files, defaults and messages. Skipped where no such locale can be made. */
static void test_comma_locale(void **state) {
    char folder[160], command[640];
    struct files point, comma;
    struct trm_train_result result;
    struct trm_error error = {0};
    (void)state;
    make_files(&point, "point");
    train(&point);
    snprintf(folder, sizeof folder, "%s", dynamics_path("locale"));
    snprintf(command, sizeof command, "mkdir %s && localedef -i de_DE -f UTF-8 %s/de_DE.UTF-8 >%s/said 2>&1",
             folder, folder, folder);
    setenv("LOCPATH", folder, 1);
    if (system(command) != 0 || setlocale(LC_ALL, "de_DE.UTF-8") == NULL)
        skip();
    snprintf(command, sizeof command, "%g", 0.5);
    assert_string_equal(command, "0,5");
    make_files(&comma, "comma");
    train(&comma);
    comma.request.force = true;
    comma.request.options.lr = -1.5;
    assert_int_equal(trm_train(&comma.request, NULL, &result, &error), TRM_INVALID);
    assert_null(strstr(error.text, "1,5"));
    struct muon_solver *solver;
    struct muon_info info;
    float twice = 1.5f, answer;
    const struct muon_matrix w = muon_matrix_transposed_if_wide(&twice, MUON_F32, 1, 1);
    struct muon_matrix a = muon_matrix_transposed_if_wide(&answer, MUON_F32, 1, 1);
    assert_int_equal(muon_solver_create(&solver, "admm", 1, 1, NULL, &error), TRM_OK);
    assert_int_equal(muon_solver_solve(solver, &w, &w, 0.1, NULL, &a, NULL, &info), TRM_NOT_ORTHONORMAL);
    assert_non_null(strstr(info.reason, "1.5"));
    muon_solver_destroy(solver);
    snprintf(command, sizeof command, "%g", 0.5);
    assert_string_equal(command, "0,5"); /* the host's is as it was */
    setlocale(LC_ALL, "C");
    expect_same_file(point.history, comma.history);
    expect_same_file(point.output, comma.output);
    snprintf(command, sizeof command, "rm -r %s", folder);
    assert_int_equal(system(command), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same_bytes),
        cmocka_unit_test(test_resume),
        cmocka_unit_test(test_resume_with_other_options),
        cmocka_unit_test(test_halting_learns_in_few_steps),
        cmocka_unit_test(test_damaged_state),
        cmocka_unit_test(test_no_validation),
        cmocka_unit_test(test_comma_locale),
    };
    return cmocka_run_group_tests(tests, NULL, dynamics_cleanup);
}
