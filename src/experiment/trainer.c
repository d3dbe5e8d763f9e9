#include "experiment/trainer.h"

#include "base/clock.h"
#include "experiment/matrices.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static enum trm_status create_loaders(struct trainer *t, struct trm_error *error) {
    struct data_loader_options train = data_loader_defaults(DATA_TRAIN),
                               test = data_loader_defaults(DATA_TEST);
    train.batch_size = t->settings.batch_size;
    train.seed = t->settings.seed;
    train.augment = t->settings.augment;
    train.keep_last = t->settings.last_batch == LAST_BATCH_KEEP;
    const size_t test_images = t->data->images[DATA_TEST].count;
    test.batch_size = test_images < t->settings.batch_size ? test_images : t->settings.batch_size;
    enum trm_status status = data_loader_create(&t->train, t->data, &train, error);
    if (status == TRM_OK)
        status = data_loader_create(&t->test, t->data, &test, error);
    if (status != TRM_OK)
        return status;
    t->steps_per_epoch = data_loader_steps(t->train);
    return TRM_OK;
}

static void set_arms(const struct run_settings *settings, struct muon_sgd_options *options) {
    options->arm_count = settings->every_solver ? MUON_LABEL_COUNT : 1;
    options->arms[0] = (struct muon_arm){muon_solver_find(settings->solver), settings->budget};
    for (int id = 0; settings->every_solver && id < MUON_LABEL_COUNT; id++) {
        options->arms[id] = (struct muon_arm){id, muon_options_default(id)};
        options->arms[id].options.lr = settings->budget.lr;
    }
}

static enum trm_status choose_matrices(struct trainer *t, struct trm_error *error) {
    const size_t count = nn_param_count(t->model);
    t->parameters = calloc(count, sizeof *t->parameters);
    if (t->parameters == NULL)
        return trm_fail(error, TRM_NO_MEMORY, "out of memory for the optimiser");
    const enum trm_status status = manifold_choose(t->model, t->settings.manifold, t->parameters, error);
    return status == TRM_OK ? manifold_tracked(t->parameters, count, t->settings.track, &t->tracked, error)
                            : status;
}

static enum trm_status create_optimiser(struct trainer *t, struct trm_error *error) {
    struct muon_sgd_options options = t->settings.sgd;
    options.total_steps = trainer_total_steps(t);
    set_arms(&t->settings, &options);
    enum trm_status status =
        muon_sgd_create(&t->sgd, t->parameters, nn_param_count(t->model), &options, error);
    if (status == TRM_OK)
        status = muon_sgd_project(t->sgd, error);
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

/* The data are there and are enough; they are not read. */
static enum trm_status check_data(const struct run_settings *s, struct trm_error *error) {
    struct data_info info;
    const enum trm_status status = data_check(&s->data, &info, error);
    return status == TRM_OK ? check_sizes(s, info.train, error) : status;
}

static enum trm_status get_data(struct trainer *t, struct data_set *data, struct trm_error *error) {
    t->data = data;
    if (data != NULL)
        return check_sizes(&t->settings, data->images[DATA_TRAIN].count, error);
    const enum trm_status status = check_data(&t->settings, error);
    return status == TRM_OK ? data_load(&t->settings.data, &t->data, error) : status;
}

static enum trm_status discard(struct trainer **t, enum trm_status status) {
    trainer_destroy(*t);
    *t = NULL;
    return status;
}

/* The network, and its matrices by name. *out is NULL on failure. */
static enum trm_status begin(struct trainer **out, const struct run_settings *settings,
                             struct trm_error *error) {
    struct trainer *const t = *out = calloc(1, sizeof *t);
    if (t == NULL)
        return trm_fail(error, TRM_NO_MEMORY, "out of memory for the training run");
    t->settings = *settings;
    enum trm_status status = nn_model_create(
        settings->model, settings->width, settings->batch_size, DATA_CLASSES,
        (enum nn_precision)nn_precision_find(settings->precision), settings->seed, &t->model, error);
    if (status == TRM_OK)
        status = choose_matrices(t, error);
    return status == TRM_OK ? TRM_OK : discard(out, status);
}

enum trm_status trainer_check(const struct run_settings *settings, struct trm_error *error) {
    struct trainer *t;
    const enum trm_status status = begin(&t, settings, error);
    return status == TRM_OK ? discard(&t, check_data(settings, error)) : status;
}

enum trm_status trainer_create(struct trainer **out, const struct run_settings *settings,
                               struct data_set *data, struct trm_error *error) {
    enum trm_status status = begin(out, settings, error);
    if (status != TRM_OK)
        return status;
    (*out)->owns_data = data == NULL;
    status = get_data(*out, data, error);
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
    muon_sgd_destroy(t->sgd);
    data_loader_destroy(t->train);
    data_loader_destroy(t->test);
    nn_model_destroy(t->model);
    if (t->owns_data)
        data_free(t->data);
    free(t->parameters);
    free(t->sigma);
    free(t);
}

size_t trainer_total_steps(const struct trainer *t) {
    return t->steps_per_epoch * t->settings.epochs;
}

const char *trainer_tracked_name(const struct trainer *t) {
    return nn_param_at(t->model, t->tracked)->name;
}

enum trm_status trainer_record(struct trainer *t, struct trm_store *store, int64_t run,
                               struct trm_error *error) {
    struct trm_collector_options options = trm_collector_defaults();
    options.record_every = t->settings.record_every;
    return trm_collector_create(&t->collector, store, run, nn_param_floats(t->model), &options, error);
}

enum trm_status trainer_seek(struct trainer *t, struct trm_error *error) {
    return data_loader_start(t->train, t->epoch, t->epoch_step, error);
}

/* A sum of products with zero is NaN exactly where something is not finite. */
static bool finite_gradient(const struct nn_model *model) {
    const float *const g = nn_gradients(model);
    const size_t count = nn_param_floats(model);
    float sum = 0.0f;
    for (size_t i = 0; i < count; i++)
        sum += g[i] * 0.0f;
    return sum == 0.0f;
}

static enum trm_status diverged(const struct trainer *t, double loss, const char *what,
                                struct trm_error *error) {
    return trm_fail(error, TRM_DIVERGED,
                    "step %zu (loss %g): %s; a smaller --spectral-budget, --lr or --lr-rest may help",
                    t->epoch * t->steps_per_epoch + t->epoch_step, isnan(loss) ? (double)NAN : loss, what);
}

/* The optimiser's failures that come of numbers too large: divergence, too. */
static enum trm_status optimiser_failed(const struct trainer *t, double loss, enum trm_status status,
                                        struct trm_error *error) {
    char what[256];
    if ((status != TRM_NOT_FINITE && status != TRM_NUMERIC && status != TRM_NOT_ORTHONORMAL) || error == NULL)
        return status;
    snprintf(what, sizeof what, "%.200s", error->text);
    return diverged(t, loss, what, error);
}

/* The features of this step, between the halves of the optimiser's. */
static enum trm_status observe(struct trainer *t, double loss, size_t batch_size,
                               double feature[TRM_FEATURE_COUNT], struct trm_error *error) {
    const size_t n = muon_sgd_gamma(t->sgd, t->tracked, t->sigma);
    struct trm_training_state state = {.loss = loss,
                                       .gradient = nn_gradients(t->model),
                                       .gradient_count = nn_param_floats(t->model),
                                       .batch_size = batch_size,
                                       .sigma_max = t->sigma[0],
                                       .sigma_min = t->sigma[n - 1],
                                       .n = n,
                                       .epoch = t->epoch,
                                       .epochs = t->settings.epochs,
                                       .epoch_step = t->epoch_step,
                                       .steps_per_epoch = t->steps_per_epoch,
                                       .width = t->settings.width};
    state.has_last_update =
        muon_sgd_last_update(t->sgd, t->tracked, &state.effective_rank, &state.ortho_error);
    return trm_collector_pre_step(t->collector, &state, feature, error);
}

/* Features, then the policy's choice, with the time that each took. */
static enum trm_status choose(struct trainer *t, const struct trainer_policy *policy, size_t batch_size,
                              struct trainer_step *out, struct trm_error *error) {
    double feature[TRM_FEATURE_COUNT];
    const size_t step = t->epoch * t->steps_per_epoch + t->epoch_step;
    const double began = clock_seconds();
    enum trm_status status = observe(t, out->loss, batch_size, feature, error);
    const double observed = clock_seconds();
    out->feature_seconds = observed - began;
    out->choice = (struct trainer_choice){.arm = t->arm};
    out->decided = policy != NULL && step % policy->interval == 0;
    if (status == TRM_OK && out->decided)
        status = policy->choose(policy->context, feature, step, &out->choice, error);
    out->decide_seconds = out->decided ? clock_seconds() - observed : 0.0;
    t->arm = out->choice.arm;
    return status;
}

static const char *arm_name(const struct trainer *t) {
    return t->settings.every_solver ? muon_solver_name((int)t->arm) : t->settings.solver;
}

/* What became of the step: the loss of the same batch with its own statistics, and the solver's report. */
static enum trm_status conclude(struct trainer *t, const struct data_batch *batch, double began,
                                struct trainer_step *out, struct trm_error *error) {
    out->next_loss = NAN;
    out->train_seconds = clock_seconds() - began;
    if (trm_collector_records(t->collector)) {
        double sum = 0.0;
        const enum trm_status status =
            nn_forward(t->model, NN_TRAIN_STATS, batch->x, batch->labels, batch->count, &sum, NULL, error);
        if (status != TRM_OK)
            return status;
        out->next_loss = sum / (double)batch->count;
        if (!isfinite(out->next_loss))
            return diverged(t, out->loss, "the loss after it is not finite", error);
    }
    const struct muon_info *const info = &muon_sgd_report(t->sgd, t->tracked)->info;
    out->gap = info->gap;
    out->seconds = clock_seconds() - began;
    const struct trm_step_outcome outcome = {.has_next_loss = trm_collector_records(t->collector),
                                             .has_gap = true,
                                             .next_loss = out->next_loss,
                                             .gap = info->gap,
                                             .solver = arm_name(t),
                                             .iterations = info->iterations,
                                             .seconds = out->seconds,
                                             .solve_seconds = out->solve_seconds};
    return trm_collector_post_step(t->collector, &outcome, error);
}

enum trm_status trainer_step(struct trainer *t, const struct trainer_policy *policy, struct trainer_step *out,
                             struct trm_error *error) {
    const struct data_batch *batch;
    enum trm_status status = data_loader_next(t->train, &batch, error);
    if (status != TRM_OK)
        return status;
    const double began = clock_seconds();
    status = nn_forward_backward(t->model, batch->x, batch->labels, batch->count, &out->loss, error);
    if (status != TRM_OK)
        return status;
    if (!isfinite(out->loss) || !finite_gradient(t->model))
        return diverged(t, out->loss,
                        isfinite(out->loss) ? "the gradient is not finite" : "the loss is not finite", error);
    status = muon_sgd_accumulate(t->sgd, error);
    if (status != TRM_OK)
        return optimiser_failed(t, out->loss, status, error);
    status = choose(t, policy, batch->count, out, error);
    if (status != TRM_OK)
        return status;
    const double solving = clock_seconds();
    status = muon_sgd_update(t->sgd, t->arm, error);
    if (status != TRM_OK)
        return optimiser_failed(t, out->loss, status, error);
    out->solve_seconds = clock_seconds() - solving;
    status = conclude(t, batch, began, out, error);
    if (status != TRM_OK)
        return status;
    t->epoch_loss += out->loss;
    t->epoch_step++;
    return TRM_OK;
}
