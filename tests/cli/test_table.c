/* Texts filled from a JSON document, and lines and tables that fit the width. */
#include "cli/support.h"
#include "cli/views/table.h"
#include "cli/views/wrap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static json_t *document(const char *text) {
    json_t *const object = json_loads(text, 0, NULL);
    assert_non_null(object);
    return object;
}

static void test_places(void **state) {
    static const struct {
        const char *text, *filled;
        bool there;
    } cases[] = {
        {"{name}", "admm", true},
        {"{split.seed} of {rows.1.n}", "42 of 7", true},
        {"{loss:.2f} {loss:.1e} {loss:g} {loss:.1%}", "0.12 1.2e-01 0.123456 12.3", true},
        {"{one} run{one:s}, {many} run{many:s}", "1 run, 3 runs", true},
        {"{list}", "a, b", true},
        {"{truth}", "yes", true},
        {"{interval:.1f}", "2.0 [1.0, 3.0]", true},
        {"{bare:.1f}", "2.0", true},
        {"{spread:.1%}", "50.0 +- 10.0", true},
        {"{single:.1%}", "50.0", true},
        {"{nothing} {split.none:.1f} {empty:.2f}", "- - -", false},
        {"plain", "plain", true},
        {"{name", "admm", true},
    };
    json_t *const o =
        document("{\"name\": \"admm\", \"split\": {\"seed\": 42}, \"rows\": [{\"n\": 5}, {\"n\": 7}], "
                 "\"loss\": 0.1234561, "
                 "\"one\": 1, \"many\": 3, \"list\": [\"a\", \"b\"], \"truth\": true, \"nothing\": null, "
                 "\"interval\": {\"value\": 2.0, \"low\": 1.0, \"high\": 3.0}, "
                 "\"bare\": {\"value\": 2.0, \"low\": null, \"high\": null}, "
                 "\"empty\": {\"value\": null, \"low\": null, \"high\": null}, "
                 "\"spread\": {\"mean\": 0.5, \"deviation\": 0.1, \"seeds\": 2}, "
                 "\"single\": {\"mean\": 0.5, \"deviation\": 0.0, \"seeds\": 1}}");
    char text[128];
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(view_fill(o, cases[i].text, text, sizeof text), cases[i].there);
        assert_string_equal(text, cases[i].filled);
    }
    view_fill(o, "{name} and {name} and {name}", text, 8);
    assert_string_equal(text, "admm an");
    json_decref(o);
}

static const char *const rows_text = "[{\"name\": \"dual_ascent\", \"loss\": 1.5, \"word\": \"x\"}, "
                                     "{\"name\": \"admm\", \"loss\": 10.25, \"word\": \"yy\"}]";

static const struct view_line lines[] = {
    {"solver", "{name}"}, {"absent", "{absent}"}, {"long", "one two three four five six seven"}};
static const struct view_column columns[] = {{"solver", "{name}"},
                                             {"loss", "{loss:.2f}"},
                                             {"none", "{none}"},
                                             {"word", "{word}"},
                                             {"again", "{loss:.1f}"}};

/* stdout of both in a terminal of so many columns. */
static void show(void **state, const char *width, char text[SUPPORT_TEXT]) {
    char path[SUPPORT_PATH];
    json_t *const rows = document(rows_text);
    fflush(stdout);
    const int before = dup(STDOUT_FILENO);
    setenv("COLUMNS", width, 1);
    assert_non_null(freopen(support_path(path, state, "out"), "w", stdout));
    view_lines(json_array_get(rows, 0), VIEW(lines));
    view_table(rows, VIEW(columns));
    fflush(stdout);
    dup2(before, STDOUT_FILENO);
    close(before);
    json_decref(rows);
    get_file(*state, "out", text, SUPPORT_TEXT);
}

static void test_wide(void **state) {
    char text[SUPPORT_TEXT];
    show(state, "80", text);
    assert_string_equal(text, "solver  dual_ascent\n"
                              "long    one two three four five six seven\n"
                              "solver        loss  word  again\n"
                              "dual_ascent   1.50  x       1.5\n"
                              "admm         10.25  yy     10.2\n");
}

static void test_narrow(void **state) {
    char text[SUPPORT_TEXT];
    show(state, "20", text);
    assert_string_equal(text, "solver  dual_ascent\n"
                              "long    one two\n"
                              "        three four\n"
                              "        five six\n"
                              "        seven\n"
                              "solver        loss\n"
                              "dual_ascent   1.50\n"
                              "admm         10.25\n"
                              "\n"
                              "solver       word\n"
                              "dual_ascent  x\n"
                              "admm         yy\n"
                              "\n"
                              "solver       again\n"
                              "dual_ascent    1.5\n"
                              "admm          10.2\n");
}

static void test_width(void **state) {
    static const struct {
        const char *said;
        size_t width;
    } cases[] = {{"132", 132}, {"", 80}, {"-3", 80}, {"wide", 80}, {"3", 20}, {"99999999999", 80}};
    char path[SUPPORT_PATH];
    fflush(stdout);
    const int before = dup(STDOUT_FILENO);
    assert_non_null(freopen(support_path(path, state, "none"), "w", stdout));
    size_t found[sizeof cases / sizeof *cases];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        setenv("COLUMNS", cases[i].said, 1);
        found[i] = wrap_width();
    }
    fflush(stdout);
    dup2(before, STDOUT_FILENO);
    close(before);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(found[i], cases[i].width);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_places),
        cmocka_unit_test_setup_teardown(test_wide, support_folder_make, support_folder_remove),
        cmocka_unit_test_setup_teardown(test_narrow, support_folder_make, support_folder_remove),
        cmocka_unit_test_setup_teardown(test_width, support_folder_make, support_folder_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
