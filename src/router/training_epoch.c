/* One epoch: batches forward and back over lanes, clip, AdamW, then validation. */
#include "router/adamw.h"
#include "router/training_run.h"

#include "base/rng.h"

#include <math.h>
#include <string.h>

/* How much of the average is kept at step t = 1, 2, ...: few steps are averaged evenly instead of leaving the
   initial weights in it. */
static float ema_keep(uint64_t t) {
    return (float)fmin(0.999, (1.0 + (double)t) / (10.0 + (double)t));
}

static void gather(struct training_lane *lane, const struct training *t, const uint32_t *index, size_t rows) {
    for (size_t r = 0; r < rows; r++)
        memcpy(lane->work.features + r * TRM_FEATURE_COUNT, t->features + index[r] * TRM_FEATURE_COUNT,
               TRM_FEATURE_COUNT * sizeof(float));
}

/* Forward and back for one chunk. The loss is the mean over the cycles that are supervised. */
static void chunk_back(struct training_lane *lane, const struct training *t, const uint32_t *index,
                       size_t rows, size_t batch) {
    const size_t cycles = t->net.shape.cycles, supervised = t->options->deep_supervision ? cycles : 1;
    const float share = 1.0f / (float)(batch * supervised);
    gather(lane, t, index, rows);
    recursion_start(&lane->work, &t->net, rows);
    for (size_t cycle = 0; cycle < cycles; cycle++) {
        recursion_cycle(&lane->work, &t->net);
        if (cycle + supervised < cycles)
            continue;
        struct training_sums sums = {0};
        training_loss(t->target, t->net.shape.arms, index, rows, lane->work.logits, lane->work.halt, share,
                      lane->dlogits, lane->dhalt, &sums);
        recursion_cycle_back(&lane->work, &t->net, lane->dlogits, lane->dhalt, lane->gradient);
        lane->sums.loss += sums.loss / (double)supervised;
        lane->sums.halt_loss += sums.halt_loss / (double)supervised;
        if (cycle + 1 == cycles) {
            lane->sums.right += sums.right;
            lane->sums.samples += sums.samples;
        }
    }
    recursion_finish_back(&lane->work, &t->net, lane->gradient);
}

static void chunk_validate(struct training_lane *lane, const struct training *t,
                           const struct recursion_net *net, const uint32_t *index, size_t rows) {
    gather(lane, t, index, rows);
    recursion_start(&lane->work, net, rows);
    for (size_t cycle = 0; cycle < net->shape.cycles; cycle++)
        recursion_cycle(&lane->work, net);
    training_loss(t->target, t->net.shape.arms, index, rows, lane->work.logits, lane->work.halt, 1.0f, NULL,
                  NULL, &lane->sums);
}

static struct training_sums collect_sums(const struct training *t, size_t lanes) {
    struct training_sums all = {0};
    for (size_t i = 0; i < lanes; i++) {
        const struct training_sums *const s = &t->lane[i].sums;
        all.loss += s->loss, all.halt_loss += s->halt_loss;
        all.right += s->right, all.samples += s->samples;
    }
    return all;
}

/* The gradient of a batch is left in the first lane's; *norm before clipping. Always a team of threads: inside
   one, BLAS keeps to one thread and to the same bits. */
static struct training_sums batch_gradient(struct training *t, const uint32_t *index, size_t batch,
                                           double *norm) {
    const size_t chunks = (batch + TRAINING_CHUNK - 1) / TRAINING_CHUNK;
    const size_t lanes = chunks < t->lanes ? chunks : t->lanes;
#pragma omp parallel for schedule(static)
    for (size_t i = 0; i < lanes; i++) {
        struct training_lane *const lane = &t->lane[i];
        lane->sums = (struct training_sums){0};
        memset(lane->gradient, 0, t->count * sizeof(float));
        for (size_t c = i; c < chunks; c += lanes) {
            const size_t first = c * TRAINING_CHUNK, left = batch - first;
            chunk_back(lane, t, index + first, left < TRAINING_CHUNK ? left : TRAINING_CHUNK, batch);
        }
    }
    for (size_t i = 1; i < lanes; i++)
        vector_add(t->lane[0].gradient, t->lane[i].gradient, t->count);
    *norm = sqrt(vector_square(t->lane[0].gradient, t->count));
    return collect_sums(t, lanes);
}

static void update(struct training *t, double norm, double lr) {
    float *const p = trm_router_parameters(t->router), *const g = t->lane[0].gradient;
    const double factor = t->options->clip / (norm + 1e-6);
    if (factor < 1.0)
        vector_scale(g, (float)factor, t->count);
    t->step++;
    for (size_t i = 0; i < trm_router_view_count(t->router); i++) {
        const struct trm_router_view *const v = trm_router_view(t->router, i);
        adamw_step(p + v->offset, t->m + v->offset, t->v + v->offset, g + v->offset, v->count, lr,
                   v->rank == 2 ? t->options->weight_decay : 0.0, t->step);
    }
    if (t->options->ema)
        vector_average(t->average, p, ema_keep(t->step), t->count);
}

static struct training_sums validate(struct training *t) {
    const size_t count = t->validation_count, chunks = (count + TRAINING_CHUNK - 1) / TRAINING_CHUNK;
    struct recursion_net net = t->net;
    net.parameters = t->options->ema ? t->average : t->net.parameters;
#pragma omp parallel for schedule(static)
    for (size_t i = 0; i < TRAINING_LANES; i++) {
        t->lane[i].sums = (struct training_sums){0};
        for (size_t c = i; c < chunks; c += TRAINING_LANES) {
            const size_t first = c * TRAINING_CHUNK, left = count - first;
            chunk_validate(&t->lane[i], t, &net, t->validation + first,
                           left < TRAINING_CHUNK ? left : TRAINING_CHUNK);
        }
    }
    return collect_sums(t, TRAINING_LANES);
}

static void shuffle(struct training *t) {
    struct rng rng = rng_stream(t->options->seed, RNG_ROUTER, t->epoch, 1);
    rng_permutation(&rng, t->order, (uint32_t)t->train_count);
    for (size_t i = 0; i < t->train_count; i++)
        t->order[i] = t->train[t->order[i]];
}

/* Cosine by epoch, from lr to min_lr. */
static double rate(const struct trm_train_options *o, size_t epoch) {
    const double pi = 3.14159265358979323846;
    return o->min_lr + (o->lr - o->min_lr) * 0.5 * (1.0 + cos(pi * (double)epoch / (double)o->epochs));
}

/* Highest accuracy, then lowest loss, then earliest; without a validation part the last. */
static bool better(const struct training *t, const struct trm_train_epoch *row) {
    if (t->best_epoch == 0 || t->validation_count == 0)
        return true;
    const struct trm_train_epoch *const best = &t->history[t->best_epoch - 1];
    return row->val_accuracy > best->val_accuracy ||
           (row->val_accuracy == best->val_accuracy && row->val_loss < best->val_loss);
}

static void end_epoch(struct training *t, struct trm_train_epoch *row) {
    row->val_loss = row->val_accuracy = NAN;
    if (t->validation_count > 0) {
        const struct training_sums sums = validate(t);
        row->val_loss = sums.loss / (double)sums.samples;
        row->val_accuracy = (double)sums.right / (double)sums.samples;
    }
    t->history[t->epoch++] = *row;
    if (!better(t, row))
        return;
    t->best_epoch = t->epoch;
    memcpy(t->best, t->options->ema ? t->average : trm_router_values(t->router), t->count * sizeof(float));
}

enum trm_status training_epoch(struct training *t, const struct trm_train_watch *watch,
                               struct trm_error *error) {
    const size_t total = t->train_count, most = t->options->batch_size;
    struct trm_train_epoch row = {.epoch = (double)(t->epoch + 1), .lr = rate(t->options, t->epoch)};
    struct training_sums all = {0};
    size_t batches = 0;
    shuffle(t);
    for (size_t done = 0; done < total; batches++) {
        const size_t batch = total - done < most ? total - done : most;
        double norm;
        const struct training_sums sums = batch_gradient(t, t->order + done, batch, &norm);
        if (!isfinite(norm) || !isfinite(sums.loss))
            return trm_fail(
                error, TRM_DIVERGED,
                "training diverged in epoch %zu: the loss or a gradient is not finite; lower --lr",
                t->epoch + 1);
        update(t, norm, row.lr);
        done += batch;
        all.loss += sums.loss, all.halt_loss += sums.halt_loss, all.right += sums.right;
        row.grad_norm += norm;
        if (watch != NULL && watch->batch != NULL)
            watch->batch(watch->context, t->epoch + 1, done, total, all.loss / (double)done,
                         (double)all.right / (double)done);
    }
    row.train_loss = all.loss / (double)total;
    row.train_accuracy = (double)all.right / (double)total;
    row.halt_loss = all.halt_loss / (double)total;
    row.grad_norm /= (double)batches;
    end_epoch(t, &row);
    if (t->validation_count > 0 && !isfinite(t->history[t->epoch - 1].val_loss))
        return trm_fail(error, TRM_DIVERGED, "the validation loss of epoch %zu is not finite; lower --lr",
                        t->epoch);
    return TRM_OK;
}
