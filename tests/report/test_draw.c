/* What is drawn is what is stored: shares and counts computed again by hand, then by gnuplot itself. */
#include "report/support.h"

#include "report/assets.h"
#include "report/draw/draw.h"
#include "storage/file.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

static void test_oracle(void **state) {
    (void)state;
    static struct trm_sample samples[40];
    const struct trm_arm_names arms = trm_arm_names_solvers();
    struct chart chart;
    struct plot plot = {.script = NULL};
    memset(samples, 0, sizeof samples);
    for (int i = 0; i < 40; i++) {
        samples[i].epoch = (size_t)i / 20;
        samples[i].present = 1u << MUON_SOLVER_admm | 1u << MUON_SOLVER_frank_wolfe;
        samples[i].label = i % 20 < 5 + 10 * (i / 20) ? MUON_SOLVER_admm : MUON_SOLVER_frank_wolfe;
    }
    draw_oracle_by_epoch(&chart, &arms, samples, 40);
    chart_plot(&chart, &plot);
    assert_non_null(strstr(plot.data.bytes, "\nfrank_wolfe\tfrank_wolfe\t13\t1\t0\nadmm\tadmm\t5\t1\t0\n\n"));
    expect_near(datum(&plot, 4, 0, 1), 75, 1e-9); /* the absent ones are not drawn */
    expect_near(datum(&plot, 5, 0, 1), 25, 1e-9);
    expect_near(datum(&plot, 5, 1, 1), 75, 1e-9);
    chart_free(&chart);
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
    struct chart chart;
    struct plot plot = {.script = NULL};
    support_put(support_path(path, state, "r.history.csv"), csv, sizeof csv - 1);
    assert_int_equal(history_read(path, &history, NULL), TRM_OK);
    assert_int_equal(history.count, 4);
    draw_trm_training(&chart, &history);
    chart_plot(&chart, &plot);
    plot.script = asset("trm_training.gp");
    expect_near(datum(&plot, 4, 1, 1), 1.25, 0);
    expect_near(datum(&plot, 7, 3, 1), 60, 1e-9);
    assert_int_equal(gnuplot_draw("gnuplot", &plot, support_path(stem, state, "t"), NULL), TRM_OK);
    assert_true(svg_says(stem, "kept: epoch 3"));
    assert_true(svg_says(stem, "validation"));
    chart_free(&chart);
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

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, support_folder_make, support_folder_remove)

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_oracle), IN_FOLDER(test_confusion),
                                       IN_FOLDER(test_training), IN_FOLDER(test_bad_history)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
