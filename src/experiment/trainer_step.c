/* One step of training, and the test set between epochs. */
#include "experiment/trainer.h"

#include "base/clock.h"
#include "base/statistics.h"
#include "experiment/branch/branch.h"

#include <math.h>
#include <stdio.h>

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

/* What the solver did to each matrix that it certified; their number. */
static size_t list_solves(struct trainer *t) {
    size_t count = 0;
    for (size_t i = 0; t->rule == NULL && i < nn_param_count(t->model); i++) {
        const struct muon_sgd_report *const report = muon_sgd_report(t->sgd, i);
        if (report != NULL && !isnan(report->info.gap))
            t->solves[count++] = (struct trm_solve){.matrix = t->parameters[i].name,
                                                    .gap = report->info.gap,
                                                    .iterations = report->info.iterations,
                                                    .seconds = report->info.seconds,
                                                    .norm = report->info.norm,
                                                    .rank = report->info.rank};
    }
    return count;
}

/* The loss of the same batch after the step, with the batch's own statistics. */
static enum trm_status find_next_loss(struct trainer *t, const struct data_batch *batch,
                                      struct trainer_step *out, struct trm_error *error) {
    double sum = 0.0;
    const enum trm_status status =
        nn_forward(t->model, NN_TRAIN_STATS, batch->x, batch->labels, batch->count, &sum, NULL, error);
    if (status != TRM_OK)
        return status;
    out->next_loss = sum / (double)batch->count;
    return isfinite(out->next_loss) ? TRM_OK
                                    : diverged(t, out->loss, "the loss after it is not finite", error);
}

/* What became of the step, for the policy that learns and for the record. Learning is part of training; so is the loss
   that it needs. */
static enum trm_status conclude(struct trainer *t, const struct trainer_policy *policy,
                                const struct data_batch *batch, double began, struct trainer_step *out,
                                struct trm_error *error) {
    const bool records = trm_collector_records(t->collector);
    const bool learns = out->decided && policy->learn != NULL;
    out->next_loss = NAN;
    out->train_seconds = clock_seconds() - began;
    if (records || learns) {
        const enum trm_status status = find_next_loss(t, batch, out, error);
        if (status != TRM_OK)
            return status;
    }
    if (learns) {
        const double before = out->train_seconds;
        policy->learn(policy->context, out->loss - out->next_loss);
        out->train_seconds = clock_seconds() - began;
        out->decide_seconds += out->train_seconds - before;
    }
    const struct muon_info *const info = &muon_sgd_report(t->sgd, t->tracked)->info;
    out->gap = info->gap;
    out->seconds = clock_seconds() - began;
    const struct trm_step_outcome outcome = {.has_next_loss = records,
                                             .has_gap = t->rule == NULL && !isnan(info->gap),
                                             .next_loss = out->next_loss,
                                             .gap = info->gap,
                                             .solver = trainer_arm_name(t),
                                             .iterations = info->iterations,
                                             .seconds = out->seconds,
                                             .solve_seconds = out->solve_seconds,
                                             .solves = t->solves,
                                             .solve_count = list_solves(t)};
    return trm_collector_post_step(t->collector, &outcome, error);
}

enum trm_status trainer_apply(struct trainer *t, size_t arm, double factor, struct trm_error *error) {
    const struct trainer_arm *const a = &t->arms.at[arm];
    if (t->rule != NULL)
        return rule_step(t->rule, factor, error);
    if (a->multiplier == 1.0)
        return muon_sgd_update_by(t->sgd, a->slot, factor, error);
    const enum trm_status status = muon_sgd_solve(t->sgd, a->slot, factor, a->multiplier, error);
    return status == TRM_OK ? muon_sgd_finish(t->sgd, factor, a->multiplier, error) : status;
}

enum trm_status trainer_step(struct trainer *t, const struct trainer_policy *policy, struct trainer_step *out,
                             struct trm_error *error) {
    const struct data_batch *batch;
    enum trm_status status = data_loader_next(t->train, &batch, error);
    if (status != TRM_OK)
        return status;
    double began = clock_seconds();
    status = nn_forward_backward(t->model, batch->x, batch->labels, batch->count, &out->loss, error);
    if (status != TRM_OK)
        return status;
    if (!isfinite(out->loss) || !statistics_finite_float(nn_param_floats(t->model), nn_gradients(t->model)))
        return diverged(t, out->loss,
                        isfinite(out->loss) ? "the gradient is not finite" : "the loss is not finite", error);
    status = muon_sgd_accumulate(t->sgd, error);
    if (status != TRM_OK)
        return optimiser_failed(t, out->loss, status, error);
    status = choose(t, policy, batch->count, out, error);
    if (status != TRM_OK)
        return status;
    const double branching = clock_seconds();
    if (t->branch != NULL)
        status = branch_try(t->branch, batch, error);
    if (status != TRM_OK)
        return status;
    const double solving = clock_seconds();
    began += solving - branching; /* a step takes as long as one without */
    status = trainer_apply(t, t->arm, muon_sgd_factor(t->sgd), error);
    if (status != TRM_OK)
        return optimiser_failed(t, out->loss, status, error);
    out->solve_seconds = clock_seconds() - solving;
    status = conclude(t, policy, batch, began, out, error);
    if (status != TRM_OK)
        return status;
    t->epoch_loss += out->loss;
    t->epoch_step++;
    return TRM_OK;
}

enum trm_status trainer_test(struct trainer *t, struct data_loader *images, double *loss, double *accuracy,
                             struct trm_error *error) {
    double sum = 0.0;
    size_t right = 0, seen = 0;
    enum trm_status status = data_loader_start(images, 0, 0, error);
    for (size_t i = 0; status == TRM_OK && i < data_loader_steps(images); i++) {
        const struct data_batch *batch;
        double batch_loss = 0.0;
        size_t batch_right = 0;
        status = data_loader_next(images, &batch, error);
        if (status == TRM_OK)
            status = nn_forward(t->model, NN_EVAL, batch->x, batch->labels, batch->count, &batch_loss,
                                &batch_right, error);
        if (status == TRM_OK) {
            sum += batch_loss;
            right += batch_right;
            seen += batch->count;
        }
    }
    if (status != TRM_OK)
        return status;
    *loss = sum / (double)seen;
    *accuracy = (double)right / (double)seen;
    return TRM_OK;
}
