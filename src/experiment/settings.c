#include "experiment/settings.h"

#include "nn/nn.h"

#include <cblas.h>
#include <jansson.h>
#include <math.h>
#include <string.h>

struct run_settings run_settings_default(const char *solver) {
    return (struct run_settings){.solver = solver,
                                 .budget = muon_options_default(muon_solver_find(solver)),
                                 .sgd = muon_sgd_options_default(),
                                 .manifold = "hidden",
                                 .model = "small_cnn",
                                 .width = 1.0,
                                 .precision = nn_precision_name(NN_F32),
                                 .augment = true,
                                 .epochs = 30,
                                 .batch_size = 128,
                                 .seed = 42,
                                 .threads = 1,
                                 .record_every = 1};
}

const char *run_settings_check(const struct run_settings *s) {
    if (!s->every_solver && muon_solver_find(s->solver) < 0)
        return "solver: there is no such solver";
    if (!(s->width > 0.0 && s->width <= NN_MAX_WIDTH))
        return "width must be above 0 and at most 16";
    if (nn_precision_find(s->precision) < 0)
        return "precision must be f32 or bf16";
    if (s->epochs < 1 || s->epochs > 1000000)
        return "epochs must be 1 to 1000000";
    if (s->batch_size < 1 || s->batch_size > NN_MAX_BATCH)
        return "batch-size must be 1 to 65536";
    if (s->record_every < 1)
        return "record-every must be at least 1";
    if (s->seed > (uint64_t)1 << 53)
        return "seed must be at most 2^53";
    const char *const wrong = muon_options_check(&s->budget, SIZE_MAX);
    struct muon_sgd_options sgd = s->sgd;
    sgd.total_steps = SIZE_MAX; /* known only with the data; checked again then */
    return wrong != NULL ? wrong : muon_sgd_options_check(&sgd);
}

const char *run_settings_precision(const struct run_settings *s) {
    return nn_precision_used(s->model, (enum nn_precision)nn_precision_find(s->precision));
}

char *run_settings_json(const struct run_settings *s, const struct data_set *data, size_t total_steps,
                        const char *program) {
    json_t *const object = json_pack(
        "{s:s, s:f, s:I, s:I, s:f, s:f, s:f, s:f, s:b, s:f, s:s, s:I, s:b, s:I, s:s, s:s?, s:s, s:f, s:s, "
        "s:s, "
        "s:s, "
        "s:I, s:b, s:s, "
        "s:I, s:I, s:I, s:I, s:I, s:s, s:s, s:s, s:s}",
        "solver", s->solver, "tol", s->budget.tol, "max-iter", (json_int_t)s->budget.max_iter, "rank",
        (json_int_t)s->budget.rank, "lr", s->budget.lr, "lr-rest", s->sgd.lr, "momentum", s->sgd.momentum,
        "weight-decay", s->sgd.weight_decay, "nesterov", s->sgd.nesterov, "spectral-budget",
        s->sgd.spectral_budget, "schedule", muon_schedule_name((int)s->sgd.schedule), "warmup",
        (json_int_t)s->sgd.warmup_steps, "warm-start", s->sgd.warm_start, "total steps",
        (json_int_t)total_steps, "manifold", s->manifold, "track", s->track, "model", s->model, "width",
        s->width, "precision", run_settings_precision(s), "dataset", data->info.name, "data (SHA-1)",
        data->fingerprint, "train-limit", (json_int_t)s->data.train_limit, "augment", s->augment,
        "last-batch", s->keep_last ? "keep" : "drop", "epochs", (json_int_t)s->epochs, "batch-size",
        (json_int_t)s->batch_size, "seed", (json_int_t)s->seed, "threads", (json_int_t)s->threads,
        "record-every", (json_int_t)s->record_every, "instruction set", nn_instruction_set(),
        "network library", nn_library(), "algebra library", openblas_get_config(), "program version",
        program);
    char *const text = object != NULL ? json_dumps(object, JSON_REAL_PRECISION(17)) : NULL;
    json_decref(object);
    return text;
}

enum trm_status run_settings_same(const char *stored, const char *wanted, const char *where,
                                  struct trm_error *error) {
    json_t *const a = stored != NULL ? json_loads(stored, JSON_REJECT_DUPLICATES, NULL) : NULL;
    json_t *const b = json_loads(wanted, 0, NULL);
    enum trm_status status = TRM_OK;
    const char *name;
    json_t *value;
    if (!json_is_object(a) || !json_is_object(b))
        status = trm_fail(error, TRM_FORMAT, "%s: its configuration cannot be read; begin again with --force",
                          where);
    json_object_foreach(b, name, value) {
        if (status != TRM_OK || json_equal(json_object_get(a, name), value))
            continue;
        char *const was = json_dumps(json_object_get(a, name), JSON_ENCODE_ANY | JSON_REAL_PRECISION(6));
        char *const is = json_dumps(value, JSON_ENCODE_ANY | JSON_REAL_PRECISION(6));
        status = trm_fail(
            error, TRM_INVALID,
            "%s: cannot go on with another %s: it was %s, now %s; give the same, or begin again with --force",
            where, name, was ? was : "absent", is ? is : "?");
        free(was);
        free(is);
    }
    json_decref(a);
    json_decref(b);
    return status;
}
