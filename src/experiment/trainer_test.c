#include "experiment/trainer.h"

#include <math.h>

enum trm_status trainer_test(struct trainer *t, double *loss, double *accuracy, struct trm_error *error) {
    double sum = 0.0;
    size_t right = 0, seen = 0;
    enum trm_status status = data_loader_start(t->test, 0, 0, error);
    for (size_t i = 0; status == TRM_OK && i < data_loader_steps(t->test); i++) {
        const struct data_batch *batch;
        double batch_loss = 0.0;
        size_t batch_right = 0;
        status = data_loader_next(t->test, &batch, error);
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

double trainer_drift(struct trainer *t) {
    double largest = 0.0;
    for (size_t i = 0; i < nn_param_count(t->model); i++)
        largest = fmax(largest, muon_sgd_drift(t->sgd, i));
    return largest;
}
