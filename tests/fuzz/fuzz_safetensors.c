/* Whatever a safetensors file holds, it is refused or every tensor of it can be read. */
#include "fuzz/support.h"

#include "storage/safetensors.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct st_file *file;
    struct trm_error error;
    if (st_open(fuzz_file(data, size), &file, &error) != TRM_OK)
        return 0;
    for (size_t i = 0; i < st_tensor_count(file); i++) {
        const struct st_tensor *const t = st_tensor_at(file, i);
        fuzz_touch(t->name, strlen(t->name));
        fuzz_touch(t->data, t->count * st_dtype_size(t->dtype));
    }
    const char *const format = st_metadata(file, "format");
    if (format != NULL)
        fuzz_touch(format, strlen(format));
    st_close(file);
    return 0;
}
