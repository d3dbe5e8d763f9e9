/* Checkpoints of a router: one safetensors file, with everything but numbers of the network in the metadata
   "router", a JSON object. */
#include "router/description.h"
#include "router/recursion.h"

#include "base/statistics.h"
#include "storage/safetensors.h"

#include <stdlib.h>
#include <string.h>

static const char format[] = "trm-router router 1";
_Static_assert(TRM_ROUTER_VERSION == 1, "the format above names the version");
static const char initial_y[] = "initial.y", initial_z[] = "initial.z";
static const char again[] = "train it again";

enum { MAX_TENSORS = 2 * RECURSION_MAX_BLOCKS + 7 };

/* Every tensor of the file, in its order. */
static size_t list_tensors(const struct trm_router *router, struct st_tensor tensors[MAX_TENSORS]) {
    const size_t views = trm_router_view_count(router), width = trm_router_configuration(router)->width;
    const float *const values = trm_router_values(router), *const y =
                                                               values + trm_router_parameter_count(router);
    for (size_t i = 0; i < views; i++) {
        const struct trm_router_view *const v = trm_router_view(router, i);
        tensors[i] = (struct st_tensor){.name = v->name,
                                        .dtype = ST_F32,
                                        .rank = v->rank,
                                        .shape = {v->shape[0], v->shape[1]},
                                        .count = v->count,
                                        .data = values + v->offset};
    }
    const struct st_tensor state = {.dtype = ST_F32, .rank = 1, .shape = {width}, .count = width};
    tensors[views] = tensors[views + 1] = state;
    tensors[views].name = initial_y, tensors[views].data = y;
    tensors[views + 1].name = initial_z, tensors[views + 1].data = y + width;
    return views + 2;
}

enum trm_status trm_router_save(const char *path, const struct trm_router *router, bool overwrite,
                                struct trm_error *error) {
    struct st_tensor tensors[MAX_TENSORS];
    const size_t count = list_tensors(router, tensors);
    char *const text = router_describe(router);
    if (text == NULL)
        return trm_fail(error, TRM_NO_MEMORY, "%s: no memory for its metadata", path);
    const struct st_meta metadata[] = {{"format", format}, {"router", text}};
    const enum trm_status status = st_write(path, tensors, count, metadata, 2, overwrite, error);
    free(text);
    return status;
}

/* Are there as many numbers in the file as the shape says? Asked before anything of that size is allocated. */
static enum trm_status check_size(const char *path, const struct st_file *file,
                                  const struct trm_router_config *shape, struct trm_error *error) {
    const size_t expected = recursion_offsets(shape).count + 2 * shape->width;
    size_t found = 0;
    for (size_t i = 0; i < st_tensor_count(file); i++)
        found += st_tensor_at(file, i)->count;
    return found == expected
               ? TRM_OK
               : trm_fail(error, TRM_SHAPE, "%s: holds %zu numbers, a router of its shape has %zu; %s", path,
                          found, expected, again);
}

static enum trm_status read_tensors(const char *path, const struct st_file *file, struct trm_router *router,
                                    struct trm_error *error) {
    struct st_tensor tensors[MAX_TENSORS];
    float *const values = trm_router_parameters(router);
    const size_t count = list_tensors(router, tensors);
    size_t at = 0;
    for (size_t i = 0; i < count; at += tensors[i++].count) {
        const struct st_tensor *const found = st_find(file, tensors[i].name);
        if (found == NULL || found->dtype != ST_F32 || found->rank != tensors[i].rank ||
            memcmp(found->shape, tensors[i].shape, found->rank * sizeof *found->shape) != 0)
            return trm_fail(error, TRM_SHAPE, "%s: tensor '%s' is %s; %s", path, tensors[i].name,
                            found == NULL ? "missing" : "of another shape or type", again);
        if (!statistics_finite_float(found->count, found->data))
            return trm_fail(error, TRM_NOT_FINITE, "%s: tensor '%s' holds NaN or infinity; %s", path,
                            tensors[i].name, again);
        memcpy(values + at, found->data, found->count * sizeof *values);
    }
    return TRM_OK;
}

static enum trm_status load(const char *path, const struct st_file *file, struct trm_router **out,
                            struct trm_error *error) {
    struct router_description d;
    const char *const found = st_metadata(file, "format"), *const text = st_metadata(file, "router");
    if (found == NULL || strncmp(found, "trm-router router", 17) != 0 || text == NULL)
        return trm_fail(error, TRM_FORMAT, "%s: is no router; make one with 'trm-router train'", path);
    if (strcmp(found, format) != 0)
        return trm_fail(error, TRM_FORMAT, "%s: is a '%.40s', this program reads '%s'; %s", path, found,
                        format, again);
    enum trm_status status = router_description_read(path, text, &d, error);
    if (status == TRM_OK)
        status = check_size(path, file, &d.shape, error);
    if (status == TRM_OK)
        status = trm_router_create(out, &d.shape, 0, error);
    if (status == TRM_OK) {
        trm_router_set_origin(*out, &d.origin);
        struct trm_error why;
        status = trm_router_set_statistics(*out, d.mean, d.std, &why);
        if (status != TRM_OK)
            return trm_fail(error, TRM_FORMAT, "%s: %s; %s", path, why.text, again);
        status = read_tensors(path, file, *out, error);
    }
    return status;
}

enum trm_status trm_router_load(const char *path, struct trm_router **out, struct trm_error *error) {
    struct st_file *file;
    *out = NULL;
    enum trm_status status = st_open(path, &file, error);
    if (status != TRM_OK)
        return status;
    status = load(path, file, out, error);
    st_close(file);
    if (status != TRM_OK) {
        trm_router_destroy(*out);
        *out = NULL;
    }
    return status;
}
