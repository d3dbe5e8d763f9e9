#include "dynamics/settings.h"

#include "nn/nn.h"
#include "storage/json.h"

#include <cblas.h>
#include <jansson.h>
#include <math.h>
#include <string.h>

#define SCHEDULE(name) #name "|"
#define AT(field) offsetof(struct run_settings, field)

enum { BUDGET_FIRST = 2, BUDGET_ROWS = 3 };

static const struct setting table[] = {
    {"solver", "NAME", SETTING_CHOICE | SETTING_SOLVER | SETTING_IN(common), AT(solver), "(none)",
     RUN_SOLVERS "random", "inner solver of every step; random: one of --arms, with --oracle branch"},
    {"optimizer", "NAME", SETTING_ENUM | SETTING_IN(optimiser), AT(optimizer), "manifold_muon",
     RUN_OPTIMIZER_NAMES, "what updates the weights that --manifold names; the others have SGD"},
    {"tol", "T", SETTING_REAL | SETTING_STEP | SETTING_SOLVER | SETTING_IN(solver), AT(budget.tol),
     "(by solver)", "(0, 1)", "certified relative gap at which it stops"},
    {"max-iter", "N", SETTING_COUNT | SETTING_STEP | SETTING_SOLVER | SETTING_IN(solver), AT(budget.max_iter),
     "(by solver)", "[1, 1000000]", "iterations after which it stops"},
    {"rank", "K", SETTING_COUNT | SETTING_STEP | SETTING_SOLVER | SETTING_IN(solver), AT(budget.rank),
     "(max(1, n/4))", "[1, 1000000]", "frank_wolfe: nuclear norm of a step at most K times the radius"},
    {"lr", "L", SETTING_REAL | SETTING_STEP | SETTING_FREE | SETTING_IN(solver), AT(budget.lr), "0.1",
     "(0, 1e100]", "of spectral_clip, and of the weights with --optimizer sgd and adamw"},
    {"lr-rest", "L", SETTING_REAL | SETTING_STEP | SETTING_IN(optimiser), AT(sgd.lr), "0.4", "(0, 1e100]",
     "of the parameters off the manifold"},
    {"momentum", "M", SETTING_REAL | SETTING_STEP | SETTING_IN(optimiser), AT(sgd.momentum),
     "(0.95; 0.9 for --optimizer sgd and adamw)", "[0, 1)", "of all parameters"},
    {"weight-decay", "D", SETTING_REAL | SETTING_STEP | SETTING_IN(optimiser), AT(sgd.weight_decay), "5e-4",
     "[0, 1]", "of the parameters off the manifold"},
    {"nesterov", "on|off", SETTING_ON_OFF | SETTING_IN(optimiser), AT(sgd.nesterov), "on", NULL,
     "look ahead with Nesterov's momentum (where there is momentum, and not for --optimizer adamw)"},
    {"spectral-budget", "B", SETTING_REAL | SETTING_STEP | SETTING_IN(common), AT(sgd.spectral_budget),
     "0.02", "(0, 1e100]", "spectral norm of a step before the schedule"},
    {"schedule", "NAME", SETTING_ENUM | SETTING_STEP | SETTING_IN(optimiser), AT(sgd.schedule), "linear",
     MUON_SCHEDULE_LIST(SCHEDULE), "of radius and learning rates"},
    {"warmup", "STEPS", SETTING_COUNT | SETTING_STEP | SETTING_IN(optimiser), AT(sgd.warmup_steps), "0",
     "[0, 1e12]", "rise linearly over the first steps"},
    {"warm-start", "on|off", SETTING_ON_OFF | SETTING_IN(solver), AT(sgd.warm_start), "on", NULL,
     "begin every inner solve where the last one of that weight ended"},
    {"certify", "WHICH", SETTING_ENUM | SETTING_FREE | SETTING_IN(solver), AT(certify), "recorded",
     "recorded|always|never",
     "solves that get a certificate: of recorded steps (--record-every), all, or none: a store without gaps"},
    {"pull", "P", SETTING_REAL | SETTING_STEP | SETTING_IN(optimiser), AT(pull), "0", "[0, 1]",
     "of --optimizer muon: after each step go this share of the way to what --pull-to names"},
    {"pull-to", "WHAT", SETTING_ENUM | SETTING_IN(optimiser), AT(pull_to), "orthonormal", "orthonormal|rows",
     "the nearest orthonormal weight, or that of rows (filters) of norm 1"},
    {"total steps", NULL, SETTING_COUNT | SETTING_FACT, AT(sgd.total_steps), "", NULL, NULL},
    {"manifold", "WHICH", SETTING_TEXT | SETTING_IN(optimiser), AT(manifold), "hidden", NULL,
     "weights kept orthonormal: hidden (all but the last layer), all, or names with commas between"},
    {"track", "NAME", SETTING_TEXT | SETTING_FREE | SETTING_IN(output), AT(track), "(the largest)", NULL,
     "the matrix that the features watch"},
    {"model", "NAME", SETTING_CHOICE | SETTING_IN(network), AT(model), "small_cnn", RUN_MODELS,
     "which network"},
    {"width", "W", SETTING_REAL | SETTING_IN(network), AT(width), "1", "(0, 16]",
     "multiplies its hidden channels"},
    {"precision", "NAME", SETTING_CHOICE | SETTING_IN(network), AT(precision), "f32", RUN_PRECISIONS,
     "of activations and convolutions; f32 too where the processor has no bf16"},
    {"dataset", "NAME", SETTING_CHOICE | SETTING_IN(data), AT(data.name), "(what --data-dir holds)",
     RUN_DATA_SETS, "which data set"},
    {"data-dir", "DIR", SETTING_TEXT | SETTING_UNSTORED | SETTING_IN(data), AT(data.dir),
     "(where the distribution's package puts it)", NULL,
     "folder of the data files, or own images in a safetensors file; without it and --dataset: "
     "Fashion-MNIST"},
    {"train-limit", "N", SETTING_COUNT | SETTING_IN(data), AT(data.train_limit), "(all)", "[1, 1e9]",
     "use the first N training images"},
    {"holdout", "N", SETTING_COUNT | SETTING_IN(data), AT(data.holdout), "(none)", "[1, 1e9]",
     "keep N training images, always the same, out of training, to choose by; 5000 is a good number"},
    {"data (SHA-1)", NULL, SETTING_TEXT | SETTING_FACT, AT(facts.fingerprint), "", NULL, NULL},
    {"augment", "on|off", SETTING_ON_OFF | SETTING_IN(data), AT(augment), "on", NULL,
     "random crop and flip of training images"},
    {"last-batch", "WHAT", SETTING_ENUM | SETTING_IN(data), AT(last_batch), "drop", "drop|keep",
     "the last, smaller batch of an epoch"},
    {"epochs", "N", SETTING_COUNT | SETTING_IN(common), AT(epochs), "30", "[1, 1000000]",
     "passes over the training images"},
    {"batch-size", "N", SETTING_COUNT | SETTING_IN(common), AT(batch_size), "128", "[1, 65536]",
     "images in a step"},
    {"seed", "N", SETTING_COUNT | SETTING_SEED | SETTING_IN(common), AT(seed), "42", SETTING_SEED_RANGE,
     "of weights, order and augmentation"},
    {"threads", NULL, SETTING_COUNT | SETTING_FREE | SETTING_FACT, AT(threads), "", NULL, NULL},
    {"record-every", "K", SETTING_COUNT | SETTING_FREE | SETTING_IN(output), AT(record_every), "1",
     "[1, 1e9]", "store every K-th step"},
    {"instruction set", NULL, SETTING_TEXT | SETTING_FREE | SETTING_FACT, AT(facts.instruction_set), "", NULL,
     NULL},
    {"network library", NULL, SETTING_TEXT | SETTING_FREE | SETTING_FACT, AT(facts.network_library), "", NULL,
     NULL},
    {"algebra library", NULL, SETTING_TEXT | SETTING_FREE | SETTING_FACT, AT(facts.algebra_library), "", NULL,
     NULL},
    {"program version", NULL, SETTING_TEXT | SETTING_FREE | SETTING_FACT, AT(facts.program), "", NULL, NULL},
};

struct settings run_settings_table(struct run_settings *target) {
    return (struct settings){SETTINGS(table), target, "a training run", 0};
}

struct settings run_budget_table(struct run_settings *target) {
    return (struct settings){table + BUDGET_FIRST, BUDGET_ROWS, target, NULL, 0};
}

struct run_settings run_settings_default(const char *solver) {
    struct muon_sgd_options sgd = muon_sgd_options_default();
    sgd.lr = 0.4, sgd.spectral_budget = 0.02; /* what trains best at the default batch: docs/results.md */
    sgd.momentum = 0.95, sgd.nesterov = true;
    return (struct run_settings){.solver = solver,
                                 .budget = muon_options_default(muon_solver_find(solver)),
                                 .sgd = sgd,
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

struct run_settings run_settings_open(void) {
    struct run_settings settings = run_settings_default(muon_solver_name(MUON_SOLVER_quasi_newton));
    settings.budget = (struct muon_options){.lr = settings.budget.lr};
    settings.sgd.momentum = -1.0;
    settings.threads = 0;
    return settings;
}

void run_settings_complete(struct run_settings *s) {
    static const struct {
        const char *run;
        double momentum;
        bool nesterov;
    } optimizers[] = {
#define X(name, run, momentum, nesterov, text) {run, momentum, nesterov},
        RUN_OPTIMIZER_LIST(X)
#undef X
    };
    const struct muon_options given = s->budget;
    if (s->sgd.momentum < 0.0)
        s->sgd.momentum = optimizers[s->optimizer].momentum;
    s->sgd.nesterov = s->sgd.nesterov && optimizers[s->optimizer].nesterov && s->sgd.momentum > 0.0;
    if (optimizers[s->optimizer].run != NULL)
        s->solver = optimizers[s->optimizer].run;
    s->budget = muon_options_default(s->optimizer == RUN_manifold_muon ? muon_solver_find(s->solver)
                                                                       : MUON_SOLVER_muon);
    s->budget.lr = given.lr;
    if (given.tol > 0.0)
        s->budget.tol = given.tol;
    if (given.max_iter > 0)
        s->budget.max_iter = given.max_iter;
    if (given.rank > 0)
        s->budget.rank = given.rank;
}

const char *run_settings_check(const struct run_settings *s) {
    struct trm_arm arm;
    if (s->arms.count > 0 && s->optimizer != RUN_manifold_muon)
        return "arms are chosen between with the optimizer manifold_muon only";
    if (s->optimizer == RUN_adamw && s->sgd.nesterov)
        return "nesterov is no part of the optimizer adamw";
    if (!(s->pull >= 0.0 && s->pull <= 1.0))
        return "pull must be 0 to 1";
    if (s->pull > 0.0 && s->optimizer != RUN_muon)
        return "pull is part of the optimizer muon only";
    if (s->pull == 0.0 && s->pull_to != PULL_ORTHONORMAL)
        return "pull-to says where a pull goes, and there is none: give --pull a share above 0";
    if (s->arms.count == 0 && s->optimizer == RUN_manifold_muon &&
        trm_arm_parse(s->solver, &arm, NULL) != TRM_OK)
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
    struct run_settings stored = *s;
    stored.precision = run_settings_precision(s);
    stored.data.name = data->info.name;
    stored.sgd.total_steps = total_steps;
    stored.facts = (struct run_facts){.fingerprint = data->fingerprint,
                                      .instruction_set = nn_instruction_set(),
                                      .network_library = nn_library(),
                                      .algebra_library = openblas_get_config(),
                                      .program = program};
    const struct settings part = run_settings_table(&stored);
    json_t *const object = json_object();
    char *const text = settings_json(&part, object) ? json_whole(object, JSON_REAL_PRECISION(17)) : NULL;
    json_decref(object);
    return text;
}

bool run_settings_may_differ(const char *name, unsigned which) {
    const struct settings part = run_settings_table(NULL);
    return settings_may_differ(&part, name, which);
}

enum trm_status run_settings_same(const char *stored, const char *wanted, unsigned which, const char *where,
                                  struct trm_error *error) {
    json_t *const a = stored != NULL ? json_loads(stored, JSON_REJECT_DUPLICATES, NULL) : NULL;
    json_t *const b = json_loads(wanted, 0, NULL);
    enum trm_status status = TRM_OK;
    const char *name;
    json_t *value;
    if (!json_is_object(a) || !json_is_object(b))
        status = trm_fail(error, TRM_FORMAT, "%s: its configuration cannot be read; begin again with --force",
                          where);
    if (status == TRM_OK && json_object_get(a, "branch") != NULL && json_object_get(b, "branch") == NULL)
        status = trm_fail(error, TRM_INVALID,
                          "%s: tries arms; go on with --oracle branch, or begin again with --force", where);
    json_object_foreach(b, name, value) {
        if (status != TRM_OK || json_equal(json_object_get(a, name), value) ||
            run_settings_may_differ(name, which))
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

char *run_settings_went_on(const char *stored, const char *wanted, size_t step) {
    json_t *const a = json_loads(stored, 0, NULL), *const b = json_loads(wanted, 0, NULL);
    json_t *const earlier = json_object_get(a, "went on"), *const other = json_object();
    const char *name;
    json_t *value, *list = json_is_array(earlier) ? json_copy(earlier) : json_array();
    json_object_foreach(b, name, value) if (!json_equal(json_object_get(a, name), value) &&
                                            json_object_get(a, name) != NULL)
        json_object_set(other, name, json_object_get(a, name));
    const bool good = json_array_append_new(list, json_pack("{s:I, s:O}", "from step", (json_int_t)step,
                                                            "before with", other)) == 0 &&
                      json_object_set(b, "went on", list) == 0;
    char *const text = good ? json_whole(b, JSON_REAL_PRECISION(17)) : NULL;
    json_decref(list);
    json_decref(other);
    json_decref(a);
    json_decref(b);
    return text;
}

bool run_settings_has_gone_on(const char *config) {
    json_t *const object = config != NULL ? json_loads(config, 0, NULL) : NULL;
    const bool gone_on = json_object_get(object, "went on") != NULL;
    json_decref(object);
    return gone_on;
}
