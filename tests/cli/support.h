/* Running the program, and making inputs for it. Helpers stop the test where they fail. */
#ifndef TRM_TESTS_CLI_SUPPORT_H
#define TRM_TESTS_CLI_SUPPORT_H

#include "support/folders.h"

#include "storage/safetensors.h"

enum { SUPPORT_TEXT = 16384 };

/* What one run of the program gave. */
struct run {
    int exit_status; /* 128 + the signal where one ended it */
    char out[SUPPORT_TEXT], err[SUPPORT_TEXT];
    size_t err_lines;
};

/* Run trm-router in a folder with these arguments, up to a NULL, and wait for it. */
void run_program(struct run *r, const char *folder, const char *const *arguments);
#define RUN(r, folder, ...) run_program(r, folder, (const char *const[]){__VA_ARGS__, NULL})

/* One line of error (at most 3 with the line of threads) that holds every word of `words`, up to a NULL. */
void expect_refusal(const struct run *r, int exit_status, const char *word);

/* W (rows x cols, orthonormal columns, or rows where it is wide) and G, from a seed, as folder/name. */
void put_problem(const char *folder, const char *name, size_t rows, size_t cols, enum st_dtype dtype,
                 unsigned seed);
/* Row-major values in double: W orthonormal as above (Gram and Schmidt, twice), and G normal. */
void make_problem(size_t rows, size_t cols, unsigned seed, double *W, double *G);
/* Two tensors W and G of these shapes and values as folder/name; w may be NULL: no W then. */
void put_tensors(const char *folder, const char *name, const struct st_tensor *w, const struct st_tensor *g);

/* A whole small file into text, ended by 0. */
size_t get_file(const char *folder, const char *name, char *bytes, size_t room);

#endif
