/* The state of a training between two epochs, as one safetensors file. */
#include "router/training_run.h"

#include "base/statistics.h"
#include "storage/safetensors.h"

#include <math.h>
#include <string.h>

static const char format[] = "trm-router training 1";

enum { COLUMNS = sizeof(struct trm_train_epoch) / sizeof(double), TENSORS = 7 };

/* Every array of the state, in place; position is (step, epoch, best epoch). */
static void list_arrays(const struct training *t, double position[3], struct st_tensor tensors[TENSORS]) {
    const struct {
        const char *name;
        enum st_dtype dtype;
        const void *data;
        size_t count;
    } arrays[TENSORS] = {
        {"parameters", ST_F32, trm_router_values(t->router), t->count},
        {"adamw.m", ST_F32, t->m, t->count},
        {"adamw.v", ST_F32, t->v, t->count},
        {"average", ST_F32, t->average, t->count},
        {"best", ST_F32, t->best, t->count},
        {"position", ST_F64, position, 3},
        {"history", ST_F64, t->history, t->options->epochs * COLUMNS},
    };
    position[0] = (double)t->step, position[1] = (double)t->epoch, position[2] = (double)t->best_epoch;
    for (size_t i = 0; i < TENSORS; i++)
        tensors[i] = (struct st_tensor){.name = arrays[i].name,
                                        .dtype = arrays[i].dtype,
                                        .rank = 1,
                                        .shape = {arrays[i].count},
                                        .count = arrays[i].count,
                                        .data = arrays[i].data};
}

enum trm_status training_state_save(const char *path, const struct training *t, const char *configuration,
                                    struct trm_error *error) {
    struct st_tensor tensors[TENSORS];
    double position[3];
    list_arrays(t, position, tensors);
    const struct st_meta metadata[] = {{"format", format}, {"configuration", configuration}};
    return st_write(path, tensors, TENSORS, metadata, 2, true, error);
}

static const char advice[] = "begin again with --force";

/* A count that was written as a double. */
static bool whole(double value, double most) {
    return value >= 0.0 && value <= most && value == floor(value);
}

/* Validation columns are NaN where there is no validation part; nothing else may be. */
static bool finite_numbers(const struct st_tensor *tensor, bool history, bool validated) {
    if (tensor->dtype == ST_F32)
        return statistics_finite_float(tensor->count, tensor->data);
    return (history && !validated) || statistics_finite(tensor->count, tensor->data);
}

/* Check every tensor before the first is copied. */
static enum trm_status check(const char *path, const struct st_file *file, const struct training *t,
                             const struct st_tensor expected[TENSORS], struct trm_error *error) {
    for (size_t i = 0; i < TENSORS; i++) {
        const struct st_tensor *const found = st_find(file, expected[i].name);
        if (found == NULL || found->dtype != expected[i].dtype || found->count != expected[i].count)
            return trm_fail(error, TRM_FORMAT, "%s: '%s' is %s; %s", path, expected[i].name,
                            found == NULL ? "missing" : "of another size", advice);
        if (!finite_numbers(found, i == TENSORS - 1, t->validation_count > 0))
            return trm_fail(error, TRM_NOT_FINITE, "%s: '%s' holds NaN or infinity; %s", path,
                            expected[i].name, advice);
    }
    const double *const p = st_find(file, "position")->data;
    if (!whole(p[0], 9e15) || !whole(p[1], (double)t->options->epochs) || !whole(p[2], p[1]) ||
        (p[1] > 0.0 && p[2] < 1.0))
        return trm_fail(error, TRM_FORMAT, "%s: it stands at an epoch that this training has not; %s", path,
                        advice);
    return TRM_OK;
}

enum trm_status training_state_restore(const char *path, struct training *t, const char *configuration,
                                       struct trm_error *error) {
    struct st_file *file;
    struct st_tensor expected[TENSORS];
    double position[3];
    enum trm_status status = st_open(path, &file, error);
    if (status != TRM_OK)
        return status;
    const char *const found = st_metadata(file, "format"), *const made = st_metadata(file, "configuration");
    list_arrays(t, position, expected);
    if (found == NULL || strcmp(found, format) != 0 || made == NULL)
        status =
            trm_fail(error, TRM_FORMAT, "%s: is no state of a training of this version; %s", path, advice);
    else if (strcmp(made, configuration) != 0) {
        char difference[160];
        training_difference(made, configuration, difference, sizeof difference);
        status = trm_fail(error, TRM_INVALID, "%s: was begun with %s; resume with the same, or %s", path,
                          difference, advice);
    } else
        status = check(path, file, t, expected, error);
    if (status == TRM_OK) {
        float *const to[] = {trm_router_parameters(t->router), t->m, t->v, t->average, t->best};
        for (size_t i = 0; i < sizeof to / sizeof *to; i++)
            memcpy(to[i], st_find(file, expected[i].name)->data, t->count * sizeof(float));
        memcpy(position, st_find(file, "position")->data, sizeof position);
        memcpy(t->history, st_find(file, "history")->data, t->options->epochs * sizeof *t->history);
        t->step = (uint64_t)position[0];
        t->epoch = (size_t)position[1], t->best_epoch = (size_t)position[2];
    }
    st_close(file);
    return status;
}
