#include "storage/file.h"
#include "storage/json.h"
#include "storage/safetensors.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { ALIGNMENT = 64, LENGTH_BYTES = 8 };
static const char metadata_name[] = "__metadata__";

static const struct {
    const char *name;
    size_t bits;
} dtypes[] = {
#define X(name, bits) [ST_##name] = {#name, bits},
    ST_DTYPE_LIST(X)
#undef X
};
enum { DTYPE_COUNT = sizeof dtypes / sizeof *dtypes };

size_t st_dtype_bits(enum st_dtype dtype) {
    return (unsigned)dtype < DTYPE_COUNT ? dtypes[dtype].bits : 0;
}

size_t st_dtype_size(enum st_dtype dtype) {
    return st_dtype_bits(dtype) / 8;
}

const char *st_dtype_name(enum st_dtype dtype) {
    return (unsigned)dtype < DTYPE_COUNT ? dtypes[dtype].name : "unknown dtype";
}

/* Bytes of a tensor from its shape and dtype; false where they overflow or the dtype or rank is none. */
static bool tensor_bytes(const struct st_tensor *t, size_t *bytes) {
    *bytes = st_dtype_size(t->dtype);
    if (*bytes == 0 || t->rank > ST_MAX_RANK)
        return false;
    for (size_t i = 0; i < t->rank; i++) {
        if (t->shape[i] != 0 && *bytes > INT64_MAX / t->shape[i])
            return false;
        *bytes *= t->shape[i];
    }
    return true;
}

static json_t *describe(const struct st_tensor *t, size_t begin, size_t end) {
    json_t *shape = json_array();
    for (size_t i = 0; i < t->rank; i++)
        json_append(&shape, json_count(t->shape[i]));
    return shape == NULL ? NULL
                         : json_pack("{s:s, s:o, s:[I, I]}", "dtype", st_dtype_name(t->dtype), "shape", shape,
                                     "data_offsets", (json_int_t)begin, (json_int_t)end);
}

/* A name or text that jansson took not; where it is good, memory was short. */
static enum trm_status refused(const char *path, const char *what, const char *name, bool twice,
                               struct trm_error *error) {
    if (twice)
        return trm_fail(error, TRM_INVALID, "%s: %s \"%s\" comes twice", path, what, name);
    return trm_fail(error, TRM_INVALID, "%s: %s \"%s\" is no UTF-8 text, or memory is short", path, what,
                    name);
}

static enum trm_status build_header(const char *path, const struct st_tensor *tensors, size_t tensor_count,
                                    const struct st_meta *metadata, size_t metadata_count, json_t **header,
                                    struct trm_error *error) {
    size_t end = 0;
    json_t *meta = json_object();
    *header = json_object();
    for (size_t i = 0; i < metadata_count; i++) {
        const bool twice = json_object_get(meta, metadata[i].key) != NULL;
        json_put(&meta, metadata[i].key, json_string(metadata[i].value));
        if (meta == NULL)
            return refused(path, "metadata", metadata[i].key, twice, error);
    }
    if (metadata_count > 0)
        json_put(header, metadata_name, meta);
    else
        json_decref(meta);
    if (*header == NULL)
        return trm_fail(error, TRM_NO_MEMORY, "%s: no memory for its header", path);
    for (size_t i = 0; i < tensor_count; i++) {
        size_t bytes;
        const size_t begin = end;
        const char *const name = tensors[i].name;
        const bool twice =
            name != NULL && (json_object_get(*header, name) != NULL || strcmp(name, metadata_name) == 0);
        if (!tensor_bytes(&tensors[i], &bytes) || bytes > INT64_MAX - end)
            return trm_fail(error, TRM_SHAPE, "%s: tensor \"%s\" has a shape or dtype that cannot be written",
                            path, tensors[i].name);
        end += bytes;
        json_put(header, name, twice ? NULL : describe(&tensors[i], begin, end));
        if (*header == NULL)
            return refused(path, "tensor name", name, twice, error);
    }
    return TRM_OK;
}

/* Is this described as it is? Fewer entries of the header than there are tensors, say, would be a file that nobody can
   read, and whoever wrote it would not know. */
static bool reads_back(const char *text, const struct st_tensor *tensors, size_t tensor_count,
                       const struct st_meta *metadata, size_t metadata_count) {
    json_t *const header = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    json_t *const meta = json_object_get(header, metadata_name);
    bool good = json_object_size(meta) == metadata_count &&
                json_object_size(header) == tensor_count + (metadata_count > 0);
    for (size_t i = 0; good && i < metadata_count; i++) {
        const char *const value = json_string_value(json_object_get(meta, metadata[i].key));
        good = value != NULL && strcmp(value, metadata[i].value) == 0;
    }
    size_t begin = 0;
    for (size_t i = 0; good && i < tensor_count; i++) {
        size_t bytes = 0;
        good = tensor_bytes(&tensors[i], &bytes);
        json_t *const expected = describe(&tensors[i], begin, begin + bytes);
        good = good && expected != NULL && json_equal(expected, json_object_get(header, tensors[i].name));
        json_decref(expected);
        begin += bytes;
    }
    json_decref(header);
    return good;
}

/* The length, the header, and spaces up to a multiple of 64 bytes, so that the first tensor is aligned. */
static void write_header(FILE *stream, const char *text) {
    const size_t length = strlen(text), used = LENGTH_BYTES + length;
    const size_t padding = (ALIGNMENT - used % ALIGNMENT) % ALIGNMENT;
    for (unsigned i = 0; i < LENGTH_BYTES; i++)
        putc((int)((uint64_t)(length + padding) >> (8 * i) & 0xff), stream);
    fwrite(text, 1, length, stream);
    for (size_t i = 0; i < padding; i++)
        putc(' ', stream);
}

enum trm_status st_write(const char *path, const struct st_tensor *tensors, size_t tensor_count,
                         const struct st_meta *metadata, size_t metadata_count, bool overwrite,
                         struct trm_error *error) {
    char *text = NULL;
    json_t *header;
    enum trm_status status =
        build_header(path, tensors, tensor_count, metadata, metadata_count, &header, error);
    if (status != TRM_OK)
        goto done;
    text = json_dumps(header, JSON_COMPACT);
    if (text == NULL || !reads_back(text, tensors, tensor_count, metadata, metadata_count)) {
        status = trm_fail(error, TRM_NO_MEMORY, "%s: no memory for its header", path);
        goto done;
    }
    struct file_writer w;
    if ((status = file_begin(&w, path, error)) != TRM_OK)
        goto done;
    write_header(w.stream, text);
    for (size_t i = 0; i < tensor_count; i++) {
        size_t bytes;
        if (tensor_bytes(&tensors[i], &bytes) && bytes > 0)
            fwrite(tensors[i].data, 1, bytes, w.stream);
    }
    status = file_commit(&w, overwrite, error); /* which sees a write that failed */
done:
    free(text);
    json_decref(header);
    return status;
}
