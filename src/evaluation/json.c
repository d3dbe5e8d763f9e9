/* The evaluation as JSON: keys in a fixed order, numbers of 17 digits, what does not exist as null, no times. */
#include "evaluation/evaluation.h"

#include "muon/muon.h"

#include "storage/json.h"

static json_t *interval(const struct trm_interval *i) {
    return json_pack("{s:o,s:o,s:o}", "value", json_number(i->value), "low", json_number(i->low), "high",
                     json_number(i->high));
}

static json_t *arms(const struct trm_arm_names *names, uint64_t mask) {
    json_t *list = json_array();
    for (size_t arm = 0; arm < names->count; arm++)
        if (mask >> arm & 1)
            json_append(&list, json_string(names->name[arm]));
    return list;
}

static json_t *confusion(const struct trm_score *s, size_t count) {
    json_t *rows = json_array();
    for (size_t label = 0; label < count; label++) {
        json_t *row = json_array();
        for (size_t arm = 0; arm < count; arm++)
            json_append(&row, json_count(s->confusion[label][arm]));
        json_append(&rows, row);
    }
    return rows;
}

static json_t *policy(const struct trm_evaluation *e, const struct trm_score *s) {
    json_t *o = json_object(), *share = json_object();
    json_put(&o, "name", json_string(s->name));
    json_put(&o, "parameters", json_count(s->parameters));
    json_put(&o, "cycles", json_number(s->cycles));
    for (int m = 0; m < TRM_METRICS; m++)
        json_put(&o, trm_metric_name(m), interval(&s->metric[m]));
    for (size_t arm = 0; arm < e->names.count; arm++)
        if (e->arms >> arm & 1)
            json_put(&share, e->names.name[arm], interval(&s->share[arm]));
    json_put(&o, "share", share);
    json_put(&o, "confusion", confusion(s, e->names.count));
    return o;
}

static json_t *split(const struct trm_evaluation *e) {
    json_t *o = json_object();
    json_put(&o, "kind", json_string(trm_split_name((int)e->split.kind)));
    json_put(&o, "test_share", json_number(e->split.test_share));
    json_put(&o, "val_share", json_number(e->split.val_share));
    json_put(&o, "seed", json_count(e->split.seed));
    json_put(&o, "other_data", json_boolean(e->other_data));
    json_put(&o, "train_samples", json_count(e->train_samples));
    json_put(&o, "validation_samples", json_count(e->validation_samples));
    json_put(&o, "test_samples", json_count(e->samples));
    json_put(&o, "test_groups", json_count(e->groups));
    return o;
}

static json_t *references(const struct trm_evaluation *e) {
    json_t *o = json_object();
    json_put(&o, "best_single_arm", json_string(e->names.name[e->best_single]));
    json_put(&o, "change_oracle", interval(&e->oracle));
    json_put(&o, "change_best_single", interval(&e->single));
    json_put(&o, "change_random", interval(&e->random));
    json_put(&o, "change_admm", interval(&e->admm));
    json_put(&o, "gap", interval(&e->gap));
    json_put(&o, "gap_p", json_number(e->gap_p));
    json_put(&o, "gap_within_noise", json_boolean(e->gap_within_noise));
    json_put(&o, "label_persistence", interval(&e->persistence));
    return o;
}

static json_t *ceiling(const struct trm_ceiling *c) {
    json_t *o = json_object();
    json_put(&o, "states", json_count(c->states));
#define X(name, text) json_put(&o, #name, json_number(c->name));
    TRM_CEILING_LIST(X)
#undef X
    return o;
}

char *trm_evaluation_json(const struct trm_evaluation *e) {
    json_t *o = json_object(), *scores = json_array(), *notes = json_array();
    json_put(&o, "format", json_string("trm-router evaluation 1"));
    json_put(&o, "version", json_string(muon_version_text()));
    json_put(&o, "split", split(e));
    json_put(&o, "solvers", arms(&e->names, e->arms));
    json_put(&o, "labels_in_training", arms(&e->names, e->seen));
    json_put(&o, "labels", arms(&e->names, UINT64_MAX));
    json_put(&o, "resamples", json_count(e->resamples));
    json_put(&o, "seed", json_count(e->seed));
    json_put(&o, "references", references(e));
    if (e->oracle_kind != TRM_ORACLE_MERGE) {
        json_put(&o, "oracle", json_string(trm_oracle_name((int)e->oracle_kind)));
        json_put(&o, "ceiling", ceiling(&e->ceiling));
    }
    for (size_t i = 0; i < e->score_count; i++)
        json_append(&scores, policy(e, &e->scores[i]));
    json_put(&o, "policies", scores);
    for (size_t i = 0; i < e->note_count; i++)
        json_append(&notes, json_string(e->notes[i]));
    json_put(&o, "notes", notes);
    return json_finish(o, JSON_DOCUMENT);
}
