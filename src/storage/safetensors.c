#include "storage/safetensors.h"
#include "storage/file.h"

#include <ctype.h>
#include <jansson.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { ALIGNMENT = 64, LENGTH_BYTES = 8, MAX_HEADER = 100000000 /* as in the reference implementation */ };
static const size_t max_file = (size_t)1 << 36;
static const char metadata_name[] = "__metadata__";

/* A tensor and where its bytes lie, counted from the end of the header. */
struct entry {
    struct st_tensor tensor;
    size_t begin, end, order;
};

struct st_file {
    char *path;
    json_t *header; /* owns names and metadata */
    struct st_tensor *tensors;
    size_t count;
    char *data; /* every tensor's bytes, each aligned */
};

struct source {
    const char *path;
    const unsigned char *bytes;
    size_t header, size; /* of the JSON text, of the tensor bytes behind it */
};

/* A name from a file, fit for one line on a terminal. */
static const char *printable(const char *name, char text[64]) {
    size_t i = 0;
    for (; i < 60 && name[i] != '\0'; i++)
        text[i] = name[i];
    snprintf(text + i, 64 - i, "%s", name[i] == '\0' ? "" : "...");
    for (i = 0; text[i] != '\0'; i++)
        text[i] = (char)(iscntrl((unsigned char)text[i]) ? '?' : text[i]);
    return text;
}

static enum trm_status bad_tensor(const struct source *s, const char *name, const char *what,
                                  struct trm_error *error) {
    char text[64];
    return trm_fail(error, TRM_FORMAT, "%s: tensor \"%s\" %s; the file is damaged or no safetensors file",
                    s->path, printable(name, text), what);
}

static bool multiply(size_t *product, size_t factor) {
    if (factor != 0 && *product > SIZE_MAX / factor)
        return false;
    *product *= factor;
    return true;
}

/* Elements of a tensor and their bytes; false on overflow. */
static bool measure(const struct st_tensor *t, size_t *count, size_t *bytes) {
    *count = 1;
    for (size_t i = 0; i < t->rank; i++)
        if (!multiply(count, t->shape[i]))
            return false;
    *bytes = *count;
    return multiply(bytes, st_dtype_size(t->dtype));
}

/* A JSON number that is a size; false for anything else. */
static bool read_size(const json_t *value, size_t *size) {
    if (!json_is_integer(value) || json_integer_value(value) < 0)
        return false;
    *size = (size_t)json_integer_value(value);
    return true;
}

static bool read_dtype(const json_t *value, enum st_dtype *dtype) {
    for (unsigned i = 0; json_is_string(value) && st_dtype_size((enum st_dtype)i) != 0; i++)
        if (strcmp(json_string_value(value), st_dtype_name((enum st_dtype)i)) == 0) {
            *dtype = (enum st_dtype)i;
            return true;
        }
    return false;
}

static enum trm_status read_entry(const struct source *s, const char *name, const json_t *value,
                                  struct entry *e, struct trm_error *error) {
    const json_t *shape = json_object_get(value, "shape"), *offsets = json_object_get(value, "data_offsets");
    struct st_tensor *t = &e->tensor;
    t->name = name;
    if (!json_is_object(value))
        return bad_tensor(s, name, "is not described by a JSON object", error);
    if (!read_dtype(json_object_get(value, "dtype"), &t->dtype))
        return bad_tensor(s, name, "has no dtype that is known here", error);
    if (!json_is_array(shape) || json_array_size(shape) > ST_MAX_RANK)
        return bad_tensor(s, name, "has no shape, or one of more than 8 dimensions", error);
    t->rank = json_array_size(shape);
    for (size_t i = 0; i < t->rank; i++)
        if (!read_size(json_array_get(shape, i), &t->shape[i]))
            return bad_tensor(s, name, "has a dimension that is no size", error);
    if (json_array_size(offsets) != 2 || !read_size(json_array_get(offsets, 0), &e->begin) ||
        !read_size(json_array_get(offsets, 1), &e->end))
        return bad_tensor(s, name, "has no pair of data offsets", error);
    if (e->begin > e->end || e->end > s->size)
        return bad_tensor(s, name, "has data offsets beyond the end of the file", error);
    size_t bytes;
    if (!measure(t, &t->count, &bytes))
        return bad_tensor(s, name, "has a shape too large for any memory", error);
    if (bytes != e->end - e->begin)
        return bad_tensor(s, name, "has data offsets that do not fit its shape", error);
    return TRM_OK;
}

static int by_offset(const void *a, const void *b) {
    const struct entry *x = a, *y = b;
    if (x->begin != y->begin)
        return x->begin < y->begin ? -1 : 1;
    if (x->end != y->end)
        return x->end < y->end ? -1 : 1;
    return x->order < y->order ? -1 : 1;
}

/* In the order of the data, every tensor must begin where the one before ended, and the last end with
   the file. */
static enum trm_status check_cover(const struct source *s, struct entry *entries, size_t count,
                                   struct trm_error *error) {
    size_t end = 0;
    qsort(entries, count, sizeof *entries, by_offset);
    for (size_t i = 0; i < count; end = entries[i++].end)
        if (entries[i].begin != end)
            return bad_tensor(s, entries[i].tensor.name,
                              entries[i].begin < end ? "overlaps another" : "leaves a hole before it", error);
    if (end != s->size)
        return trm_fail(error, TRM_FORMAT, "%s: %zu bytes after the last tensor; the file is damaged",
                        s->path, s->size - end);
    return TRM_OK;
}

static enum trm_status check_metadata(const struct source *s, json_t *metadata, struct trm_error *error) {
    const char *key;
    json_t *value;
    bool good = json_is_object(metadata);
    json_object_foreach(metadata, key, value) good = good && json_is_string(value);
    return good ? TRM_OK
                : trm_fail(error, TRM_FORMAT, "%s: its metadata is not a map of strings; the file is damaged",
                           s->path);
}

static enum trm_status read_entries(const struct source *s, json_t *header, struct entry *entries,
                                    size_t *count, struct trm_error *error) {
    const char *name;
    json_t *value;
    enum trm_status status = TRM_OK;
    *count = 0;
    json_object_foreach(header, name, value) {
        if (strcmp(name, metadata_name) == 0) {
            status = check_metadata(s, value, error);
        } else {
            struct entry *e = &entries[*count];
            e->order = (*count)++;
            status = read_entry(s, name, value, e, error);
        }
        if (status != TRM_OK)
            return status;
    }
    return check_cover(s, entries, *count, error);
}

static size_t aligned(size_t bytes) {
    return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

/* Tensors may lie at any byte of a file; copy each to an aligned place. */
static enum trm_status copy_tensors(struct st_file *file, const struct source *s, const struct entry *entries,
                                    struct trm_error *error) {
    size_t room = ALIGNMENT;
    for (size_t i = 0; i < file->count; i++)
        room += aligned(entries[i].end - entries[i].begin);
    file->data = aligned_alloc(ALIGNMENT, room);
    file->tensors = calloc(file->count + 1, sizeof *file->tensors);
    if (file->data == NULL || file->tensors == NULL)
        return trm_fail(error, TRM_NO_MEMORY, "%s: no memory for its tensors; free some", s->path);
    char *to = file->data;
    for (size_t i = 0; i < file->count; i++) {
        const size_t bytes = entries[i].end - entries[i].begin;
        memcpy(to, s->bytes + LENGTH_BYTES + s->header + entries[i].begin, bytes);
        file->tensors[i] = entries[i].tensor;
        file->tensors[i].data = to;
        to += aligned(bytes);
    }
    return TRM_OK;
}

/* Split the file at the header's end and parse the header. */
static enum trm_status read_header(struct source *s, size_t size, json_t **header, struct trm_error *error) {
    uint64_t length = 0;
    if (size < LENGTH_BYTES)
        return trm_fail(error, TRM_FORMAT,
                        "%s: %zu bytes are too few for a safetensors file; is it the right one?", s->path,
                        size);
    for (unsigned i = 0; i < LENGTH_BYTES; i++)
        length |= (uint64_t)s->bytes[i] << (8 * i);
    if (length > size - LENGTH_BYTES || length > MAX_HEADER)
        return trm_fail(error, TRM_FORMAT,
                        "%s: its header would end beyond the file; it is truncated or no safetensors file",
                        s->path);
    s->header = (size_t)length;
    s->size = size - LENGTH_BYTES - s->header;
    const char *text = (const char *)s->bytes + LENGTH_BYTES;
    json_error_t why = {.text = "it does not begin with {"};
    if (length > 0 && text[0] == '{')
        *header = json_loadb(text, s->header, JSON_REJECT_DUPLICATES, &why);
    if (!json_is_object(*header)) {
        char shown[64];
        return trm_fail(error, TRM_FORMAT,
                        "%s: its header is not good JSON (%s); it is damaged or no safetensors file", s->path,
                        printable(why.text, shown));
    }
    return TRM_OK;
}

enum trm_status st_open(const char *path, struct st_file **out, struct trm_error *error) {
    struct source s = {.path = path};
    struct entry *entries = NULL;
    void *bytes = NULL;
    size_t size;
    *out = NULL;
    struct st_file *file = calloc(1, sizeof *file);
    if (file == NULL || (file->path = strdup(path)) == NULL) {
        free(file);
        return trm_fail(error, TRM_NO_MEMORY, "%s: no memory to read it", path);
    }
    enum trm_status status = file_read(path, max_file, &bytes, &size, error);
    if (status != TRM_OK)
        goto fail;
    s.bytes = bytes;
    if ((status = read_header(&s, size, &file->header, error)) != TRM_OK)
        goto fail;
    entries = calloc(json_object_size(file->header) + 1, sizeof *entries);
    if (entries == NULL) {
        status = trm_fail(error, TRM_NO_MEMORY, "%s: no memory for its header", path);
        goto fail;
    }
    if ((status = read_entries(&s, file->header, entries, &file->count, error)) != TRM_OK ||
        (status = copy_tensors(file, &s, entries, error)) != TRM_OK)
        goto fail;
    *out = file;
    file = NULL;
fail:
    free(entries);
    free(bytes);
    st_close(file);
    return status;
}

void st_close(struct st_file *file) {
    if (file == NULL)
        return;
    json_decref(file->header);
    free(file->tensors);
    free(file->data);
    free(file->path);
    free(file);
}

size_t st_tensor_count(const struct st_file *file) {
    return file->count;
}

const struct st_tensor *st_tensor_at(const struct st_file *file, size_t index) {
    return index < file->count ? &file->tensors[index] : NULL;
}

const struct st_tensor *st_find(const struct st_file *file, const char *name) {
    for (size_t i = 0; i < file->count; i++)
        if (strcmp(file->tensors[i].name, name) == 0)
            return &file->tensors[i];
    return NULL;
}

const char *st_metadata(const struct st_file *file, const char *key) {
    return json_string_value(json_object_get(json_object_get(file->header, metadata_name), key));
}

const char *st_path(const struct st_file *file) {
    return file->path;
}
