#include "experiment/checkpoint.h"

#include "base/statistics.h"
#include "storage/safetensors.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char format[] = "trm-router checkpoint 2";

/* One array of the state, in place. */
struct array {
    char name[112];
    void *data;
    enum st_dtype dtype;
    size_t count;
};

struct arrays {
    struct array *at;
    size_t count;
    double position[4]; /* epoch, epoch_step, epoch_loss, arm of the last step */
    double scalars[TRM_FEATURES_SCALARS];
    float *average; /* feature state, a copy to be given to trm_features_restore */
};

static void add(struct arrays *a, const char *name, void *data, enum st_dtype dtype, size_t count) {
    struct array *const one = &a->at[a->count++];
    snprintf(one->name, sizeof one->name, "%s", name);
    one->data = data, one->dtype = dtype, one->count = count;
}

static void close_arrays(struct arrays *a) {
    free(a->at);
    free(a->average);
}

/* Every array of the trainer's state. The feature state is copied, since it is restored by a call. */
static enum trm_status list_arrays(struct trainer *t, struct arrays *a, struct trm_error *error) {
    struct trm_features_state features;
    trm_features_save(trm_collector_features(t->collector), &features);
    *a = (struct arrays){
        .at = calloc(muon_sgd_state_count(t->sgd) + rule_state_count(t->rule) + 6, sizeof *a->at),
        .average = calloc(features.gradient_count, sizeof *a->average),
        .position = {(double)t->epoch, (double)t->epoch_step, t->epoch_loss, (double)t->arm}};
    if (a->at == NULL || a->average == NULL) {
        close_arrays(a);
        return trm_fail(error, TRM_NO_MEMORY, "out of memory for a checkpoint");
    }
    memcpy(a->scalars, features.scalars, sizeof a->scalars);
    memcpy(a->average, features.average, features.gradient_count * sizeof *a->average);
    add(a, "parameters", nn_params(t->model), ST_F32, nn_param_floats(t->model));
    add(a, "running statistics", nn_buffers(t->model), ST_F32, nn_buffer_floats(t->model));
    add(a, "features.average", a->average, ST_F32, features.gradient_count);
    add(a, "features.scalars", a->scalars, ST_F64, TRM_FEATURES_SCALARS);
    add(a, "position", a->position, ST_F64, 4);
    add(a, "policy", t->memory.at, ST_F64, t->memory.count);
    for (size_t i = 0; i < muon_sgd_state_count(t->sgd); i++) {
        const struct muon_state s = muon_sgd_state(t->sgd, i);
        add(a, s.name, s.floats != NULL ? (void *)s.floats : (void *)s.doubles,
            s.floats != NULL ? ST_F32 : ST_F64, s.count);
    }
    for (size_t i = 0; i < rule_state_count(t->rule); i++) {
        const struct muon_state s = rule_state_at(t->rule, i);
        add(a, s.name, s.floats, ST_F32, s.count);
    }
    return TRM_OK;
}

static bool is_finite(const struct array *a) {
    return a->dtype == ST_F32 ? statistics_finite_float(a->count, a->data)
                              : statistics_finite(a->count, a->data);
}

enum trm_status checkpoint_save(const char *path, struct trainer *t, const char *config,
                                struct trm_error *error) {
    struct arrays a;
    enum trm_status status = list_arrays(t, &a, error);
    if (status != TRM_OK)
        return status;
    for (size_t i = 0; status == TRM_OK && i < a.count; i++)
        if (!is_finite(&a.at[i]))
            status =
                trm_fail(error, TRM_NOT_FINITE, "%s: '%s' would hold NaN or infinity", path, a.at[i].name);
    if (status != TRM_OK) {
        close_arrays(&a);
        return status;
    }
    struct st_tensor *const tensors = calloc(a.count + 1, sizeof *tensors);
    if (tensors == NULL) {
        close_arrays(&a);
        return trm_fail(error, TRM_NO_MEMORY, "out of memory for a checkpoint");
    }
    size_t used = 0;
    for (size_t i = 0; i < a.count; i++)
        if (a.at[i].count > 0)
            tensors[used++] = (struct st_tensor){.name = a.at[i].name,
                                                 .dtype = a.at[i].dtype,
                                                 .rank = 1,
                                                 .shape = {a.at[i].count},
                                                 .count = a.at[i].count,
                                                 .data = a.at[i].data};
    const struct st_meta metadata[] = {{"format", format}, {"configuration", config}};
    status = st_write(path, tensors, used, metadata, 2, true, error);
    free(tensors);
    close_arrays(&a);
    return status;
}

static enum trm_status read_array(const char *path, const struct st_file *file, const struct array *a,
                                  struct trm_error *error) {
    if (a->count == 0)
        return TRM_OK;
    const struct st_tensor *const tensor = st_find(file, a->name);
    if (tensor == NULL || tensor->dtype != a->dtype || tensor->count != a->count)
        return trm_fail(error, TRM_FORMAT, "%s: '%s' is %s; begin again with --force", path, a->name,
                        tensor == NULL ? "missing" : "of another size");
    memcpy(a->data, tensor->data, a->count * st_dtype_size(a->dtype));
    return is_finite(a) ? TRM_OK
                        : trm_fail(error, TRM_NOT_FINITE,
                                   "%s: '%s' holds NaN or infinity; begin again with --force", path, a->name);
}

static enum trm_status apply(const char *path, struct trainer *t, const struct arrays *a,
                             struct trm_error *error) {
    const double epoch = a->position[0], step = a->position[1], arm = a->position[3];
    if (!(epoch >= 0.0 && epoch <= (double)t->settings.epochs && epoch == floor(epoch) && step >= 0.0 &&
          step <= (double)t->steps_per_epoch && step == floor(step) && arm >= 0.0 &&
          arm < (double)t->arms.count && arm == floor(arm)))
        return trm_fail(error, TRM_FORMAT,
                        "%s: it stands at epoch %g, step %g, arm %g, which this run has not; begin again "
                        "with --force",
                        path, epoch, step, arm);
    if (*muon_sgd_state(t->sgd, 0).doubles != epoch * (double)t->steps_per_epoch + step)
        return trm_fail(error, TRM_FORMAT,
                        "%s: its optimiser is at another step than its network; begin again with "
                        "--force",
                        path);
    t->epoch = (size_t)epoch, t->epoch_step = (size_t)step, t->epoch_loss = a->position[2];
    t->arm = (size_t)arm;
    const struct trm_features_state features = {a->scalars, a->average, nn_param_floats(t->model)};
    return trm_features_restore(trm_collector_features(t->collector), &features, error);
}

enum trm_status checkpoint_restore(const char *path, struct trainer *t, const char *config, bool may_change,
                                   struct trm_error *error) {
    struct st_file *file;
    struct arrays a;
    enum trm_status status = st_open(path, &file, error);
    if (status != TRM_OK)
        return status;
    const char *const found = st_metadata(file, "format");
    if (found == NULL || strcmp(found, format) != 0)
        status =
            trm_fail(error, TRM_FORMAT, "%s: no checkpoint of this version; begin again with --force", path);
    else
        status = run_settings_same(st_metadata(file, "configuration"), config, may_change ? SETTING_STEP : 0,
                                   path, error);
    if (status == TRM_OK)
        status = list_arrays(t, &a, error);
    if (status != TRM_OK) {
        st_close(file);
        return status;
    }
    for (size_t i = 0; status == TRM_OK && i < a.count; i++)
        status = read_array(path, file, &a.at[i], error);
    if (status == TRM_OK)
        status = apply(path, t, &a, error);
    close_arrays(&a);
    st_close(file);
    return status;
}

enum trm_status problem_save(const char *path, struct trainer *t, const char **name,
                             struct trm_error *error) {
    size_t broken = t->tracked;
    for (size_t i = nn_param_count(t->model); i-- > 0;) {
        const struct nn_param *const p = nn_param_at(t->model, i);
        if (muon_sgd_columns(t->sgd, i) > 0 &&
            !(statistics_finite_float(p->count, nn_params(t->model) + p->offset) &&
              statistics_finite_float(p->count, muon_sgd_state(t->sgd, 1 + i).floats)))
            broken = i;
    }
    const struct nn_param *const p = nn_param_at(t->model, broken);
    char radius[32];
    snprintf(radius, sizeof radius, "%.17g", muon_sgd_radius(t->sgd));
    const struct st_tensor tensors[] = {{.name = "W",
                                         .dtype = ST_F32,
                                         .rank = 2,
                                         .shape = {p->rows, p->cols},
                                         .count = p->count,
                                         .data = nn_params(t->model) + p->offset},
                                        {.name = "G",
                                         .dtype = ST_F32,
                                         .rank = 2,
                                         .shape = {p->rows, p->cols},
                                         .count = p->count,
                                         .data = muon_sgd_state(t->sgd, 1 + broken).floats}};
    const struct st_meta metadata[] = {{"weight", p->name}, {"radius", radius}};
    *name = p->name;
    return st_write(path, tensors, 2, metadata, 2, true, error);
}

enum trm_status weights_save(const char *path, const struct nn_model *model, const char *config,
                             bool overwrite, struct trm_error *error) {
    const size_t count = nn_param_count(model) + nn_buffer_count(model);
    struct st_tensor *const tensors = calloc(count, sizeof *tensors);
    if (tensors == NULL)
        return trm_fail(error, TRM_NO_MEMORY, "out of memory for the weights");
    size_t used = 0;
    for (size_t i = 0; i < nn_param_count(model); i++) {
        const struct nn_param *const p = nn_param_at(model, i);
        struct st_tensor *const tensor = &tensors[used++];
        *tensor = (struct st_tensor){.name = p->name,
                                     .dtype = ST_F32,
                                     .rank = p->rank,
                                     .count = p->count,
                                     .data = nn_params(model) + p->offset};
        memcpy(tensor->shape, p->shape, p->rank * sizeof *p->shape);
    }
    for (size_t i = 0; i < nn_buffer_count(model); i++) {
        const struct nn_buffer *const b = nn_buffer_at(model, i);
        tensors[used++] = (struct st_tensor){.name = b->name,
                                             .dtype = ST_F32,
                                             .rank = 1,
                                             .shape = {b->count},
                                             .count = b->count,
                                             .data = nn_buffers(model) + b->offset};
    }
    const struct st_meta metadata[] = {{"configuration", config}};
    const enum trm_status status = st_write(path, tensors, used, metadata, 1, overwrite, error);
    free(tensors);
    return status;
}
