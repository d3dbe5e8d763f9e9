/* Training of the two plain networks: AdamW with a cosine by epoch, the epoch with the best validation accuracy
   (then the lowest loss, then the earliest) kept, as for the router. It ends early after PATIENCE epochs without a
   better one. */
#include "evaluation/baseline_network.h"

#include "base/clock.h"
#include "router/adamw.h"

#include <stdlib.h>
#include <string.h>

enum { BATCH = 64, TIMED = 64, PATIENCE = 15 };

static const double LR = 1e-3, LR_END = 1e-6, DECAY = 0.01, CLIP = 1;

/* One part as floats. */
struct table {
    size_t count;
    float *x;   /* (count, 12) */
    int *label; /* (count) */
};

static enum trm_status make_table(const struct partition *parts, enum trm_part part, struct table *t,
                                  struct trm_error *error) {
    const struct partition_samples *const p = &parts->part[part];
    t->x = calloc(p->count + 1, TRM_FEATURE_COUNT * sizeof *t->x);
    t->label = calloc(p->count + 1, sizeof *t->label);
    if (t->x == NULL || t->label == NULL)
        return trm_fail(error, TRM_NO_MEMORY, "no memory for %zu samples", p->count);
    for (size_t i = 0; i < p->count; i++) {
        double x[TRM_FEATURE_COUNT];
        if (part != TRM_TEST && !(parts->arms >> p->at[i]->label & 1))
            continue;
        partition_features(parts, p->at[i], x);
        for (int f = 0; f < TRM_FEATURE_COUNT; f++)
            t->x[t->count * TRM_FEATURE_COUNT + (size_t)f] = (float)x[f];
        t->label[t->count++] = p->at[i]->label;
    }
    return TRM_OK;
}

static void update(struct network *n, double lr, size_t step) {
    const double norm = sqrt(vector_square(n->gradient, n->count));
    if (norm > CLIP)
        vector_scale(n->gradient, (float)(CLIP / norm), n->count);
    adamw_step(n->theta, n->first, n->second, n->gradient, n->count, lr, DECAY, step);
}

static void train_epoch(struct network *n, const struct table *t, double lr, uint32_t *order, struct rng *rng,
                        size_t *step) {
    float x[BATCH * TRM_FEATURE_COUNT];
    int label[BATCH];
    rng_permutation(rng, order, (uint32_t)t->count);
    for (size_t begin = 0; begin < t->count; begin += BATCH) {
        const size_t rows = t->count - begin < BATCH ? t->count - begin : BATCH;
        for (size_t r = 0; r < rows; r++) {
            const size_t from = order[begin + r];
            memcpy(x + r * TRM_FEATURE_COUNT, t->x + from * TRM_FEATURE_COUNT, TRM_FEATURE_COUNT * sizeof *x);
            label[r] = t->label[from];
        }
        network_forward(n, x, rows);
        network_backward(n, x, label, rows);
        update(n, lr, ++*step);
    }
}

/* Answers for a part; returns the share that is right, and the mean loss. */
static double predict(struct network *n, const struct table *t, int *arm, double *confidence, double *loss) {
    size_t right = 0;
    *loss = 0;
    for (size_t begin = 0; begin < t->count; begin += BATCH) {
        const size_t rows = t->count - begin < BATCH ? t->count - begin : BATCH;
        network_forward(n, t->x + begin * TRM_FEATURE_COUNT, rows);
        for (size_t r = 0; r < rows; r++) {
            double p[TRM_ARMS_MOST];
            for (size_t k = 0; k < n->shape.arms; k++)
                p[k] = n->logits[r * n->shape.arms + k];
            const int chosen = most_probable(p, n->arms);
            right += chosen == t->label[begin + r];
            *loss -= log(fmax(p[t->label[begin + r]], 1e-30)) / (double)t->count;
            if (arm != NULL) {
                arm[begin + r] = chosen;
                confidence[begin + r] = p[chosen];
            }
        }
    }
    return t->count > 0 ? (double)right / (double)t->count : 0;
}

size_t baseline_network_epochs(const struct partition *parts) {
    const size_t batches = (parts->part[TRM_TRAIN].count + BATCH - 1) / BATCH;
    const size_t most = parts->options->baseline_steps / (batches > 0 ? batches : 1),
                 epochs = parts->options->baseline_epochs;
    return most == 0 && epochs > 0 ? 1 : most < epochs ? most : epochs;
}

static enum trm_status train(const struct partition *parts, const char *what, struct network *n,
                             const struct table table[TRM_PARTS], uint32_t *order, struct trm_error *error) {
    const size_t epochs = baseline_network_epochs(parts);
    double best_accuracy = -1, best_loss = INFINITY;
    size_t step = 0, best = 0;
    for (size_t epoch = 0; epoch < epochs && epoch < best + PATIENCE; epoch++) {
        const enum trm_status status = partition_progress(parts, what, epoch, epochs, error);
        if (status != TRM_OK)
            return status;
        struct rng rng = rng_stream(parts->options->seed, RNG_ROUTER, 3, epoch);
        const double phase = (double)epoch / (double)epochs;
        train_epoch(n, &table[TRM_TRAIN], LR_END + 0.5 * (LR - LR_END) * (1 + cos(acos(-1) * phase)), order,
                    &rng, &step);
        double loss;
        const double accuracy = predict(n, &table[TRM_VALIDATION], NULL, NULL, &loss);
        if (table[TRM_VALIDATION].count > 0 &&
            !(accuracy > best_accuracy || (accuracy == best_accuracy && loss < best_loss)))
            continue;
        best_accuracy = accuracy;
        best_loss = loss;
        best = epoch + 1;
        memcpy(n->best, n->theta, n->count * sizeof *n->best);
    }
    memcpy(n->theta, n->best, n->count * sizeof *n->theta);
    return partition_progress(parts, what, epochs, epochs, error);
}

/* One row at a time, as online. */
static double time_decision(struct network *n, const struct table *t) {
    const size_t rows = t->count < TIMED ? t->count : TIMED;
    const double start = clock_seconds();
    for (size_t r = 0; r < rows; r++)
        network_forward(n, t->x + r * TRM_FEATURE_COUNT, 1);
    return rows > 0 ? 1e6 * (clock_seconds() - start) / (double)rows : NAN;
}

enum trm_status baseline_network(const struct partition *parts, const char *what,
                                 const struct baseline_shape *shape, struct predictions *predicted,
                                 struct trm_error *error) {
    struct table table[TRM_PARTS] = {{0}};
    struct network n = {.count = 0};
    struct rng rng = rng_stream(parts->options->seed, RNG_ROUTER, 2, shape->layers);
    uint32_t *order = NULL;
    double loss;
    enum trm_status status = network_create(&n, shape, BATCH, parts->arms, &rng, error);
    for (int p = TRM_TRAIN; status == TRM_OK && p <= TRM_TEST; p++)
        status = make_table(parts, (enum trm_part)p, &table[p], error);
    if (status == TRM_OK && (order = malloc((table[TRM_TRAIN].count + 1) * sizeof *order)) == NULL)
        status = trm_fail(error, TRM_NO_MEMORY, "no memory for %zu samples", table[TRM_TRAIN].count);
    if (status == TRM_OK)
        status = train(parts, what, &n, table, order, error);
    if (status == TRM_OK) {
        predict(&n, &table[TRM_TEST], predicted->arm, predicted->confidence, &loss);
        predicted->parameters = n.count;
        predicted->microseconds = time_decision(&n, &table[TRM_TEST]);
    }
    for (int p = 0; p < TRM_PARTS; p++) {
        free(table[p].x);
        free(table[p].label);
    }
    free(order);
    network_destroy(&n);
    return status;
}
