/* bench train-step: forward and backward of one batch of random images, without optimiser and data loading.
 */
#include "cli/bench/random_batch.h"
#include "cli/message.h"
#include "cli/options/choices.h"
#include "cli/options/options.h"
#include "cli/views/machine.h"
#include "cli/views/print_json.h"
#include "cli/views/stop.h"

#include "base/clock.h"
#include "nn/nn.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { CLASSES = 10, WARM_UP = 3, SEED = 42 };

struct request {
    const char *model, *precision;
    double width;
    size_t batch, repeats, threads;
    bool json;
};

struct times {
    double step, convolutions; /* ms, the fastest of the repeats */
};

static enum nn_precision asked(const struct request *r) {
    return (enum nn_precision)nn_precision_find(r->precision);
}

static enum trm_status time_steps(const struct request *r, struct nn_model *model, const float *x,
                                  const int32_t *labels, struct times *ms, struct trm_error *error) {
    for (size_t i = 0; i < WARM_UP + r->repeats; i++) {
        double loss;
        const double begin = clock_seconds();
        const enum trm_status status = nn_forward_backward(model, x, labels, r->batch, &loss, error);
        const double elapsed = 1e3 * (clock_seconds() - begin);
        if (status != TRM_OK)
            return status;
        if (i == WARM_UP || (i > WARM_UP && elapsed < ms->step))
            ms->step = elapsed;
    }
    double seconds;
    const enum trm_status status = nn_time_convolutions(model, r->repeats, &seconds, error);
    ms->convolutions = 1e3 * seconds;
    return status;
}

static int report(const struct request *r, size_t threads, struct times ms) {
    const char *const precision = nn_precision_used(r->model, asked(r));
    const bool has_convolutions = ms.convolutions > 0;
    if (r->json) {
        json_t *object = json_object();
        json_object_set_new(object, "ms_per_step", json_number(ms.step));
        json_object_set_new(object, "convolutions_ms", json_number(ms.convolutions));
        json_object_set_new(object, "step_over_convolutions",
                            json_number(has_convolutions ? ms.step / ms.convolutions : NAN));
        json_object_set_new(object, "threads", json_count(threads));
        json_object_set_new(object, "precision", json_text(precision));
        json_object_set_new(object, "model", json_text(r->model));
        json_object_set_new(object, "width", json_number(r->width));
        json_object_set_new(object, "batch", json_count(r->batch));
        json_object_set_new(object, "repeats", json_count(r->repeats));
        return print_json(object);
    }
    printf("%.2f ms a step: %s, width %g, batch %zu, %s, %zu thread%s, the fastest of %zu\n", ms.step,
           r->model, r->width, r->batch, precision, threads, threads == 1 ? "" : "s", r->repeats);
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
    const size_t threads = machine_use_threads(r->threads);
    enum trm_status status = random_batch(r->batch, CLASSES, SEED, &x, &labels, &error);
    if (status == TRM_OK)
        status = nn_model_create(r->model, r->width, r->batch, CLASSES, asked(r), SEED, &model, &error);
    if (status == TRM_OK) {
        machine_announce(threads);
        machine_announce_precision(nn_precision_used(r->model, asked(r)));
        status = time_steps(r, model, x, labels, &ms, &error);
    }
    nn_model_destroy(model);
    free(x);
    free(labels);
    return status == TRM_OK ? report(r, threads, ms) : cli_fail("%s", error.text);
}

int bench_train_step(const struct command *self, int argc, char **argv) {
    struct request r = {0};
    char names[CHOICES_SIZE], precisions[CHOICES_SIZE];
    const struct option table[] = {
        {"model", "NAME", OPTION_CHOICE, &r.model, "small_cnn", choices_join(names, nn_model_name),
         "which network"},
        {"width", "W", OPTION_REAL, &r.width, "1", "(0, 16]", "multiplies its hidden channels"},
        {"precision", "NAME", OPTION_CHOICE, &r.precision, "f32", choices_join(precisions, nn_precision_name),
         "of activations and convolutions"},
        {"batch-size", "N", OPTION_COUNT, &r.batch, "128", "[1, 65536]", "images in a step"},
        {"repeats", "N", OPTION_COUNT, &r.repeats, "50", "[30, 1000000]", "steps, the fastest counts"},
        {"threads", "N", OPTION_COUNT, &r.threads, "(all cores)", "[1, 1024]", "use N threads"},
        {"json", NULL, OPTION_FLAG, &r.json, "", NULL, "print one JSON object"},
    };
    const int parsed = options_parse(self, table, sizeof table / sizeof *table, argc, argv, NULL);
    if (parsed != OPTIONS_GO_ON)
        return parsed;
    stop_catch(STOP_AT_ONCE);
    return run(&r);
}
