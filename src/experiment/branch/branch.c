#include "experiment/branch/branch.h"

#include "base/clock.h"
#include "experiment/branch/look.h"
#include "experiment/branch/probes.h"
#include "experiment/branch/snapshot.h"

#include <cblas.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct branch {
    struct trainer *trainer;
    struct branch_settings settings;
    struct snapshot *state;
    struct probes *probes;
    struct look *look; /* NULL without looks */
    size_t arms, size; /* size: numbers in the A of all matrices */
    double *A;         /* (arms, size) */
    double *base;      /* (probes) */
    double *after;     /* (arms, probes) */
    double cosine[TRM_ARMS_MAX][TRM_ARMS_MAX];
    double look_loss[TRM_ARMS_MAX][TRM_REPEATS_MAX], look_doubled[TRM_ARMS_MAX][TRM_REPEATS_MAX];
    struct trm_outcome outcome[TRM_ARMS_MAX];
    struct trm_branch result;
    bool tried; /* at the last step */
};

static size_t size_of_steps(const struct trainer *t) {
    size_t size = 0;
    for (size_t i = 0; i < nn_param_count(t->model); i++) {
        const struct muon_matrix A = muon_sgd_step(t->sgd, i);
        size += A.data != NULL ? A.rows * A.cols : 0;
    }
    return size;
}

static enum trm_status allocate(struct branch *b, struct trm_error *error) {
    const size_t probes = b->settings.probes;
    b->arms = b->settings.arms.count;
    b->size = size_of_steps(b->trainer);
    b->A = calloc(b->arms * b->size + 1, sizeof *b->A);
    b->base = calloc(probes, sizeof *b->base);
    b->after = calloc(b->arms * probes, sizeof *b->after);
    if (b->A == NULL || b->base == NULL || b->after == NULL)
        return trm_fail(error, TRM_NO_MEMORY, "out of memory for trying %zu arms", b->arms);
    enum trm_status status = snapshot_create(&b->state, b->trainer, error);
    if (status == TRM_OK)
        status = probes_create(&b->probes, b->trainer, probes, error);
    if (status == TRM_OK && b->settings.look_every > 0)
        status = look_create(&b->look, b->trainer, error);
    return status;
}

enum trm_status branch_create(struct branch **out, struct trainer *trainer,
                              const struct branch_settings *settings, struct trm_error *error) {
    struct branch *const b = *out = calloc(1, sizeof *b);
    if (b == NULL)
        return trm_fail(error, TRM_NO_MEMORY, "out of memory for trying arms");
    b->trainer = trainer, b->settings = *settings;
    const enum trm_status status = allocate(b, error);
    if (status != TRM_OK) {
        branch_destroy(b);
        *out = NULL;
    }
    return status;
}

void branch_destroy(struct branch *b) {
    if (b == NULL)
        return;
    snapshot_destroy(b->state);
    probes_destroy(b->probes);
    look_destroy(b->look);
    free(b->A);
    free(b->base);
    free(b->after);
    free(b);
}

const struct trm_branch *branch_result(const struct branch *b) {
    return b->tried ? &b->result : NULL;
}

/* The A of all matrices, out of the optimiser into `own`, or back, times scale. */
static void copy_out(const struct trainer *t, double *own) {
    for (size_t i = 0; i < nn_param_count(t->model); i++) {
        const struct muon_matrix A = muon_sgd_step(t->sgd, i);
        if (A.data == NULL)
            continue;
        memcpy(own, A.data, A.rows * A.cols * sizeof *own);
        own += A.rows * A.cols;
    }
}

static void copy_back(const struct trainer *t, const double *own, double scale) {
    for (size_t i = 0; i < nn_param_count(t->model); i++) {
        const struct muon_matrix A = muon_sgd_step(t->sgd, i);
        double *const to = A.data;
        for (size_t k = 0; to != NULL && k < A.rows * A.cols; k++)
            to[k] = scale * own[k];
        own += to != NULL ? A.rows * A.cols : 0;
    }
}

/* Length, decrease and rank of the A that was just solved for. */
static void describe(const struct trainer *t, struct trm_outcome *o) {
    double squares = 0.0, rank = 0.0, matrices = 0.0;
    for (size_t i = 0; i < nn_param_count(t->model); i++) {
        const struct muon_sgd_report *const report = muon_sgd_report(t->sgd, i);
        if (report == NULL)
            continue;
        squares += report->info.frobenius * report->info.frobenius;
        o->decrease += report->info.primal;
        rank += report->info.eff_rank / (double)muon_sgd_columns(t->sgd, i);
        matrices += 1.0;
    }
    const struct muon_info *const tracked = &muon_sgd_report(t->sgd, t->tracked)->info;
    o->norm = sqrt(squares);
    o->rank = rank / matrices;
    o->gap = tracked->gap, o->iterations = tracked->iterations;
}

/* Of trouble with one arm, which ends the run. */
static enum trm_status failed(const struct branch *b, size_t arm, const char *what, enum trm_status status,
                              const struct trm_error *why, struct trm_error *error) {
    if (status == TRM_NO_MEMORY || status == TRM_IO)
        return trm_fail(error, status, "%.300s", why->text);
    return trm_fail(error, TRM_DIVERGED,
                    "step %zu, arm %s%s: %.200s; leave it out of --arms, or give a smaller --spectral-budget",
                    b->result.step, b->trainer->arms.at[arm].name, what, why->text);
}

/* Every arm's A, from the same warm starts. */
static enum trm_status solve_all(struct branch *b, double factor, struct trm_error *error) {
    struct trainer *const t = b->trainer;
    for (size_t arm = 0; arm < b->arms; arm++) {
        const struct trainer_arm *const a = &t->arms.at[arm];
        const struct trainer_arm *const next = &t->arms.at[t->arm];
        struct trm_outcome *const o = &b->outcome[arm];
        struct trm_error why = {0};
        *o = (struct trm_outcome){.scale = 1.0,
                                  .chosen = a->slot == next->slot && a->multiplier == next->multiplier,
                                  .probe_loss = b->after + arm * b->settings.probes,
                                  .cosine = b->cosine[arm]};
        const double began = clock_seconds();
        enum trm_status status = muon_sgd_solve(t->sgd, a->slot, factor, a->multiplier, &why);
        o->seconds = clock_seconds() - began;
        if (status != TRM_OK)
            return failed(b, arm, "", status, &why, error);
        describe(t, o);
        copy_out(t, b->A + arm * b->size);
        status = snapshot_restore(b->state, false, error);
        if (status != TRM_OK)
            return status;
        for (size_t other = 0; other < arm; other++)
            b->cosine[arm][other] =
                o->norm > 0.0 && b->outcome[other].norm > 0.0
                    ? cblas_ddot((blasint)b->size, b->A + arm * b->size, 1, b->A + other * b->size, 1) /
                          (o->norm * b->outcome[other].norm)
                    : 0.0;
    }
    return TRM_OK;
}

static double length_of(const struct branch *b, size_t arm) {
    return b->settings.match == TRM_MATCH_FROBENIUS ? b->outcome[arm].norm : b->outcome[arm].decrease;
}

/* The target is the smallest among the arms. spectral_clip, whose length is its learning rate's, does not set it, as
   long as there are others. */
static void match_lengths(struct branch *b) {
    double target = INFINITY;
    if (b->settings.match == TRM_MATCH_NONE)
        return;
    for (int clip = 0; clip < 2 && isinf(target); clip++)
        for (size_t arm = 0; arm < b->arms; arm++)
            if ((b->settings.arms.at[arm].solver == MUON_SOLVER_spectral_clip) == (clip == 1) &&
                length_of(b, arm) > 0.0)
                target = fmin(target, length_of(b, arm));
    for (size_t arm = 0; arm < b->arms; arm++)
        if (length_of(b, arm) > 0.0)
            b->outcome[arm].scale = target / length_of(b, arm);
}

/* The step itself, and what it does to the losses. */
static enum trm_status take(struct branch *b, size_t arm, const struct data_batch *batch, double factor,
                            struct trm_error *error) {
    struct trainer *const t = b->trainer;
    struct trm_outcome *const o = &b->outcome[arm];
    double sum = 0.0;
    copy_back(t, b->A + arm * b->size, o->scale);
    enum trm_status status = muon_sgd_finish(t->sgd, factor, t->arms.at[arm].multiplier, error);
    if (status == TRM_OK)
        status =
            nn_forward(t->model, NN_TRAIN_STATS, batch->x, batch->labels, batch->count, &sum, NULL, error);
    o->next_loss = sum / (double)batch->count;
    if (status == TRM_OK && !isfinite(o->next_loss))
        status = trm_fail(error, TRM_DIVERGED, "the loss after it is not finite");
    return status == TRM_OK ? probes_measure(b->probes, b->after + arm * b->settings.probes, error) : status;
}

static enum trm_status take_all(struct branch *b, const struct data_batch *batch, double factor,
                                struct trm_error *error) {
    for (size_t arm = 0; arm < b->arms; arm++) {
        struct trm_error why = {0};
        enum trm_status status = take(b, arm, batch, factor, &why);
        if (status != TRM_OK)
            return failed(b, arm, "", status, &why, error);
        status = snapshot_restore(b->state, false, error);
        if (status != TRM_OK)
            return status;
    }
    return TRM_OK;
}

static enum trm_status look_all(struct branch *b, struct trm_error *error) {
    const struct branch_settings *const s = &b->settings;
    b->result.hold = s->hold, b->result.anneal = s->anneal, b->result.repeat_count = s->look_repeats;
    for (size_t arm = 0; arm < b->arms; arm++) {
        b->outcome[arm].look_loss = b->look_loss[arm];
        b->outcome[arm].look_doubled = s->look_check ? b->look_doubled[arm] : NULL;
    }
    for (size_t repetition = 0; repetition < s->look_repeats; repetition++)
        for (size_t arm = 0; arm < b->arms; arm++)
            for (size_t times = 1; times <= (s->look_check ? 2 : 1); times++) {
                struct trm_error why = {0};
                double *const loss = times == 1 ? b->look_loss[arm] : b->look_doubled[arm];
                enum trm_status status =
                    look_run(b->look, arm, repetition, s->hold, times * s->anneal, &loss[repetition], &why);
                if (status != TRM_OK)
                    return failed(b, arm, ", looking ahead", status, &why, error);
                status = snapshot_restore(b->state, true, error);
                if (status != TRM_OK)
                    return status;
            }
    return TRM_OK;
}

enum trm_status branch_try(struct branch *b, const struct data_batch *batch, struct trm_error *error) {
    struct trainer *const t = b->trainer;
    const struct branch_settings *const s = &b->settings;
    const size_t step = t->epoch * t->steps_per_epoch + t->epoch_step;
    const double factor = muon_sgd_factor(t->sgd), began = clock_seconds();
    b->tried = step % s->every == 0;
    if (!b->tried)
        return TRM_OK;
    b->result = (struct trm_branch){.step = step,
                                    .match = s->match,
                                    .probe_count = s->probes,
                                    .probe_seed = probes_seeds(b->probes),
                                    .base_loss = b->base,
                                    .arm_count = b->arms,
                                    .outcome = b->outcome};
    snapshot_take(b->state);
    enum trm_status status = probes_draw(b->probes, step, error);
    if (status == TRM_OK)
        status = probes_measure(b->probes, b->base, error);
    if (status == TRM_OK)
        status = solve_all(b, factor, error);
    if (status == TRM_OK) {
        match_lengths(b);
        status = take_all(b, batch, factor, error);
    }
    b->result.seconds = clock_seconds() - began;
    if (status == TRM_OK && b->look != NULL && step / s->every % s->look_every == 0)
        status = look_all(b, error);
    b->tried = status == TRM_OK;
    return status;
}
