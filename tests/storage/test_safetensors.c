#include "storage/safetensors.h"
#include "support/folders.h"

#include "storage/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void test_round_trip(void **state) {
    const float weights[6] = {1, 2, 3, 4, 5, -0.0f};
    const uint8_t bytes[3] = {7, 8, 9};
    const double scalar = 0.1;
    const struct st_tensor tensors[] = {
        {.name = "bytes", .dtype = ST_U8, .rank = 1, .shape = {3}, .data = bytes},
        {.name = "w\"\xc3\xa9", .dtype = ST_F32, .rank = 2, .shape = {2, 3}, .data = weights},
        {.name = "empty", .dtype = ST_I64, .rank = 2, .shape = {0, 5}, .data = NULL},
        {.name = "scalar", .dtype = ST_F64, .rank = 0, .data = &scalar},
    };
    const struct st_meta metadata[] = {{"format", "trm"}, {"note", "line\nbreak"}};
    char path[SUPPORT_PATH], again[SUPPORT_PATH];
    struct trm_error error;
    struct st_file *file;
    support_path(path, state, "a.safetensors");
    assert_int_equal(st_write(path, tensors, 4, metadata, 2, false, &error), TRM_OK);
    assert_int_equal(st_open(path, &file, &error), TRM_OK);
    assert_int_equal(st_tensor_count(file), 4);
    for (size_t i = 0; i < 4; i++) {
        const struct st_tensor *t = st_tensor_at(file, i);
        assert_string_equal(t->name, tensors[i].name);
        assert_ptr_equal(t, st_find(file, t->name));
        assert_int_equal(t->dtype, tensors[i].dtype);
        assert_int_equal(t->rank, tensors[i].rank);
        assert_memory_equal(t->shape, tensors[i].shape, t->rank * sizeof *t->shape);
        assert_int_equal((uintptr_t)t->data % 64, 0);
        if (t->count > 0)
            assert_memory_equal(t->data, tensors[i].data, t->count * st_dtype_size(t->dtype));
    }
    assert_int_equal(st_find(file, "scalar")->count, 1);
    assert_int_equal(st_find(file, "empty")->count, 0);
    assert_string_equal(st_metadata(file, "note"), "line\nbreak");
    assert_null(st_metadata(file, "absent"));
    assert_null(st_find(file, "absent"));
    assert_null(st_tensor_at(file, 4));
    assert_string_equal(st_path(file), path);
    st_close(file);

    /* The same input gives the same bytes. */
    void *first, *second;
    size_t first_size, second_size;
    assert_int_equal(st_write(support_path(again, state, "b"), tensors, 4, metadata, 2, false, &error),
                     TRM_OK);
    assert_int_equal(file_read(path, 4096, &first, &first_size, &error), TRM_OK);
    assert_int_equal(file_read(again, 4096, &second, &second_size, &error), TRM_OK);
    assert_int_equal(first_size, second_size);
    assert_memory_equal(first, second, first_size);
    /* The data begin at a multiple of 64 bytes (the header is shorter than 2^16), for those who map the file.
     */
    const unsigned char *length = first;
    assert_int_equal((8 + length[0] + 256 * length[1]) % 64, 0);
    free(first);
    free(second);
}

/* A file of this header, with its true length or another one, and so many data bytes. */
static const char *put_file(void **state, const char *header, uint64_t length, size_t data,
                            char path[SUPPORT_PATH]) {
    unsigned char bytes[4096] = {0};
    const size_t size = strlen(header);
    assert_true(8 + size + data <= sizeof bytes);
    for (unsigned i = 0; i < 8; i++)
        bytes[i] = (unsigned char)(length >> (8 * i));
    memcpy(bytes + 8, header, size);
    support_put(support_path(path, state, "hostile"), bytes, 8 + size + data);
    return path;
}

static void expect_refused(const char *path, enum trm_status expected, const char *reason) {
    struct trm_error error = {0};
    struct st_file *file = (struct st_file *)&error;
    assert_int_equal(st_open(path, &file, &error), expected);
    assert_null(file);
    assert_non_null(strstr(error.text, path));
    assert_null(strpbrk(error.text, "\n\033"));
    if (strstr(error.text, reason) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", error.text, reason);
}

#define T(name, dtype, shape, offsets)                                                                       \
    "\"" name "\":{\"dtype\":" dtype ",\"shape\":" shape ",\"data_offsets\":" offsets "}"

static void test_hostile_headers(void **state) {
    const struct {
        const char *header;
        size_t data;
        const char *reason;
    } cases[] = {
        {"", 0, "not good JSON"},
        {"[]", 0, "not good JSON"},
        {"{", 0, "not good JSON"},
        {"{} x", 0, "not good JSON"},
        {"{\"a\xff\":1}", 0, "not good JSON"},
        {"{\"a\\u0000b\":1}", 0, "not good JSON"},
        {"{}", 1, "after the last tensor"},
        {"{" T("a", "\"U8\"", "[4]", "[0,4]") "}", 5, "after the last tensor"},
        {"{" T("a", "\"U8\"", "[4]", "[0,4]") "}", 3, "beyond the end"},
        {"{" T("a", "\"U8\"", "[4]", "[0,4]") "," T("a", "\"U8\"", "[4]", "[4,8]") "}", 8, "not good JSON"},
        {"{" T("a", "\"U8\"", "[4]", "[0,4]") "," T("b", "\"U8\"", "[4]", "[2,6]") "}", 6, "overlaps"},
        {"{" T("a", "\"U8\"", "[4]", "[0,4]") "," T("b", "\"U8\"", "[4]", "[0,4]") "}", 4, "overlaps"},
        {"{" T("a", "\"U8\"", "[2]", "[0,2]") "," T("b", "\"U8\"", "[2]", "[4,6]") "}", 6, "hole"},
        {"{" T("a", "\"U8\"", "[2]", "[2,4]") "}", 4, "hole"},
        {"{" T("a", "\"U8\"", "[2]", "[-2,0]") "}", 4, "no pair of data offsets"},
        {"{" T("a", "\"U8\"", "[2]", "[2,0]") "}", 4, "beyond the end"},
        {"{" T("a", "\"U8\"", "[2]", "[0,2.0]") "}", 2, "no pair of data offsets"},
        {"{" T("a", "\"U8\"", "[2]", "[0,9223372036854775807]") "}", 2, "beyond the end"},
        {"{" T("a", "\"U8\"", "[2]", "[0,92233720368547758070]") "}", 2, "not good JSON"},
        {"{" T("a", "\"U8\"", "[2]", "[0]") "}", 2, "no pair of data offsets"},
        {"{" T("a", "\"F32\"", "[2]", "[0,4]") "}", 4, "do not fit its shape"},
        {"{" T("a", "\"F32\"", "[2]", "[0,12]") "}", 12, "do not fit its shape"},
        {"{" T("a", "\"F32\"", "[1,2,-2]", "[0,4]") "}", 4, "no size"},
        {"{" T("a", "\"F32\"", "[\"1\"]", "[0,4]") "}", 4, "no size"},
        {"{" T("a", "\"F32\"", "1", "[0,4]") "}", 4, "no shape"},
        {"{" T("a", "\"U8\"", "[-0]", "[0,0]") "}", 0, "-0 is no size"},
        {"{" T("a", "\"F4\"", "[3]", "[0,1]") "}", 1, "within a byte"},
        {"{" T("a", "\"U8\"", "[4294967296,4294967296]", "[0,0]") "}", 0, "too large"},
        {"{" T("a", "\"F64\"", "[2305843009213693952]", "[0,0]") "}", 0, "too large"},
        {"{" T("a", "\"F33\"", "[1]", "[0,4]") "}", 4, "dtype"},
        {"{" T("a", "7", "[1]", "[0,4]") "}", 4, "dtype"},
        {"{\"a\":[]}", 0, "not described"},
        {"{\"a\":{}}", 0, "dtype"},
        {"{\"a\\u001b[2J\\n\":{}}", 0, "a?[2J?"},
        {"{\"__metadata__\":{\"a\":1}}", 0, "metadata"},
        {"{\"__metadata__\":[]}", 0, "metadata"},
    };
    char path[SUPPORT_PATH];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        expect_refused(put_file(state, cases[i].header, strlen(cases[i].header), cases[i].data, path),
                       TRM_FORMAT, cases[i].reason);
}

static void test_hostile_lengths(void **state) {
    char path[SUPPORT_PATH];
    support_put(support_path(path, state, "empty"), "", 0);
    expect_refused(path, TRM_FORMAT, "too few");
    support_put(path, "\2\0\0\0\0\0\0", 7);
    expect_refused(path, TRM_FORMAT, "too few");
    expect_refused(put_file(state, "{}", 3, 0, path), TRM_FORMAT, "beyond the file");
    expect_refused(put_file(state, "{}", UINT64_MAX, 0, path), TRM_FORMAT, "beyond the file");
    expect_refused(put_file(state, "{}", UINT64_MAX - 7, 0, path), TRM_FORMAT, "beyond the file");
    expect_refused(put_file(state, "{}", 1, 0, path), TRM_FORMAT, "not good JSON");
    expect_refused(put_file(state, "{}", 4, 2, path), TRM_FORMAT,
                   "not good JSON"); /* NUL bytes in the header */
    expect_refused(*state, TRM_IO, "folder");
    expect_refused(support_path(path, state, "absent"), TRM_NOT_FOUND, "no such file");
}

/* A good file cut at any byte is refused. */
/* A file of another kind is told as that, and one that is cut short. */
static void test_other_kinds(void **state) {
    static const struct {
        const char *bytes, *words;
    } kinds[] = {{"PK\003\004 and more", "save_file"},
                 {"version https://git-lfs", "git lfs pull"},
                 {"<!DOCTYPE html>", "web page"},
                 {"\223NUMPY and more", "NumPy"},
                 {"anything else", "cut short"}};
    char path[SUPPORT_PATH];
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        support_put(support_path(path, state, "other"), kinds[i].bytes, strlen(kinds[i].bytes));
        expect_refused(path, TRM_FORMAT, kinds[i].words);
    }
}

static void test_truncated_anywhere(void **state) {
    const float x[4] = {1, 2, 3, 4};
    const struct st_tensor tensor = {.name = "x", .dtype = ST_F32, .rank = 1, .shape = {4}, .data = x};
    char path[SUPPORT_PATH], cut[SUPPORT_PATH];
    void *bytes;
    size_t size;
    struct st_file *file;
    assert_int_equal(st_write(support_path(path, state, "whole"), &tensor, 1, NULL, 0, false, NULL), TRM_OK);
    assert_int_equal(file_read(path, 4096, &bytes, &size, NULL), TRM_OK);
    support_path(cut, state, "cut");
    for (size_t i = 0; i < size; i++) {
        support_put(cut, bytes, i);
        assert_int_equal(st_open(cut, &file, NULL), TRM_FORMAT);
        assert_null(file);
    }
    free(bytes);
}

/* Data in another order than the header, at odd bytes, with extra keys and trailing spaces: allowed. */
static void test_unusual_but_good(void **state) {
    char path[SUPPORT_PATH];
    struct st_file *file;
    const char *header = "{" T("late", "\"F32\"", "[1]", "[1,5]") "," T("early", "\"U8\"", "[1]",
                                                                        "[0,1]") ",\"__metadata__\":{}}  ";
    put_file(state, header, strlen(header), 5, path);
    assert_int_equal(st_open(path, &file, NULL), TRM_OK);
    assert_string_equal(st_tensor_at(file, 0)->name, "early");
    assert_string_equal(st_tensor_at(file, 1)->name, "late");
    assert_int_equal((uintptr_t)st_tensor_at(file, 1)->data % 64, 0);
    st_close(file);
    put_file(state, "{}", 2, 0, path);
    assert_int_equal(st_open(path, &file, NULL), TRM_OK);
    assert_int_equal(st_tensor_count(file), 0);
    st_close(file);
    st_close(NULL);
}

static void test_write_refuses(void **state) {
    const float x[2] = {1, 2};
    const struct st_tensor good = {.name = "x", .dtype = ST_F32, .rank = 1, .shape = {2}, .data = x};
    struct st_tensor bad[2] = {good, good};
    const struct st_meta twice[] = {{"a", "1"}, {"a", "2"}};
    char path[SUPPORT_PATH];
    struct st_file *file;
    support_path(path, state, "f");
    assert_int_equal(st_write(path, bad, 2, NULL, 0, false, NULL), TRM_INVALID);
    bad[1].name = "__metadata__";
    assert_int_equal(st_write(path, bad, 2, NULL, 0, false, NULL), TRM_INVALID);
    bad[1].name = "\xff";
    assert_int_equal(st_write(path, bad, 2, NULL, 0, false, NULL), TRM_INVALID);
    assert_int_equal(st_write(path, &good, 1, twice, 2, false, NULL), TRM_INVALID);
    bad[1] = good, bad[1].name = "y", bad[1].rank = ST_MAX_RANK + 1;
    assert_int_equal(st_write(path, bad, 2, NULL, 0, false, NULL), TRM_SHAPE);
    bad[1].rank = 2, bad[1].shape[0] = bad[1].shape[1] = (size_t)1 << 32;
    assert_int_equal(st_write(path, bad, 2, NULL, 0, false, NULL), TRM_SHAPE);
    assert_int_equal(support_entries(*state), 0);
    assert_int_equal(st_write(path, &good, 1, NULL, 0, false, NULL), TRM_OK);
    bad[0].name = "other";
    assert_int_equal(st_write(path, bad, 1, NULL, 0, false, NULL), TRM_EXISTS);
    assert_int_equal(st_open(path, &file, NULL), TRM_OK);
    assert_non_null(st_find(file, "x"));
    st_close(file);
    assert_int_equal(st_write(path, bad, 1, NULL, 0, true, NULL), TRM_OK);
    assert_int_equal(support_entries(*state), 1);
}

int main(void) {
#define TEST(f) cmocka_unit_test_setup_teardown(f, support_folder_make, support_folder_remove)
    const struct CMUnitTest tests[] = {
        TEST(test_round_trip),         TEST(test_hostile_headers), TEST(test_hostile_lengths),
        TEST(test_truncated_anywhere), TEST(test_other_kinds),     TEST(test_unusual_but_good),
        TEST(test_write_refuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
