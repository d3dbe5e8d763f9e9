/* The page about data sets, routers and online training. */
#include "report/page/table.h"

#include <math.h>
#include <string.h>

static const struct table_column arms[] = {{"solver", TABLE_TEXT, NULL, 1},
                                           {"steps where it was best", TABLE_NUMBER, "%.0f", 1},
                                           {"share, %", TABLE_NUMBER, "%.1f", 100.0},
                                           {"samples", TABLE_NUMBER, "%.0f", 1},
                                           {"mean ms a solve", TABLE_NUMBER, "%.2f", 1e3}};

void page_data_set(struct page *p, json_t *values, const struct results_data_set *d) {
    const struct trm_statistics *const s = &d->statistics;
    size_t steps = 0;
    for (size_t a = 0; a < s->arms.count; a++)
        steps += s->steps_best[a];
    page_text(p, values, "name", d->name);
    page_count(p, values, "samples", s->samples);
    page_count(p, values, "features", s->feature_dim);
    page_count(p, values, "run_count", s->runs);
    page_count(p, values, "seeds", s->seeds);
    page_flag(p, values, "one", s->seeds == 1);
    page_flag(p, values, "single", s->runs == 1);
    page_count(p, values, "steps", s->steps);
    page_count(p, values, "groups", s->groups);
    page_count(p, values, "block", s->block);
    page_count(p, values, "tied", s->tied_steps);
    page_flag(p, values, "merged", s->oracle == TRM_ORACLE_MERGE);
    page_text(p, values, "by",
              s->oracle == TRM_ORACLE_SAME_BATCH ? "the loss of its own batch after the step"
              : s->oracle == TRM_ORACLE_PROBE
                  ? "the loss of fresh batches after the step"
                  : "the loss of held-out images after it was held and the step lengths annealed");
    struct table t;
    int policy[TRM_ARMS_MOST];
    report_policies_of_arms(&s->arms, policy);
    table_begin(&t, p, "arms");
    table_columns(&t, arms, sizeof arms / sizeof *arms);
    for (size_t a = 0; a < s->arms.count; a++) {
        const bool present = (s->present >> a & 1) != 0;
        table_row(&t, false);
        table_policy(&t, s->arms.name[a], policy[a]);
        table_number(&t, present ? (double)s->steps_best[a] : NAN);
        table_number(&t, present && steps > 0 ? (double)s->steps_best[a] / (double)steps : NAN);
        table_number(&t, present ? (double)s->counts[a] : NAN);
        table_number(&t, present && s->seconds[a] > 0 ? s->seconds[a] : NAN);
    }
    table_end(&t, values, "How often each solver was the best; a dash where it has no run in the data");
}

void page_router(struct page *p, json_t *values, const struct results_router *r) {
    const struct trm_router_origin *const o = trm_router_origin(r->router);
    const char *const size = trm_router_config_name(trm_router_configuration(r->router));
    page_text(p, values, "name", r->name);
    page_text(p, values, "size", size != NULL ? size : "of its own");
    page_count(p, values, "parameters", trm_router_parameter_count(r->router));
    page_flag(p, values, "trained", o->epoch > 0);
    page_count(p, values, "epoch", o->epoch);
    page_count(p, values, "epochs", o->epochs);
    page_flag(p, values, "validated", o->split.val_share > 0);
    page_number(p, values, "val_accuracy", 100.0 * o->val_accuracy);
    page_number(p, values, "val_loss", o->val_loss);
    page_text(p, values, "split", trm_split_name((int)o->split.kind));
    page_text(p, values, "unit", o->split.kind == TRM_SPLIT_STEP ? "step" : "group");
    page_flag(p, values, "by_step", o->split.kind == TRM_SPLIT_STEP);
    page_number(p, values, "test_share", 100.0 * o->split.test_share);
    page_number(p, values, "val_share", 100.0 * o->split.val_share);
    page_count(p, values, "seed", o->split.seed);
    page_flag(p, values, "merged", r->data_set != NULL && r->data_set->statistics.oracle == TRM_ORACLE_MERGE);
    if (r->data_set != NULL)
        page_evaluation(p, page_object(p, values, "evaluation"), &r->evaluation);
}

static const struct table_column policies[] = {
    {"policy", TABLE_TEXT, NULL, 1},
    {"runs", TABLE_NUMBER, "%.0f", 1},
    {"diverged", TABLE_NUMBER, "%.0f", 1},
    {"test accuracy, %", TABLE_NUMBER, "%.2f", 100.0},
    {"\u00b1", TABLE_NUMBER, "%.2f", 100.0},
    {"test loss", TABLE_NUMBER, "%.4f", 1},
    {"\u00b1", TABLE_NUMBER, "%.4f", 1},
    {"training loss", TABLE_NUMBER, "%.4f", 1},
    {"\u00b1", TABLE_NUMBER, "%.4f", 1},
    {"ms a step", TABLE_NUMBER, "%.2f", 1},
    {"s to target", TABLE_NUMBER, "%.1f", 1},
    {"switches, %", TABLE_NUMBER, "%.1f", 100.0},
    {"features, %", TABLE_NUMBER, "%.2f", 100.0},
    {"decision, %", TABLE_NUMBER, "%.2f", 100.0},
    {"\u00b5s a decision", TABLE_NUMBER, "%.0f", 1},
};

/* Mean and standard deviation over seeds, null where there are too few of them. */
static void spread(struct page *p, json_t *row, const char *mean, const char *deviation,
                   const struct online_spread *s, double scale) {
    page_number(p, row, mean, s->count > 0 ? scale * s->mean : NAN);
    if (deviation != NULL)
        page_number(p, row, deviation, s->count > 1 ? scale * s->deviation : NAN);
}

/* The router and the best of the others, by test accuracy. */
static void compare(struct page *p, json_t *values, const struct online_summary *s) {
    const struct online_policy *router = NULL, *best = NULL;
    for (size_t i = 0; i < s->policy_count; i++) {
        const struct online_policy *const policy = &s->policy[i];
        if (policy->test_accuracy.count == 0)
            continue;
        if (report_policy_find(policy->name) == REPORT_POLICY_ROUTER)
            router = policy;
        else if (best == NULL || policy->test_accuracy.mean > best->test_accuracy.mean)
            best = policy;
    }
    if (router == NULL)
        return;
    json_t *const entry = page_object(p, values, "router");
    page_count(p, entry, "count", router->test_accuracy.count);
    page_flag(p, entry, "one", router->test_accuracy.count == 1);
    spread(p, entry, "accuracy", "deviation", &router->test_accuracy, 100.0);
    if (best == NULL)
        return;
    json_t *const other = page_object(p, entry, "best");
    page_text(p, other, "policy", best->name);
    spread(p, other, "accuracy", "deviation", &best->test_accuracy, 100.0);
}

/* As in the pictures of these runs. */
static int looks_of(const struct report_groups *groups, const char *policy) {
    for (size_t g = 0; g < groups->count; g++)
        if (strcmp(groups->at[g].run->solver, policy) == 0)
            return groups->at[g].policy;
    return report_policy_find(policy);
}

void page_online(struct page *p, json_t *values, const struct results_online *o) {
    const struct online_summary *const s = &o->summary;
    page_text(p, values, "name", o->name);
    page_count(p, values, "epochs", s->epochs);
    page_number(p, values, "target", s->target);
    page_count(p, values, "window", s->window);
    compare(p, values, s);
    struct table t;
    table_begin(&t, p, "policies");
    table_columns(&t, policies, sizeof policies / sizeof *policies);
    for (size_t i = 0; i < s->policy_count; i++) {
        const struct online_policy *const policy = &s->policy[i];
        const bool own = report_policy_find(policy->name) == REPORT_POLICY_ROUTER;
        const struct online_spread *const spreads[] = {&policy->test_accuracy,  &policy->test_loss,
                                                       &policy->train_loss,     &policy->ms_per_step,
                                                       &policy->target_seconds, &policy->switches};
        table_row(&t, own);
        table_policy(&t, policy->name, looks_of(&o->groups, policy->name));
        table_count(&t, policy->test_accuracy.count);
        table_count(&t, policy->diverged);
        for (size_t k = 0; k < sizeof spreads / sizeof *spreads; k++) {
            const struct online_spread *const v = spreads[k];
            table_number(&t, v->count > 0 ? v->mean : NAN);
            if (k < 3)
                table_number(&t, v->count > 1 ? v->deviation : NAN);
        }
        table_number(&t, own ? policy->feature_overhead : NAN);
        table_number(&t, own ? policy->decide_overhead : NAN);
        table_number(&t, own ? policy->decide_us : NAN);
    }
    table_end(&t, values, "Trainings by who chose the solvers");
    page_online_runs(p, values, &o->groups);
}
