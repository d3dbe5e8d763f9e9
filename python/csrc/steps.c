#include "steps.h"

#include <string.h>

enum { STEP, MOMENTUM, WARM, LAST }; /* muon_sgd_state of one matrix */

enum trm_status steps_create(struct muon_sgd **out, const char *name, float *value, const float *direction,
                             size_t rows, size_t cols, int solver, const struct muon_options *options,
                             double spectral_budget, double weight_decay, struct trm_error *error) {
    const struct muon_parameter parameter = {.name = name,
                                             .value = value,
                                             .grad = direction,
                                             .count = rows * cols,
                                             .rows = rows,
                                             .cols = cols,
                                             .manifold = true};
    struct muon_sgd_options chosen = muon_sgd_options_default();
    chosen.momentum = 0.0;
    chosen.weight_decay = weight_decay;
    chosen.spectral_budget = spectral_budget;
    chosen.arms[0] = (struct muon_arm){solver, *options};
    return muon_sgd_create(out, &parameter, 1, &chosen, error);
}

static void begin(struct steps_matrix *matrix) {
    const struct muon_state momentum = muon_sgd_state(matrix->sgd, MOMENTUM);
    const struct muon_state warm = muon_sgd_state(matrix->sgd, WARM),
                            last = muon_sgd_state(matrix->sgd, LAST);
    memset(momentum.floats, 0, momentum.count * sizeof *momentum.floats); /* or NaN would stay in it */
    memcpy(warm.doubles, matrix->warm, warm.count * sizeof *warm.doubles);
    memcpy(last.doubles, matrix->last, last.count * sizeof *last.doubles);
    *muon_sgd_state(matrix->sgd, STEP).doubles = *matrix->step;
    matrix->status = muon_sgd_accumulate(matrix->sgd, &matrix->error);
}

static void finish(struct steps_matrix *matrix) {
    matrix->status = muon_sgd_update_by(matrix->sgd, 0, matrix->factor, &matrix->error);
    const struct muon_state warm = muon_sgd_state(matrix->sgd, WARM),
                            last = muon_sgd_state(matrix->sgd, LAST);
    memcpy(matrix->warm, warm.doubles, warm.count * sizeof *warm.doubles);
    memcpy(matrix->last, last.doubles, last.count * sizeof *last.doubles);
    *matrix->step = *muon_sgd_state(matrix->sgd, STEP).doubles;
}

static enum trm_status each(struct steps_matrix *matrices, size_t count,
                            void (*half)(struct steps_matrix *)) {
#pragma omp parallel for schedule(dynamic, 1)
    for (size_t i = 0; i < count; i++)
        half(&matrices[i]);
    for (size_t i = 0; i < count; i++)
        if (matrices[i].status != TRM_OK)
            return matrices[i].status;
    return TRM_OK;
}

enum trm_status steps_take(struct steps_matrix *matrices, size_t count) {
    const enum trm_status status = each(matrices, count, begin);
    return status == TRM_OK ? each(matrices, count, finish) : status;
}
