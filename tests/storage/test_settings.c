/* Tables of settings: what is bound, what is stored and in which words, and which rows may differ. */
#include "support/folders.h"

#include "storage/settings.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum colour { RED, GREEN };

struct things {
    const char *name;
    enum colour colour;
    bool wide, quick;
    uint64_t seed;
    double share;
    const char *version, *file;
};

#define AT(field) offsetof(struct things, field)
static const struct setting table[] = {
    {"name", "NAME", SETTING_TEXT, AT(name), "(none)", NULL, "a name"},
    {"colour", "WORD", SETTING_ENUM | SETTING_SOLVER, AT(colour), "green", "red|green|", "a colour"},
    {"wide", NULL, SETTING_FLAG, AT(wide), "", NULL, "a flag"},
    {"quick", "on|off", SETTING_ON_OFF | SETTING_UNSTORED, AT(quick), "on", NULL, "a switch"},
    {"seed", "N", SETTING_COUNT | SETTING_SEED, AT(seed), "42", SETTING_SEED_RANGE, "a seed"},
    {"share", "X", SETTING_REAL | SETTING_FREE, AT(share), "0.1", "(0, 1)", "a share"},
    {"version", NULL, SETTING_TEXT | SETTING_FACT, AT(version), "", NULL, NULL},
    {"file", "FILE", SETTING_TEXT | SETTING_LINE | SETTING_UNSTORED, AT(file), "", NULL, "a file"},
};

static size_t bind(struct things *things, unsigned without, struct setting_bound bound[8]) {
    const struct settings part = {SETTINGS(table), things, NULL, without};
    return settings_bind(&part, 1, bound, 8);
}

static void rows_are_left_out(void **state) {
    struct things things = {0};
    struct setting_bound bound[8];
    (void)state;
    assert_int_equal(bind(&things, 0, bound), 7); /* a fact cannot be set */
    assert_int_equal(bind(&things, SETTING_LINE | SETTING_SEED, bound), 5);
    assert_ptr_equal(bound[4].field, &things.share);
}

static void fields_hold_what_was_given(void **state) {
    struct things things = {0};
    struct setting_bound b[8];
    char text[SETTING_SPELLING];
    (void)state;
    bind(&things, 0, b);
    assert_true(setting_store(&b[1], "green", 0) && things.colour == GREEN);
    assert_true(setting_store(&b[1], "red", 0) && things.colour == RED);
    assert_false(setting_store(&b[1], "gre", 0));
    assert_true(setting_store(&b[3], "on", 0) && things.quick);
    assert_true(setting_store(&b[4], "9007199254740992", 0) && things.seed == (uint64_t)1 << 53);
    assert_false(setting_store(&b[4], "9007199254740994", 0));
    assert_true(setting_store(&b[5], "2.5e-1", 0) && things.share == 0.25);
    setting_spell(&b[5], 0, text);
    assert_string_equal(text, "0.25");
    setting_spell(&b[3], 0, text);
    assert_string_equal(text, "true");
}

static void stored_as_json_in_the_order_of_the_table(void **state) {
    struct things things = {.colour = GREEN, .seed = 7, .share = 0.5, .version = "1", .file = "x"};
    const struct settings part = {SETTINGS(table), &things, NULL, 0};
    json_t *const object = json_object();
    (void)state;
    assert_true(settings_json(&part, object));
    char *const text = json_dumps(object, JSON_COMPACT);
    assert_string_equal(
        text,
        "{\"name\":null,\"colour\":\"green\",\"wide\":false,\"seed\":7,\"share\":0.5,\"version\":\"1\"}");
    free(text);
    json_decref(object);
}

static void rows_that_may_differ(void **state) {
    const struct settings part = {SETTINGS(table), NULL, NULL, 0};
    (void)state;
    assert_true(settings_may_differ(&part, "colour", SETTING_SOLVER));
    assert_false(settings_may_differ(&part, "colour", SETTING_SEED | SETTING_FREE));
    assert_true(settings_may_differ(&part, "share", SETTING_COMPARED_FREELY));
    assert_false(settings_may_differ(&part, "name", SETTING_COMPARED_FREELY));
    assert_false(settings_may_differ(&part, "no such", SETTING_COMPARED_FREELY));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_left_out),
        cmocka_unit_test(fields_hold_what_was_given),
        cmocka_unit_test(stored_as_json_in_the_order_of_the_table),
        cmocka_unit_test(rows_that_may_differ),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
