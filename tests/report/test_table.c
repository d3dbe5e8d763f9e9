/* A table says once what all its rows agree about, and holds its numbers as CSV, all of them. */
#include "report/support.h"

#include "report/page/table.h"

#include <math.h>
#include <string.h>

static const struct table_column columns[] = {{"who", TABLE_TEXT, NULL, 1},
                                              {"share, %", TABLE_INTERVAL, "%.1f", 100.0},
                                              {"same", TABLE_TEXT | TABLE_FOLD, NULL, 1},
                                              {"differs", TABLE_TEXT | TABLE_FOLD, NULL, 1},
                                              {"nothing", TABLE_NUMBER | TABLE_FOLD, "%g", 1}};

static const char *make(struct page *page, json_t *values) {
    struct table table;
    table_begin(&table, page, "t");
    table_columns(&table, columns, sizeof columns / sizeof *columns);
    for (int i = 0; i < 2; i++) {
        table_row(&table, i == 0);
        table_link(&table, i == 0 ? "a \"<b>\", c" : "d", i == 0 ? "../a" : "");
        table_interval(&table, 0.1234, i == 0 ? 0.1 : NAN, i == 0 ? 0.2 : NAN);
        table_text(&table, "always");
        table_text(&table, i == 0 ? "one" : "two");
        table_number(&table, NAN);
    }
    table_end(&table, values, "what & why");
    assert_false(page->failed);
    return json_string_value(json_object_get(values, "t"));
}

static void test_page(void **state) {
    struct page page = {.failed = false};
    json_t *const values = json_object();
    const char *const html = make(&page, values);
    (void)state;
    assert_non_null(strstr(html, "<dt>same</dt><dd>always</dd>"));
    assert_null(strstr(html, "<td class=\"text\">always"));
    assert_null(strstr(html, ">nothing<")); /* dashes in all rows tell nothing */
    assert_non_null(strstr(html, "<th scope=\"col\" class=\"text\">differs</th>"));
    assert_non_null(strstr(
        html, "<tr class=\"own\"><th scope=\"row\"><a href=\"../a\">a &quot;&lt;b&gt;&quot;, c</a></th>"
              "<td>12.3<small>10.0 … 20.0</small></td>"));
    assert_non_null(
        strstr(html, "<tr><th scope=\"row\">d</th><td>12.3</td><td class=\"text\">two</td></tr>"));
    assert_non_null(strstr(html, "what &amp; why"));
    json_decref(values);
}

static void test_csv(void **state) {
    static const char csv[] = "who,\"share, %\",\"share, %, low\",\"share, %, high\",same,differs,nothing\n"
                              "\"a \"\"<b>\"\", c\",12.34,10,20,always,one,\"\"\n"
                              "d,12.34,\"\",\"\",always,two,\"\"\n";
    struct page page = {.failed = false};
    struct strbuf wanted = {.bytes = NULL};
    json_t *const values = json_object();
    const char *const html = make(&page, values);
    (void)state;
    strbuf_addf(&wanted, "download=\"t.csv\" href=\"data:text/csv;base64,");
    strbuf_add_base64(&wanted, csv, sizeof csv - 1);
    strbuf_addf(&wanted, "\"");
    assert_non_null(strstr(html, wanted.bytes));
    strbuf_release(&wanted);
    json_decref(values);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_page), cmocka_unit_test(test_csv)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
