#include "router/router.h"

#include "router/recursion.h"

#include "base/rng.h"
#include "base/statistics.h"
#include "base/threads.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK = 32, LANES = 8, NAME = 24, MAX_VIEWS = 2 * RECURSION_MAX_BLOCKS + 5 };

/* Standardised features are cut here: no input can make the network overflow. */
static const double farthest = 1e4;

struct trm_router {
    struct trm_router_config shape;
    struct trm_router_origin origin;
    struct recursion_offsets at;
    double mean[TRM_FEATURE_COUNT], std[TRM_FEATURE_COUNT];
    struct trm_router_view view[MAX_VIEWS];
    char name[MAX_VIEWS][NAME];
    size_t views;
    bool halting;
    float *parameters, *y0, *z0;  /* (at.count), (D), (D); one allocation */
    struct recursion single;      /* for decisions */
    struct recursion lane[LANES]; /* for batches, CHUNK rows each */
};

static void add_view(struct trm_router *r, const char *name, size_t offset, size_t rows, size_t columns) {
    struct trm_router_view *const v = &r->view[r->views];
    snprintf(r->name[r->views], NAME, "%s", name);
    *v = (struct trm_router_view){.name = r->name[r->views],
                                  .rank = rows > 0 ? 2 : 1,
                                  .shape = {rows > 0 ? rows : columns, rows > 0 ? columns : 0},
                                  .offset = offset,
                                  .count = (rows > 0 ? rows : 1) * columns};
    r->views++;
}

static void make_views(struct trm_router *r) {
    const struct trm_router_config *const s = &r->shape;
    add_view(r, "embed.weight", r->at.embed_weight, s->features, s->width);
    add_view(r, "embed.bias", r->at.embed_bias, 0, s->width);
    for (size_t i = 0; i < s->blocks; i++) {
        char name[NAME];
        snprintf(name, sizeof name, "block.%u.up", (unsigned)i);
        add_view(r, name, r->at.up[i], s->width, 2 * s->hidden);
        snprintf(name, sizeof name, "block.%u.down", (unsigned)i);
        add_view(r, name, r->at.down[i], s->hidden, s->width);
    }
    add_view(r, "head.weight", r->at.head, s->width, s->arms);
    add_view(r, "halt.weight", r->at.halt_weight, s->width, 2);
    add_view(r, "halt.bias", r->at.halt_bias, 0, 2);
}

/* Normal of this deviation, cut at two of those of the normal it is made from. */
static void fill_normal(float *out, size_t count, double deviation, uint64_t seed, size_t stream) {
    const double after_cut = 0.87962566103423978; /* deviation of a standard normal cut at 2 */
    struct rng rng = rng_stream(seed, RNG_ROUTER, stream, 0);
    for (size_t i = 0; i < count; i++) {
        double x;
        do
            x = rng_normal(&rng);
        while (fabs(x) > 2.0);
        out[i] = (float)(x * deviation / after_cut);
    }
}

static void initialise(struct trm_router *r, uint64_t seed) {
    const size_t halting = r->views - 2; /* halt.weight; halt.bias is the last */
    for (size_t i = 0; i < halting; i++)
        if (r->view[i].rank == 2)
            fill_normal(r->parameters + r->view[i].offset, r->view[i].count,
                        1.0 / sqrt((double)r->view[i].shape[0]), seed, i);
    /* One choice of all arms is right by chance; from the -5 of a long training a short one does not come back. */
    r->parameters[r->at.halt_bias] = r->parameters[r->at.halt_bias + 1] = -logf((float)(r->shape.arms - 1));
    fill_normal(r->y0, r->shape.width, 1.0, seed, r->views);
    fill_normal(r->z0, r->shape.width, 1.0, seed, r->views + 1);
}

enum trm_status trm_router_create(struct trm_router **out, const struct trm_router_config *config,
                                  uint64_t seed, struct trm_error *error) {
    *out = NULL;
    const char *const wrong = trm_router_config_check(config);
    if (wrong != NULL)
        return trm_fail(error, TRM_INVALID, "router: %s", wrong);
    struct trm_router *const r = calloc(1, sizeof *r);
    if (r == NULL)
        return trm_fail(error, TRM_NO_MEMORY, "no memory for a router");
    r->shape = *config, r->at = recursion_offsets(config);
    r->origin = (struct trm_router_origin){.split = trm_split_defaults(), .configuration = "{}"};
    if (config->arms == TRM_ARMS)
        r->origin.arms = trm_arm_names_solvers();
    for (size_t i = r->origin.arms.count; i < config->arms; i++) {
        char name[NAME];
        snprintf(name, sizeof name, "arm %u", (unsigned)i);
        (void)trm_arm_names_add(&r->origin.arms, name);
    }
    r->origin.present = trm_arm_names_all(&r->origin.arms);
    for (size_t i = 0; i < TRM_FEATURE_COUNT; i++)
        r->std[i] = 1.0;
    r->parameters = calloc(r->at.count + 2 * config->width, sizeof *r->parameters);
    bool enough = r->parameters != NULL && recursion_create(&r->single, config, 1, false);
    for (size_t i = 0; i < LANES; i++)
        enough = enough && recursion_create(&r->lane[i], config, CHUNK, false);
    if (!enough) {
        trm_router_destroy(r);
        return trm_fail(error, TRM_NO_MEMORY, "no memory for a router of width %zu", config->width);
    }
    r->y0 = r->parameters + r->at.count, r->z0 = r->y0 + config->width;
    make_views(r);
    initialise(r, seed);
    *out = r;
    return TRM_OK;
}

void trm_router_destroy(struct trm_router *router) {
    if (router == NULL)
        return;
    recursion_destroy(&router->single);
    for (size_t i = 0; i < LANES; i++)
        recursion_destroy(&router->lane[i]);
    free(router->parameters);
    free(router);
}

const struct trm_router_config *trm_router_configuration(const struct trm_router *router) {
    return &router->shape;
}

const struct trm_router_origin *trm_router_origin(const struct trm_router *router) {
    return &router->origin;
}

void trm_router_set_origin(struct trm_router *router, const struct trm_router_origin *origin) {
    const struct trm_arm_names arms = router->origin.arms;
    router->origin = *origin;
    if (origin->arms.count != arms.count)
        router->origin.arms = arms;
}

size_t trm_router_parameter_count(const struct trm_router *router) {
    return router->at.count;
}

float *trm_router_parameters(struct trm_router *router) {
    return router->parameters;
}

const float *trm_router_values(const struct trm_router *router) {
    return router->parameters;
}

size_t trm_router_view_count(const struct trm_router *router) {
    return router->views;
}

const struct trm_router_view *trm_router_view(const struct trm_router *router, size_t index) {
    return &router->view[index];
}

enum trm_status trm_router_set_statistics(struct trm_router *router, const double mean[TRM_FEATURE_COUNT],
                                          const double std[TRM_FEATURE_COUNT], struct trm_error *error) {
    for (int i = 0; i < TRM_FEATURE_COUNT; i++) {
        if (!isfinite(mean[i]) || !isfinite(std[i]))
            return trm_fail(error, TRM_NOT_FINITE, "mean or deviation of %s is not finite",
                            trm_feature_name((enum trm_feature)i));
        if (std[i] < 0.0)
            return trm_fail(error, TRM_INVALID, "deviation of %s is below 0",
                            trm_feature_name((enum trm_feature)i));
    }
    memcpy(router->mean, mean, sizeof router->mean);
    memcpy(router->std, std, sizeof router->std);
    return TRM_OK;
}

void trm_router_statistics(const struct trm_router *router, double mean[TRM_FEATURE_COUNT],
                           double std[TRM_FEATURE_COUNT]) {
    memcpy(mean, router->mean, sizeof router->mean);
    memcpy(std, router->std, sizeof router->std);
}

enum trm_status trm_router_standardise(const struct trm_router *router, const double *features, size_t batch,
                                       float *out, struct trm_error *error) {
    for (size_t i = 0; i < TRM_FEATURE_COUNT; i++) {
        const double mean = router->mean[i], std = router->std[i];
        const bool constant = std < 1e-6 * fmax(1.0, fabs(mean));
        for (size_t row = 0; row < batch; row++) {
            const double value = features[row * TRM_FEATURE_COUNT + i];
            if (!isfinite(value))
                return trm_fail(error, TRM_NOT_FINITE, "feature %s of row %zu is not finite",
                                trm_feature_name((enum trm_feature)i), row);
            const double scaled = constant ? 0.0 : (value - mean) / std;
            out[row * TRM_FEATURE_COUNT + i] = (float)fmin(fmax(scaled, -farthest), farthest);
        }
    }
    return TRM_OK;
}

static struct recursion_net net_of(const struct trm_router *r) {
    return (struct recursion_net){r->shape, r->at, r->parameters, r->y0, r->z0};
}

/* Rows `first` to `first + count` of a batch on one lane. */
static void forward_chunk(struct recursion *lane, const struct recursion_net *net, size_t first, size_t count,
                          size_t batch, float *logits, float *all, float *halt) {
    const size_t arms = net->shape.arms;
    recursion_start(lane, net, count);
    for (size_t cycle = 0; cycle < net->shape.cycles; cycle++) {
        recursion_cycle(lane, net);
        if (all != NULL)
            memcpy(all + (cycle * batch + first) * arms, lane->logits, count * arms * sizeof *all);
        if (halt != NULL)
            memcpy(halt + (cycle * batch + first) * 2, lane->halt, count * 2 * sizeof *halt);
    }
    memcpy(logits + first * arms, lane->logits, count * arms * sizeof *logits);
}

enum trm_status trm_router_forward(struct trm_router *router, const double *features, size_t batch,
                                   float *logits, float *all_solver_logits, float *halt,
                                   struct trm_error *error) {
    const struct recursion_net net = net_of(router);
    const size_t per_round = CHUNK * LANES;
    for (size_t begin = 0; begin < batch; begin += per_round) {
        const size_t end = batch - begin > per_round ? begin + per_round : batch;
        const size_t lanes = (end - begin + CHUNK - 1) / CHUNK;
        for (size_t i = 0; i < lanes; i++) {
            const size_t first = begin + i * CHUNK, count = end - first > CHUNK ? CHUNK : end - first;
            struct trm_error why;
            if (trm_router_standardise(router, features + first * TRM_FEATURE_COUNT, count,
                                       router->lane[i].features, &why) != TRM_OK)
                return trm_fail(error, TRM_NOT_FINITE, "rows from %zu: %s", first, why.text);
        }
        /* Within a team, and on one thread, BLAS keeps to one thread and to the same bits. */
        const struct threads_before before = threads_enter(lanes);
#pragma omp parallel for schedule(static)
        for (size_t i = 0; i < lanes; i++) {
            const size_t first = begin + i * CHUNK, count = end - first > CHUNK ? CHUNK : end - first;
            forward_chunk(&router->lane[i], &net, first, count, batch, logits, all_solver_logits, halt);
        }
        threads_leave(before);
    }
    return TRM_OK;
}

void trm_router_set_halting(struct trm_router *router, bool halting) {
    router->halting = halting;
}

enum trm_status trm_router_decide(struct trm_router *router, const double features[TRM_FEATURE_COUNT],
                                  uint64_t allowed, struct trm_decision *out, struct trm_error *error) {
    const struct recursion_net net = net_of(router);
    const uint64_t mask = allowed & router->origin.present;
    if (mask == 0)
        return trm_fail(error, TRM_INVALID, "none of the allowed solvers was in the router's training data");
    const enum trm_status status =
        trm_router_standardise(router, features, 1, router->single.features, error);
    if (status != TRM_OK)
        return status;
    const struct threads_before before = threads_enter(1); /* a second one costs more than it does */
    recursion_start(&router->single, &net, 1);
    out->cycles = 0;
    do
        recursion_cycle(&router->single, &net);
    while (++out->cycles < router->shape.cycles && !(router->halting && router->single.halt[0] > 0.0f));
    threads_leave(before);
    for (size_t i = 0; i < TRM_ARMS_MOST; i++)
        out->probability[i] = i < router->shape.arms ? (double)router->single.logits[i] : 0;
    out->arm = statistics_softmax(router->shape.arms, out->probability, mask);
    return TRM_OK;
}
