#include "router/training_run.h"

#include "router/settings.h"

#include "base/options.h"
#include "storage/file.h"
#include "storage/json.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const losses[] = {
#define X(name, word, text) word,
    TRM_LOSS_LIST(X)
#undef X
};

const char *trm_loss_name(enum trm_loss loss) {
    return (unsigned)loss < TRM_LOSSES ? losses[loss] : NULL;
}

bool trm_loss_find(const char *name, enum trm_loss *loss) {
    for (unsigned i = 0; i < TRM_LOSSES; i++)
        if (strcmp(name, losses[i]) == 0) {
            *loss = (enum trm_loss)i;
            return true;
        }
    return false;
}

static struct trm_train_options own_default(void) {
    return (struct trm_train_options){.struct_size = sizeof(struct trm_train_options),
                                      .size = "small",
                                      .epochs = 100,
                                      .batch_size = 64,
                                      .lr = 1e-4,
                                      .min_lr = 1e-6,
                                      .weight_decay = 0.1,
                                      .clip = 1.0,
                                      .loss = TRM_LOSS_CROSS_ENTROPY,
                                      .tau = 0.01,
                                      .seed = 42,
                                      .split = trm_split_defaults()};
}

void trm_train_options_init(struct trm_train_options *options, size_t size) {
    const struct trm_train_options own = own_default();
    options_give(options, size, &own, sizeof own);
}

static bool positive(double value) {
    return isfinite(value) && value > 0.0;
}

bool training_features_out(const char *names, bool out[TRM_FEATURE_COUNT]) {
    memset(out, 0, TRM_FEATURE_COUNT * sizeof *out);
    for (const char *at = names != NULL ? names : ""; *at != '\0';) {
        const size_t length = strcspn(at, ",");
        int f = 0;
        while (f < TRM_FEATURE_COUNT && (strncmp(trm_feature_name((enum trm_feature)f), at, length) != 0 ||
                                         trm_feature_name((enum trm_feature)f)[length] != '\0'))
            f++;
        if (f == TRM_FEATURE_COUNT || out[f] || (at[length] == ',' && at[length + 1] == '\0'))
            return false;
        out[f] = true;
        at += length + (at[length] == ',');
    }
    return true;
}

const char *training_options_take(struct trm_train_options *o, const struct trm_train_options *given) {
    struct trm_router_config config;
    *o = own_default();
    const char *const wrong = options_take(o, sizeof *o, sizeof *o, given);
    if (wrong != NULL)
        return wrong;
    if (o->size == NULL || trm_router_config_named(o->size, &config, NULL) != TRM_OK)
        return "size is not tiny, small or base";
    bool out[TRM_FEATURE_COUNT];
    if (o->cycles > 64 || o->inner > 64)
        return "cycles or inner is above 64";
    if (!training_features_out(o->without, out))
        return "without is no list of features, each once with commas between: log_loss, loss_trend, "
               "log_grad_norm, gns_proxy, top_sv, eff_rank, log_cond, log_ortho_err, epoch_progress, "
               "step_progress, log_width, loss_stability";
    if (o->epochs < 1 || o->epochs > 1000000)
        return "epochs is not in 1 ... 1000000";
    if (o->batch_size < 1 || o->batch_size > 65536)
        return "batch size is not in 1 ... 65536";
    if (!positive(o->lr) || !(o->min_lr >= 0.0) || o->min_lr > o->lr)
        return "lr is not above 0, or below its smallest value, min_lr (1e-6)";
    if (!(o->weight_decay >= 0.0) || o->lr * o->weight_decay >= 1.0)
        return "weight decay is below 0, or lr times it is not below 1";
    if (!positive(o->clip))
        return "clip is not above 0";
    if (trm_loss_name(o->loss) == NULL)
        return "loss is not cross-entropy or regret";
    if (!positive(o->tau))
        return "tau is not above 0";
    if (o->seed > (uint64_t)1 << 53)
        return "seed is above 2^53";
    return trm_split_check(&o->split);
}

const char *trm_train_check(const struct trm_train_options *options) {
    struct trm_train_options own;
    return training_options_take(&own, options);
}

void training_hash(const struct trm_sample *samples, size_t count, char text[DIGEST_TEXT]) {
    struct digest digest = digest_begin();
    for (size_t i = 0; i < count; i++) {
        const struct trm_sample *const s = &samples[i];
        for (int f = 0; f < TRM_FEATURE_COUNT; f++)
            digest_add_real(&digest, s->feature[f]);
        for (int arm = 0; arm < TRM_ARMS_MOST; arm++)
            if ((s->present >> arm & 1u) != 0)
                digest_add_real(&digest, s->change[arm]);
        const uint64_t whole[] = {s->present, (uint64_t)s->label, s->tied, s->step, s->group};
        for (size_t n = 0; n < sizeof whole / sizeof *whole; n++)
            digest_add_number(&digest, whole[n]);
    }
    digest_end(&digest, text);
}

char *training_configuration(const struct trm_train_options *o, const struct trm_sample *samples,
                             size_t count) {
    char hash[DIGEST_TEXT];
    training_hash(samples, count, hash);
    struct trm_train_options stored = *o;
    const struct settings part = train_settings_table(&stored);
    json_t *const object = json_object();
    const bool held =
        settings_json(&part, object) && json_object_set_new(object, "data", json_string(hash)) == 0;
    char *const text = held ? json_whole(object, JSON_COMPACT | JSON_REAL_PRECISION(17)) : NULL;
    json_decref(object);
    return text;
}

/* A value as a person would write it: without quotes, in few digits. */
static void value_text(const json_t *value, char *text, size_t size) {
    if (json_is_string(value))
        snprintf(text, size, "%.40s", json_string_value(value));
    else if (json_is_boolean(value))
        snprintf(text, size, "%s", json_is_true(value) ? "on" : "off");
    else if (json_is_number(value))
        snprintf(text, size, "%g", json_number_value(value));
    else
        snprintf(text, size, "unknown");
}

void training_difference(const char *before, const char *now, char *text, size_t size) {
    json_t *const old = json_loads(before, 0, NULL), *const new = json_loads(now, 0, NULL);
    const char *key;
    json_t *value;
    snprintf(text, size, "other options");
    json_object_foreach(new, key, value) if (!json_equal(value, json_object_get(old, key))) {
        char was[64], is[64];
        value_text(json_object_get(old, key), was, sizeof was);
        value_text(value, is, sizeof is);
        snprintf(text, size, "%s %s, now %s", key, was, is);
        break;
    }
    json_decref(old);
    json_decref(new);
}

enum trm_status training_history_write(const char *path, const struct trm_train_epoch *rows, size_t count,
                                       struct trm_error *error) {
    static const char *const names[] = {
#define X(name, text) #name,
        TRM_TRAIN_COLUMN_LIST(X)
#undef X
    };
    enum { COLUMNS = sizeof names / sizeof *names };
    char *text = NULL;
    size_t size = 0;
    FILE *const stream = open_memstream(&text, &size);
    if (stream == NULL)
        return trm_fail(error, TRM_NO_MEMORY, "%s: no memory to write it", path);
    for (size_t c = 0; c < COLUMNS; c++)
        fprintf(stream, "%s%c", names[c], c + 1 < COLUMNS ? ',' : '\n');
    for (size_t i = 0; i < count; i++) {
        const double values[COLUMNS] = {
#define X(name, text) rows[i].name,
            TRM_TRAIN_COLUMN_LIST(X)
#undef X
        };
        for (size_t c = 0; c < COLUMNS; c++) { /* an empty field: there is no such number */
            if (isfinite(values[c]))
                fprintf(stream, "%.9g", values[c]);
            putc(c + 1 < COLUMNS ? ',' : '\n', stream);
        }
    }
    const bool failed = ferror(stream) != 0;
    const enum trm_status status = fclose(stream) != 0 || failed
                                       ? trm_fail(error, TRM_NO_MEMORY, "%s: no memory to write it", path)
                                       : file_write(path, text, size, true, error);
    free(text);
    return status;
}
