/* Weights and gradients as people have them: halves, more than two dimensions, a checkpoint with other tensors, a weight
   that is only nearly orthonormal. */
#include "cli/support.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { OUT = 6, IN = 4, COUNT = OUT * IN };

/* Values that BF16 and F16 hold: W of zeros and ones, G of eighths. */
static void exact_problem(float W[COUNT], float G[COUNT]) {
    for (size_t i = 0; i < COUNT; i++) {
        W[i] = i / IN == i % IN ? 1.0f : 0.0f;
        G[i] = (float)((int)(7 * i * i % 31) - 15) / 8.0f;
    }
}

static struct st_tensor tensor(const char *name, enum st_dtype dtype, size_t rank, const void *data) {
    struct st_tensor t = {.name = name, .dtype = dtype, .rank = rank, .count = COUNT, .data = data};
    const size_t two[] = {OUT, IN}, four[] = {OUT, 2, 1, IN / 2};
    memcpy(t.shape, rank == 2 ? two : four, rank * sizeof *t.shape);
    return t;
}

/* A of a solve of these files, in the shape `rank`, F32. */
static void solve(void **state, const char *input, const char *weight, const char *grad, size_t rank,
                  float A[COUNT]) {
    struct run r;
    char path[SUPPORT_PATH];
    struct st_file *file;
    struct trm_error error;
    RUN(&r, *state, "solve", input, "--solver", "quasi_newton", "--radius", "0.1", "--output", "out",
        "--force", "--weight", weight, "--grad", grad);
    if (r.exit_status != 0)
        fail_msg("%s", r.err);
    assert_int_equal(st_open(support_path(path, state, "out"), &file, &error), TRM_OK);
    const struct st_tensor *const a = st_find(file, "A");
    assert_int_equal(a->rank, rank);
    assert_int_equal(a->shape[0], OUT);
    assert_int_equal(a->count, COUNT);
    assert_int_equal(a->dtype, ST_F32);
    memcpy(A, a->data, COUNT * sizeof *A);
    st_close(file);
}

/* The bits of a value that has no more digits than the type. */
static uint16_t half_bits(float value, enum st_dtype dtype) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    if (dtype == ST_BF16)
        return (uint16_t)(bits >> 16);
    const uint32_t sign = bits >> 16 & 0x8000, exponent = (bits >> 23 & 255) - 112,
                   fraction = bits >> 13 & 1023;
    return (uint16_t)(value == 0.0f ? 0 : sign | exponent << 10 | fraction);
}

static void test_halves(void **state) {
    float W[COUNT], G[COUNT], A[COUNT], half[COUNT];
    uint16_t w[2][COUNT], g[2][COUNT];
    const enum st_dtype dtypes[2] = {ST_BF16, ST_F16};
    exact_problem(W, G);
    struct st_tensor first = tensor("W", ST_F32, 2, W), second = tensor("G", ST_F32, 2, G);
    put_tensors(*state, "whole", &first, &second);
    solve(state, "whole", "W", "G", 2, A);
    for (size_t d = 0; d < 2; d++) {
        for (size_t i = 0; i < COUNT; i++)
            w[d][i] = half_bits(W[i], dtypes[d]), g[d][i] = half_bits(G[i], dtypes[d]);
        first = tensor("W", dtypes[d], 2, w[d]), second = tensor("G", dtypes[1 - d], 2, g[1 - d]);
        if (d == 0)
            for (size_t i = 0; i < COUNT; i++)
                g[1][i] = half_bits(G[i], ST_F16);
        put_tensors(*state, "half", &first, &second);
        solve(state, "half", "W", "G", 2, half);
        assert_memory_equal(half, A, sizeof A);
    }
}

/* The smallest numbers of F16, and its infinity. */
static void test_small_halves(void **state) {
    float W[COUNT], G[COUNT], A[COUNT], half[COUNT];
    uint16_t g[COUNT];
    struct run r;
    exact_problem(W, G);
    for (size_t i = 0; i < COUNT; i++) {
        g[i] = (uint16_t)(i % 2 * 0x8000 + 37 * i % 1023);
        G[i] = (float)((i % 2 != 0 ? -1.0 : 1.0) * ldexp((double)(37 * i % 1023), -24));
    }
    struct st_tensor w = tensor("W", ST_F32, 2, W), grad = tensor("G", ST_F32, 2, G);
    put_tensors(*state, "whole", &w, &grad);
    solve(state, "whole", "W", "G", 2, A);
    grad = tensor("G", ST_F16, 2, g);
    put_tensors(*state, "half", &w, &grad);
    solve(state, "half", "W", "G", 2, half);
    assert_memory_equal(half, A, sizeof A);
    g[3] = 0x7c00;
    put_tensors(*state, "half", &w, &grad);
    RUN(&r, *state, "solve", "half", "--solver", "admm", "--radius", "0.1", "--output", "none");
    expect_refusal(&r, 1, "G holds NaN or infinity");
}

static void test_convolution(void **state) {
    float W[COUNT], G[COUNT], A[COUNT], flat[COUNT];
    exact_problem(W, G);
    struct st_tensor w = tensor("conv.weight", ST_F32, 4, W), g = tensor("conv.grad", ST_F32, 4, G);
    put_tensors(*state, "conv", &w, &g);
    solve(state, "conv", "conv.weight", "conv.grad", 4, A);
    w = tensor("W", ST_F32, 2, W), g = tensor("G", ST_F32, 2, G);
    put_tensors(*state, "flat", &w, &g);
    solve(state, "flat", "W", "G", 2, flat);
    assert_memory_equal(A, flat, sizeof A);
    struct run r;
    RUN(&r, *state, "solve", "conv", "--solver", "admm", "--radius", "0.1", "--output", "none");
    expect_refusal(&r, 1, "holds no tensor W but conv.grad, conv.weight; name one with --weight");
    RUN(&r, *state, "bench", "solvers", "conv", "--weight", "conv.weight", "--grad", "conv.grad", "--solver",
        "admm", "--repeats", "1", "--tol", "1e-1");
    assert_int_equal(r.exit_status, 0);
}

/* A neighbour of a type that nobody here knows, and larger than any memory (a hole in the file). */
static void test_neighbours(void **state) {
    static const char header[] = "{\"W\":{\"dtype\":\"F32\",\"shape\":[6,4],\"data_offsets\":[0,96]},"
                                 "\"G\":{\"dtype\":\"F32\",\"shape\":[6,4],\"data_offsets\":[96,192]},"
                                 "\"n\":{\"dtype\":\"F8_E4M3\",\"shape\":[68719476736],"
                                 "\"data_offsets\":[192,68719476928]}}   ";
    float W[COUNT], G[COUNT], A[COUNT];
    unsigned char bytes[8 + sizeof header - 1 + 192] = {sizeof header - 1};
    char path[SUPPORT_PATH];
    struct run r;
    exact_problem(W, G);
    memcpy(bytes + 8, header, sizeof header - 1);
    memcpy(bytes + 8 + sizeof header - 1, W, sizeof W);
    memcpy(bytes + 8 + sizeof header - 1 + sizeof W, G, sizeof G);
    support_put(support_path(path, state, "big"), bytes, sizeof bytes);
    if (truncate(path, (off_t)(8 + sizeof header - 1) + 68719476928) != 0)
        skip();
    solve(state, "big", "W", "G", 2, A);
    RUN(&r, *state, "solve", "big", "--solver", "admm", "--radius", "0.1", "--output", "none", "--grad", "n");
    expect_refusal(&r, 1, "n has 1 dimension");
}

static void test_projection(void **state) {
    static double W[16 * 8], G[16 * 8];
    struct run r;
    make_problem(16, 8, 5, W, G);
    for (size_t i = 0; i < 16 * 8; i++)
        W[i] *= 1.01;
    const struct st_tensor w = {"W", ST_F64, 2, {16, 8}, 16 * 8, W}, g = {"G", ST_F64, 2, {16, 8}, 16 * 8, G};
    put_tensors(*state, "scaled", &w, &g);
    RUN(&r, *state, "solve", "scaled", "--solver", "quasi_newton", "--radius", "0.1", "--output", "none");
    expect_refusal(&r, 1, "--project");
    RUN(&r, *state, "solve", "scaled", "--solver", "quasi_newton", "--radius", "0.1", "--output", "out",
        "--project", "--json");
    assert_int_equal(r.exit_status, 0);
    json_t *const document = json_loads(r.out, 0, NULL);
    assert_true(fabs(json_number_value(json_object_get(document, "projected")) - 0.01) < 1e-12);
    assert_true(json_number_value(json_object_get(document, "gap")) <= 1e-4);
    assert_true(json_number_value(json_object_get(document, "tangency")) < 1e-12);
    json_decref(document);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, support_folder_make, support_folder_remove)

int main(void) {
    const struct CMUnitTest tests[] = {
        IN_FOLDER(test_halves),     IN_FOLDER(test_small_halves), IN_FOLDER(test_convolution),
        IN_FOLDER(test_neighbours), IN_FOLDER(test_projection),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
