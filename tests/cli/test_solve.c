/* solve on good input: JSON, table and output file agree with each other and with plain recomputation. */
#include "cli/support.h"

#include "muon/muon.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct st_file *open_file(void **state, const char *name) {
    char path[SUPPORT_PATH];
    struct st_file *file;
    struct trm_error error;
    assert_int_equal(st_open(support_path(path, state, name), &file, &error), TRM_OK);
    return file;
}

static double value_at(const struct st_tensor *t, size_t index) {
    return t->dtype == ST_F32 ? (double)((const float *)t->data)[index] : ((const double *)t->data)[index];
}

static double number(const json_t *document, const char *key) {
    const json_t *value = json_object_get(document, key);
    assert_true(json_is_number(value));
    return json_number_value(value);
}

static json_t *solve_json(void **state, const char *input, const char *solver, const char *output) {
    struct run r;
    RUN(&r, *state, "solve", input, "--solver", solver, "--radius", "0.1", "--output", output, "--json");
    if (r.exit_status != 0)
        print_error("%s", r.err);
    assert_int_equal(r.exit_status, 0);
    assert_non_null(strstr(r.err, "thread"));
    json_t *document = json_loads(r.out, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(document);
    return document;
}

/* ||W'A + A'W||_F / b, or of WA' + AW' where they are wide, with plain loops. */
static double tangency(const struct st_tensor *w, const struct st_tensor *a, double radius) {
    const size_t rows = w->shape[0], cols = w->shape[1];
    const bool wide = rows < cols;
    const size_t n = wide ? rows : cols, m = wide ? cols : rows;
    double square = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++) {
            double sum = 0;
            for (size_t k = 0; k < m; k++) {
                const size_t at_i = wide ? i * cols + k : k * cols + i,
                             at_j = wide ? j * cols + k : k * cols + j;
                sum += value_at(w, at_i) * value_at(a, at_j) + value_at(a, at_i) * value_at(w, at_j);
            }
            square += sum * sum;
        }
    return sqrt(square) / radius;
}

static void check_answer(void **state, const char *input, const char *output, const char *solver,
                         const json_t *document) {
    struct st_file *in = open_file(state, input), *out = open_file(state, output);
    const struct st_tensor *w = st_find(in, "W"), *g = st_find(in, "G");
    const struct st_tensor *a = st_find(out, "A"), *x = st_find(out, "X");
    const size_t rows = g->shape[0], cols = g->shape[1], n = rows < cols ? rows : cols;
    double primal = 0, square = 0;
    assert_int_equal(st_tensor_count(out), 2);
    assert_true(a->dtype == g->dtype && a->rank == 2 && a->shape[0] == rows && a->shape[1] == cols);
    assert_true(x->dtype == ST_F64 && x->rank == 2 && x->shape[0] == n && x->shape[1] == n);
    for (size_t i = 0; i < a->count; i++) {
        primal -= value_at(g, i) * value_at(a, i);
        square += value_at(a, i) * value_at(a, i);
    }
    assert_true(fabs(number(document, "primal") - primal) <= 1e-9 * fabs(primal) + 1e-15);
    assert_true(fabs(number(document, "frobenius") - sqrt(square)) <= 1e-9 * sqrt(square) + 1e-15);
    assert_true(fabs(number(document, "tangency") - tangency(w, a, 0.1)) <= 1e-9);
    assert_true(number(document, "norm") <= 0.1 * (1 + 1e-6));
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < i; j++)
            assert_true(value_at(x, i * n + j) == value_at(x, j * n + i));
    assert_string_equal(st_metadata(out, "solver"), solver);
    assert_true(strtod(st_metadata(out, "gap"), NULL) == number(document, "gap"));
    assert_null(st_metadata(out, "seconds"));
    st_close(in);
    st_close(out);
}

static void test_every_solver_and_shape(void **state) {
    static const struct {
        const char *name;
        size_t rows, cols;
        enum st_dtype dtype;
    } inputs[] = {{"tall32", 12, 5, ST_F32},
                  {"wide64", 5, 12, ST_F64},
                  {"square", 6, 6, ST_F64},
                  {"row", 1, 7, ST_F32},
                  {"column", 7, 1, ST_F64}};
    for (size_t i = 0; i < sizeof inputs / sizeof *inputs; i++)
        put_problem(*state, inputs[i].name, inputs[i].rows, inputs[i].cols, inputs[i].dtype, 3);
    for (int id = 0; muon_solver_name(id) != NULL; id++)
        for (size_t i = 0; i < sizeof inputs / sizeof *inputs; i++) {
            const char *solver = muon_solver_name(id);
            char output[64];
            snprintf(output, sizeof output, "%s-%s", inputs[i].name, solver);
            json_t *document = solve_json(state, inputs[i].name, solver, output);
            assert_string_equal(json_string_value(json_object_get(document, "solver")), solver);
            assert_int_equal(json_object_get(document, "gap_full") != NULL, id == MUON_SOLVER_frank_wolfe);
            check_answer(state, inputs[i].name, output, solver, document);
            json_decref(document);
        }
}

static void test_json_keys(void **state) {
    static const char *const keys[] = {"solver",  "m",    "n",       "radius",   "status", "iterations",
                                       "primal",  "dual", "gap",     "tangency", "norm",   "frobenius",
                                       "nuclear", "rank", "seconds", "gap_full", "version"};
    struct run r;
    put_problem(*state, "in", 5, 12, ST_F32, 3);
    json_t *document = solve_json(state, "in", "frank_wolfe", "out");
    assert_int_equal(json_object_size(document), sizeof keys / sizeof *keys);
    RUN(&r, *state, "solve", "in", "--solver", "frank_wolfe", "--radius", "0.1", "--output", "out2");
    assert_int_equal(r.exit_status, 0);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        assert_non_null(json_object_get(document, keys[i]));
        assert_true(strstr(r.out, keys[i]) != NULL || strcmp(keys[i], "version") == 0);
    }
    assert_true(number(document, "m") == 12 && number(document, "n") == 5 &&
                number(document, "radius") == 0.1);
    json_decref(document);
}

/* The same W and G, transposed, give the same A, transposed, and the same X, bit for bit. */
static void test_wide_is_tall_transposed(void **state) {
    enum { M = 9, N = 4 };
    double W[M * N], G[M * N], Wt[M * N], Gt[M * N];
    make_problem(M, N, 5, W, G);
    for (size_t i = 0; i < M; i++)
        for (size_t j = 0; j < N; j++) {
            Wt[j * M + i] = W[i * N + j];
            Gt[j * M + i] = G[i * N + j];
        }
    const struct st_tensor w = {"W", ST_F64, 2, {M, N}, M * N, W}, g = {"G", ST_F64, 2, {M, N}, M * N, G};
    const struct st_tensor wt = {"W", ST_F64, 2, {N, M}, M * N, Wt}, gt = {"G", ST_F64, 2, {N, M}, M * N, Gt};
    put_tensors(*state, "tall", &w, &g);
    put_tensors(*state, "wide", &wt, &gt);
    json_decref(solve_json(state, "tall", "quasi_newton", "tall-out"));
    json_decref(solve_json(state, "wide", "quasi_newton", "wide-out"));
    struct st_file *tall = open_file(state, "tall-out"), *wide = open_file(state, "wide-out");
    for (size_t i = 0; i < M; i++)
        for (size_t j = 0; j < N; j++)
            assert_true(value_at(st_find(tall, "A"), i * N + j) == value_at(st_find(wide, "A"), j * M + i));
    assert_memory_equal(st_find(tall, "X")->data, st_find(wide, "X")->data, N * N * sizeof(double));
    st_close(tall);
    st_close(wide);
}

static void test_options_reach_the_solver(void **state) {
    struct run r;
    put_problem(*state, "in", 20, 8, ST_F64, 3);
    RUN(&r, *state, "solve", "in", "--solver", "dual_ascent", "--radius", "0.1", "--max-iter", "1", "--tol",
        "1e-9", "--output", "out", "--json");
    assert_int_equal(r.exit_status, 0); /* ending at the limit is a result */
    assert_non_null(strstr(r.out, "\"status\": \"max_iter\""));
    assert_non_null(strstr(r.out, "\"iterations\": 1,"));
    RUN(&r, *state, "solve", "in", "--solver", "frank_wolfe", "--rank", "1", "--radius", "0.1", "--output",
        "out", "--json", "--force");
    assert_int_equal(r.exit_status, 0);
    json_t *document = json_loads(r.out, 0, NULL);
    assert_true(number(document, "nuclear") <= 0.1 * (1 + 1e-6)); /* k b with k = 1 */
    json_decref(document);
}

static void test_same_input_same_file(void **state) {
    static char first[SUPPORT_TEXT], second[SUPPORT_TEXT];
    put_problem(*state, "in", 20, 8, ST_F32, 3);
    json_decref(solve_json(state, "in", "admm", "a"));
    json_decref(solve_json(state, "in", "admm", "b"));
    const size_t size = get_file(*state, "a", first, sizeof first);
    assert_int_equal(get_file(*state, "b", second, sizeof second), size);
    assert_memory_equal(first, second, size);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, support_folder_make, support_folder_remove)

int main(void) {
    const struct CMUnitTest tests[] = {
        IN_FOLDER(test_every_solver_and_shape),  IN_FOLDER(test_json_keys),
        IN_FOLDER(test_wide_is_tall_transposed), IN_FOLDER(test_options_reach_the_solver),
        IN_FOLDER(test_same_input_same_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
