#include "storage/digest.h"
#include "support/folders.h"

#include <string.h>
#include <zlib.h>

/* The examples of FIPS 180. */
static void test_published(void **state) {
    (void)state;
    char text[DIGEST_TEXT];
    struct digest digest = digest_begin();
    digest_end(&digest, text);
    assert_string_equal(text, "da39a3ee5e6b4b0d3255bfef95601890afd80709");
    digest = digest_begin();
    digest_add(&digest, "a", 1);
    digest_add(&digest, "bc", 2);
    digest_end(&digest, text);
    assert_string_equal(text, "a9993e364706816aba3e25717850c26c9cd0d89d");
}

/* Numbers go in lowest byte first: 1.0 is 3ff0000000000000. */
static void test_numbers(void **state) {
    (void)state;
    char one[DIGEST_TEXT], other[DIGEST_TEXT];
    struct digest digest = digest_begin();
    digest_add_number(&digest, 0x0102030405060708u);
    digest_add_real(&digest, 1.0);
    digest_end(&digest, one);
    digest = digest_begin();
    digest_add(&digest, "\x08\x07\x06\x05\x04\x03\x02\x01\0\0\0\0\0\0\xf0\x3f", 16);
    digest_end(&digest, other);
    assert_string_equal(one, other);
}

/* The content counts, not how it was compressed; a file cut short has no digest. */
static void test_files(void **state) {
    char path[SUPPORT_PATH], text[DIGEST_TEXT];
    support_put(support_path(path, state, "plain"), "abc", 3);
    assert_true(digest_file(path, text));
    assert_string_equal(text, "a9993e364706816aba3e25717850c26c9cd0d89d");
    gzFile f = gzopen(support_path(path, state, "packed"), "wb");
    assert_int_equal(gzwrite(f, "abc", 3), 3);
    assert_int_equal(gzclose(f), Z_OK);
    assert_true(digest_file(path, text));
    assert_string_equal(text, "a9993e364706816aba3e25717850c26c9cd0d89d");
    support_put(support_path(path, state, "cut"), "\x1f\x8b\x08\0\0\0\0\0", 8);
    assert_false(digest_file(path, text));
    assert_string_equal(text, "");
    assert_false(digest_file(support_path(path, state, "absent"), text));
}

int main(void) {
#define TEST(f) cmocka_unit_test_setup_teardown(f, support_folder_make, support_folder_remove)
    const struct CMUnitTest tests[] = {TEST(test_published), TEST(test_numbers), TEST(test_files)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
