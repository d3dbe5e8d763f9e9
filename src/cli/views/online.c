#include "cli/views/online.h"

#include "cli/views/paired.h"
#include "cli/views/table.h"
#include "storage/json.h"

#include <stdio.h>

enum { EPOCHS_SHOWN = 10 };

static json_t *spread_json(const struct online_spread *spread) {
    json_t *object = json_object();
    json_put(&object, "mean", json_number(spread->mean));
    json_put(&object, "deviation", json_number(spread->deviation));
    json_put(&object, "seeds", json_count(spread->count));
    return object;
}

static json_t *shares_json(const struct online_summary *s, const double *share) {
    json_t *object = json_object();
    for (size_t arm = 0; arm < s->arms.count; arm++) {
        char name[TRM_ARM_NAME];
        trm_arm_name(&s->arms.at[arm], name);
        json_put(&object, name, json_number(share[arm]));
    }
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
    json_put(&object, "target_steps", spread_json(&policy->target_steps));
    json_put(&object, "early_seconds", spread_json(&policy->early_seconds));
    json_put(&object, "early_steps", spread_json(&policy->early_steps));
    json_put(&object, "switches", spread_json(&policy->switches));
    json_put(&object, "share", shares_json(s, policy->total_share));
    for (size_t epoch = 0; epoch < s->epochs; epoch++)
        json_append(&epochs, shares_json(s, policy->share + epoch * s->arms.count));
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
    json_put(&object, "target_steps", json_number(result->target_steps));
    json_put(&object, "early_seconds", json_number(result->early_seconds));
    json_put(&object, "early_steps", json_number(result->early_steps));
    json_put(&object, "switches", json_number(result->switches));
    json_put(&object, "hash", json_text(result->hash));
    return object;
}

json_t *online_document(const struct online_request *request, const struct online_summary *summary) {
    const struct run_settings *const s = &request->settings;
    struct data_info data;
    json_t *object = json_object(), *policies = json_array(), *runs = json_array();
    json_put(&object, "precision", json_text(run_settings_precision(&request->settings)));
    json_put(&object, "data", json_text(data_check(&s->data, &data, NULL) == TRM_OK ? data.name : ""));
    json_put(&object, "radius", json_number(s->sgd.spectral_budget));
    json_put(&object, "epochs", json_count(summary->epochs));
    json_put(&object, "interval", json_count(summary->interval));
    json_put(&object, "halt", json_boolean(request->halt));
    json_put(&object, "target_loss", json_number(summary->target));
    json_put(&object, "early_target_loss", json_number(summary->early));
    json_put(&object, "window", json_count(summary->window));
    for (size_t p = 0; p < summary->policy_count; p++)
        json_append(&policies, policy_json(summary, &summary->policy[p]));
    json_put(&object, "policies", policies);
    json_put(&object, "router_against", paired_document(summary));
    for (size_t i = 0; i < summary->result_count; i++)
        json_append(&runs, result_json(summary, &summary->result[i]));
    json_put(&object, "runs", runs);
    json_put(&object, "router", json_text(request->router));
    json_put(&object, "store", json_text(request->output));
    return object;
}

static const struct view_column of_policies[] = {
    {"policy", "{policy}"},
    {"seeds", "{test_accuracy.seeds}"},
    {"test accuracy %", "{test_accuracy:.2%}"},
    {"test loss", "{test_loss:.4f}"},
    {"training loss", "{train_loss:.4f}"},
    {"ms a step", "{ms_per_step:.2f}"},
    {"switches %", "{switches:.1%}"},
    {"s to target", "{target_seconds:.1f}"},
    {"diverged", "{diverged}"},
};
static const struct view_line of_target[] = {
    {"target", "training loss {target_loss:.4f} as the mean of {window} steps; +- is one standard deviation "
               "over seeds"},
};
static const struct view_line of_overhead[] = {
    {"overhead of deciding", "{feature_us:.0f} us for the features ({feature_overhead:.2%} % of a training "
                             "step), {decide_us:.0f} us for the "
                             "choice ({decide_overhead:.2%} %, {cycles:.2f} cycles)"},
};
static const struct view_line of_store[] = {{"store", "{store}"}};

/* At most EPOCHS_SHOWN epochs, evenly spread, with the first and the last, and all together. */
static void print_shares(const json_t *policy) {
    const json_t *const epochs = json_object_get(policy, "share_by_epoch");
    const size_t count = json_array_size(epochs), shown = count < EPOCHS_SHOWN ? count : EPOCHS_SHOWN;
    static const char *const places[TRM_ARMS_MAX] = {
        "{0:.1%}", "{1:.1%}", "{2:.1%}",  "{3:.1%}",  "{4:.1%}",  "{5:.1%}",  "{6:.1%}",  "{7:.1%}",
        "{8:.1%}", "{9:.1%}", "{10:.1%}", "{11:.1%}", "{12:.1%}", "{13:.1%}", "{14:.1%}", "{15:.1%}"};
    struct view_column columns[TRM_ARMS_MAX + 1] = {{"epoch", "{epoch}"}};
    json_t *rows = json_array();
    const char *name;
    json_t *share;
    size_t arms = 0;
    json_object_foreach(json_object_get(policy, "share"), name, share) if (arms < TRM_ARMS_MAX) {
        columns[1 + arms] = (struct view_column){name, places[arms]};
        arms++;
    }
    for (size_t i = 0; i <= shown; i++) {
        const size_t epoch = shown > 1 ? i * (count - 1) / (shown - 1) : 0;
        json_t *row = json_object();
        /* by number: a name may hold what a place means something by */
        for (size_t arm = 0; arm < arms; arm++) {
            char number[24];
            snprintf(number, sizeof number, "%zu", arm);
            share =
                json_object_get(i < shown ? json_array_get(epochs, epoch) : json_object_get(policy, "share"),
                                columns[1 + arm].title);
            json_put(&row, number, json_incref(share));
        }
        json_put(&row, "epoch", i < shown ? json_count(epoch + 1) : json_text("all"));
        json_append(&rows, row);
    }
    printf("\nshare of each arm by epoch, %s, %%\n", json_string_value(json_object_get(policy, "policy")));
    view_table(rows, columns, 1 + arms);
    printf("\n");
    json_decref(rows);
}

void online_view(const json_t *document) {
    const json_t *const policies = json_object_get(document, "policies");
    const json_t *policy;
    size_t i;
    view_table(policies, VIEW(of_policies));
    view_lines(document, VIEW(of_target));
    json_array_foreach(policies, i, policy) {
        const json_t *const done = json_object_get(json_object_get(policy, "test_accuracy"), "seeds");
        if (json_number_value(json_object_get(policy, "cycles")) > 0.0 && json_integer_value(done) > 0) {
            print_shares(policy);
            view_lines(policy, VIEW(of_overhead));
        }
    }
    view_lines(document, VIEW(of_store));
}
