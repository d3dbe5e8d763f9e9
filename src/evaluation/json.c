/* The evaluation as JSON: keys in a fixed order, numbers of 17 digits, what does not exist as null, no times. */
#include "evaluation/evaluation.h"

#include "muon/muon.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static json_t *number(double value) {
    return isfinite(value) ? json_real(value) : json_null();
}
static json_t *count(size_t value) {
    return json_integer((json_int_t)value);
}

static json_t *interval(const struct trm_interval *i) {
    return json_pack("{s:o,s:o,s:o}", "value", number(i->value), "low", number(i->low), "high",
                     number(i->high));
}

static json_t *solvers(unsigned mask) {
    json_t *const list = json_array();
    for (int arm = 0; arm < TRM_ARMS; arm++)
        if (mask >> arm & 1)
            json_array_append_new(list, json_string(muon_solver_name(arm)));
    return list;
}

static json_t *confusion(const struct trm_score *s) {
    json_t *const rows = json_array();
    for (int label = 0; label < TRM_ARMS; label++) {
        json_t *const row = json_array();
        for (int arm = 0; arm < TRM_ARMS; arm++)
            json_array_append_new(row, count(s->confusion[label][arm]));
        json_array_append_new(rows, row);
    }
    return rows;
}

static json_t *policy(const struct trm_evaluation *e, const struct trm_score *s) {
    json_t *const o = json_object(), *const share = json_object();
    json_object_set_new(o, "name", json_string(s->name));
    json_object_set_new(o, "parameters", count(s->parameters));
    for (int m = 0; m < TRM_METRICS; m++)
        json_object_set_new(o, trm_metric_name(m), interval(&s->metric[m]));
    for (int arm = 0; arm < TRM_ARMS; arm++)
        if (e->arms >> arm & 1)
            json_object_set_new(share, muon_solver_name(arm), interval(&s->share[arm]));
    json_object_set_new(o, "share", share);
    json_object_set_new(o, "confusion", confusion(s));
    return o;
}

static json_t *split(const struct trm_evaluation *e) {
    json_t *const o = json_object();
    json_object_set_new(o, "kind", json_string(trm_split_name((int)e->split.kind)));
    json_object_set_new(o, "test_share", number(e->split.test_share));
    json_object_set_new(o, "val_share", number(e->split.val_share));
    json_object_set_new(o, "seed", count(e->split.seed));
    json_object_set_new(o, "train_samples", count(e->train_samples));
    json_object_set_new(o, "validation_samples", count(e->validation_samples));
    json_object_set_new(o, "test_samples", count(e->samples));
    json_object_set_new(o, "test_groups", count(e->groups));
    return o;
}

static json_t *references(const struct trm_evaluation *e) {
    json_t *const o = json_object();
    json_object_set_new(o, "best_single_arm", json_string(muon_solver_name(e->best_single)));
    json_object_set_new(o, "change_oracle", interval(&e->oracle));
    json_object_set_new(o, "change_best_single", interval(&e->single));
    json_object_set_new(o, "change_random", interval(&e->random));
    json_object_set_new(o, "change_admm", interval(&e->admm));
    json_object_set_new(o, "gap", interval(&e->gap));
    json_object_set_new(o, "gap_within_noise", json_boolean(e->gap_within_noise));
    json_object_set_new(o, "label_persistence", interval(&e->persistence));
    return o;
}

char *trm_evaluation_json(const struct trm_evaluation *e) {
    json_t *const o = json_object(), *const scores = json_array(), *const notes = json_array();
    json_object_set_new(o, "format", json_string("trm-router evaluation 1"));
    json_object_set_new(o, "split", split(e));
    json_object_set_new(o, "solvers", solvers(e->arms));
    json_object_set_new(o, "labels_in_training", solvers(e->seen));
    json_object_set_new(o, "labels", solvers((1u << TRM_ARMS) - 1));
    json_object_set_new(o, "resamples", count(e->resamples));
    json_object_set_new(o, "seed", count(e->seed));
    json_object_set_new(o, "references", references(e));
    for (size_t i = 0; i < e->score_count; i++)
        json_array_append_new(scores, policy(e, &e->scores[i]));
    json_object_set_new(o, "policies", scores);
    for (size_t i = 0; i < e->note_count; i++)
        json_array_append_new(notes, json_string(e->notes[i]));
    json_object_set_new(o, "notes", notes);
    char *const body = json_dumps(o, JSON_INDENT(2) | JSON_REAL_PRECISION(17));
    json_decref(o);
    char *const text = body != NULL ? realloc(body, strlen(body) + 2) : NULL;
    if (text == NULL)
        free(body);
    else
        strcat(text, "\n");
    return text;
}
