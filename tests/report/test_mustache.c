/* Templates: what the sections, escapes and formats give, and that a place which is not closed is refused. */
#include "support/folders.h"

#include "report/page/mustache.h"

static void expect(const char *text, const char *values, const char *wanted) {
    struct strbuf out = {.bytes = NULL};
    json_t *const object = json_loads(values, 0, NULL);
    assert_non_null(object);
    assert_true(mustache(&out, text, object));
    assert_string_equal(out.bytes != NULL ? out.bytes : "", wanted);
    strbuf_release(&out);
    json_decref(object);
}

static void test_values(void **state) {
    (void)state;
    expect("a{{x}}b", "{\"x\": \"<1>\"}", "a&lt;1&gt;b");
    expect("a{{{x}}}b", "{\"x\": \"<1>\"}", "a<1>b");
    expect("{{x}}{{absent}}{{{absent}}}", "{\"x\": 12}", "12");
    expect("{{x}}", "{\"x\": \"{{y}}\", \"y\": 1}", "{{y}}"); /* a value is never a template */
    expect("{{{x}}}", "{\"x\": \"{{y}}\", \"y\": 1}", "{{y}}");
}

static void test_numbers(void **state) {
    (void)state;
    expect("{{x %.2f}}", "{\"x\": 1.005e1}", "10.05");
    expect("{{x %.2f}}", "{\"x\": -1.5}", "\u22121.50");
    expect("{{x %.2f}}", "{\"x\": -0.001}", "0.00"); /* no minus zero */
    expect("{{x %.2f}}{{y %g}}", "{\"x\": null}", "\u2013\u2013");
}

static void test_sections(void **state) {
    (void)state;
    expect("{{#x}}[{{y}}{{z}}]{{/x}}", "{\"z\": 3, \"x\": [{\"y\": 1}, {\"y\": 2, \"z\": 4}]}", "[13][24]");
    expect("{{#x}}a{{/x}}{{^x}}b{{/x}}", "{\"x\": true}", "a");
    expect("{{#x}}a{{/x}}{{^x}}b{{/x}}", "{\"x\": 0}", "a"); /* 0 is a value */
    static const char *const empty[] = {"{\"x\": false}", "{\"x\": null}", "{\"x\": \"\"}", "{\"x\": []}",
                                        "{}"};
    for (size_t i = 0; i < sizeof empty / sizeof *empty; i++)
        expect("{{#x}}a{{/x}}{{^x}}b{{/x}}", empty[i], "b");
    expect("{{#x}}{{#x}}a{{y}}{{/x}}{{/x}}", "{\"x\": {\"y\": 1}}",
           "a1"); /* a section within one of its name */
    expect("{{#x}}{{y}}{{#y}}!{{/y}}{{/x}}", "{\"y\": 1, \"x\": [{\"y\": null}, {}]}", "1!");
}

static void test_refusals(void **state) {
    static const char *const bad[] = {
        "{{#x}}a", "{{#x}}a{{/y}}", "a{{/x}}",
        "{{#x}}{{#x}}{{#x}}{{#x}}{{#x}}{{#x}}{{#x}}{{#x}}{{#x}}a{{/x}}{{/x}}{{/x}}"
        "{{/x}}{{/x}}{{/x}}{{/x}}{{/x}}{{/x}}"};
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct strbuf out = {.bytes = NULL};
        json_t *const object = json_loads("{\"x\": {\"x\": {}}}", 0, NULL);
        assert_false(mustache(&out, bad[i], object));
        strbuf_release(&out);
        json_decref(object);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_values), cmocka_unit_test(test_numbers),
                                       cmocka_unit_test(test_sections), cmocka_unit_test(test_refusals)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
