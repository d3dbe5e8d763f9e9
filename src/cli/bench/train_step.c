/* bench train-step: forward and backward of one batch of random images, without optimiser and data loading.
 */
#include "cli/bench/step.h"
#include "cli/diagnostics.h"
#include "cli/views/print_json.h"

#include "base/clock.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

struct request {
    const char *model;
    double width;
    struct step_request step;
};

struct times {
    double step, convolutions; /* ms, the fastest of the repeats */
};

static enum trm_status time_steps(const struct request *r, struct nn_model *model, const float *x,
                                  const int32_t *labels, struct times *ms, struct trm_error *error) {
    for (size_t i = 0; i < STEP_WARM_UP + r->step.repeats; i++) {
        double loss;
        const double begin = clock_seconds();
        const enum trm_status status = nn_forward_backward(model, x, labels, r->step.batch, &loss, error);
        const double elapsed = 1e3 * (clock_seconds() - begin);
        if (status != TRM_OK)
            return status;
        if (i == STEP_WARM_UP || (i > STEP_WARM_UP && elapsed < ms->step))
            ms->step = elapsed;
    }
    double seconds;
    const enum trm_status status = nn_time_convolutions(model, r->step.repeats, &seconds, error);
    ms->convolutions = 1e3 * seconds;
    return status;
}

static int report(const struct request *r, size_t threads, struct times ms) {
    const char *const precision = nn_precision_used(r->model, step_precision(&r->step));
    const bool has_convolutions = ms.convolutions > 0;
    if (r->step.json) {
        const double ratio = has_convolutions ? ms.step / ms.convolutions : NAN;
        return print_json(json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "ms_per_step",
                                    json_number(ms.step), "convolutions_ms", json_number(ms.convolutions),
                                    "step_over_convolutions", json_number(ratio), "threads",
                                    json_count(threads), "precision", json_text(precision), "model",
                                    json_text(r->model), "width", json_number(r->width), "batch",
                                    json_count(r->step.batch), "repeats", json_count(r->step.repeats)));
    }
    printf("%.2f ms a step: %s, width %g, batch %zu, %s, %zu thread%s, the fastest of %zu\n", ms.step,
           r->model, r->width, r->step.batch, precision, threads, threads == 1 ? "" : "s", r->step.repeats);
    if (has_convolutions)
        printf("%.2f ms its convolutions alone; the step is %.2f times that\n", ms.convolutions,
               ms.step / ms.convolutions);
    return cli_flush_output(CLI_DONE);
}

static int run(const struct request *r) {
    struct nn_model *model = NULL;
    struct trm_error error = {0};
    struct times ms = {0};
    float *x = NULL;
    int32_t *labels = NULL;
    const size_t threads = step_begin(&r->step, r->model); /* before the model, which is made for so many */
    enum trm_status status = step_batch(r->step.batch, &x, &labels, &error);
    if (status == TRM_OK)
        status = nn_model_create(r->model, r->width, r->step.batch, NN_CIFAR10, step_precision(&r->step),
                                 STEP_SEED, &model, &error);
    if (status == TRM_OK)
        status = time_steps(r, model, x, labels, &ms, &error);
    nn_model_destroy(model);
    free(x);
    free(labels);
    return status == TRM_OK ? report(r, threads, ms) : cli_fail("%s", error.text);
}

int bench_train_step(const struct command *self, int argc, char **argv) {
    struct request r = {0};
    const struct setting table[] = {
        {"model", "NAME", SETTING_CHOICE, offsetof(struct request, model), "small_cnn", RUN_MODELS,
         "which network"},
        {"width", "W", SETTING_REAL, offsetof(struct request, width), "1", "(0, 16]",
         "multiplies its hidden channels"},
        STEP_OPTIONS(step., "50"),
    };
    const int parsed = bench_parse(self, SETTINGS(table), &r, argc, argv);
    return parsed == OPTIONS_GO_ON ? run(&r) : parsed;
}
