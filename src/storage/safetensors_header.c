/* The header of a safetensors file: parsed, and believed only where it fits the file. Takes what the reference library
   takes (tests/storage/data/verdicts.txt), but for duplicate names, which are refused. */
#include "storage/safetensors_header.h"

#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char st_metadata_name[] = "__metadata__";

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

static enum trm_status bad_tensor(const struct st_source *s, const char *name, const char *what,
                                  struct trm_error *error) {
    char text[64];
    return trm_fail(error, TRM_FORMAT, "%s: tensor \"%s\" %s; fetch or write the file again", s->path,
                    printable(name, text), what);
}

static enum trm_status unknown_dtype(const struct st_source *s, const char *name, const char *dtype,
                                     struct trm_error *error) {
    char text[64], shown[64];
    return trm_fail(
        error, TRM_FORMAT,
        "%s: tensor \"%s\" is of dtype \"%s\", which is not known here; write the file without it, or "
        "spell it as safetensors does",
        s->path, printable(name, text), printable(dtype, shown));
}

static bool multiply(size_t *product, size_t factor) {
    if (factor != 0 && *product > SIZE_MAX / factor)
        return false;
    *product *= factor;
    return true;
}

/* Elements of a tensor and their bytes, NULL where the two can be; else what is wrong. */
static const char *measure(const struct st_tensor *t, size_t *count, size_t *bytes) {
    *count = 1;
    for (size_t i = 0; i < t->rank; i++)
        if (!multiply(count, t->shape[i]))
            return "has a shape too large for any memory";
    size_t bits = *count;
    if (!multiply(&bits, st_dtype_bits(t->dtype)))
        return "has a shape too large for any memory";
    *bytes = bits / 8;
    return bits % 8 == 0 ? NULL : "ends within a byte";
}

/* A JSON number that is a size; false for anything else. */
static bool read_size(const json_t *value, size_t *size) {
    if (!json_is_integer(value) || json_integer_value(value) < 0)
        return false;
    *size = (size_t)json_integer_value(value);
    return true;
}

static bool read_dtype(const json_t *value, enum st_dtype *dtype) {
    for (unsigned i = 0; json_is_string(value) && st_dtype_bits((enum st_dtype)i) != 0; i++)
        if (strcmp(json_string_value(value), st_dtype_name((enum st_dtype)i)) == 0) {
            *dtype = (enum st_dtype)i;
            return true;
        }
    return false;
}

static enum trm_status read_entry(const struct st_source *s, const char *name, const json_t *value,
                                  struct st_entry *e, struct trm_error *error) {
    const json_t *shape = json_object_get(value, "shape"), *offsets = json_object_get(value, "data_offsets");
    struct st_tensor *t = &e->tensor;
    t->name = name;
    if (!json_is_object(value))
        return bad_tensor(s, name, "is not described by a JSON object", error);
    const json_t *const dtype = json_object_get(value, "dtype");
    if (!json_is_string(dtype))
        return bad_tensor(s, name, "has no dtype", error);
    if (!read_dtype(dtype, &t->dtype))
        return unknown_dtype(s, name, json_string_value(dtype), error);
    if (!json_is_array(shape))
        return bad_tensor(s, name, "has no shape", error);
    if (json_array_size(shape) > ST_MAX_RANK)
        return bad_tensor(s, name, "has more than 64 dimensions", error);
    t->rank = json_array_size(shape);
    for (size_t i = 0; i < t->rank; i++)
        if (!read_size(json_array_get(shape, i), &t->shape[i]))
            return bad_tensor(s, name, "has a dimension that is no size", error);
    if (json_array_size(offsets) != 2 || !read_size(json_array_get(offsets, 0), &e->begin) ||
        !read_size(json_array_get(offsets, 1), &e->end))
        return bad_tensor(s, name, "has no pair of data offsets", error);
    if (e->begin > e->end || e->end > s->size)
        return bad_tensor(s, name, "has data beyond the end of the file, which is cut short", error);
    size_t bytes;
    const char *const wrong = measure(t, &t->count, &bytes);
    if (wrong != NULL)
        return bad_tensor(s, name, wrong, error);
    if (bytes != e->end - e->begin)
        return bad_tensor(s, name, "has data offsets that do not fit its shape", error);
    return TRM_OK;
}

static int by_offset(const void *a, const void *b) {
    const struct st_entry *x = a, *y = b;
    if (x->begin != y->begin)
        return x->begin < y->begin ? -1 : 1;
    if (x->end != y->end)
        return x->end < y->end ? -1 : 1;
    return x->order < y->order ? -1 : 1;
}

/* In the order of the data, every tensor must begin where the one before ended, and the last end with
   the file. */
static enum trm_status check_cover(const struct st_source *s, struct st_entry *entries, size_t count,
                                   struct trm_error *error) {
    size_t end = 0;
    qsort(entries, count, sizeof *entries, by_offset);
    for (size_t i = 0; i < count; end = entries[i++].end)
        if (entries[i].begin != end)
            return bad_tensor(s, entries[i].tensor.name,
                              entries[i].begin < end ? "overlaps another" : "leaves a hole before it", error);
    if (end != s->size)
        return trm_fail(error, TRM_FORMAT,
                        "%s: %zu bytes after the last tensor, which are none of its; fetch or write it again",
                        s->path, s->size - end);
    return TRM_OK;
}

static enum trm_status check_metadata(const struct st_source *s, json_t *metadata, struct trm_error *error) {
    const char *key;
    json_t *value;
    bool good = json_is_object(metadata) || json_is_null(metadata);
    json_object_foreach(metadata, key, value) good = good && json_is_string(value);
    return good ? TRM_OK
                : trm_fail(error, TRM_FORMAT, "%s: its metadata is not a map of strings; write it again",
                           s->path);
}

/* A number "-0", which is no size, though it becomes 0 in the parser: a minus sign outside of strings and the zero
   behind it. */
static bool has_minus_zero(const char *text, size_t length) {
    bool in_string = false;
    for (size_t i = 0; i < length; i++)
        if (text[i] == '"')
            in_string = !in_string;
        else if (in_string && text[i] == '\\')
            i++;
        else if (!in_string && text[i] == '-' && i + 1 < length && text[i + 1] == '0')
            return true;
    return false;
}

enum trm_status st_header_parse(const char *path, const char *text, size_t length, json_t **header,
                                struct trm_error *error) {
    static const char white[] = {' ', '\t', '\n', '\r'};
    json_error_t why = {.text = "it does not begin with {"};
    size_t begin = 0;
    while (begin < length && memchr(white, text[begin], sizeof white) != NULL)
        begin++;
    *header = NULL;
    if (begin < length && text[begin] == '{')
        *header = json_loadb(text, length, JSON_REJECT_DUPLICATES, &why);
    if (*header != NULL && has_minus_zero(text, length)) {
        json_decref(*header);
        *header = NULL;
        snprintf(why.text, sizeof why.text, "-0 is no size");
    }
    char shown[64];
    return *header != NULL ? TRM_OK
                           : trm_fail(error, TRM_FORMAT,
                                      "%s: its header is not good JSON (%s); it is no safetensors file, or "
                                      "spoiled: fetch or write it again",
                                      path, printable(why.text, shown));
}

enum trm_status st_header_entries(const struct st_source *s, json_t *header, struct st_entry *entries,
                                  size_t *count, struct trm_error *error) {
    const char *name;
    json_t *value;
    enum trm_status status = TRM_OK;
    *count = 0;
    json_object_foreach(header, name, value) {
        if (strcmp(name, st_metadata_name) == 0) {
            status = check_metadata(s, value, error);
        } else {
            struct st_entry *e = &entries[*count];
            e->order = (*count)++;
            status = read_entry(s, name, value, e, error);
        }
        if (status != TRM_OK)
            return status;
    }
    return check_cover(s, entries, *count, error);
}
