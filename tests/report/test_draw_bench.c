/* The pictures of the benches hold what was measured, and gnuplot takes them. */
#include "report/support.h"

#include "report/plots.h"

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
    struct plot plot = {.script = NULL};
    fill_points(points, names);
    draw_time_to_gap(&plot, points, FILES * PER_FILE);
    /* quasi_newton on the first file; spectral_clip there: a cross only; and on the second */
    assert_non_null(strstr(plot.data.bytes, "\n1\tNaN\n1.5\t0.1\n2.5\t0.001\n\n"));
    assert_non_null(
        strstr(plot.data.bytes, "\nms\tgap\n1\tNaN\n\n\nms\tgap\tend\n1\tNaN\t0\n3.5\t0.75\t1\n"));
    assert_non_null(
        strstr(plot.data.bytes, "\n4.5\t0.1\n\n\nms\tgap\tend\n1\tNaN\t0\n4.5\t0.1\t0\n5.5\t0.0002\t1\n"));
    assert_non_null(strstr(plot.data.bytes, "title\nit's, 9 × 4\n"));
    assert_non_null(strstr(plot.data.bytes, "\nc?c, 9 × 4\nd%s, 9 × 4\ne.safetensors.old, 9 × 4\n"));
    assert_non_null(strstr(plot.data.bytes, "panels\tsolvers\tms_low"));
    assert_null(strstr(plot.data.bytes, "admm")); /* not among the points, not in the key */
    assert_int_equal(gnuplot_draw("gnuplot", &plot, support_path(stem, state, "t"), NULL), TRM_OK);
    support_check_png(stem, 0, 0);
    support_check_svg(stem);
    plot_free(&plot);
}

static void test_one_panel(void **state) {
    char stem[SUPPORT_PATH];
    const struct bench_point point = {
        .file = "one", .m = 5, .n = 5, .solver = MUON_SOLVER_muon, .tol = 1e-2, .ms = 0.25, .gap = 0.5};
    struct plot plot = {.script = NULL};
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
    struct plot plot = {.script = NULL};
    draw_scaling(&plot, "quasi_newton", rows, 4, exponents);
    assert_non_null(strstr(plot.data.bytes, "quasi_newton\t2\t2\t4.5\t16\t2\t50\t4\t25\n"));
    assert_non_null(strstr(plot.data.bytes, "gap\texponent\n1e-2\t2.75\n1e-4\tNaN\n"));
    assert_non_null(
        strstr(plot.data.bytes, "\n8\t2\t4\n16\t16\t8\n\n\nn\tms\tproducts\n8\t3\t6\n16\tNaN\tNaN\n"));
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
