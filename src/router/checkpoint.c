/* Checkpoints of a router: one safetensors file, with everything but numbers of the network in the metadata
   "router", a JSON object. Reading believes nothing before it is checked. */
#include "router/recursion.h"

#include "muon/muon.h"
#include "storage/safetensors.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char format[] = "trm-router router 1";
_Static_assert(TRM_ROUTER_VERSION == 1, "the format above names the version");
static const char initial_y[] = "initial.y", initial_z[] = "initial.z";

/* ---- writing */

static json_t *real_or_null(double value) {
    return isfinite(value) ? json_real(value) : json_null();
}

static json_t *reals(const double *values, size_t count) {
    json_t *const array = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(array, json_real(values[i]));
    return array;
}

/* Names of the solvers in a mask, in label order. */
static json_t *solver_names(unsigned mask) {
    json_t *const array = json_array();
    for (int i = 0; i < TRM_ARMS; i++)
        if ((mask >> i & 1u) != 0)
            json_array_append_new(array, json_string(muon_solver_name(i)));
    return array;
}

static json_t *feature_names(void) {
    json_t *const array = json_array();
    for (int i = 0; i < TRM_FEATURE_COUNT; i++)
        json_array_append_new(array, json_string(trm_feature_name((enum trm_feature)i)));
    return array;
}

static json_t *shape_object(const struct trm_router_config *c) {
    return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "features", (json_int_t)c->features, "width",
                     (json_int_t)c->width, "hidden", (json_int_t)c->hidden, "blocks", (json_int_t)c->blocks,
                     "inner", (json_int_t)c->inner, "cycles", (json_int_t)c->cycles, "arms",
                     (json_int_t)c->arms);
}

/* The metadata as text, to be freed; NULL where memory is short or a text is no UTF-8. */
static char *describe(const struct trm_router *router) {
    const struct trm_router_origin *const o = trm_router_origin(router);
    double mean[TRM_FEATURE_COUNT], std[TRM_FEATURE_COUNT];
    trm_router_statistics(router, mean, std);
    json_t *const object = json_pack(
        "{s:o, s:i, s:o, s:o, s:o, s:o, s:o, s:{s:s, s:f, s:f, s:I}, s:I, s:I, s:I, s:I, s:o, s:o, s:s}",
        "shape", shape_object(trm_router_configuration(router)), "feature_version", TRM_FEATURE_VERSION,
        "features", feature_names(), "mean", reals(mean, TRM_FEATURE_COUNT), "deviation",
        reals(std, TRM_FEATURE_COUNT), "solvers", solver_names((1u << TRM_ARMS) - 1), "present",
        solver_names(o->present), "split", "kind", trm_split_name(o->split.kind), "test_share",
        o->split.test_share, "val_share", o->split.val_share, "seed", (json_int_t)o->split.seed, "samples",
        (json_int_t)o->samples, "groups", (json_int_t)o->groups, "epoch", (json_int_t)o->epoch, "epochs",
        (json_int_t)o->epochs, "val_accuracy", real_or_null(o->val_accuracy), "val_loss",
        real_or_null(o->val_loss), "configuration", o->configuration);
    char *const text = json_dumps(object, JSON_COMPACT | JSON_REAL_PRECISION(17));
    json_decref(object);
    return text;
}

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
    char *const text = describe(router);
    if (text == NULL)
        return trm_fail(error, TRM_NO_MEMORY, "%s: no memory for its metadata", path);
    const struct st_meta metadata[] = {{"format", format}, {"router", text}};
    const enum trm_status status = st_write(path, tensors, count, metadata, 2, overwrite, error);
    free(text);
    return status;
}

/* ---- reading */

static const char again[] = "train it again";

/* Is value the list of these texts? */
static bool same_list(const json_t *value, json_t *expected) {
    const bool same = json_equal(value, expected);
    json_decref(expected);
    return same;
}

/* Finite numbers of an array into out. */
static bool read_reals(const json_t *array, double *out, size_t count) {
    if (!json_is_array(array) || json_array_size(array) != count)
        return false;
    for (size_t i = 0; i < count; i++) {
        const json_t *const number = json_array_get(array, i);
        out[i] = json_number_value(number);
        if (!json_is_number(number) || !isfinite(out[i]))
            return false;
    }
    return true;
}

/* A count in 0 ... 2^53 - 1. */
static bool read_count(const json_t *object, const char *key, size_t *out) {
    const json_t *const value = json_object_get(object, key);
    const json_int_t number = json_integer_value(value);
    if (!json_is_integer(value) || number < 0 || number > 9007199254740991)
        return false;
    *out = (size_t)number;
    return true;
}

/* A number, or null for one that there is not. */
static bool read_real_or_null(const json_t *object, const char *key, double *out) {
    const json_t *const value = json_object_get(object, key);
    *out = json_is_null(value) ? NAN : json_number_value(value);
    return json_is_null(value) || json_is_number(value);
}

static bool read_mask(const json_t *names, unsigned *mask) {
    *mask = 0;
    for (size_t i = 0; i < json_array_size(names); i++) {
        const char *const name = json_string_value(json_array_get(names, i));
        const int arm = name == NULL ? -1 : muon_solver_find(name);
        if (arm < 0 || arm >= TRM_ARMS || (*mask >> arm & 1u) != 0)
            return false;
        *mask |= 1u << arm;
    }
    return *mask != 0;
}

static bool read_shape(const json_t *shape, struct trm_router_config *c) {
    return read_count(shape, "features", &c->features) && read_count(shape, "width", &c->width) &&
           read_count(shape, "hidden", &c->hidden) && read_count(shape, "blocks", &c->blocks) &&
           read_count(shape, "inner", &c->inner) && read_count(shape, "cycles", &c->cycles) &&
           read_count(shape, "arms", &c->arms);
}

static bool read_split(const json_t *split, struct trm_split_options *out) {
    const json_t *const kind = json_object_get(split, "kind"),
                        *const test = json_object_get(split, "test_share"),
                        *const val = json_object_get(split, "val_share");
    const int number = json_is_string(kind) ? trm_split_find(json_string_value(kind)) : -1;
    size_t seed;
    if (number < 0 || !json_is_number(test) || !json_is_number(val) || !read_count(split, "seed", &seed))
        return false;
    *out = (struct trm_split_options){.kind = (enum trm_split_kind)number,
                                      .test_share = json_number_value(test),
                                      .val_share = json_number_value(val),
                                      .seed = seed};
    return trm_split_check(out) == NULL;
}

static bool read_origin(const json_t *o, struct trm_router_origin *out) {
    const char *const configuration = json_string_value(json_object_get(o, "configuration"));
    if (configuration == NULL || strlen(configuration) >= sizeof out->configuration)
        return false;
    snprintf(out->configuration, sizeof out->configuration, "%s", configuration);
    return read_mask(json_object_get(o, "present"), &out->present) &&
           read_split(json_object_get(o, "split"), &out->split) && read_count(o, "samples", &out->samples) &&
           read_count(o, "groups", &out->groups) && read_count(o, "epoch", &out->epoch) &&
           read_count(o, "epochs", &out->epochs) &&
           read_real_or_null(o, "val_accuracy", &out->val_accuracy) &&
           read_real_or_null(o, "val_loss", &out->val_loss);
}

struct description {
    struct trm_router_config shape;
    struct trm_router_origin origin;
    double mean[TRM_FEATURE_COUNT], std[TRM_FEATURE_COUNT];
};

static enum trm_status read_description(const char *path, const json_t *o, struct description *d,
                                        struct trm_error *error) {
    size_t version;
    if (!read_count(o, "feature_version", &version) || version != TRM_FEATURE_VERSION ||
        !same_list(json_object_get(o, "features"), feature_names()))
        return trm_fail(error, TRM_FORMAT, "%s: its features are not those of this version (%d); %s", path,
                        TRM_FEATURE_VERSION, again);
    if (!same_list(json_object_get(o, "solvers"), solver_names((1u << TRM_ARMS) - 1)))
        return trm_fail(error, TRM_FORMAT, "%s: its solvers are not the five of this version; %s", path,
                        again);
    if (!read_shape(json_object_get(o, "shape"), &d->shape))
        return trm_fail(error, TRM_FORMAT, "%s: its metadata has no shape; %s", path, again);
    const char *const wrong = trm_router_config_check(&d->shape);
    if (wrong != NULL)
        return trm_fail(error, TRM_SHAPE, "%s: %s; %s", path, wrong, again);
    if (!read_reals(json_object_get(o, "mean"), d->mean, TRM_FEATURE_COUNT) ||
        !read_reals(json_object_get(o, "deviation"), d->std, TRM_FEATURE_COUNT))
        return trm_fail(error, TRM_FORMAT, "%s: its feature statistics are not two lists of %d numbers; %s",
                        path, TRM_FEATURE_COUNT, again);
    if (!read_origin(o, &d->origin))
        return trm_fail(error, TRM_FORMAT, "%s: its metadata about solvers, split or training is damaged; %s",
                        path, again);
    return TRM_OK;
}

/* Are there as many numbers in the file as the shape says? Asked before anything of that size is allocated. */
static enum trm_status check_size(const char *path, const struct st_file *file,
                                  const struct trm_router_config *shape, struct trm_error *error) {
    const size_t expected = recursion_layout(shape).count + 2 * shape->width;
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
        const float *const data = found->data;
        for (size_t k = 0; k < found->count; k++)
            if (!isfinite(data[k]))
                return trm_fail(error, TRM_NOT_FINITE, "%s: tensor '%s' holds NaN or infinity; %s", path,
                                tensors[i].name, again);
        memcpy(values + at, data, found->count * sizeof *data);
    }
    return TRM_OK;
}

static enum trm_status load(const char *path, const struct st_file *file, struct trm_router **out,
                            struct trm_error *error) {
    struct description d;
    const char *const found = st_metadata(file, "format"), *const text = st_metadata(file, "router");
    if (found == NULL || strncmp(found, "trm-router router", 17) != 0 || text == NULL)
        return trm_fail(error, TRM_FORMAT, "%s: is no router; make one with 'trm-router train'", path);
    if (strcmp(found, format) != 0)
        return trm_fail(error, TRM_FORMAT, "%s: is a '%.40s', this program reads '%s'; %s", path, found,
                        format, again);
    json_t *const object = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    enum trm_status status = read_description(path, object, &d, error);
    json_decref(object);
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
