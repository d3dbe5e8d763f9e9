/* safetensors files (huggingface.co/docs/safetensors): 8 bytes header length, JSON header, tensor bytes.
   Everything read is checked before it is believed; files are written beside their name and renamed. */
#ifndef TRM_STORAGE_SAFETENSORS_H
#define TRM_STORAGE_SAFETENSORS_H

#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>

enum { ST_MAX_RANK = 64 }; /* NumPy's limit, too */

/* name, bits of an element. What lies within a byte can be read as bytes only, and not be written. */
/* clang-format off */
#define ST_DTYPE_LIST(X)                                                                                     \
    X(F64, 64) X(F32, 32) X(F16, 16) X(BF16, 16) X(I64, 64) X(I32, 32) X(I16, 16) X(I8, 8) X(U8, 8)          \
    X(BOOL, 8) X(U64, 64) X(U32, 32) X(U16, 16) X(C64, 64) X(F8_E4M3, 8) X(F8_E5M2, 8) X(F8_E8M0, 8)         \
    X(F8_E4M3FNUZ, 8) X(F8_E5M2FNUZ, 8) X(F6_E2M3, 6) X(F6_E3M2, 6) X(F4, 4)
/* clang-format on */

enum st_dtype {
#define X(name, bits) ST_##name,
    ST_DTYPE_LIST(X)
#undef X
};

struct st_tensor {
    const char *name;
    enum st_dtype dtype;
    size_t rank; /* 0 ... ST_MAX_RANK */
    size_t shape[ST_MAX_RANK];
    size_t count;     /* product of shape; 1 where rank is 0 */
    const void *data; /* count elements, row-major, aligned to 64 bytes where read */
};

struct st_meta {
    const char *key, *value;
};

struct st_file; /* a file that was checked, and what was read of it */

/* Read and check a whole file. Refuses a folder, a short or overlong file, a header that is not JSON or has
   duplicate names, unknown dtypes, shapes whose product overflows, offsets that leave holes, overlap, or do
   not fit the shape, and bytes after the last tensor. On failure *out is NULL. */
enum trm_status st_open(const char *path, struct st_file **out, struct trm_error *error);
/* The same, but data are NULL until they are asked for: for a file that may be far larger than what is wanted. */
enum trm_status st_open_header(const char *path, struct st_file **out, struct trm_error *error);
/* Read the data of one tensor. TRM_IO where the file is no longer what it was. */
enum trm_status st_load(struct st_file *file, size_t index, struct trm_error *error);
void st_close(struct st_file *file); /* NULL is fine */

size_t st_tensor_count(const struct st_file *file);
const struct st_tensor *st_tensor_at(const struct st_file *file, size_t index); /* in the order of the data */
const struct st_tensor *st_find(const struct st_file *file, const char *name);  /* NULL if there is none */
size_t st_index(const struct st_file *file, const char *name);        /* st_tensor_count if there is none */
const char *st_metadata(const struct st_file *file, const char *key); /* NULL if there is none */
const char *st_path(const struct st_file *file);

size_t st_dtype_bits(enum st_dtype dtype); /* of an element; 0 for no dtype */
size_t st_dtype_size(enum st_dtype dtype); /* bytes of an element; 0 where it is part of one */
const char *st_dtype_name(enum st_dtype dtype);

/* Write tensors (in this order) and metadata to path: beside it first, flushed to disk, then renamed, so that
   path is always absent, old or complete. With overwrite false an existing path is TRM_EXISTS and stays as it
   is. The same input gives the same bytes. */
enum trm_status st_write(const char *path, const struct st_tensor *tensors, size_t tensor_count,
                         const struct st_meta *metadata, size_t metadata_count, bool overwrite,
                         struct trm_error *error);

#endif
