/* What is read has the type and the range that was asked for; what cannot be given back is not written. */
#include "storage/sqlite.h"
#include "support/folders.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const struct sql_format format = {77, 2, 3, "shelf", "hand"};

static struct sql make(const char *text) {
    struct sql sql = {.path = "x.db", .format = &format};
    assert_int_equal(sql_open_memory(&sql, NULL), TRM_OK);
    assert_int_equal(sql_execute(&sql, text, "fill it", NULL), TRM_OK);
    return sql;
}

enum { INT = 'i', SIZE = 's', REAL = 'r', OPTIONAL = 'o', TEXT = 't', WORD = 'w' };

/* Read the one value that `select` gives, in one way. */
static enum trm_status get(struct sql *sql, const char *select, int way, struct trm_error *error) {
    struct sql_query query = sql_query_begin(sql, "book", select, 0, error);
    assert_true(sql_query_next(&query));
    bool has = true;
    switch (way) {
    case INT:
        sql_get_int(&query, -2, 5);
        break;
    case SIZE:
        assert_true(sql_get_size(&query, 5) <= 5);
        break;
    case REAL:
        assert_true(isfinite(sql_get_real(&query)) || !sql_query_good(&query));
        break;
    case OPTIONAL:
        assert_true(isnan(sql_get_optional(&query, &has)) || (has && sql_query_good(&query)));
        break;
    case TEXT:
        assert_non_null(sql_get_text(&query));
        break;
    default:
        (void)sql_get_optional_text(&query);
    }
    assert_true(!sql_query_next(&query));
    return sql_query_end(&query, TRM_OK);
}

static void test_types_and_ranges(void **state) {
    (void)state;
    static const struct {
        const char *value, *ways; /* that take it */
    } cases[] = {{"5", "isro"},
                 {"6", "ro"},
                 {"-2", "iro"},
                 {"-3", "ro"},
                 {"1.5", "ro"},
                 {"'1'", "tw"},
                 {"NULL", "ow"},
                 {"x'00'", ""},
                 {"1e999", ""},
                 {"-1e999", ""},
                 {"9223372036854775807", "ro"}};
    struct sql sql = make("SELECT 1");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (const char *way = "isrotw"; *way != '\0'; way++) {
            char select[80];
            struct trm_error error = {.status = TRM_OK};
            snprintf(select, sizeof select, "SELECT %s AS pages", cases[i].value);
            const bool taken = get(&sql, select, *way, &error) == TRM_OK;
            if (taken != (strchr(cases[i].ways, *way) != NULL))
                fail_msg("%s as %c: %s", cases[i].value, *way, taken ? "taken" : error.text);
            if (!taken)
                assert_non_null(strstr(error.text, "x.db: pages of book 0 is"));
        }
    sql_close(&sql);
}

/* The first error stands, and no row comes after it. */
static void test_first_error(void **state) {
    (void)state;
    struct trm_error error;
    struct sql sql = make("CREATE TABLE t (a, b); INSERT INTO t VALUES (1, 2), ('x', NULL), (3, 4)");
    struct sql_query query = sql_query_begin(&sql, "row", "SELECT a, b FROM t", 0, &error);
    size_t rows = 0;
    for (; sql_query_next(&query); rows++) {
        sql_get_int(&query, 0, 9);
        sql_get_real(&query);
    }
    assert_int_equal(rows, 2);
    assert_int_equal(sql_query_end(&query, TRM_OK), TRM_FORMAT);
    assert_non_null(strstr(error.text, "a of row 1 is no whole number"));
    query = sql_query_begin(&sql, "row", "SELECT none FROM t", 0, &error);
    assert_false(sql_query_next(&query));
    assert_int_equal(sql_query_end(&query, TRM_STOPPED), TRM_STOPPED);
    int64_t number;
    assert_int_equal(sql_number(&sql, "SELECT b FROM t WHERE a = ?", 3, -1, &number, NULL), TRM_OK);
    assert_int_equal(number, 4);
    assert_int_equal(sql_number(&sql, "SELECT b FROM t WHERE a = ?", 8, -1, &number, NULL), TRM_OK);
    assert_int_equal(number, -1);
    assert_int_equal(sql_number(&sql, "SELECT b FROM t WHERE a = 'x'", 0, -1, &number, NULL), TRM_FORMAT);
    sql_close(&sql);
}

static void test_written(void **state) {
    (void)state;
    struct trm_error error;
    sqlite3_stmt *insert;
    int64_t count;
    struct sql sql = make("CREATE TABLE t (a, b, c)");
    assert_int_equal(sqlite3_prepare_v2(sql.db, "INSERT INTO t VALUES (?,?,?)", -1, &insert, NULL),
                     SQLITE_OK);
    for (int i = 0; i < 4; i++) {
        struct sql_row row = sql_row_begin(&sql, insert);
        sql_put_size(&row, "a", i == 1 ? UINT64_MAX : 1);
        sql_put_real(&row, "b", i == 2 ? (double)NAN : 0.5);
        sql_put_text(&row, "c");
        if (i == 3)
            sql_put_int(&row, 4); /* there is no fourth place */
        const enum trm_status expected[] = {TRM_OK, TRM_INVALID, TRM_NOT_FINITE, TRM_NO_MEMORY};
        assert_int_equal(sql_row_end(&row, "add it", &error), expected[i]);
    }
    sqlite3_finalize(insert);
    assert_int_equal(sql_number(&sql, "SELECT count(*) FROM t WHERE a = 1 AND b = 0.5", 0, 0, &count, NULL),
                     TRM_OK);
    assert_int_equal(count, 1);
    /* no statement, as after a failed prepare: an error, no crash */
    struct sql_row none = sql_row_begin(&sql, NULL);
    sql_put_int(&none, 1);
    assert_int_not_equal(sql_row_end(&none, "add it", NULL), TRM_OK);
    sql_close(&sql);
}

/* The file is believed once its marks and pages are right. */
static void test_format(void **state) {
    (void)state;
    struct trm_error error;
    unsigned char *bytes;
    size_t size;
    struct sql sql = make("CREATE TABLE t (a)"), other = {.path = "y.db", .format = &format};
    assert_int_equal(sql_check(&sql, &error), TRM_FORMAT);
    assert_non_null(strstr(error.text, "is no shelf"));
    assert_int_equal(sql_mark(&sql, &error), TRM_OK);
    assert_int_equal(sql_check(&sql, &error), TRM_OK);
    assert_int_equal(sql_image(&sql, &bytes, &size, &error), TRM_OK);
    assert_int_equal(sql_open_bytes(&other, bytes, size, &error), TRM_OK);
    assert_int_equal(sql_check(&other, &error), TRM_OK);
    assert_int_not_equal(sql_execute(&other, "INSERT INTO t VALUES (1)", "change it", NULL), TRM_OK);
    sql_close(&other);
    assert_int_equal(sql_open_bytes(&other, bytes, 99, &error), TRM_FORMAT);
    memset(bytes + size / 2, 0xff, size / 2);
    assert_int_equal(sql_open_bytes(&other, bytes, size, &error), TRM_OK);
    assert_int_equal(sql_check(&other, &error), TRM_FORMAT);
    sql_close(&other);
    assert_int_equal(sql_execute(&sql, "PRAGMA user_version = 4", "age it", NULL), TRM_OK);
    assert_int_equal(sql_check(&sql, &error), TRM_FORMAT);
    assert_non_null(strstr(error.text, "version 4"));
    sqlite3_free(bytes);
    sql_close(&sql);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_types_and_ranges),
        cmocka_unit_test(test_first_error),
        cmocka_unit_test(test_written),
        cmocka_unit_test(test_format),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
