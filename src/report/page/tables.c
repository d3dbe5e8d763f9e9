/* Tables of runs, oracle, router and online training. */
#include "report/page/page.h"

#include <math.h>

#define BEGIN "<div class=\"scroll\"><table>\n"
#define END "</table></div>\n"

static void run_row(struct strbuf *page, const struct report_run *run) {
    const struct trm_epoch *const last = run->epochs_done > 0 ? &run->epoch[run->epochs_done - 1] : NULL;
    double best = NAN;
    for (size_t i = 0; i < run->epochs_done; i++)
        if (run->epoch[i].has_test)
            best = fmax(run->epoch[i].test_accuracy, best);
    strbuf_addf(page, "<tr>");
    page_name(page, run->solver, run->policy);
    strbuf_addf(page, "<td class=\"text\">");
    strbuf_add_html(page, run->file);
    strbuf_addf(page, "</td><td class=\"text\">");
    strbuf_add_html(page, run->model);
    strbuf_addf(page, " (width %g)<br>", run->width);
    strbuf_add_html(page, run->dataset);
    strbuf_addf(page, "</td><td>%zu of %zu</td>", run->epochs_done, run->epochs);
    strbuf_addf(page, "<td>%zu</td><td class=\"text\">%g ", run->batch_size, run->budget);
    strbuf_add_html(page, run->schedule);
    strbuf_addf(page, "</td><td>%llu</td><td class=\"text\">%s%s</td>", (unsigned long long)run->seed,
                trm_run_status_name(run->status), run->in_picture ? "" : ", not in the picture");
    page_number(page, "%.4f", last != NULL ? last->train_loss : NAN);
    page_number(page, "%.4f", last != NULL && last->has_test ? last->test_loss : NAN);
    page_number(page, "%.2f", last != NULL && last->has_test ? 100.0 * last->test_accuracy : NAN);
    page_number(page, "%.2f", 100.0 * best);
    page_number(page, "%.1f", run->ms_per_step);
    page_number(page, "%.1f", run->ms_per_solve);
    page_number(page, "%.1e", run->median_gap);
    strbuf_addf(page, "</tr>\n");
}

void page_runs(struct strbuf *page, const struct contents *c) {
    strbuf_addf(page, BEGIN
                "<tr><th>solver</th><th class=\"text\">file</th><th class=\"text\">network and data</th>"
                "<th>epochs</th><th>batch</th><th class=\"text\">radius, schedule</th><th>seed</th>"
                "<th class=\"text\">status</th><th>training loss</th><th>test loss</th>"
                "<th>test accuracy, %%</th><th>best epoch's, %%</th><th>ms a step</th><th>ms a solve</th>"
                "<th>median gap</th></tr>\n");
    for (int policy = 0; policy < REPORT_POLICIES; policy++)
        for (size_t i = 0; i < c->runs.count; i++)
            if (c->runs.at[i].policy == policy)
                run_row(page, &c->runs.at[i]);
    strbuf_addf(
        page,
        END "<p class=\"note\">Losses and accuracies are those of the last epoch; times and gaps are medians "
            "over the recorded steps. The gap bounds how far a step is from the best one of the inner "
            "problem. Runs are in one picture only where all settings but solver, seed and machine are "
            "the same.</p>\n");
}

void page_oracle(struct strbuf *page, const struct contents_data_set *d) {
    const struct trm_statistics *const s = &d->statistics;
    size_t steps = 0;
    for (int a = 0; a < TRM_ARMS; a++)
        steps += s->steps_best[a];
    strbuf_addf(page, "<h3>Data set ");
    strbuf_add_html(page, d->name);
    strbuf_addf(
        page,
        "</h3>\n<p>%zu samples of %zu features, from %zu runs with %zu seed%s, at %zu shared steps, in "
        "%zu groups of "
        "%zu steps. At %zu steps two solvers were equally good.</p>\n",
        s->samples, s->feature_dim, s->runs, s->seeds, s->seeds == 1 ? "" : "s", s->steps, s->groups,
        s->block, s->tied_steps);
    strbuf_addf(page,
                BEGIN "<tr><th>solver</th><th>steps where it was best</th><th>share, %%</th><th>samples</th>"
                      "<th>mean ms a solve</th></tr>\n");
    for (int a = 0; a < TRM_ARMS; a++) {
        strbuf_addf(page, "<tr>");
        page_name(page, report_policy_name(a), a);
        if ((s->present >> a & 1) == 0) {
            strbuf_addf(page, "<td class=\"text\" colspan=\"4\">has no run in the data</td></tr>\n");
            continue;
        }
        page_count(page, s->steps_best[a]);
        page_number(page, "%.1f", steps > 0 ? 100.0 * (double)s->steps_best[a] / (double)steps : NAN);
        page_count(page, s->counts[a]);
        page_number(page, "%.2f", 1e3 * s->seconds[a]);
        strbuf_addf(page, "</tr>\n");
    }
    strbuf_addf(page, END);
}

void page_router(struct strbuf *page, const struct contents_router *r) {
    const struct trm_router_origin *const o = trm_router_origin(r->router);
    const char *const size = trm_router_config_name(trm_router_configuration(r->router));
    strbuf_addf(page, "<h3>Router ");
    strbuf_add_html(page, r->name);
    strbuf_addf(page, "</h3>\n<p>Size %s, %zu parameters. ", size != NULL ? size : "of its own",
                trm_router_parameter_count(r->router));
    if (o->epoch > 0)
        strbuf_addf(page, "Epoch %zu of %zu was kept", o->epoch, o->epochs);
    else
        strbuf_addf(page, "It was not trained");
    if (o->epoch > 0 && o->split.val_share > 0)
        strbuf_addf(page, ": validation accuracy %.1f %%, loss %.4f", 100.0 * o->val_accuracy, o->val_loss);
    strbuf_addf(page,
                ". Split by %s: %.0f %% of the %s for the test, %.0f %% for validation, seed %llu.</p>\n",
                trm_split_name((int)o->split.kind), 100.0 * o->split.test_share,
                o->split.kind == TRM_SPLIT_STEP ? "steps" : "groups", 100.0 * o->split.val_share,
                (unsigned long long)o->split.seed);
    if (o->split.kind == TRM_SPLIT_STEP)
        strbuf_addf(
            page, "<p class=\"warning\">Steps were divided at random: neighbours of test steps were trained "
                  "on, and "
                  "neighbours are alike. Figures of this split are too good; a split by group is the honest "
                  "one.</p>\n");
}

static void spread(struct strbuf *page, const char *mean, const char *deviation,
                   const struct online_spread *s, double scale) {
    page_number(page, mean, s->count > 0 ? scale * s->mean : NAN);
    page_number(page, deviation, s->count > 1 ? scale * s->deviation : NAN);
}

void page_online(struct strbuf *page, const struct contents_online *o) {
    const struct online_summary *const s = &o->summary;
    strbuf_addf(page, "<h3>Online training ");
    strbuf_add_html(page, o->name);
    strbuf_addf(page,
                "</h3>\n" BEGIN
                "<tr><th>policy</th><th>runs</th><th>diverged</th><th>test accuracy, %%</th><th>\u00b1</th>"
                "<th>test loss</th><th>\u00b1</th><th>training loss</th><th>\u00b1</th><th>ms a step</th>"
                "<th>s to target</th><th>switches, %%</th><th>features, %%</th><th>decision, %%</th>"
                "<th>\u00b5s a decision</th></tr>\n");
    for (size_t i = 0; i < s->policy_count; i++) {
        const struct online_policy *const p = &s->policy[i];
        const int policy = report_policy_find(p->name);
        strbuf_addf(page, policy == REPORT_POLICY_ROUTER ? "<tr class=\"own\">" : "<tr>");
        page_name(page, p->name, policy);
        page_count(page, p->test_accuracy.count);
        page_count(page, p->diverged);
        spread(page, "%.2f", "%.2f", &p->test_accuracy, 100.0);
        spread(page, "%.4f", "%.4f", &p->test_loss, 1.0);
        spread(page, "%.4f", "%.4f", &p->train_loss, 1.0);
        page_number(page, "%.2f", p->ms_per_step.count > 0 ? p->ms_per_step.mean : NAN);
        page_number(page, "%.1f", p->target_seconds.count > 0 ? p->target_seconds.mean : NAN);
        page_number(page, "%.1f", p->switches.count > 0 ? 100.0 * p->switches.mean : NAN);
        page_number(page, "%.2f", policy == REPORT_POLICY_ROUTER ? 100.0 * p->feature_overhead : NAN);
        page_number(page, "%.2f", policy == REPORT_POLICY_ROUTER ? 100.0 * p->decide_overhead : NAN);
        page_number(page, "%.0f", policy == REPORT_POLICY_ROUTER ? p->decide_us : NAN);
        strbuf_addf(page, "</tr>\n");
    }
    strbuf_addf(
        page,
        END
        "<p class=\"note\">After %zu epochs; means over seeds, \u00b1 is their standard deviation. Target: "
        "training loss %.4f, as a mean over %zu recorded steps. Switches: steps whose solver is not that of "
        "the step before. Features and decision: their share of the time of a step.</p>\n",
        s->epochs, s->target, s->window);
}

void page_problems(struct strbuf *page, const struct contents *c) {
    strbuf_addf(page,
                BEGIN "<tr><th class=\"text\">file</th><th class=\"text\">why it is not used</th></tr>\n");
    for (size_t i = 0; i < c->problems; i++) {
        strbuf_addf(page, "<tr>");
        page_name(page, c->problem[i].name, -1);
        strbuf_addf(page, "<td class=\"text\">");
        strbuf_add_html(page, c->problem[i].text);
        strbuf_addf(page, "</td></tr>\n");
    }
    strbuf_addf(page, END);
}
