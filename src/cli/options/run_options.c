#include "cli/options/run_options.h"

#include "data/data.h"
#include "nn/nn.h"

#include <assert.h>
#include <string.h>

static const char *schedule_at(size_t index) {
    return muon_schedule_name((int)index);
}

void run_options_table(struct run_options *r, struct option *rows) {
    struct run_settings *const s = &r->settings;
    const struct option table[] = {
        {"solver", "NAME", OPTION_CHOICE, &r->solver.name, NULL, solver_choices,
         "inner solver of every step"},
        {"tol", "T", OPTION_REAL, &r->solver.tol, "(by solver)", "(0, 1)",
         "certified relative gap at which it stops"},
        {"max-iter", "N", OPTION_COUNT, &r->solver.max_iter, "(by solver)", "[1, 1000000]",
         "iterations after which it stops"},
        {"rank", "K", OPTION_COUNT, &r->solver.rank, "(max(1, n/4))", "[1, 1000000]",
         "frank_wolfe: nuclear norm of a step at most K times the radius"},
        {"epochs", "N", OPTION_COUNT, &s->epochs, "30", "[1, 1000000]", "passes over the training images"},
        {"batch-size", "N", OPTION_COUNT, &s->batch_size, "128", "[1, 65536]", "images in a step"},
        {"lr", "L", OPTION_REAL, &r->solver.lr, "0.1", "(0, 1e100]",
         "of spectral_clip, and of --lr-rest where that is not given"},
        {"lr-rest", "L", OPTION_REAL, &r->lr_rest, "(as --lr)", "(0, 1e100]",
         "of the parameters off the manifold"},
        {"momentum", "M", OPTION_REAL, &s->sgd.momentum, "0.9", "[0, 1)", "of all parameters"},
        {"weight-decay", "D", OPTION_REAL, &s->sgd.weight_decay, "5e-4", "[0, 1]",
         "of the parameters off the manifold"},
        {"nesterov", NULL, OPTION_FLAG, &s->sgd.nesterov, "", NULL, "look ahead with Nesterov's momentum"},
        {"spectral-budget", "B", OPTION_REAL, &s->sgd.spectral_budget, "0.1", "(0, 1e100]",
         "spectral norm of a step before the schedule"},
        {"schedule", "NAME", OPTION_CHOICE, &r->schedule, "linear", choices_join(r->schedules, schedule_at),
         "of radius and learning rates"},
        {"warmup", "STEPS", OPTION_COUNT, &s->sgd.warmup_steps, "0", "[0, 1e12]",
         "rise linearly over the first steps"},
        {"warm-start", NULL, OPTION_ON_OFF, &s->sgd.warm_start, "on", NULL,
         "begin every inner solve where the last one of that weight ended"},
        {"manifold", "WHICH", OPTION_TEXT, &s->manifold, "hidden", NULL,
         "weights kept orthonormal: hidden (all but the last layer), all, or names with commas between"},
        {"track", "NAME", OPTION_TEXT, &s->track, "(the largest)", NULL,
         "the matrix that the features watch"},
        {"model", "NAME", OPTION_CHOICE, &s->model, "small_cnn", choices_join(r->models, nn_model_name),
         "which network"},
        {"width", "W", OPTION_REAL, &s->width, "1", "(0, 16]", "multiplies its hidden channels"},
        {"precision", "NAME", OPTION_CHOICE, &s->precision, "f32",
         choices_join(r->precisions, nn_precision_name),
         "of activations and convolutions; f32 too where the processor has no bf16"},
        {"dataset", "NAME", OPTION_CHOICE, &s->data.name, "(what --data-dir holds)",
         choices_join(r->data_sets, data_name), "which data set"},
        {"data-dir", "DIR", OPTION_TEXT, &s->data.dir, "(where the distribution's package puts it)", NULL,
         "folder of the data files; without it and --dataset: Fashion-MNIST"},
        {"train-limit", "N", OPTION_COUNT, &s->data.train_limit, "(all)", "[1, 1e9]",
         "use the first N training images"},
        {"augment", NULL, OPTION_ON_OFF, &s->augment, "on", NULL, "random crop and flip of training images"},
        {"last-batch", "WHAT", OPTION_CHOICE, &r->last_batch, "drop", "keep|drop",
         "the last, smaller batch of an epoch"},
        {"record-every", "K", OPTION_COUNT, &s->record_every, "1", "[1, 1e9]", "store every K-th step"},
        {"seed", "N", OPTION_COUNT, &r->seed, "42", "[0, 9007199254740992]",
         "of weights, order and augmentation"},
        {"threads", "N", OPTION_COUNT, &s->threads, "(all cores)", "[1, 1024]", "use N threads"},
    };
    static_assert(sizeof table / sizeof *table == RUN_OPTION_COUNT, "one row an option");
    memcpy(rows, table, sizeof table);
}

const char *run_options_settings(const struct run_options *r, size_t threads, struct run_settings *settings) {
    *settings = r->settings;
    settings->solver = r->solver.name;
    settings->budget = solver_choice_options(&r->solver);
    settings->sgd.lr = r->lr_rest > 0.0 ? r->lr_rest : r->solver.lr;
    settings->sgd.schedule = (enum muon_schedule)muon_schedule_find(r->schedule);
    settings->keep_last = strcmp(r->last_batch, "keep") == 0;
    settings->seed = r->seed;
    settings->threads = threads;
    return run_settings_check(settings);
}
