/* Values of page.html about runs, oracle, router and online training. */
#include "report/page/page.h"

#include <math.h>

static void run_row(struct page *p, json_t *row, const struct report_run *run) {
    const struct trm_epoch *const last = run->epochs_done > 0 ? &run->epoch[run->epochs_done - 1] : NULL;
    const bool tested = last != NULL && last->has_test;
    double best = NAN;
    for (size_t i = 0; i < run->epochs_done; i++)
        if (run->epoch[i].has_test)
            best = fmax(run->epoch[i].test_accuracy, best);
    page_policy(p, row, "solver", run->solver, run->policy);
    page_text(p, row, "file", run->file);
    page_text(p, row, "model", run->model);
    page_number(p, row, "width", run->width);
    page_text(p, row, "dataset", run->dataset);
    page_count(p, row, "done", run->epochs_done);
    page_count(p, row, "epochs", run->epochs);
    page_count(p, row, "batch", run->batch_size);
    page_number(p, row, "budget", run->budget);
    page_text(p, row, "schedule", run->schedule);
    page_count(p, row, "seed", run->seed);
    page_text(p, row, "status", trm_run_status_name(run->status));
    page_flag(p, row, "in_picture", run->in_picture);
    page_number(p, row, "train_loss", last != NULL ? last->train_loss : NAN);
    page_number(p, row, "test_loss", tested ? last->test_loss : NAN);
    page_number(p, row, "accuracy", tested ? 100.0 * last->test_accuracy : NAN);
    page_number(p, row, "best", 100.0 * best);
    page_number(p, row, "step_ms", run->ms_per_step);
    page_number(p, row, "solve_ms", run->ms_per_solve);
    page_number(p, row, "gap", run->median_gap);
}

/* The finished run of the picture with the highest test accuracy. */
static void best_run(struct page *p, json_t *values, const struct report_runs *runs) {
    const struct report_run *best = NULL;
    double accuracy = -1;
    size_t done = 0;
    for (size_t i = 0; i < runs->count; i++) {
        const struct report_run *const run = &runs->at[i];
        const struct trm_epoch *const last = run->epochs_done > 0 ? &run->epoch[run->epochs_done - 1] : NULL;
        if (!run->in_picture || run->status != TRM_RUN_DONE || last == NULL || !last->has_test)
            continue;
        done++;
        if (last->test_accuracy > accuracy)
            best = run, accuracy = last->test_accuracy;
    }
    if (best == NULL)
        return;
    json_t *const entry = page_object(p, values, "best_run");
    page_count(p, entry, "count", done);
    page_flag(p, entry, "one", done == 1);
    page_text(p, entry, "solver", best->solver);
    page_number(p, entry, "accuracy", 100.0 * accuracy);
    page_count(p, entry, "seed", best->seed);
}

void page_runs(struct page *p, json_t *values) {
    const struct report_runs *const runs = &p->found->runs;
    best_run(p, values, runs);
    if (runs->count == 0)
        return;
    json_t *const rows = page_array(p, page_object(p, values, "runs"), "rows");
    for (int policy = 0; policy < REPORT_POLICIES; policy++)
        for (size_t i = 0; i < runs->count; i++)
            if (runs->at[i].policy == policy)
                run_row(p, page_entry(p, rows), &runs->at[i]);
}

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
    page_count(p, values, "steps", s->steps);
    page_count(p, values, "groups", s->groups);
    page_count(p, values, "block", s->block);
    page_count(p, values, "tied", s->tied_steps);
    json_t *const arms = page_array(p, values, "arms");
    for (size_t a = 0; a < s->arms.count; a++) {
        json_t *const row = page_entry(p, arms);
        page_policy(p, row, "solver", s->arms.name[a], report_policy_find(s->arms.name[a]));
        page_flag(p, row, "present", (s->present >> a & 1) != 0);
        page_count(p, row, "steps_best", s->steps_best[a]);
        page_number(p, row, "share", steps > 0 ? 100.0 * (double)s->steps_best[a] / (double)steps : NAN);
        page_count(p, row, "samples", s->counts[a]);
        page_number(p, row, "solve_ms", 1e3 * s->seconds[a]);
    }
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
    if (r->data_set != NULL)
        page_evaluation(p, page_object(p, values, "evaluation"), &r->evaluation);
}

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

void page_online(struct page *p, json_t *values, const struct results_online *o) {
    const struct online_summary *const s = &o->summary;
    page_text(p, values, "name", o->name);
    page_count(p, values, "epochs", s->epochs);
    page_number(p, values, "target", s->target);
    page_count(p, values, "window", s->window);
    compare(p, values, s);
    json_t *const policies = page_array(p, values, "policies");
    for (size_t i = 0; i < s->policy_count; i++) {
        const struct online_policy *const policy = &s->policy[i];
        const int id = report_policy_find(policy->name);
        const bool own = id == REPORT_POLICY_ROUTER;
        json_t *const row = page_entry(p, policies);
        page_policy(p, row, "policy", policy->name, id);
        page_flag(p, row, "own", own);
        page_count(p, row, "count", policy->test_accuracy.count);
        page_count(p, row, "diverged", policy->diverged);
        spread(p, row, "accuracy", "deviation", &policy->test_accuracy, 100.0);
        spread(p, row, "test_loss", "test_deviation", &policy->test_loss, 1.0);
        spread(p, row, "train_loss", "train_deviation", &policy->train_loss, 1.0);
        spread(p, row, "step_ms", NULL, &policy->ms_per_step, 1.0);
        spread(p, row, "target_s", NULL, &policy->target_seconds, 1.0);
        spread(p, row, "switches", NULL, &policy->switches, 100.0);
        page_number(p, row, "features", own ? 100.0 * policy->feature_overhead : NAN);
        page_number(p, row, "decision", own ? 100.0 * policy->decide_overhead : NAN);
        page_number(p, row, "decide_us", own ? policy->decide_us : NAN);
    }
}
