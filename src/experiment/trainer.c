#include "experiment/trainer.h"

#include "experiment/arms.h"
#include "experiment/matrices.h"

#include <math.h>
#include <stdlib.h>

static enum trm_status create_test_loader(struct trainer *t, enum data_split split, struct data_loader **out,
                                          struct trm_error *error) {
    struct data_loader_options options = data_loader_defaults(split);
    const size_t images = t->data->images[split].count;
    options.batch_size = images < t->settings.batch_size ? images : t->settings.batch_size;
    return data_loader_create(out, t->data, &options, error);
}

struct data_loader_options trainer_loader_options(const struct run_settings *settings) {
    struct data_loader_options options = data_loader_defaults(DATA_TRAIN);
    options.batch_size = settings->batch_size;
    options.seed = settings->seed;
    options.augment = settings->augment;
    options.keep_last = settings->last_batch == LAST_BATCH_KEEP;
    return options;
}

static enum trm_status create_loaders(struct trainer *t, struct trm_error *error) {
    const struct data_loader_options train = trainer_loader_options(&t->settings);
    enum trm_status status = data_loader_create(&t->train, t->data, &train, error);
    if (status == TRM_OK)
        status = create_test_loader(t, DATA_TEST, &t->test, error);
    if (status == TRM_OK && t->data->images[DATA_HELD].count > 0)
        status = create_test_loader(t, DATA_HELD, &t->held, error);
    if (status != TRM_OK)
        return status;
    t->steps_per_epoch = data_loader_steps(t->train);
    return TRM_OK;
}

static enum trm_status choose_matrices(struct trainer *t, struct trm_error *error) {
    const size_t count = nn_param_count(t->model);
    t->parameters = calloc(count, sizeof *t->parameters);
    t->solves = calloc(count, sizeof *t->solves);
    if (t->parameters == NULL || t->solves == NULL)
        return trm_fail(error, TRM_NO_MEMORY, "out of memory for the optimiser");
    const enum trm_status status = manifold_choose(t->model, t->settings.manifold, t->parameters, error);
    return status == TRM_OK ? manifold_tracked(t->parameters, count, t->settings.track, &t->tracked, error)
                            : status;
}

static enum trm_status create_optimiser(struct trainer *t, struct trm_error *error) {
    struct muon_sgd_options options = t->settings.sgd;
    options.total_steps = trainer_total_steps(t);
    enum trm_status status = arms_set_up(&t->settings, &t->arms, &options, error);
    t->arm = t->arms.base;
    if (status == TRM_OK)
        status = muon_sgd_create(&t->sgd, t->parameters, nn_param_count(t->model), &options, error);
    if (status == TRM_OK)
        status = muon_sgd_project(t->sgd, error);
    if (status == TRM_OK)
        status = rule_create(&t->rule, &t->settings, t->sgd, t->parameters, nn_param_count(t->model), error);
    if (status != TRM_OK)
        return status;
    t->sigma = calloc(muon_sgd_columns(t->sgd, t->tracked), sizeof *t->sigma);
    return t->sigma != NULL ? TRM_OK : trm_fail(error, TRM_NO_MEMORY, "out of memory for the optimiser");
}

/* What the sizes of the data decide, before any of it is read. */
static enum trm_status check_sizes(const struct run_settings *s, size_t images, struct trm_error *error) {
    const size_t steps = s->last_batch == LAST_BATCH_KEEP ? (images + s->batch_size - 1) / s->batch_size
                                                          : images / s->batch_size;
    if (steps == 0)
        return trm_fail(error, TRM_INVALID,
                        "--batch-size %zu is more than the %zu training images: give a smaller one",
                        s->batch_size, images);
    if (s->sgd.warmup_steps >= steps * s->epochs)
        return trm_fail(error, TRM_INVALID,
                        "--warmup %zu is not shorter than the run of %zu steps: give fewer",
                        s->sgd.warmup_steps, steps * s->epochs);
    return TRM_OK;
}

static enum trm_status discard(struct trainer **t, enum trm_status status) {
    trainer_destroy(*t);
    *t = NULL;
    return status;
}

/* The network for images of this shape, and its matrices by name. *out is NULL on failure. */
static enum trm_status begin(struct trainer **out, const struct run_settings *settings,
                             const struct data_shape *shape, struct trm_error *error) {
    const struct nn_images images = {shape->channels, shape->height, shape->width, shape->classes};
    struct trainer *const t = *out = calloc(1, sizeof *t);
    if (t == NULL)
        return trm_fail(error, TRM_NO_MEMORY, "out of memory for the training run");
    t->settings = *settings;
    enum trm_status status = nn_model_create(settings->model, settings->width, settings->batch_size, images,
                                             (enum nn_precision)nn_precision_find(settings->precision),
                                             settings->seed, &t->model, error);
    if (status == TRM_OK)
        status = choose_matrices(t, error);
    return status == TRM_OK ? TRM_OK : discard(out, status);
}

enum trm_status trainer_check(const struct run_settings *settings, struct trm_error *error) {
    struct trainer *t;
    struct data_info info;
    enum trm_status status = data_check(&settings->data, &info, error);
    if (status == TRM_OK)
        status = begin(&t, settings, &info.shape, error);
    return status == TRM_OK ? discard(&t, check_sizes(settings, info.train, error)) : status;
}

enum trm_status trainer_create(struct trainer **out, const struct run_settings *settings,
                               struct data_set *data, struct trm_error *error) {
    struct data_info info;
    *out = NULL;
    enum trm_status status = data != NULL ? TRM_OK : data_check(&settings->data, &info, error);
    if (status == TRM_OK)
        status = begin(out, settings, data != NULL ? &data->info.shape : &info.shape, error);
    if (status != TRM_OK)
        return status;
    (*out)->owns_data = data == NULL;
    (*out)->data = data;
    status = check_sizes(settings, data != NULL ? data->images[DATA_TRAIN].count : info.train, error);
    if (status == TRM_OK && data == NULL)
        status = data_load(&settings->data, &(*out)->data, error);
    if (status == TRM_OK)
        status = create_loaders(*out, error);
    if (status == TRM_OK)
        status = create_optimiser(*out, error);
    return status == TRM_OK ? TRM_OK : discard(out, status);
}

void trainer_destroy(struct trainer *t) {
    if (t == NULL)
        return;
    if (t->collector != NULL)
        trm_collector_close(t->collector, NULL, NULL);
    rule_destroy(t->rule);
    muon_sgd_destroy(t->sgd);
    data_loader_destroy(t->train);
    data_loader_destroy(t->test);
    data_loader_destroy(t->held);
    nn_model_destroy(t->model);
    if (t->owns_data)
        data_free(t->data);
    free(t->parameters);
    free(t->solves);
    free(t->sigma);
    free(t);
}

size_t trainer_total_steps(const struct trainer *t) {
    return t->steps_per_epoch * t->settings.epochs;
}

const char *trainer_tracked_name(const struct trainer *t) {
    return nn_param_at(t->model, t->tracked)->name;
}

const char *trainer_arm_name(const struct trainer *t) {
    return t->arms.at[t->arm].name;
}

enum trm_status trainer_record(struct trainer *t, struct trm_store *store, int64_t run,
                               struct trm_error *error) {
    struct trm_collector_options options = trm_collector_defaults();
    options.record_every = t->settings.record_every;
    return trm_collector_create(&t->collector, store, run, nn_param_floats(t->model), &options, error);
}

double trainer_drift(struct trainer *t) {
    double largest = 0.0;
    for (size_t i = 0; i < nn_param_count(t->model); i++)
        largest = fmax(largest, muon_sgd_drift(t->sgd, i));
    return largest;
}

enum trm_status trainer_seek(struct trainer *t, struct trm_error *error) {
    return data_loader_start(t->train, t->epoch, t->epoch_step, error);
}
