/* An inner problem from a safetensors file: tensors W and G, 2-D, of one shape, F32 or F64 each. */
#ifndef TRM_CLI_COMMANDS_PROBLEM_FILE_H
#define TRM_CLI_COMMANDS_PROBLEM_FILE_H

#include "muon/muon.h"
#include "storage/safetensors.h"

struct problem_file {
    struct st_file *file;      /* owns the bytes of W and G */
    const struct st_tensor *g; /* as stored; shape and dtype of the answer A */
    struct muon_matrix W, G;   /* m x n, m >= n: transposed where they are wide */
    size_t m, n;
};

/* Read and check; on failure nothing needs closing. */
enum trm_status problem_file_open(const char *path, struct problem_file *p, struct trm_error *error);
void problem_file_close(struct problem_file *p);

#endif
