/* The option table: what is taken, what is refused, and that targets hold what was given. */
#include "cli/options/options.h"
#include "cli/support.h"

#include <string.h>

struct request {
    const char *input, *word, *text;
    struct setting_arguments rest;
    double real;
    size_t count;
    bool flag, on;
};

static int parse(struct request *r, uint64_t *given, int argc, const char *const *words) {
    static const struct command command = {"try", NULL, "for the test", NULL, "try a"};
    static const struct setting table[] = {
        {"INPUT", NULL, SETTING_ARGUMENT, offsetof(struct request, input), NULL, NULL, "an input"},
        {"real", "X", SETTING_REAL, offsetof(struct request, real), "0.5", "(0, 1]", "a number"},
        {"count", "N", SETTING_COUNT, offsetof(struct request, count), "(as it was)", "[1, 1000000]",
         "a whole number"},
        {"word", "WORD", SETTING_CHOICE, offsetof(struct request, word), "one", "one|two|three|", "a word"},
        {"text", "TEXT", SETTING_TEXT, offsetof(struct request, text), "", NULL, "a text"},
        {"flag", NULL, SETTING_FLAG, offsetof(struct request, flag), "", NULL, "a flag"},
        {"on", "on|off", SETTING_ON_OFF, offsetof(struct request, on), "on", NULL, "a switch"},
        {"REST", NULL, SETTING_ARGUMENTS, offsetof(struct request, rest), "", NULL, "more inputs"},
    };
    const struct settings part = {SETTINGS(table), r, NULL, 0};
    char *argv[16];
    memcpy(argv, words, (size_t)argc * sizeof *argv);
    const int parsed = options_parse(&command, &part, 1, argc, argv, given);
    for (size_t i = 0; i < r->rest.count && parsed == OPTIONS_GO_ON; i++) /* argv ends with this function */
        assert_string_equal(r->rest.at[i], i == 0 ? "b" : "--c");
    if (parsed == OPTIONS_GO_ON && given != NULL)
        assert_int_equal(options_given(&part, 1, *given, "real"), (*given >> 1) & 1);
    return parsed;
}
#define PARSE(r, given, ...)                                                                                 \
    parse(r, given, (int)(sizeof((const char *[]){__VA_ARGS__}) / sizeof(char *)),                           \
          (const char *const[]){__VA_ARGS__})

static void test_fallbacks(void **state) {
    struct request r = {.count = 7, .text = "kept"};
    uint64_t given = ~(uint64_t)0;
    (void)state;
    assert_int_equal(PARSE(&r, &given, "a"), OPTIONS_GO_ON);
    assert_string_equal(r.input, "a");
    assert_true(r.real == 0.5 && r.count == 7 && !r.flag && r.on);
    assert_string_equal(r.word, "one");
    assert_string_equal(r.text, "kept");
    assert_int_equal(r.rest.count, 0);
    assert_int_equal(given, 1);
}

static void test_both_spellings(void **state) {
    struct request r = {0};
    uint64_t given;
    (void)state;
    assert_int_equal(PARSE(&r, &given, "--real", "0.25", "a", "--count=3", "--flag", "--text=--x", "b",
                           "--on=off", "--word", "two", "--", "--c"),
                     OPTIONS_GO_ON);
    assert_true(r.real == 0.25 && r.count == 3 && r.flag && !r.on);
    assert_string_equal(r.word, "two");
    assert_string_equal(r.text, "--x");
    assert_string_equal(r.input, "a");
    assert_int_equal(r.rest.count, 2);
    assert_int_equal(given, 0xff);
}

static void test_numbers(void **state) {
    static const char *const bad_reals[] = {"",      " 0.5", "0.5 ",   "0.5x", "nan",  "NAN",
                                            "inf",   "-inf", "0x1p-1", "0",    "-0.5", "1.0000001",
                                            "1e999", "1e",   "e",      "."};
    static const char *const bad_counts[] = {"",
                                             "0",
                                             "-3",
                                             "+3",
                                             "3.0",
                                             "1e3",
                                             " 3",
                                             "3 ",
                                             "1000001",
                                             "0x3",
                                             "99999999999999999999",
                                             "18446744073709551617"};
    struct request r = {.count = 7};
    (void)state;
    for (size_t i = 0; i < sizeof bad_reals / sizeof *bad_reals; i++)
        assert_int_equal(PARSE(&r, NULL, "a", "--real", bad_reals[i]), 2);
    for (size_t i = 0; i < sizeof bad_counts / sizeof *bad_counts; i++)
        assert_int_equal(PARSE(&r, NULL, "a", "--count", bad_counts[i]), 2);
    assert_true(r.real == 0.5 && r.count == 7); /* what is refused is not stored */
    assert_int_equal(PARSE(&r, NULL, "a", "--real", "1", "--count", "1000000"), OPTIONS_GO_ON);
    assert_true(r.real == 1 && r.count == 1000000);
    assert_int_equal(PARSE(&r, NULL, "a", "--real", "1e-3", "--count", "1"), OPTIONS_GO_ON);
    assert_true(r.real == 1e-3 && r.count == 1);
}

static void test_refusals(void **state) {
    struct request r = {0};
    (void)state;
    assert_int_equal(PARSE(&r, NULL, "--flag"), 2);                       /* INPUT is missing */
    assert_int_equal(PARSE(&r, NULL, "a", "--real"), 2);                  /* no value */
    assert_int_equal(PARSE(&r, NULL, "a", "--real", "--flag"), 2);        /* no value */
    assert_int_equal(PARSE(&r, NULL, "a", "--real", "1", "--real=1"), 2); /* twice */
    assert_int_equal(PARSE(&r, NULL, "a", "--flag=yes"), 2);              /* a flag takes none */
    assert_int_equal(PARSE(&r, NULL, "a", "--on", "yes"), 2);
    assert_int_equal(PARSE(&r, NULL, "a", "--word", "tw"), 2);
    assert_int_equal(PARSE(&r, NULL, "a", "--word", "one|two"), 2);
    assert_int_equal(PARSE(&r, NULL, "a", "--text", ""), 2);
    assert_int_equal(PARSE(&r, NULL, ""), 2);
    assert_int_equal(PARSE(&r, NULL, "a", "-real", "1"), 2);
    assert_int_equal(PARSE(&r, NULL, "a", "---real", "1"), 2);
    assert_int_equal(PARSE(&r, NULL, "a", "--INPUT", "b"), 2); /* arguments are no options */
    assert_int_equal(PARSE(&r, NULL, "a", "--rea", "1"), 2);   /* nor are abbreviations */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fallbacks),
        cmocka_unit_test(test_both_spellings),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
