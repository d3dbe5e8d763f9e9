/* What is drawn is what is stored: smoothing, shares and counts computed again by hand, then by gnuplot itself. */
#include "report/support.h"

#include "report/draw/draw.h"
#include "storage/file.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void read_runs(struct report_runs *runs, const char *path) {
    struct trm_store *store;
    assert_int_equal(trm_store_open(path, TRM_STORE_READ, &store, NULL), TRM_OK);
    assert_int_equal(report_runs_read(runs, store, "file.db", NULL), TRM_OK);
    assert_int_equal(trm_store_close(store, NULL), TRM_OK);
}

static void expect_near(double value, double wanted, double tolerance) {
    assert_true(fabs(value - wanted) <= tolerance);
}

/* Number `column` (from 0) of row `row` of table `block` of the data, its names not counted; NAN where there is
   none. */
static double datum(const struct plot *plot, size_t block, size_t row, int column) {
    const char *at = plot->data.bytes;
    for (; block > 0; block--) {
        at = strstr(at, "\n\n\n");
        assert_non_null(at);
        at += 3;
    }
    for (row++; row > 0; row--)
        at = strchr(at, '\n') + 1;
    char *end = (char *)at;
    double value = NAN;
    for (int c = 0; c <= column; c++)
        value = *end == '\n' || *end == '\0' ? NAN : strtod(end, &end);
    return value;
}

static bool svg_says(const char *stem, const char *words) {
    char path[2 * SUPPORT_PATH];
    void *data;
    size_t size;
    snprintf(path, sizeof path, "%s.svg", stem);
    assert_int_equal(file_read(path, 1 << 24, &data, &size, NULL), TRM_OK);
    const bool found = strstr(data, words) != NULL;
    free(data);
    return found;
}

/* 170 steps are drawn as means of 5: 34 points, each from the stored losses. */
static void test_solver_comparison(void **state) {
    static const char *const solvers[] = {"admm", "dual_ascent"};
    char path[SUPPORT_PATH];
    struct report_runs runs = {.at = NULL};
    struct plot plot = {.script = NULL};
    for (int i = 0; i < 2; i++) {
        support_store(support_path(path, state, solvers[i]), solvers[i], 2, 85, NULL);
        read_runs(&runs, path);
    }
    assert_int_equal(report_runs_choose(&runs), 2);
    draw_solver_comparison(&plot, &runs);
    assert_non_null(strstr(plot.data.bytes, ", small_cnn on cifar10\t2\t5\t1\n"));
    assert_non_null(strstr(plot.data.bytes, "solver\tkeyed\ndual_ascent\t1\nadmm\t1\n"));
    for (size_t p = 0; p < 34; p++) { /* dual_ascent first: label order, not the order of reading */
        double sum = 0;
        for (size_t s = 5 * p; s < 5 * p + 5; s++)
            sum += support_loss("dual_ascent", s);
        expect_near(datum(&plot, 2, p, 0), 5.0 * (double)p + 3.0, 1e-9);
        expect_near(datum(&plot, 2, p, 1), sum / 5.0, 1e-9);
    }
    expect_near(datum(&plot, 5, 2, 0), 2.0, 0); /* admm, second epoch, in % */
    expect_near(datum(&plot, 5, 2, 1), 100.0 * (0.5 + 0.1 + 0.01 * MUON_SOLVER_admm), 1e-7);
    plot_free(&plot);
    report_runs_free(&runs);
}

/* Runs of other settings stay out of the picture; seeds, solvers and machines may differ. */
static void test_settings(void **state) {
    char path[SUPPORT_PATH];
    struct report_runs runs = {.at = NULL};
    support_store(support_path(path, state, "1.db"), "admm", 1, 8, "{\"schedule\":\"constant\",\"seed\":1}");
    read_runs(&runs, path);
    support_store(support_path(path, state, "2.db"), "admm", 1, 8, "{\"schedule\":\"linear\",\"seed\":1}");
    read_runs(&runs, path);
    support_store(support_path(path, state, "3.db"), "admm", 1, 8,
                  "{\"seed\":2,\"solver\":\"x\",\"tol\":3,\"threads\":9,\"schedule\":\"linear\"}");
    read_runs(&runs, path);
    assert_int_equal(report_runs_choose(&runs), 2);
    assert_false(runs.at[0].in_picture);
    assert_true(runs.at[1].in_picture && runs.at[2].in_picture);
    assert_string_equal(runs.at[0].schedule, "constant");
    assert_true(isnan(runs.at[0].budget));
    report_runs_free(&runs);
}

static void test_smooth_end(void **state) {
    (void)state;
    size_t step[] = {0, 2, 4, 6, 8};
    double loss[] = {1, 3, 5, 7, 11}, x[3], y[3];
    const struct report_run run = {.steps = 5, .step = step, .loss = loss};
    assert_int_equal(report_run_smooth(&run, 2, x, y), 3);
    expect_near(x[0], 1, 0);
    expect_near(y[1], 6, 0);
    expect_near(x[2], 8, 0);
    expect_near(y[2], 11, 0);
}

static void test_oracle(void **state) {
    (void)state;
    static struct trm_sample samples[40];
    const struct trm_arm_names arms = trm_arm_names_solvers();
    struct plot plot = {.script = NULL};
    memset(samples, 0, sizeof samples);
    for (int i = 0; i < 40; i++) {
        samples[i].epoch = (size_t)i / 20;
        samples[i].present = 1u << MUON_SOLVER_admm | 1u << MUON_SOLVER_frank_wolfe;
        samples[i].label = i % 20 < 5 + 10 * (i / 20) ? MUON_SOLVER_admm : MUON_SOLVER_frank_wolfe;
    }
    draw_oracle_by_epoch(&plot, &arms, samples, 40);
    assert_non_null(
        strstr(plot.data.bytes, "solver\nfrank_wolfe\nadmm\n\n")); /* the absent ones are not drawn */
    expect_near(datum(&plot, 2, 0, 1), 75, 1e-9);
    expect_near(datum(&plot, 3, 0, 1), 25, 1e-9);
    expect_near(datum(&plot, 3, 1, 1), 75, 1e-9);
    plot_free(&plot);
}

/* Shares by row; an empty row says why it is, and holds no NaN. */
static void test_confusion(void **state) {
    char stem[SUPPORT_PATH];
    const struct trm_arm_names arms = trm_arm_names_solvers();
    const size_t confusion[TRM_ARMS_MOST][TRM_ARMS_MOST] = {
        {0}, {0, 6, 0, 1, 1}, {0}, {0, 0, 0, 0, 0}, {0, 2, 0, 0, 6}};
    struct plot plot = {.script = NULL};
    draw_confusion_matrix(&plot, &arms, confusion, 1u << 1 | 1u << 3 | 1u << 4);
    expect_near(datum(&plot, 2, 5 * 1 + 1, 3), 0.75, 1e-9);
    expect_near(datum(&plot, 2, 5 * 4 + 1, 3), 0.25, 1e-9);
    for (size_t row = 0; row < 25; row++)
        assert_true(isfinite(datum(&plot, 2, row, 3)));
    assert_non_null(strstr(plot.data.bytes, "spectral_clip\t0\t0\ndual_ascent\t8\t1\nquasi_newton\t0\t0\n"
                                            "frank_wolfe\t0\t1\nadmm\t8\t1\n"));
    assert_int_equal(gnuplot_draw("gnuplot", &plot, support_path(stem, state, "c"), NULL), TRM_OK);
    support_check_png(stem, 1200, 810);
    assert_true(svg_says(stem, "never the best in the test part"));
    assert_true(svg_says(stem, "not in the data"));
    plot_free(&plot);
}

/* The kept epoch: highest validation accuracy, then lowest loss, then earliest. */
static void test_training(void **state) {
    char path[SUPPORT_PATH], stem[SUPPORT_PATH];
    static const char csv[] =
        "epoch,lr,train_loss,train_accuracy,val_loss,val_accuracy\r\n"
        "1,0.1,1.5,0.2,1.4,0.5\n2,0.1,1.25,0.3,1.2,0.6\n3,0.1,1,0.4,1.1,0.6\n4,0.1,1,0.5,1.1,0.6\n";
    struct history history;
    struct plot plot = {.script = NULL};
    support_put(support_path(path, state, "r.history.csv"), csv, sizeof csv - 1);
    assert_int_equal(history_read(path, &history, NULL), TRM_OK);
    assert_int_equal(history.count, 4);
    draw_trm_training(&plot, &history);
    expect_near(datum(&plot, 0, 0, 1), 3, 0);
    expect_near(datum(&plot, 1, 1, 1), 1.25, 0);
    expect_near(datum(&plot, 1, 3, 4), 60, 1e-9);
    assert_int_equal(gnuplot_draw("gnuplot", &plot, support_path(stem, state, "t"), NULL), TRM_OK);
    assert_true(svg_says(stem, "kept: epoch 3"));
    assert_true(svg_says(stem, "validation"));
    plot_free(&plot);
    history_free(&history);
}

static void test_bad_history(void **state) {
    static const char *const bad[][2] = {
        {"", "no column 'epoch'"},
        {"epoch,train_loss,train_accuracy,val_loss\n1,1,1,1\n", "no column 'val_accuracy'"},
        {"epoch,train_loss,train_accuracy,val_loss,val_accuracy\n", "no rows"},
        {"epoch,train_loss,train_accuracy,val_loss,val_accuracy\n1,1,1,1,1\n1,2\n", "line 3"},
        {"epoch,train_loss,train_accuracy,val_loss,val_accuracy\n1,1,x1,1,1\n", "'x1' is no number"},
        {"epoch,train_loss,train_accuracy,val_loss,val_accuracy\n1,1,1 2,1,1\n", "'1 2' is no number"},
    };
    char path[SUPPORT_PATH];
    support_path(path, state, "h");
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct history history;
        struct trm_error error;
        support_put(path, bad[i][0], strlen(bad[i][0]));
        assert_int_equal(history_read(path, &history, &error), TRM_FORMAT);
        assert_non_null(strstr(error.text, bad[i][1]));
        assert_int_equal(history.count, 0);
    }
}

/* The page's colours are those of the pictures: Okabe and Ito 2008, each once. */
static void test_colours(void **state) {
    char colours[REPORT_POLICIES][8];
    (void)state;
    for (int i = 0; i < REPORT_POLICIES; i++) {
        report_policy_colour(i, colours[i]);
        for (int j = 0; j < i; j++)
            assert_string_not_equal(colours[i], colours[j]);
    }
    assert_string_equal(colours[MUON_SOLVER_admm], "#009e73");
    assert_string_equal(colours[REPORT_POLICY_OTHER], "#d55e00");
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, support_folder_make, support_folder_remove)

int main(void) {
    const struct CMUnitTest tests[] = {IN_FOLDER(test_solver_comparison), IN_FOLDER(test_settings),
                                       cmocka_unit_test(test_smooth_end), cmocka_unit_test(test_oracle),
                                       IN_FOLDER(test_confusion),         IN_FOLDER(test_training),
                                       IN_FOLDER(test_bad_history),       cmocka_unit_test(test_colours)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
