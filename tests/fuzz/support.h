/* What the fuzz targets share: the bytes of an input as a file. */
#ifndef TRM_TESTS_FUZZ_SUPPORT_H
#define TRM_TESTS_FUZZ_SUPPORT_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A file of this process's own, in memory, with exactly these bytes; the same path at every call. */
const char *fuzz_file(const uint8_t *data, size_t size);

/* Touch every byte, so that the sanitizers see whether it may be read. */
void fuzz_touch(const void *bytes, size_t size);

#endif
