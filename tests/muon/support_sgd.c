#include "support_sgd.h"

#include <stdlib.h>

struct support_network support_network_make(uint64_t seed) {
    static const struct {
        const char *name;
        size_t rows, cols;
        bool manifold;
    } shapes[SUPPORT_PARAMETERS] = {{"conv", 16, 27, true},  {"tall", 40, 10, true}, {"row", 1, 12, true},
                                    {"column", 12, 1, true}, {"head", 10, 8, false}, {"bias", 7, 1, false}};
    struct support_network network;
    struct rng r = support_rng(seed);
    for (size_t i = 0; i < SUPPORT_PARAMETERS; i++) {
        const size_t count = shapes[i].rows * shapes[i].cols;
        float *const value = calloc(count, sizeof *value);
        network.grad[i] = calloc(count, sizeof *network.grad[i]);
        assert_true(value != NULL && network.grad[i] != NULL);
        for (size_t k = 0; k < count; k++)
            value[k] = (float)rng_normal(&r);
        network.parameters[i] = (struct muon_parameter){.name = shapes[i].name,
                                                        .value = value,
                                                        .grad = network.grad[i],
                                                        .count = count,
                                                        .rows = shapes[i].rows,
                                                        .cols = shapes[i].cols,
                                                        .manifold = shapes[i].manifold};
    }
    return network;
}

void support_network_free(struct support_network *network) {
    for (size_t i = 0; i < SUPPORT_PARAMETERS; i++)
        free(network->parameters[i].value), free(network->grad[i]);
}

void support_network_gradients(struct support_network *network, uint64_t seed, size_t step) {
    struct rng r = rng_stream(seed, RNG_TEST, step + 1, 0);
    for (size_t i = 0; i < SUPPORT_PARAMETERS; i++)
        for (size_t k = 0; k < network->parameters[i].count; k++)
            network->grad[i][k] = (float)rng_normal(&r);
}

struct muon_sgd_options support_sgd_options(const char *solver, size_t total_steps) {
    struct muon_sgd_options options = muon_sgd_options_default();
    options.total_steps = total_steps;
    options.arms[0].solver = muon_solver_find(solver);
    options.arms[0].options = muon_options_default(options.arms[0].solver);
    return options;
}

struct muon_sgd *support_sgd(struct support_network *network, const struct muon_sgd_options *options) {
    struct muon_sgd *sgd;
    struct trm_error error = {.text = ""};
    if (muon_sgd_create(&sgd, network->parameters, SUPPORT_PARAMETERS, options, &error) != TRM_OK ||
        muon_sgd_project(sgd, &error) != TRM_OK)
        fail_msg("%s", error.text);
    return sgd;
}

void support_sgd_step(struct muon_sgd *sgd, size_t arm) {
    struct trm_error error = {.text = ""};
    if (muon_sgd_accumulate(sgd, &error) != TRM_OK || muon_sgd_update(sgd, arm, &error) != TRM_OK)
        fail_msg("%s", error.text);
}
