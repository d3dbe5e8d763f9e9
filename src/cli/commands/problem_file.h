/* An inner problem from a safetensors file: a weight and its momentum or gradient, of one shape. */
#ifndef TRM_CLI_COMMANDS_PROBLEM_FILE_H
#define TRM_CLI_COMMANDS_PROBLEM_FILE_H

#include "muon/muon.h"
#include "storage/safetensors.h"

/* What of a file is the problem. */
struct problem_choice {
    const char *weight, *grad; /* names of the tensors */
    bool project;              /* take the polar factor of the weight, in double */
};

/* Rows of a command's table of settings; at: its struct problem_choice. */
/* clang-format off */
#define PROBLEM_OPTIONS(request, at)                                                                         \
    {"weight", "NAME", SETTING_TEXT, offsetof(request, at.weight), "W", NULL, "the tensor that is W"},       \
    {"grad", "NAME", SETTING_TEXT, offsetof(request, at.grad), "G", NULL, "the tensor that is G"},           \
    {"project", NULL, SETTING_FLAG, offsetof(request, at.project), "", NULL,                                 \
     "put the polar factor of W in its place, for a W that is not orthonormal"}
/* clang-format on */

struct problem_file {
    struct st_file *file;      /* owns the bytes that were not widened */
    const struct st_tensor *g; /* as stored */
    enum st_dtype answer;      /* of A: F64 where G is, else F32 */
    struct muon_matrix W, G;   /* m x n, m >= n: transposed where they are wide */
    size_t out, in;            /* as stored, flattened: the first dimension, and the product of the others */
    size_t m, n;
    double distance; /* projected: ||W - polar(W)||_F / sqrt(n) */
    void *own[2];    /* W and G, where they were widened or projected */
};

/* Read these two tensors and nothing else, BF16 and F16 widened exactly. On failure nothing needs closing. */
enum trm_status problem_file_open(const char *path, const struct problem_choice *choice,
                                  struct problem_file *p, struct trm_error *error);
void problem_file_close(struct problem_file *p);

#endif
