/* Tables of runs, oracle, router and online training. */
#include "report/page/page.h"

#include <math.h>

#define BEGIN "<div class=\"scroll\"><table>\n"
#define END "</table></div>\n"

static void run_row(struct text *page, const struct report_run *run) {
    const struct trm_epoch *const last = run->epochs_done > 0 ? &run->epoch[run->epochs_done - 1] : NULL;
    double best = NAN;
    for (size_t i = 0; i < run->epochs_done; i++)
        if (run->epoch[i].has_test)
            best = fmax(run->epoch[i].test_accuracy, best);
    text_add(page, "<tr>");
    page_name(page, run->solver, run->chooser);
    text_add(page, "<td class=\"text\">");
    text_html(page, run->file);
    text_add(page, "</td><td class=\"text\">");
    text_html(page, run->model);
    text_add(page, " (width %g)<br>", run->width);
    text_html(page, run->dataset);
    text_add(page, "</td><td>%zu of %zu</td>", run->epochs_done, run->epochs);
    text_add(page, "<td>%zu</td><td class=\"text\">%g ", run->batch_size, run->budget);
    text_html(page, run->schedule);
    text_add(page, "</td><td>%llu</td><td class=\"text\">%s%s</td>", (unsigned long long)run->seed,
             trm_run_status_name(run->status), run->in_picture ? "" : ", not in the picture");
    page_number(page, "%.4f", last != NULL ? last->train_loss : NAN);
    page_number(page, "%.4f", last != NULL && last->has_test ? last->test_loss : NAN);
    page_number(page, "%.2f", last != NULL && last->has_test ? 100.0 * last->test_accuracy : NAN);
    page_number(page, "%.2f", 100.0 * best);
    page_number(page, "%.1f", run->ms_per_step);
    page_number(page, "%.1f", run->ms_per_solve);
    page_number(page, "%.1e", run->median_gap);
    text_add(page, "</tr>\n");
}

void page_runs(struct text *page, const struct contents *c) {
    text_add(page,
             BEGIN "<tr><th>solver</th><th class=\"text\">file</th><th class=\"text\">network and data</th>"
                   "<th>epochs</th><th>batch</th><th class=\"text\">radius, schedule</th><th>seed</th>"
                   "<th class=\"text\">status</th><th>training loss</th><th>test loss</th>"
                   "<th>test accuracy, %%</th><th>best epoch's, %%</th><th>ms a step</th><th>ms a solve</th>"
                   "<th>median gap</th></tr>\n");
    for (int chooser = 0; chooser < CHOOSERS; chooser++)
        for (size_t i = 0; i < c->runs.count; i++)
            if (c->runs.at[i].chooser == chooser)
                run_row(page, &c->runs.at[i]);
    text_add(
        page,
        END "<p class=\"note\">Losses and accuracies are those of the last epoch; times and gaps are medians "
            "over the recorded steps. The gap bounds how far a step is from the best one of the inner "
            "problem. Runs are in one picture only where all settings but solver, seed and machine are "
            "the same.</p>\n");
}

void page_oracle(struct text *page, const struct contents_data_set *d) {
    const struct trm_statistics *const s = &d->statistics;
    size_t steps = 0;
    for (int a = 0; a < TRM_ARMS; a++)
        steps += s->steps_best[a];
    text_add(page, "<h3>Data set ");
    text_html(page, d->name);
    text_add(page,
             "</h3>\n<p>%zu samples of %zu features, from %zu runs with %zu seed%s, at %zu shared steps, in "
             "%zu groups of "
             "%zu steps. At %zu steps two solvers were equally good.</p>\n",
             s->samples, s->feature_dim, s->runs, s->seeds, s->seeds == 1 ? "" : "s", s->steps, s->groups,
             s->block, s->tied_steps);
    text_add(page,
             BEGIN "<tr><th>solver</th><th>steps where it was best</th><th>share, %%</th><th>samples</th>"
                   "<th>mean ms a solve</th></tr>\n");
    for (int a = 0; a < TRM_ARMS; a++) {
        text_add(page, "<tr>");
        page_name(page, chooser_name(a), a);
        if ((s->present >> a & 1) == 0) {
            text_add(page, "<td class=\"text\" colspan=\"4\">has no run in the data</td></tr>\n");
            continue;
        }
        page_count(page, s->steps_best[a]);
        page_number(page, "%.1f", steps > 0 ? 100.0 * (double)s->steps_best[a] / (double)steps : NAN);
        page_count(page, s->counts[a]);
        page_number(page, "%.2f", 1e3 * s->seconds[a]);
        text_add(page, "</tr>\n");
    }
    text_add(page, END);
}

void page_router(struct text *page, const struct contents_router *r) {
    const struct trm_router_origin *const o = trm_router_origin(r->router);
    const char *const size = trm_router_config_name(trm_router_configuration(r->router));
    text_add(page, "<h3>Router ");
    text_html(page, r->name);
    text_add(page, "</h3>\n<p>Size %s, %zu parameters. ", size != NULL ? size : "of its own",
             trm_router_parameter_count(r->router));
    if (o->epoch > 0)
        text_add(page, "Epoch %zu of %zu was kept", o->epoch, o->epochs);
    else
        text_add(page, "It was not trained");
    if (o->epoch > 0 && o->split.val_share > 0)
        text_add(page, ": validation accuracy %.1f %%, loss %.4f", 100.0 * o->val_accuracy, o->val_loss);
    text_add(page, ". Split by %s: %.0f %% of the %s for the test, %.0f %% for validation, seed %llu.</p>\n",
             trm_split_name((int)o->split.kind), 100.0 * o->split.test_share,
             o->split.kind == TRM_SPLIT_STEP ? "steps" : "groups", 100.0 * o->split.val_share,
             (unsigned long long)o->split.seed);
    if (o->split.kind == TRM_SPLIT_STEP)
        text_add(page,
                 "<p class=\"warning\">Steps were divided at random: neighbours of test steps were trained "
                 "on, and "
                 "neighbours are alike. Figures of this split are too good; a split by group is the honest "
                 "one.</p>\n");
}

static void spread(struct text *page, const char *mean, const char *deviation, const struct online_spread *s,
                   double scale) {
    page_number(page, mean, s->count > 0 ? scale * s->mean : NAN);
    page_number(page, deviation, s->count > 1 ? scale * s->deviation : NAN);
}

void page_online(struct text *page, const struct contents_online *o) {
    const struct online_summary *const s = &o->summary;
    text_add(page, "<h3>Online training ");
    text_html(page, o->name);
    text_add(page,
             "</h3>\n" BEGIN
             "<tr><th>policy</th><th>runs</th><th>diverged</th><th>test accuracy, %%</th><th>\u00b1</th>"
             "<th>test loss</th><th>\u00b1</th><th>training loss</th><th>\u00b1</th><th>ms a step</th>"
             "<th>s to target</th><th>switches, %%</th><th>features, %%</th><th>decision, %%</th>"
             "<th>\u00b5s a decision</th></tr>\n");
    for (size_t i = 0; i < s->policy_count; i++) {
        const struct online_policy *const p = &s->policy[i];
        const int chooser = chooser_find(p->name);
        text_add(page, chooser == CHOOSER_ROUTER ? "<tr class=\"own\">" : "<tr>");
        page_name(page, p->name, chooser);
        page_count(page, p->test_accuracy.count);
        page_count(page, p->diverged);
        spread(page, "%.2f", "%.2f", &p->test_accuracy, 100.0);
        spread(page, "%.4f", "%.4f", &p->test_loss, 1.0);
        spread(page, "%.4f", "%.4f", &p->train_loss, 1.0);
        page_number(page, "%.2f", p->ms_per_step.count > 0 ? p->ms_per_step.mean : NAN);
        page_number(page, "%.1f", p->target_seconds.count > 0 ? p->target_seconds.mean : NAN);
        page_number(page, "%.1f", p->switches.count > 0 ? 100.0 * p->switches.mean : NAN);
        page_number(page, "%.2f", chooser == CHOOSER_ROUTER ? 100.0 * p->feature_overhead : NAN);
        page_number(page, "%.2f", chooser == CHOOSER_ROUTER ? 100.0 * p->decide_overhead : NAN);
        page_number(page, "%.0f", chooser == CHOOSER_ROUTER ? p->decide_us : NAN);
        text_add(page, "</tr>\n");
    }
    text_add(
        page,
        END
        "<p class=\"note\">After %zu epochs; means over seeds, \u00b1 is their standard deviation. Target: "
        "training loss %.4f, as a mean over %zu recorded steps. Switches: steps whose solver is not that of "
        "the step before. Features and decision: their share of the time of a step.</p>\n",
        s->epochs, s->target, s->window);
}

void page_problems(struct text *page, const struct contents *c) {
    text_add(page, BEGIN "<tr><th class=\"text\">file</th><th class=\"text\">why it is not used</th></tr>\n");
    for (size_t i = 0; i < c->problems; i++) {
        text_add(page, "<tr>");
        page_name(page, c->problem[i].name, -1);
        text_add(page, "<td class=\"text\">");
        text_html(page, c->problem[i].text);
        text_add(page, "</td></tr>\n");
    }
    text_add(page, END);
}
