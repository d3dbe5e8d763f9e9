#include "storage/safetensors_header.h"

#include "storage/file.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LENGTH_BYTES = 8, MAX_HEADER = 100000000 /* as in the reference implementation */ };

/* The file stays open: what nobody asks for is never read. Reading, not mapping, so that a file that gets shorter
   meanwhile is an error and no signal. */
struct st_file {
    char *path;
    int descriptor;
    size_t data;    /* where in the file the data begin */
    json_t *header; /* owns names and metadata */
    struct st_entry *entries;
    size_t count;
};

/* What a file is whose first bytes are no length of a header, and what to do. */
static const char *recognise(const unsigned char first[LENGTH_BYTES]) {
    static const struct {
        const char *bytes, *words;
    } kinds[] = {
        {"PK\003\004", "is a zip archive, as torch.save writes; write it with safetensors.torch.save_file"},
        {"\223NUMPY", "is a NumPy array; write it with safetensors.numpy.save_file"},
        {"version ", "is a Git LFS pointer; fetch the file itself (git lfs pull)"},
        {"SQLite f", "is an SQLite file, as stores and data sets are; name a safetensors file"},
        {"\211HDF", "is an HDF5 file; name a safetensors file"},
        {"\037\213", "is compressed; unpack it"},
        {"<", "is a web page or XML; fetch the file itself"},
    };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (memcmp(first, kinds[i].bytes, strlen(kinds[i].bytes)) == 0)
            return kinds[i].words;
    return "its header would end beyond the file: it is cut short, or no safetensors file; fetch or write it "
           "again";
}

static enum trm_status read_header(struct st_file *file, size_t size, struct trm_error *error) {
    const char *const path = file->path;
    void *bytes;
    uint64_t length = 0;
    if (size < LENGTH_BYTES)
        return trm_fail(error, TRM_FORMAT,
                        "%s: %zu bytes are too few for a safetensors file; is it the right one?", path, size);
    enum trm_status status = file_read_part(file->descriptor, path, 0, LENGTH_BYTES, &bytes, error);
    if (status != TRM_OK)
        return status;
    for (unsigned i = 0; i < LENGTH_BYTES; i++)
        length |= (uint64_t)((const unsigned char *)bytes)[i] << (8 * i);
    const char *const words = recognise(bytes);
    free(bytes);
    if (length > size - LENGTH_BYTES || length > MAX_HEADER)
        return trm_fail(error, TRM_FORMAT, "%s: %s", path, words);
    file->data = LENGTH_BYTES + (size_t)length;
    status = file_read_part(file->descriptor, path, LENGTH_BYTES, (size_t)length, &bytes, error);
    if (status == TRM_OK)
        status = st_header_parse(path, bytes, (size_t)length, &file->header, error);
    free(bytes);
    if (status != TRM_OK)
        return status;
    file->entries = calloc(json_object_size(file->header) + 1, sizeof *file->entries);
    if (file->entries == NULL)
        return trm_fail(error, TRM_NO_MEMORY, "%s: no memory for its header", path);
    const struct st_source source = {path, size - file->data};
    return st_header_entries(&source, file->header, file->entries, &file->count, error);
}

enum trm_status st_open_header(const char *path, struct st_file **out, struct trm_error *error) {
    size_t size;
    *out = NULL;
    struct st_file *const file = calloc(1, sizeof *file);
    if (file == NULL || (file->path = strdup(path)) == NULL) {
        free(file);
        return trm_fail(error, TRM_NO_MEMORY, "%s: no memory to read it", path);
    }
    enum trm_status status = file_open(path, &file->descriptor, &size, error);
    if (status == TRM_OK)
        status = read_header(file, size, error);
    if (status == TRM_OK)
        *out = file;
    else
        st_close(file);
    return status;
}

enum trm_status st_load(struct st_file *file, size_t index, struct trm_error *error) {
    struct st_entry *const e = &file->entries[index];
    void *data;
    if (e->tensor.data != NULL)
        return TRM_OK;
    const enum trm_status status =
        file_read_part(file->descriptor, file->path, file->data + e->begin, e->end - e->begin, &data, error);
    e->tensor.data = data;
    return status;
}

enum trm_status st_open(const char *path, struct st_file **out, struct trm_error *error) {
    enum trm_status status = st_open_header(path, out, error);
    for (size_t i = 0; status == TRM_OK && i < (*out)->count; i++)
        status = st_load(*out, i, error);
    if (status != TRM_OK) {
        st_close(*out);
        *out = NULL;
    }
    return status;
}

void st_close(struct st_file *file) {
    if (file == NULL)
        return;
    for (size_t i = 0; i < file->count; i++) {
        void *data;
        memcpy(&data, &file->entries[i].tensor.data, sizeof data); /* const for everybody else */
        free(data);
    }
    if (file->descriptor >= 0)
        close(file->descriptor);
    json_decref(file->header);
    free(file->entries);
    free(file->path);
    free(file);
}

size_t st_tensor_count(const struct st_file *file) {
    return file->count;
}

const struct st_tensor *st_tensor_at(const struct st_file *file, size_t index) {
    return index < file->count ? &file->entries[index].tensor : NULL;
}

size_t st_index(const struct st_file *file, const char *name) {
    size_t i = 0;
    while (i < file->count && strcmp(file->entries[i].tensor.name, name) != 0)
        i++;
    return i;
}

const struct st_tensor *st_find(const struct st_file *file, const char *name) {
    return st_tensor_at(file, st_index(file, name));
}

const char *st_metadata(const struct st_file *file, const char *key) {
    return json_string_value(json_object_get(json_object_get(file->header, st_metadata_name), key));
}

const char *st_path(const struct st_file *file) {
    return file->path;
}
