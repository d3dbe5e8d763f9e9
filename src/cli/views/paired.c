#include "cli/views/paired.h"

#include "evaluation/paired.h"
#include "storage/json.h"

#include <stdlib.h>

static const double POINTS = 0.005; /* half a point of accuracy: less does not matter */

/* Where policy `other` has a run of this seed that is done: its result. */
static const struct online_result *same_seed(const struct online_summary *s, size_t other, uint64_t seed) {
    for (size_t i = 0; i < s->result_count; i++)
        if (s->result[i].policy == other && s->result[i].seed == seed && s->result[i].status == TRM_RUN_DONE)
            return &s->result[i];
    return NULL;
}

/* Test accuracy of the first policy less this one's, seed by seed. */
static json_t *paired_json(const struct online_summary *s, size_t policy) {
    json_t *object = json_object(), *each = json_array();
    double *const difference = calloc(s->result_count + 1, sizeof *difference);
    size_t count = 0;
    for (size_t i = 0; difference != NULL && i < s->result_count; i++) {
        const struct online_result *const own = &s->result[i];
        const struct online_result *const other = own->policy == 0 ? same_seed(s, policy, own->seed) : NULL;
        if (other == NULL || own->status != TRM_RUN_DONE)
            continue;
        difference[count] = own->test_accuracy - other->test_accuracy;
        json_append(&each, json_number(difference[count++]));
    }
    const struct trm_paired p = trm_paired_compare(difference, count, POINTS);
    free(difference);
    json_put(&object, "policy", json_text(s->policy[policy].name));
    json_put(&object, "differences", each);
    json_put(&object, "mean", json_number(p.mean));
    json_put(&object, "low", json_number(p.low));
    json_put(&object, "high", json_number(p.high));
    json_put(&object, "low_90", json_number(p.low_90));
    json_put(&object, "high_90", json_number(p.high_90));
    json_put(&object, "matches", count < TRM_FEWEST_SEEDS ? json_null() : json_boolean(p.matches));
    return object;
}

json_t *paired_document(const struct online_summary *s) {
    json_t *paired = json_array();
    for (size_t p = 1; p < s->policy_count; p++)
        json_append(&paired, paired_json(s, p));
    return paired;
}
