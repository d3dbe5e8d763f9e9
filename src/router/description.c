/* What a router is made of and from, as the JSON object in the metadata of its checkpoint. Reading believes nothing
   before it is checked. */
#include "router/description.h"

#include "router/training_run.h"
#include "storage/json.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const char again[] = "train it again";

/* ---- writing */

static json_t *reals(const double *values, size_t count) {
    json_t *array = json_array();
    for (size_t i = 0; i < count; i++)
        json_append(&array, json_real(values[i]));
    return array;
}

/* Names of the arms in a mask, in label order. */
static json_t *arm_names(const struct trm_arm_names *arms, uint64_t mask) {
    json_t *array = json_array();
    for (size_t i = 0; i < arms->count; i++)
        if ((mask >> i & 1u) != 0)
            json_append(&array, json_string(arms->name[i]));
    return array;
}

static json_t *feature_names(void) {
    json_t *array = json_array();
    for (int i = 0; i < TRM_FEATURE_COUNT; i++)
        json_append(&array, json_string(trm_feature_name((enum trm_feature)i)));
    return array;
}

static json_t *shape_object(const struct trm_router_config *c) {
    return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "features", (json_int_t)c->features, "width",
                     (json_int_t)c->width, "hidden", (json_int_t)c->hidden, "blocks", (json_int_t)c->blocks,
                     "inner", (json_int_t)c->inner, "cycles", (json_int_t)c->cycles, "arms",
                     (json_int_t)c->arms);
}

char *router_describe(const struct trm_router *router) {
    const struct trm_router_origin *const o = trm_router_origin(router);
    double mean[TRM_FEATURE_COUNT], std[TRM_FEATURE_COUNT];
    trm_router_statistics(router, mean, std);
    json_t *object = json_pack(
        "{s:o, s:i, s:o, s:o, s:o, s:o, s:o, s:{s:s, s:f, s:f, s:I}, s:I, s:I, s:I, s:I, s:o, s:o, s:s}",
        "shape", shape_object(trm_router_configuration(router)), "feature_version", TRM_FEATURE_VERSION,
        "features", feature_names(), "mean", reals(mean, TRM_FEATURE_COUNT), "deviation",
        reals(std, TRM_FEATURE_COUNT), "solvers", arm_names(&o->arms, UINT64_MAX), "present",
        arm_names(&o->arms, o->present), "split", "kind", trm_split_name(o->split.kind), "test_share",
        o->split.test_share, "val_share", o->split.val_share, "seed", (json_int_t)o->split.seed, "samples",
        (json_int_t)o->samples, "groups", (json_int_t)o->groups, "epoch", (json_int_t)o->epoch, "epochs",
        (json_int_t)o->epochs, "val_accuracy", json_number(o->val_accuracy), "val_loss",
        json_number(o->val_loss), "configuration", o->configuration);
    if (o->trained_on[0] != '\0')
        json_put(&object, "trained_on", json_text(o->trained_on));
    char *const text = json_whole(object, JSON_COMPACT | JSON_REAL_PRECISION(17));
    json_decref(object);
    return text;
}

/* ---- reading */

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
static bool read_json_number(const json_t *object, const char *key, double *out) {
    const json_t *const value = json_object_get(object, key);
    *out = json_is_null(value) ? NAN : json_number_value(value);
    return json_is_null(value) || json_is_number(value);
}

static bool read_arms(const json_t *names, struct trm_arm_names *arms) {
    arms->count = 0;
    for (size_t i = 0; i < json_array_size(names); i++) {
        const char *const name = json_string_value(json_array_get(names, i));
        if (name == NULL || !trm_arm_names_add(arms, name))
            return false;
    }
    return arms->count >= 2;
}

static bool read_mask(const json_t *names, const struct trm_arm_names *arms, uint64_t *mask) {
    *mask = 0;
    for (size_t i = 0; i < json_array_size(names); i++) {
        const char *const name = json_string_value(json_array_get(names, i));
        const int arm = name == NULL ? -1 : trm_arm_names_find(arms, name);
        if (arm < 0 || (*mask >> arm & 1u) != 0)
            return false;
        *mask |= UINT64_C(1) << arm;
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
    const char *const about = json_string_value(json_object_get(o, "trained_on"));
    snprintf(out->trained_on, sizeof out->trained_on, "%s", about != NULL ? about : "");
    return read_mask(json_object_get(o, "present"), &out->arms, &out->present) &&
           read_split(json_object_get(o, "split"), &out->split) && read_count(o, "samples", &out->samples) &&
           read_count(o, "groups", &out->groups) && read_count(o, "epoch", &out->epoch) &&
           read_count(o, "epochs", &out->epochs) && read_json_number(o, "val_accuracy", &out->val_accuracy) &&
           read_json_number(o, "val_loss", &out->val_loss);
}

static enum trm_status read_all(const char *path, const json_t *o, struct router_description *d,
                                struct trm_error *error) {
    size_t version;
    if (!read_count(o, "feature_version", &version) || version != TRM_FEATURE_VERSION ||
        !same_list(json_object_get(o, "features"), feature_names()))
        return trm_fail(error, TRM_FORMAT, "%s: its features are not those of this version (%d); %s", path,
                        TRM_FEATURE_VERSION, again);
    if (!read_arms(json_object_get(o, "solvers"), &d->origin.arms))
        return trm_fail(error, TRM_FORMAT, "%s: its arms are not 2 to %d different names; %s", path,
                        TRM_ARMS_MOST, again);
    if (!read_shape(json_object_get(o, "shape"), &d->shape))
        return trm_fail(error, TRM_FORMAT, "%s: its metadata has no shape; %s", path, again);
    const char *const wrong = trm_router_config_check(&d->shape);
    if (wrong != NULL)
        return trm_fail(error, TRM_SHAPE, "%s: %s; %s", path, wrong, again);
    if (d->shape.arms != d->origin.arms.count)
        return trm_fail(error, TRM_SHAPE, "%s: its head has %zu rows for %zu arms; %s", path, d->shape.arms,
                        d->origin.arms.count, again);
    if (!read_reals(json_object_get(o, "mean"), d->mean, TRM_FEATURE_COUNT) ||
        !read_reals(json_object_get(o, "deviation"), d->std, TRM_FEATURE_COUNT))
        return trm_fail(error, TRM_FORMAT, "%s: its feature statistics are not two lists of %d numbers; %s",
                        path, TRM_FEATURE_COUNT, again);
    if (!read_origin(o, &d->origin))
        return trm_fail(error, TRM_FORMAT,
                        "%s: its metadata about solvers, split or training are not those of a router; %s",
                        path, again);
    return TRM_OK;
}

enum trm_status router_description_read(const char *path, const char *text, struct router_description *d,
                                        struct trm_error *error) {
    json_t *const object = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    const enum trm_status status = read_all(path, object, d, error);
    json_decref(object);
    return status;
}

/* The hash of the samples is part of the configuration; a router that was not trained has none, and fits any data of
   the right size. */
enum trm_status trm_router_check_data(const struct trm_router *router, const struct trm_dataset *dataset,
                                      struct trm_error *error) {
    const struct trm_router_origin *const origin = trm_router_origin(router);
    static const char advice[] = "its test part may have been trained on; give the router's own data set";
    struct trm_statistics st;
    size_t count;
    const struct trm_sample *const samples = trm_dataset_samples(dataset, &count);
    trm_dataset_statistics(dataset, &st);
    if (st.samples != origin->samples || st.groups != origin->groups)
        return trm_fail(
            error, TRM_INVALID,
            "the router was trained on a data set of %zu samples in %zu groups, this one has %zu in "
            "%zu: %s",
            origin->samples, origin->groups, st.samples, st.groups, advice);
    if (!trm_arm_names_equal(&st.arms, &origin->arms))
        return trm_fail(error, TRM_INVALID, "the router chooses among other arms than this data set has: %s",
                        advice);
    char now[DIGEST_TEXT];
    training_hash(samples, count, now);
    json_t *const configuration = json_loads(origin->configuration, 0, NULL);
    const char *const then = json_string_value(json_object_get(configuration, "data"));
    const enum trm_status status =
        then == NULL || strcmp(then, now) == 0
            ? TRM_OK
            : trm_fail(error, TRM_INVALID,
                       "the router was trained on other samples (their hash is %.40s, of these %s): %s", then,
                       now, advice);
    json_decref(configuration);
    return status;
}
