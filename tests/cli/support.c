#include "cli/support.h"

#include "base/rng.h"

#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

size_t get_file(const char *folder, const char *name, char *bytes, size_t room) {
    char path[SUPPORT_PATH];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    const size_t size = fread(bytes, 1, room - 1, f);
    assert_int_equal(fclose(f), 0);
    bytes[size] = '\0';
    return size;
}

static void redirect(const char *path, int descriptor) {
    const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (fd < 0 || dup2(fd, descriptor) < 0)
        _exit(126);
}

void run_program(struct run *r, const char *folder, const char *const *arguments) {
    char *argv[32] = {strdup(TRM_ROUTER)};
    char out[] = "/tmp/trm-out-XXXXXX", err[] = "/tmp/trm-err-XXXXXX";
    size_t count = 1;
    int status;
    close(mkstemp(out));
    close(mkstemp(err));
    for (; arguments[count - 1] != NULL; count++) {
        assert_true(count + 1 < sizeof argv / sizeof *argv);
        argv[count] = strdup(arguments[count - 1]);
    }
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        redirect(out, STDOUT_FILENO);
        redirect(err, STDERR_FILENO);
        setenv("ASAN_OPTIONS", "exitcode=99", 1); /* what a sanitizer finds is no exit status of ours */
        setenv("UBSAN_OPTIONS", "exitcode=99", 1);
        if (chdir(folder) == 0)
            execv(argv[0], argv);
        _exit(127);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    r->exit_status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    get_file("", out, r->out, sizeof r->out);
    get_file("", err, r->err, sizeof r->err);
    r->err_lines = 0;
    for (const char *c = r->err; *c != '\0'; c++)
        r->err_lines += *c == '\n';
    unlink(out);
    unlink(err);
    for (size_t i = 0; i < count; i++)
        free(argv[i]);
}

void expect_refusal(const struct run *r, int exit_status, const char *word) {
    if (r->exit_status != exit_status || strstr(r->err, word) == NULL)
        print_error("exit status %d, wanted %d and '%s', said: %s", r->exit_status, exit_status, word,
                    r->err);
    assert_int_equal(r->exit_status, exit_status);
    assert_non_null(strstr(r->err, word));
    assert_in_range(r->err_lines, 1, 3);
    assert_true(r->out[0] == '\0' || strncmp(r->out, "{\n  \"error\": {", 14) == 0);
}

/* Make column j orthogonal to those before it, and of length one. */
static void orthonormalise(double *W, size_t m, size_t n, size_t row_stride, size_t col_stride) {
    for (size_t j = 0; j < n; j++)
        for (int pass = 0; pass < 2; pass++) {
            double square = 0;
            for (size_t k = 0; k < j; k++) {
                double dot = 0;
                for (size_t i = 0; i < m; i++)
                    dot += W[i * row_stride + j * col_stride] * W[i * row_stride + k * col_stride];
                for (size_t i = 0; i < m; i++)
                    W[i * row_stride + j * col_stride] -= dot * W[i * row_stride + k * col_stride];
            }
            for (size_t i = 0; i < m; i++)
                square += W[i * row_stride + j * col_stride] * W[i * row_stride + j * col_stride];
            for (size_t i = 0; i < m; i++)
                W[i * row_stride + j * col_stride] /= sqrt(square);
        }
}

void make_problem(size_t rows, size_t cols, unsigned seed, double *W, double *G) {
    struct rng r = rng_stream(seed, RNG_TEST, rows, cols);
    for (size_t i = 0; i < rows * cols; i++) {
        W[i] = rng_normal(&r);
        G[i] = rng_normal(&r);
    }
    if (rows >= cols)
        orthonormalise(W, rows, cols, cols, 1);
    else
        orthonormalise(W, cols, rows, 1, cols);
}

void put_tensors(const char *folder, const char *name, const struct st_tensor *w, const struct st_tensor *g) {
    char path[SUPPORT_PATH];
    struct trm_error error;
    struct st_tensor both[2] = {*g};
    if (w != NULL)
        both[1] = *w;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    assert_int_equal(st_write(path, both, w != NULL ? 2 : 1, NULL, 0, true, &error), TRM_OK);
}

void put_problem(const char *folder, const char *name, size_t rows, size_t cols, enum st_dtype dtype,
                 unsigned seed) {
    const size_t count = rows * cols;
    double *W = calloc(count, sizeof *W), *G = calloc(count, sizeof *G);
    float *W32 = calloc(count, sizeof *W32), *G32 = calloc(count, sizeof *G32);
    assert_true(W != NULL && G != NULL && W32 != NULL && G32 != NULL);
    make_problem(rows, cols, seed, W, G);
    for (size_t i = 0; i < count; i++) {
        W32[i] = (float)W[i];
        G32[i] = (float)G[i];
    }
    const bool narrow = dtype == ST_F32;
    const struct st_tensor w = {"W", dtype, 2, {rows, cols}, count, narrow ? (void *)W32 : (void *)W};
    const struct st_tensor g = {"G", dtype, 2, {rows, cols}, count, narrow ? (void *)G32 : (void *)G};
    put_tensors(folder, name, &w, &g);
    free(W), free(G), free(W32), free(G32);
}
