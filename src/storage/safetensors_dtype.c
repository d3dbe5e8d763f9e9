#include "storage/safetensors.h"

static const struct {
    const char *name;
    size_t size;
} dtypes[] = {
#define X(name, size) [ST_##name] = {#name, size},
    ST_DTYPE_LIST(X)
#undef X
};
enum { DTYPE_COUNT = sizeof dtypes / sizeof *dtypes };

size_t st_dtype_size(enum st_dtype dtype) {
    return (unsigned)dtype < DTYPE_COUNT ? dtypes[dtype].size : 0;
}

const char *st_dtype_name(enum st_dtype dtype) {
    return (unsigned)dtype < DTYPE_COUNT ? dtypes[dtype].name : "unknown dtype";
}
