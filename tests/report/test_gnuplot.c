/* gnuplot as a child: pictures come out whole, and what goes wrong is said in one line. */
#include "report/support.h"

#include "report/plots.h"
#include "storage/file.h"

#include <stdlib.h>
#include <string.h>

static struct plot small_plot(const char *script) {
    struct plot plot = {.script = script};
    strbuf_addf(&plot.data, "x\ty\n0\t1\n1\t2\n\n\nx\ty\n5\t6\n7\t8\n9\t10\n");
    return plot;
}

static void test_draws(void **state) {
    char stem[SUPPORT_PATH];
    struct trm_error error = {.text = ""};
    struct plot plot = small_plot("eval picture(300, 200)\n"
                                  "stats data index 1 using 1 nooutput\n"
                                  "if (STATS_records != 3 || STATS_max != 9) { exit status 3 }\n"
                                  "plot data index 0 with lines title 'a_b', data index 1 with points\n");
    support_path(stem, state, "it's a picture");
    assert_int_equal(gnuplot_draw("gnuplot", &plot, stem, &error), TRM_OK);
    assert_int_equal(support_entries(*state), 2);
    support_check_png(stem, 450, 300);
    support_check_svg(stem);
    assert_int_equal(gnuplot_draw("gnuplot", &plot, stem, &error), TRM_OK); /* replaced */
    assert_int_equal(support_entries(*state), 2);
    plot_free(&plot);
}

/* The same plot gives the same bytes: no time, no name of a temporary file. */
static void test_same_bytes(void **state) {
    static const char *const endings[] = {"png", "svg"};
    char stem[SUPPORT_PATH];
    for (int i = 0; i < 2; i++) {
        struct plot plot = small_plot("eval picture(300, 200)\nplot data with lines\n");
        support_path(stem, state, i == 0 ? "one" : "two");
        assert_int_equal(gnuplot_draw("gnuplot", &plot, stem, NULL), TRM_OK);
        plot_free(&plot);
    }
    for (int i = 0; i < 2; i++) {
        char name[16], path[SUPPORT_PATH];
        void *one, *two;
        size_t size, other;
        snprintf(name, sizeof name, "one.%s", endings[i]);
        assert_int_equal(file_read(support_path(path, state, name), 1 << 20, &one, &size, NULL), TRM_OK);
        snprintf(name, sizeof name, "two.%s", endings[i]);
        assert_int_equal(file_read(support_path(path, state, name), 1 << 20, &two, &other, NULL), TRM_OK);
        assert_int_equal(size, other);
        assert_memory_equal(one, two, size);
        free(one);
        free(two);
    }
}

static void test_bad_script(void **state) {
    char stem[SUPPORT_PATH];
    struct trm_error error;
    struct plot plot = small_plot("plot nothing_known with lines\n");
    assert_int_equal(gnuplot_draw("gnuplot", &plot, support_path(stem, state, "p"), &error), TRM_IO);
    assert_non_null(strstr(error.text, "nothing_known"));
    assert_null(strchr(error.text, '\n'));
    plot_free(&plot);
    plot = small_plot("\n"); /* no plot command: no picture */
    assert_int_equal(gnuplot_draw("gnuplot", &plot, stem, &error), TRM_IO);
    plot_free(&plot);
    assert_int_equal(support_entries(*state), 0);
}

static void test_missing(void **state) {
    char stem[SUPPORT_PATH];
    struct trm_error error;
    struct plot plot = small_plot("plot data\n");
    assert_int_equal(gnuplot_check("gnuplot", NULL), TRM_OK);
    assert_int_equal(gnuplot_check("no-such-gnuplot", &error), TRM_NOT_FOUND);
    assert_non_null(strstr(error.text, "gnuplot-nox"));
    assert_int_equal(gnuplot_check("false", &error), TRM_NOT_FOUND);
    assert_int_equal(gnuplot_draw("no-such-gnuplot", &plot, support_path(stem, state, "p"), &error),
                     TRM_NOT_FOUND);
    assert_int_equal(gnuplot_draw("true", &plot, stem, &error), TRM_IO); /* ends well, draws nothing */
    assert_int_equal(support_entries(*state), 0);
    support_path(stem, state, "no folder/p");
    assert_int_equal(gnuplot_draw("gnuplot", &plot, stem, &error), TRM_IO);
    plot_free(&plot);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, support_folder_make, support_folder_remove)

int main(void) {
    const struct CMUnitTest tests[] = {IN_FOLDER(test_draws), IN_FOLDER(test_same_bytes),
                                       IN_FOLDER(test_bad_script), IN_FOLDER(test_missing)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
