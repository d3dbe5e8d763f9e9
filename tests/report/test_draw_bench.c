/* The pictures of the benches hold what was measured, and gnuplot takes them. */
#include "report/support.h"

#include "report/draw/bench.h"

#include "muon/muon.h"

#include <math.h>
#include <string.h>

static void test_gap_text(void **state) {
    static const struct {
        double gap;
        const char *text;
    } cases[] = {{0.5, "0.5"},     {0.1, "1e-1"},        {1e-2, "1e-2"},     {2.5e-3, "2.5e-3"},
                 {1e-10, "1e-10"}, {1.25e-4, "1.25e-4"}, {1e-100, "1e-100"}, {3e-6, "3e-6"}};
    char text[32];
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(bench_gap_text(cases[i].gap, text), cases[i].text);
}

enum { FILES = 5, PER_FILE = 4 };

/* Two solvers, two tolerances; the second solver ends before the second one, or reaches nothing. */
static void fill_points(struct bench_point points[FILES * PER_FILE], char names[FILES][64]) {
    static const int solvers[] = {MUON_SOLVER_quasi_newton, MUON_SOLVER_spectral_clip};
    for (size_t f = 0; f < FILES; f++)
        for (size_t i = 0; i < PER_FILE; i++)
            points[f * PER_FILE + i] = (struct bench_point){.file = names[f],
                                                            .m = 9,
                                                            .n = 4,
                                                            .solver = solvers[i / 2],
                                                            .tol = i % 2 == 0 ? 1e-1 : 1e-3,
                                                            .ms = 1.5 + (double)(f + i),
                                                            .gap = i % 2 == 0 ? 0.02 : 2e-4,
                                                            .iterations = i,
                                                            .reached = i < 2 || (i == 2 && f > 0)};
    points[2].gap = points[3].gap = 0.75;
}

static void test_time_to_gap(void **state) {
    char stem[SUPPORT_PATH],
        names[FILES][64] = {"a/it's.safetensors", "b", "c\nc", "d%s", "e.safetensors.old"};
    struct bench_point points[FILES * PER_FILE];
    struct plot plot = {.blocks = 0};
    fill_points(points, names);
    draw_time_to_gap(&plot, points, FILES * PER_FILE);
    assert_int_equal(plot.blocks, 3 * FILES); /* a curve each; a rest each of the second solver */
    assert_non_null(strstr(plot.data.bytes, "1.5 0.1\n2.5 0.001\n")); /* quasi_newton on the first file */
    assert_non_null(
        strstr(plot.data.bytes, "\n1 NaN\n\n\n3.5 0.75\n")); /* spectral_clip there: a cross only */
    assert_non_null(strstr(plot.data.bytes, "\n4.5 0.1\n\n\n4.5 0.1\n5.5 0.0002\n")); /* and on the second */
    assert_non_null(strstr(plot.script.bytes, "'it''s, 9 × 4'"));
    assert_non_null(strstr(plot.script.bytes, "'e.safetensors.old, 9 × 4'"));
    assert_non_null(strstr(plot.script.bytes, "layout 2,3"));
    assert_null(strstr(plot.script.bytes, "admm")); /* not among the points, not in the key */
    assert_int_equal(gnuplot_draw("gnuplot", &plot, support_path(stem, state, "t"), NULL), TRM_OK);
    support_check_png(stem, 0, 0);
    support_check_svg(stem);
    plot_free(&plot);
}

static void test_one_panel(void **state) {
    char stem[SUPPORT_PATH];
    const struct bench_point point = {
        .file = "one", .m = 5, .n = 5, .solver = MUON_SOLVER_muon, .tol = 1e-2, .ms = 0.25, .gap = 0.5};
    struct plot plot = {.blocks = 0};
    draw_time_to_gap(&plot, &point, 1);
    assert_int_equal(gnuplot_draw("gnuplot", &plot, support_path(stem, state, "t"), NULL), TRM_OK);
    support_check_png(stem, 0, 0);
    plot_free(&plot);
}

static void test_scaling(void **state) {
    char stem[SUPPORT_PATH];
    const double exponents[] = {2.75, NAN};
    const struct bench_scale rows[] = {
        {.m = 36, .n = 8, .tol = 1e-2, .ms = 2, .product_ms = 0.5, .reached = true},
        {.m = 72, .n = 16, .tol = 1e-2, .ms = 16, .product_ms = 2, .reached = true},
        {.m = 36, .n = 8, .tol = 1e-4, .ms = 3, .product_ms = 0.5, .reached = true},
        {.m = 72, .n = 16, .tol = 1e-4, .ms = 50, .product_ms = 2, .reached = false},
    };
    struct plot plot = {.blocks = 0};
    draw_scaling(&plot, "quasi_newton", rows, 4, exponents);
    assert_int_equal(plot.blocks, 2);
    assert_string_equal(plot.data.bytes, "8 2 4\n16 16 8\n\n\n8 3 6\n16 NaN NaN\n");
    assert_non_null(strstr(plot.script.bytes, "quasi_newton to 1e-2: n^2.75'"));
    assert_non_null(strstr(plot.script.bytes, "quasi_newton to 1e-4'"));
    assert_non_null(strstr(plot.script.bytes, "16 * (x / 16.0)**3"));
    assert_int_equal(gnuplot_draw("gnuplot", &plot, support_path(stem, state, "s"), NULL), TRM_OK);
    support_check_png(stem, 1440, 630);
    support_check_svg(stem);
    plot_free(&plot);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, support_folder_make, support_folder_remove)

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_gap_text), IN_FOLDER(test_time_to_gap),
                                       IN_FOLDER(test_one_panel), IN_FOLDER(test_scaling)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
