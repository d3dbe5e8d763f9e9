#include "cli/views/online_json.h"

#include "cli/views/print_json.h"

static json_t *spread_json(const struct online_spread *spread) {
    json_t *object = json_object();
    json_put(&object, "mean", json_number(spread->mean));
    json_put(&object, "deviation", json_number(spread->deviation));
    json_put(&object, "seeds", json_count(spread->count));
    return object;
}

static json_t *shares_json(const double share[MUON_LABEL_COUNT]) {
    json_t *object = json_object();
    for (int id = 0; id < MUON_LABEL_COUNT; id++)
        json_put(&object, muon_solver_name(id), json_number(share[id]));
    return object;
}

static json_t *policy_json(const struct online_summary *s, const struct online_policy *policy) {
    json_t *object = json_object(), *epochs = json_array();
    json_put(&object, "policy", json_text(policy->name));
    json_put(&object, "diverged", json_count(policy->diverged));
    json_put(&object, "test_accuracy", spread_json(&policy->test_accuracy));
    json_put(&object, "test_loss", spread_json(&policy->test_loss));
    json_put(&object, "train_loss", spread_json(&policy->train_loss));
    json_put(&object, "ms_per_step", spread_json(&policy->ms_per_step));
    json_put(&object, "target_seconds", spread_json(&policy->target_seconds));
    json_put(&object, "switches", spread_json(&policy->switches));
    json_put(&object, "share", shares_json(policy->total_share));
    for (size_t epoch = 0; epoch < s->epochs; epoch++)
        json_append(&epochs, shares_json(policy->share + epoch * MUON_LABEL_COUNT));
    json_put(&object, "share_by_epoch", epochs);
    json_put(&object, "feature_us", json_number(policy->feature_us));
    json_put(&object, "decide_us", json_number(policy->decide_us));
    json_put(&object, "feature_overhead", json_number(policy->feature_overhead));
    json_put(&object, "decide_overhead", json_number(policy->decide_overhead));
    json_put(&object, "cycles", json_number(policy->cycles));
    return object;
}

static json_t *result_json(const struct online_summary *s, const struct online_result *result) {
    json_t *object = json_object();
    json_put(&object, "policy", json_text(s->policy[result->policy].name));
    json_put(&object, "seed", json_count(result->seed));
    json_put(&object, "status", json_text(trm_run_status_name(result->status)));
    json_put(&object, "test_accuracy", json_number(result->test_accuracy));
    json_put(&object, "test_loss", json_number(result->test_loss));
    json_put(&object, "train_loss", json_number(result->train_loss));
    json_put(&object, "ms_per_step", json_number(result->ms_per_step));
    json_put(&object, "seconds", json_number(result->seconds));
    json_put(&object, "target_seconds", json_number(result->target_seconds));
    json_put(&object, "switches", json_number(result->switches));
    json_put(&object, "hash", json_text(result->hash));
    return object;
}

int online_json_print(const struct online_request *request, const struct online_summary *summary) {
    json_t *object = json_object(), *policies = json_array(), *runs = json_array();
    json_put(&object, "precision", json_text(run_settings_precision(&request->settings)));
    json_put(&object, "epochs", json_count(summary->epochs));
    json_put(&object, "interval", json_count(summary->interval));
    json_put(&object, "halt", json_boolean(request->halt));
    json_put(&object, "target_loss", json_number(summary->target));
    json_put(&object, "window", json_count(summary->window));
    for (size_t p = 0; p < summary->policy_count; p++)
        json_append(&policies, policy_json(summary, &summary->policy[p]));
    json_put(&object, "policies", policies);
    for (size_t i = 0; i < summary->result_count; i++)
        json_append(&runs, result_json(summary, &summary->result[i]));
    json_put(&object, "runs", runs);
    json_put(&object, "router", json_text(request->router));
    json_put(&object, "store", json_text(request->output));
    return print_json(object);
}
