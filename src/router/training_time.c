#include "router/training_run.h"

#include "base/clock.h"
#include "base/rng.h"

#include <math.h>
#include <stdlib.h>

enum { DECISIONS = 200 };

/* Normal features, labels at random. */
static void make_samples(struct trm_sample *samples, size_t count) {
    struct rng rng = rng_stream(0, RNG_ROUTER, 0, 2);
    for (size_t i = 0; i < count; i++) {
        struct trm_sample *const s = &samples[i];
        for (int k = 0; k < TRM_FEATURE_COUNT; k++)
            s->feature[k] = rng_normal(&rng);
        s->label = (int)rng_below(&rng, TRM_ARMS);
        s->present = (1u << TRM_ARMS) - 1;
        s->tied = 1u << s->label;
    }
}

static enum trm_status time_decisions(struct trm_router *router, const struct trm_sample *samples,
                                      double *fastest, struct trm_error *error) {
    *fastest = HUGE_VAL;
    for (size_t i = 0; i < DECISIONS; i++) {
        struct trm_decision decision;
        const double began = clock_seconds();
        const enum trm_status status =
            trm_router_decide(router, samples[i % 64].feature, (1u << TRM_ARMS) - 1, &decision, error);
        *fastest = fmin(*fastest, clock_seconds() - began);
        if (status != TRM_OK)
            return status;
    }
    return TRM_OK;
}

enum trm_status trm_train_time(const char *size, size_t samples, size_t repeats,
                               struct trm_train_times *times, struct trm_error *error) {
    const double mean[TRM_FEATURE_COUNT] = {0};
    double std[TRM_FEATURE_COUNT], epoch = HUGE_VAL, decision;
    struct trm_train_options options = trm_train_defaults();
    struct trm_sample *const made = calloc(samples, sizeof *made);
    unsigned char *const part = calloc(samples, 1); /* all TRM_TRAIN */
    struct training t = {0};
    enum trm_status status = TRM_OK;
    options.size = size, options.epochs = repeats + 1, options.deep_supervision = true;
    for (int i = 0; i < TRM_FEATURE_COUNT; i++)
        std[i] = 1.0;
    if (made == NULL || part == NULL || samples < 64)
        status = trm_fail(error, samples < 64 ? TRM_INVALID : TRM_NO_MEMORY,
                          samples < 64 ? "fewer than 64 samples" : "no memory for the samples");
    else {
        make_samples(made, samples);
        status = training_create(&t, &options, TRM_ARMS, made, part, samples, mean, std, error);
    }
    for (size_t i = 0; i <= repeats && status == TRM_OK; i++) { /* the first warms up */
        const double began = clock_seconds();
        status = training_epoch(&t, NULL, error);
        if (i > 0)
            epoch = fmin(epoch, clock_seconds() - began);
    }
    if (status == TRM_OK)
        status = time_decisions(t.router, made, &decision, error);
    if (status == TRM_OK)
        *times = (struct trm_train_times){
            .parameters = t.count, .ms_epoch = 1e3 * epoch, .ms_decision = 1e3 * decision};
    training_destroy(&t);
    free(made);
    free(part);
    return status;
}
