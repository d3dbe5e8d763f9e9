#include "router/training_run.h"

#include <stdlib.h>
#include <string.h>

/* Numbers of the samples in each part, and targets and features of all. */
static enum trm_status take_samples(struct training *t, const struct trm_sample *samples,
                                    const unsigned char *part, size_t count, struct trm_error *error) {
    t->features = calloc(count, TRM_FEATURE_COUNT * sizeof *t->features);
    t->target = calloc(count, sizeof *t->target);
    t->train = calloc(3 * count, sizeof *t->train);
    if (t->features == NULL || t->target == NULL || t->train == NULL)
        return trm_fail(error, TRM_NO_MEMORY, "no memory for %zu samples", count);
    t->validation = t->train + count, t->order = t->validation + count;
    for (size_t i = 0; i < count; i++) {
        struct trm_error why;
        if (part[i] == TRM_TRAIN)
            t->train[t->train_count++] = (uint32_t)i;
        else if (part[i] == TRM_VALIDATION)
            t->validation[t->validation_count++] = (uint32_t)i;
        training_target_of(&samples[i], t->options, &t->target[i]);
        if (trm_router_standardise(t->router, samples[i].feature, 1, t->features + i * TRM_FEATURE_COUNT,
                                   &why) != TRM_OK)
            return trm_fail(error, TRM_NOT_FINITE, "sample %zu: %s", i, why.text);
    }
    return TRM_OK;
}

/* Everything of the size of the parameters, in one allocation. */
static enum trm_status make_room(struct training *t, struct trm_error *error) {
    const struct trm_router_config *const shape = trm_router_configuration(t->router);
    const size_t padded = (t->count + 15) / 16 * 16, small = TRAINING_CHUNK * (shape->arms + 2 + 1);
    const size_t chunks = (t->options->batch_size + TRAINING_CHUNK - 1) / TRAINING_CHUNK;
    t->lanes = chunks < TRAINING_LANES ? chunks : TRAINING_LANES;
    t->memory = calloc((4 + t->lanes) * padded + TRAINING_LANES * small, sizeof *t->memory);
    t->history = calloc(t->options->epochs, sizeof *t->history);
    bool enough = t->memory != NULL && t->history != NULL;
    for (size_t i = 0; i < TRAINING_LANES; i++)
        enough = enough && recursion_create(&t->lane[i].work, shape, TRAINING_CHUNK, true);
    if (!enough)
        return trm_fail(error, TRM_NO_MEMORY, "no memory to train a router of %zu parameters", t->count);
    float *next = t->memory;
    t->m = next, next += padded;
    t->v = next, next += padded;
    t->average = next, next += padded;
    t->best = next, next += padded;
    for (size_t i = 0; i < t->lanes; i++, next += padded)
        t->lane[i].gradient = next;
    for (size_t i = 0; i < TRAINING_LANES; i++, next += small) {
        t->lane[i].dlogits = next;
        t->lane[i].dhalt = next + TRAINING_CHUNK * shape->arms;
    }
    return TRM_OK;
}

enum trm_status training_create(struct training *t, const struct trm_train_options *options, size_t arms,
                                const struct trm_sample *samples, const unsigned char *part, size_t count,
                                const double mean[TRM_FEATURE_COUNT], const double std[TRM_FEATURE_COUNT],
                                struct trm_error *error) {
    struct trm_router_config shape;
    *t = (struct training){.options = options};
    enum trm_status status = trm_router_config_named(options->size, &shape, error);
    shape.arms = arms;
    if (options->cycles > 0)
        shape.cycles = options->cycles;
    if (options->inner > 0)
        shape.inner = options->inner;
    if (status == TRM_OK && count > UINT32_MAX / 4)
        status = trm_fail(error, TRM_INVALID, "%zu samples are too many", count);
    if (status == TRM_OK)
        status = trm_router_create(&t->router, &shape, options->seed, error);
    if (status == TRM_OK)
        status = trm_router_set_statistics(t->router, mean, std, error);
    if (status == TRM_OK)
        status = take_samples(t, samples, part, count, error);
    if (status == TRM_OK && t->train_count == 0)
        status = trm_fail(error, TRM_INVALID, "no samples are left to train on");
    if (status == TRM_OK) {
        t->count = trm_router_parameter_count(t->router);
        status = make_room(t, error);
    }
    if (status != TRM_OK) {
        training_destroy(t);
        return status;
    }
    const float *const values = trm_router_values(t->router);
    t->net = (struct recursion_net){.shape = shape,
                                    .at = recursion_offsets(&shape),
                                    .parameters = values,
                                    .y0 = values + t->count,
                                    .z0 = values + t->count + shape.width};
    memcpy(t->average, values, t->count * sizeof *values);
    return TRM_OK;
}

void training_destroy(struct training *t) {
    trm_router_destroy(t->router);
    for (size_t i = 0; i < TRAINING_LANES; i++)
        recursion_destroy(&t->lane[i].work);
    free(t->features);
    free(t->target);
    free(t->train);
    free(t->memory);
    free(t->history);
    *t = (struct training){0};
}
