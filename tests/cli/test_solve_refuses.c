/* Bad input for solve: one clear line, exit status 1 or 2, no output file, an existing output unchanged. */
#include "cli/support.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { ROWS = 4, COLS = 2, COUNT = ROWS * COLS };

/* Files made byte by byte: header, and how many bytes of zeros follow it. */
static const struct {
    const char *name, *header;
    uint64_t length; /* of the header as the file says; 0: what it is */
    size_t bytes;
} raw[] = {
    {"empty", NULL, 0, 0},
    {"header_past_end", "{}", 1000, 0},
    {"header_length_overflows", "{}", UINT64_MAX, 0},
    {"not_json", "W and G", 0, 0},
    {"truncated", "{\"W\":{\"dtype\":\"F32\",\"shape\":[4,2],\"data_offsets\":[0,32]}}", 0, 31},
    {"trailing", "{\"W\":{\"dtype\":\"F32\",\"shape\":[4,2],\"data_offsets\":[0,32]}}", 0, 33},
    {"wrong_offsets", "{\"W\":{\"dtype\":\"F32\",\"shape\":[4,2],\"data_offsets\":[0,16]}}", 0, 16},
    {"reversed_offsets", "{\"W\":{\"dtype\":\"F32\",\"shape\":[4,2],\"data_offsets\":[32,0]}}", 0, 32},
    {"offsets_past_end", "{\"W\":{\"dtype\":\"F32\",\"shape\":[4,2],\"data_offsets\":[1048576,1048608]}}", 0,
     32},
    {"duplicate",
     "{\"W\":{\"dtype\":\"F32\",\"shape\":[4,2],\"data_offsets\":[0,32]},"
     "\"W\":{\"dtype\":\"F32\",\"shape\":[4,2],\"data_offsets\":[32,64]}}",
     0, 64},
    {"overlap",
     "{\"W\":{\"dtype\":\"F32\",\"shape\":[4,2],\"data_offsets\":[0,32]},"
     "\"G\":{\"dtype\":\"F32\",\"shape\":[4,2],\"data_offsets\":[0,32]}}",
     0, 32},
    {"product_overflows",
     "{\"W\":{\"dtype\":\"F32\",\"shape\":[4294967296,4294967296],\"data_offsets\":[0,0]}}", 0, 0},
    {"product_too_large",
     "{\"W\":{\"dtype\":\"F64\",\"shape\":[2147483648,2147483648],\"data_offsets\":[0,0]}}", 0, 0},
    {"negative_shape", "{\"W\":{\"dtype\":\"F32\",\"shape\":[-4,-2],\"data_offsets\":[0,32]}}", 0, 32},
};

static void put_raw(void **state, size_t index) {
    char path[SUPPORT_PATH];
    char bytes[1024] = {0};
    const size_t length = raw[index].header == NULL ? 0 : strlen(raw[index].header);
    const uint64_t said = raw[index].length != 0 ? raw[index].length : length;
    for (size_t i = 0; i < 8; i++)
        bytes[i] = (char)(said >> (8 * i) & 0xff);
    if (length > 0)
        memcpy(bytes + 8, raw[index].header, length);
    support_put(support_path(path, state, raw[index].name), bytes,
                length == 0 ? 0 : 8 + length + raw[index].bytes);
}

/* Refused with this word, without a trace; and with --force an existing output stays as it is. */
static void expect_file_refused(void **state, const char *file, const char *word) {
    char path[SUPPORT_PATH], kept[64];
    struct run r;
    const size_t before = support_entries(*state);
    RUN(&r, *state, "solve", file, "--solver", "quasi_newton", "--radius", "0.1", "--output", "out");
    expect_refusal(&r, 1, word);
    assert_non_null(strstr(r.err, file));
    assert_int_equal(support_entries(*state), before);
    support_put(support_path(path, state, "kept"), "old", 3);
    RUN(&r, *state, "solve", file, "--solver", "admm", "--radius", "0.1", "--output", "kept", "--force");
    expect_refusal(&r, 1, word);
    get_file(*state, "kept", kept, sizeof kept);
    assert_string_equal(kept, "old");
    assert_int_equal(remove(path), 0);
    assert_int_equal(support_entries(*state), before);
}

static void test_malformed_files(void **state) {
    for (size_t i = 0; i < sizeof raw / sizeof *raw; i++) {
        put_raw(state, i);
        expect_file_refused(state, raw[i].name, raw[i].name);
    }
    expect_file_refused(state, "absent", "no such file");
    expect_file_refused(state, ".", "folder");
}

static struct st_tensor matrix(const char *name, enum st_dtype dtype, size_t rows, size_t cols,
                               const void *data) {
    return (struct st_tensor){name, dtype, 2, {rows, cols}, rows * cols, data};
}

static void test_wrong_tensors(void **state) {
    double W[COUNT], G[COUNT];
    const void *const zeros = (const double[COUNT]){0};
    make_problem(ROWS, COLS, 1, W, G);
    struct st_tensor w = matrix("W", ST_F64, ROWS, COLS, W), g = matrix("G", ST_F64, ROWS, COLS, G);

    put_tensors(*state, "no_w", NULL, &g);
    expect_file_refused(state, "no_w", "no tensor W");
    put_tensors(*state, "no_g", NULL, &w);
    expect_file_refused(state, "no_g", "no tensor G");
    g = matrix("G", ST_F64, COLS, ROWS, G);
    put_tensors(*state, "shapes", &w, &g);
    expect_file_refused(state, "shapes", "W is 4 x 2 but G is 2 x 4");
    g = (struct st_tensor){"G", ST_F64, 1, {COUNT}, COUNT, G};
    put_tensors(*state, "g_1d", &w, &g);
    expect_file_refused(state, "g_1d", "G has 1 dimension");
    g = matrix("G", ST_F64, ROWS, COLS, G);
    w = (struct st_tensor){"W", ST_F64, 1, {COUNT}, COUNT, W};
    put_tensors(*state, "w_1d", &w, &g);
    expect_file_refused(state, "w_1d", "W has 1 dimension");
    w = (struct st_tensor){"W", ST_F64, 3, {ROWS, COLS, 1}, COUNT, W};
    put_tensors(*state, "w_3d", &w, &g);
    expect_file_refused(state, "w_3d", "W is 4 x 2 x 1 but G is 4 x 2");
    w = matrix("W", ST_I16, ROWS, COLS, zeros);
    put_tensors(*state, "w_i16", &w, &g);
    expect_file_refused(state, "w_i16", "W is I16");
    w = matrix("W", ST_F64, 0, COLS, W);
    g = matrix("G", ST_F64, 0, COLS, G);
    put_tensors(*state, "none", &w, &g);
    expect_file_refused(state, "none", "empty");
}

/* Put one value into W or G and see it refused. */
static void expect_value_refused(void **state, const char *file, bool in_w, double value, const char *word) {
    double W[COUNT], G[COUNT];
    make_problem(ROWS, COLS, 1, W, G);
    (in_w ? W : G)[COUNT - 1] = value;
    const struct st_tensor w = matrix("W", ST_F64, ROWS, COLS, W), g = matrix("G", ST_F64, ROWS, COLS, G);
    put_tensors(*state, file, &w, &g);
    expect_file_refused(state, file, word);
}

static void test_wrong_values(void **state) {
    expect_value_refused(state, "g_nan", false, (double)NAN, "G");
    expect_value_refused(state, "g_inf", false, (double)INFINITY, "G");
    expect_value_refused(state, "w_nan", true, (double)NAN, "W");
    expect_value_refused(state, "w_inf", true, -(double)INFINITY, "W");
    expect_value_refused(state, "w_far", true, 0.9, "orthonormal");
    expect_value_refused(state, "w_near", true, 0.5, "--project");
    expect_value_refused(state, "w_huge", true, 1e300, "orthonormal");
}

/* Wrong use: "good" is a good file; each row changes the rest. */
static void test_wrong_use(void **state) {
    static const struct {
        const char *words[10], *said;
    } rows[] = {
        {{"good", "--solver", "admm", "--output", "out"}, "--radius is missing"},
        {{"good", "--solver", "admm", "--radius", "0.1"}, "--output is missing"},
        {{"good", "--radius", "1", "--output", "out"}, "--solver is missing: give one of spectral_clip"},
        {{"--solver", "admm", "--radius", "1", "--output", "out"},
         "INPUT.safetensors (holds W and G) is missing"},
        {{"good", "good", "--solver", "admm", "--radius", "1", "--output", "out"}, "too many"},
        {{"good", "--solver", "newton", "--radius", "1", "--output", "out"},
         "spectral_clip, dual_ascent, quasi_newton, frank_wolfe, admm"},
        {{"good", "--solver", "admm", "--radius", "0", "--output", "out"}, "--radius '0'"},
        {{"good", "--solver", "admm", "--radius", "-0.1", "--output", "out"}, "--radius '-0.1'"},
        {{"good", "--solver", "admm", "--radius", "nan", "--output", "out"}, "--radius 'nan'"},
        {{"good", "--solver", "admm", "--radius", "inf", "--output", "out"}, "--radius 'inf'"},
        {{"good", "--solver", "admm", "--radius", "1e101", "--output", "out"}, "--radius '1e101'"},
        {{"good", "--solver", "admm", "--radius", "1", "--max-iter", "-3", "--output", "out"},
         "--max-iter '-3'"},
        {{"good", "--solver", "admm", "--radius", "1", "--lr", "nan", "--output", "out"}, "--lr 'nan'"},
        {{"good", "--solver", "admm", "--radius", "1", "--tol", "1", "--output", "out"}, "--tol '1'"},
        {{"good", "--solver", "admm", "--radius", "1", "--rank", "3", "--output", "out"}, "good"},
        {{"good", "--solver", "admm", "--radius", "1", "--threads", "1025", "--output", "out"}, "--threads"},
        {{"good", "--solver", "admm", "--radius", "1", "--max-itr", "3", "--output", "out"},
         "mean --max-iter"},
        {{"good", "--solver", "admm", "--radius", "1", "--output"}, "--output needs a value"},
    };
    struct run r;
    put_problem(*state, "good", ROWS, COLS, ST_F32, 1);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *words[12] = {"solve"};
        for (size_t k = 0; k < 10 && rows[i].words[k] != NULL; k++)
            words[k + 1] = rows[i].words[k];
        run_program(&r, *state, words);
        expect_refusal(&r, 2, rows[i].said);
        assert_int_equal(support_entries(*state), 1);
    }
}

static void test_outputs(void **state) {
    char path[SUPPORT_PATH], kept[64];
    struct run r;
    put_problem(*state, "good", ROWS, COLS, ST_F32, 1);
    support_put(support_path(path, state, "old"), "old", 3);
    static const struct {
        const char *output, *said;
    } rows[] = {{"old", "exists already"},
                {"old/below", "not a folder"},
                {"absent/out", "is not there"},
                {".", "folder"},
                {"good", "exists already"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        RUN(&r, *state, "solve", "good", "--solver", "admm", "--radius", "0.1", "--output", rows[i].output);
        expect_refusal(&r, 1, rows[i].said);
        assert_null(strstr(r.err, "thread")); /* before anything is computed */
        assert_int_equal(support_entries(*state), 2);
    }
    get_file(*state, "old", kept, sizeof kept);
    assert_string_equal(kept, "old");
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, support_folder_make, support_folder_remove)

int main(void) {
    const struct CMUnitTest tests[] = {
        IN_FOLDER(test_malformed_files), IN_FOLDER(test_wrong_tensors), IN_FOLDER(test_wrong_values),
        IN_FOLDER(test_wrong_use),       IN_FOLDER(test_outputs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
