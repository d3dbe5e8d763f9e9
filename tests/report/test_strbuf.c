/* Text from files must not mean anything in a page or a script. */
#include "support/folders.h"

#include "report/strbuf.h"

#include <string.h>

static void expect(void (*add)(struct strbuf *, const char *), const char *from, const char *to) {
    struct strbuf text = {.bytes = NULL};
    add(&text, from);
    assert_false(text.failed);
    assert_string_equal(text.bytes != NULL ? text.bytes : "", to);
    strbuf_release(&text);
    assert_null(text.bytes);
}

static void test_html(void **state) {
    (void)state;
    expect(strbuf_add_html, "", "");
    expect(strbuf_add_html, "plain_name-42.db", "plain_name-42.db");
    expect(strbuf_add_html, "<script>alert('a & \"b\"')</script>",
           "&lt;script&gt;alert(&#39;a &amp; &quot;b&quot;&#39;)&lt;/script&gt;");
    expect(strbuf_add_html, "a\nb\x01\x7f", "a?b??");
    expect(strbuf_add_html, "\u03c3 \u00b5 \U0001F600", "\u03c3 \u00b5 \U0001F600");
    /* bytes that are no UTF-8: 0xff, a cut character, an overlong slash, a surrogate, beyond Unicode */
    expect(strbuf_add_html,
           "\xff"
           "b"
           "\xc3"
           "c",
           "?b?c");
    expect(strbuf_add_html, "\xc0\xaf", "\?\?");
    expect(strbuf_add_html, "\xed\xa0\x80", "\?\?\?");
    expect(strbuf_add_html, "\xf4\x90\x80\x80", "\?\?\?\?");
    expect(strbuf_add_html, "\xe2\x82", "\?\?");
}

static void test_quoted(void **state) {
    (void)state;
    expect(strbuf_add_quoted, "a`date`$x\\n\"", "'a`date`$x\\n\"'");
    expect(strbuf_add_quoted, "it's", "'it''s'");
    expect(strbuf_add_quoted, "x'\nsystem('rm')", "'x''?system(''rm'')'");
}

static void test_field(void **state) {
    (void)state;
    expect(strbuf_add_field, "a\tb \"c\"\n`date` it's", "a?b 'c'?`date` it's");
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
        struct strbuf text = {.bytes = NULL};
        strbuf_add_base64(&text, pairs[i][0], strlen(pairs[i][0]));
        assert_string_equal(text.bytes != NULL ? text.bytes : "", pairs[i][1]);
        strbuf_release(&text);
    }
}

static void test_growth(void **state) {
    (void)state;
    struct strbuf text = {.bytes = NULL};
    for (int i = 0; i < 5000; i++)
        strbuf_addf(&text, "%04d", i);
    assert_int_equal(text.size, 20000);
    assert_int_equal(strlen(text.bytes), 20000);
    assert_memory_equal(text.bytes + 4 * 4321, "4321", 4);
    strbuf_add(&text, "\0x", 2);
    assert_int_equal(text.size, 20002);
    strbuf_release(&text);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_html), cmocka_unit_test(test_quoted),
                                       cmocka_unit_test(test_field), cmocka_unit_test(test_base64),
                                       cmocka_unit_test(test_growth)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
