/* What the header of a safetensors file says, checked; for the reader alone. */
#ifndef TRM_STORAGE_SAFETENSORS_HEADER_H
#define TRM_STORAGE_SAFETENSORS_HEADER_H

#include "storage/safetensors.h"

#include <jansson.h>

/* A tensor and where its bytes lie, counted from the end of the header. */
struct st_entry {
    struct st_tensor tensor;
    size_t begin, end, order;
};

struct st_source {
    const char *path; /* for messages */
    size_t size;      /* bytes behind the header */
};

extern const char st_metadata_name[];

/* The JSON object of a header; on failure *header is NULL. */
enum trm_status st_header_parse(const char *path, const char *text, size_t length, json_t **header,
                                struct trm_error *error);
/* Its tensors (as many as it has members at most) in the order of their data; names point into header. */
enum trm_status st_header_entries(const struct st_source *s, json_t *header, struct st_entry *entries,
                                  size_t *count, struct trm_error *error);

#endif
