#include "experiment/branch/look.h"

#include "base/statistics.h"

#include <math.h>
#include <stdlib.h>

struct look {
    struct trainer *trainer;
    struct data_loader *coming;
};

/* Repetition r has the batches of these epochs later: no run is so long. */
enum { REPETITION_SHIFT = 20 };

enum trm_status look_create(struct look **out, struct trainer *trainer, struct trm_error *error) {
    struct look *const look = *out = calloc(1, sizeof *look);
    if (look == NULL)
        return trm_fail(error, TRM_NO_MEMORY, "out of memory for looking ahead");
    look->trainer = trainer;
    const struct data_loader_options options = trainer_loader_options(&trainer->settings);
    const enum trm_status status = data_loader_create(&look->coming, trainer->data, &options, error);
    if (status != TRM_OK) {
        look_destroy(look);
        *out = NULL;
    }
    return status;
}

void look_destroy(struct look *look) {
    if (look == NULL)
        return;
    data_loader_destroy(look->coming);
    free(look);
}

static enum trm_status one_step(struct look *look, size_t arm, double factor, struct trm_error *error) {
    struct trainer *const t = look->trainer;
    const struct data_batch *batch;
    double loss;
    enum trm_status status = data_loader_next(look->coming, &batch, error);
    if (status == TRM_OK)
        status = nn_forward_backward(t->model, batch->x, batch->labels, batch->count, &loss, error);
    if (status == TRM_OK && !isfinite(loss))
        status = trm_fail(error, TRM_DIVERGED, "the loss is not finite");
    if (status == TRM_OK)
        status = muon_sgd_accumulate(t->sgd, error);
    return status == TRM_OK ? trainer_apply(t, arm, factor, error) : status;
}

enum trm_status look_run(struct look *look, size_t arm, size_t repetition, size_t hold, size_t anneal,
                         double *loss, struct trm_error *error) {
    struct trainer *const t = look->trainer;
    const double factor = muon_sgd_factor(t->sgd);
    double accuracy;
    enum trm_status status = data_loader_start(look->coming, t->epoch + (repetition << REPETITION_SHIFT),
                                               t->epoch_step + 1, error);
    if (status == TRM_OK)
        status = trainer_apply(t, arm, factor, error);
    for (size_t i = 1; status == TRM_OK && i < hold; i++)
        status = one_step(look, arm, factor, error);
    for (size_t i = 0; status == TRM_OK && i < anneal; i++)
        status = one_step(look, t->arms.base, factor * (1.0 - (double)i / (double)anneal), error);
    if (status == TRM_OK)
        status = trainer_test(t, t->held, loss, &accuracy, error);
    if (status == TRM_OK && !isfinite(*loss))
        status = trm_fail(error, TRM_DIVERGED, "the loss on the held-out images is not finite");
    return status;
}
