#include "support/altered.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <sqlite3.h>

static const char *const ways[] = {"NULL", "'text'", "x'00ff'", "0", "-1", "9223372036854775807", "1e999"};
enum { WAYS = sizeof ways / sizeof *ways, COLUMNS = 250, TEXT = 4000 };

static void copy(const char *good, const char *bad) {
    static char bytes[1 << 20];
    FILE *const from = fopen(good, "rb"), *const to = fopen(bad, "wb");
    assert_true(from != NULL && to != NULL);
    const size_t size = fread(bytes, 1, sizeof bytes, from);
    assert_true(size > 0 && size < sizeof bytes);
    assert_int_equal(fwrite(bytes, 1, size, to), size);
    fclose(from);
    assert_int_equal(fclose(to), 0);
}

/* Run SQL on a fresh connection, which reads the tables' text anew; false where SQLite does not allow it. */
static bool execute(const char *path, const char *sql, int *changes) {
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    const bool done = sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK;
    *changes = sqlite3_changes(db);
    sqlite3_close(db);
    return done;
}

struct column {
    char table[40], name[40], type[12];
};

static size_t columns_of(const char *path, struct column *at) {
    static const char *const sql =
        "SELECT m.name, c.name, c.type FROM sqlite_master m, pragma_table_info(m.name) c "
        "WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%'";
    sqlite3 *db;
    sqlite3_stmt *query;
    size_t count = 0;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &query, NULL), SQLITE_OK);
    for (; sqlite3_step(query) == SQLITE_ROW; count++) {
        assert_true(count < COLUMNS);
        snprintf(at[count].table, sizeof at->table, "%s", (const char *)sqlite3_column_text(query, 0));
        snprintf(at[count].name, sizeof at->name, "%s", (const char *)sqlite3_column_text(query, 1));
        snprintf(at[count].type, sizeof at->type, "%s", (const char *)sqlite3_column_text(query, 2));
    }
    sqlite3_finalize(query);
    sqlite3_close(db);
    return count;
}

/* Set a column of every row; false where SQLite itself does not allow it, as in a primary key. */
static bool alter(const char *bad, const struct column *c, const char *value, bool strict) {
    char sql[TEXT];
    int changes = 0;
    assert_true(
        execute(bad,
                "PRAGMA synchronous = OFF; PRAGMA writable_schema = ON; CREATE TABLE kept (name, sql);"
                "INSERT INTO kept SELECT name, sql FROM sqlite_master;"
                "UPDATE sqlite_master SET sql = replace(replace(replace(sql, 'NOT NULL', ''), "
                "', STRICT', ''), ') STRICT', ')') WHERE type = 'table' AND name <> 'kept'",
                &changes));
    snprintf(
        sql, sizeof sql,
        "PRAGMA synchronous = OFF; PRAGMA ignore_check_constraints = ON; UPDATE OR IGNORE %s SET %s = %s",
        c->table, c->name, value);
    if (!execute(bad, sql, &changes) || changes == 0)
        return false;
    assert_true(execute(bad,
                        strict ? "PRAGMA synchronous = OFF; PRAGMA writable_schema = ON;"
                                 "UPDATE sqlite_master SET sql = kept.sql FROM kept "
                                 "WHERE kept.name = sqlite_master.name AND kept.name <> 'kept'"
                               : "SELECT 1",
                        &changes));
    assert_true(execute(bad, "PRAGMA synchronous = OFF; DROP TABLE kept", &changes));
    return true;
}

/* Does STRICT keep it out? */
static bool is_foreign(const char *type, const char *value) {
    const bool text = value[0] == '\'', blob = value[0] == 'x', real = strcmp(value, "1e999") == 0;
    if (strcmp(type, "TEXT") == 0)
        return blob;
    return strcmp(type, "ANY") != 0 &&
           (text || blob || (real && strcmp(type, "INTEGER") == 0)); /* NULL: where it says so */
}

struct altered altered_read(const char *good, const char *bad, bool strict,
                            enum trm_status (*read)(const char *path, struct trm_error *error)) {
    static struct column columns[COLUMNS];
    const size_t count = columns_of(good, columns);
    struct altered sum = {0, 0};
    struct trm_error error = {TRM_OK, ""};
    copy(good, bad);
    if (read(bad, &error) != TRM_OK)
        fail_msg("not altered: %s", error.text);
    for (size_t i = 0; i < count * WAYS; i++) {
        const struct column *const c = &columns[i / WAYS];
        const char *const value = ways[i % WAYS];
        copy(good, bad);
        if (!alter(bad, c, value, strict))
            continue;
        sum.altered++;
        error = (struct trm_error){TRM_OK, ""};
        const bool refused = read(bad, &error) != TRM_OK;
        sum.refused += refused;
        if (refused && (strstr(error.text, bad) == NULL || strchr(error.text, '\n') != NULL))
            fail_msg("%s.%s = %s: %s", c->table, c->name, value, error.text);
        if (!refused && strict && is_foreign(c->type, value))
            fail_msg("%s.%s = %s: read", c->table, c->name, value);
    }
    print_message("%s: %zu altered, %zu refused\n", strict ? "strict" : "loose", sum.altered, sum.refused);
    return sum;
}
