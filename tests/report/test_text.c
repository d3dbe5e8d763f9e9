/* Text from files must not mean anything in a page or a script. */
#include "support/folders.h"

#include "report/text.h"

#include <string.h>

static void expect(void (*add)(struct text *, const char *), const char *from, const char *to) {
    struct text text = {.bytes = NULL};
    add(&text, from);
    assert_false(text.failed);
    assert_string_equal(text.bytes != NULL ? text.bytes : "", to);
    text_free(&text);
    assert_null(text.bytes);
}

static void test_html(void **state) {
    (void)state;
    expect(text_html, "", "");
    expect(text_html, "plain_name-42.db", "plain_name-42.db");
    expect(text_html, "<script>alert('a & \"b\"')</script>",
           "&lt;script&gt;alert(&#39;a &amp; &quot;b&quot;&#39;)&lt;/script&gt;");
    expect(text_html, "a\nb\x01\x7f", "a?b??");
    expect(text_html, "\u03c3 \u00b5 \U0001F600", "\u03c3 \u00b5 \U0001F600");
    /* bytes that are no UTF-8: 0xff, a cut character, an overlong slash, a surrogate, beyond Unicode */
    expect(text_html,
           "\xff"
           "b"
           "\xc3"
           "c",
           "?b?c");
    expect(text_html, "\xc0\xaf", "\?\?");
    expect(text_html, "\xed\xa0\x80", "\?\?\?");
    expect(text_html, "\xf4\x90\x80\x80", "\?\?\?\?");
    expect(text_html, "\xe2\x82", "\?\?");
}

static void test_gnuplot(void **state) {
    (void)state;
    expect(text_gnuplot, "a`date`$x\\n\"", "'a`date`$x\\n\"'");
    expect(text_gnuplot, "it's", "'it''s'");
    expect(text_gnuplot, "x'\nsystem('rm')", "'x''?system(''rm'')'");
}

/* RFC 4648, section 10, and all bytes. */
static void test_base64(void **state) {
    static const char *const pairs[][2] = {{"", ""},
                                           {"f", "Zg=="},
                                           {"fo", "Zm8="},
                                           {"foo", "Zm9v"},
                                           {"foob", "Zm9vYg=="},
                                           {"fooba", "Zm9vYmE="},
                                           {"foobar", "Zm9vYmFy"},
                                           {"\xfb\xff\xfe", "+//+"}};
    (void)state;
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        struct text text = {.bytes = NULL};
        text_base64(&text, pairs[i][0], strlen(pairs[i][0]));
        assert_string_equal(text.bytes != NULL ? text.bytes : "", pairs[i][1]);
        text_free(&text);
    }
}

static void test_growth(void **state) {
    (void)state;
    struct text text = {.bytes = NULL};
    for (int i = 0; i < 5000; i++)
        text_add(&text, "%04d", i);
    assert_int_equal(text.size, 20000);
    assert_int_equal(strlen(text.bytes), 20000);
    assert_memory_equal(text.bytes + 4 * 4321, "4321", 4);
    text_put(&text, "\0x", 2);
    assert_int_equal(text.size, 20002);
    text_free(&text);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_html), cmocka_unit_test(test_gnuplot),
                                       cmocka_unit_test(test_base64), cmocka_unit_test(test_growth)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
