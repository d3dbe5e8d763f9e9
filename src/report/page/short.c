/* The page in a few lines: what a reader wants to know first. */
#include "report/page/page.h"

#include <math.h>
#include <string.h>

static void best_run(struct strbuf *page, const struct report_runs *runs) {
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
    strbuf_addf(page, "<li>Of %zu comparable run%s with one solver each, <strong>", done,
                done == 1 ? "" : "s");
    strbuf_add_html(page, best->solver);
    strbuf_addf(page, "</strong> ended with the highest test accuracy, %.2f %% (seed %llu).</li>\n",
                100.0 * accuracy, (unsigned long long)best->seed);
}

static void interval(struct strbuf *page, const char *format, double factor, const struct trm_interval *v) {
    page_value(page, format, factor * v->value);
    if (!isfinite(v->low) || !isfinite(v->high))
        return;
    strbuf_addf(page, " (");
    page_value(page, format, factor * v->low);
    strbuf_addf(page, " \u2026 ");
    page_value(page, format, factor * v->high);
    strbuf_addf(page, ")");
}

static void offline(struct strbuf *page, const struct contents_router *r) {
    const struct trm_evaluation *const e = &r->evaluation;
    if (r->data_set == NULL || e->score_count == 0)
        return;
    strbuf_addf(page, "<li>Router <code>");
    strbuf_add_html(page, r->name);
    strbuf_addf(page, "</code>: it picks the oracle's solver in <strong>");
    interval(page, "%.1f", 100.0, &e->scores[0].metric[TRM_METRIC_agreement]);
    strbuf_addf(page, " %%</strong> of the test steps");
    for (size_t i = 1; i < e->score_count && e->best_single >= 0; i++) {
        const char *const name = e->scores[i].name;
        struct strbuf always = {.bytes = NULL};
        strbuf_addf(&always, "always %s", report_policy_name(e->best_single));
        if (!always.failed && strcmp(name, always.bytes) == 0) {
            strbuf_addf(page, ", %s in ", name);
            interval(page, "%.1f", 100.0, &e->scores[i].metric[TRM_METRIC_agreement]);
            strbuf_addf(page, " %%");
        }
        strbuf_release(&always);
    }
    if (e->gap_within_noise)
        strbuf_addf(page, "; there is no gap between the best single solver and the oracle to close");
    else if (isfinite(e->scores[0].metric[TRM_METRIC_gap_closed].value)) {
        strbuf_addf(page,
                    "; of the gap between the best single solver (0) and the oracle (1) it closes <strong>");
        interval(page, "%.2f", 1.0, &e->scores[0].metric[TRM_METRIC_gap_closed]);
        strbuf_addf(page, "</strong>");
    }
    strbuf_addf(page, ".</li>\n");
}

static void one_policy(struct strbuf *page, const struct online_policy *p) {
    page_value(page, "%.2f", 100.0 * p->test_accuracy.mean);
    if (p->test_accuracy.count > 1)
        strbuf_addf(page, " \u00b1 %.2f", 100.0 * p->test_accuracy.deviation);
    strbuf_addf(page, " %%");
}

static void online(struct strbuf *page, const struct contents_online *o) {
    const struct online_policy *router = NULL, *best = NULL;
    for (size_t i = 0; i < o->summary.policy_count; i++) {
        const struct online_policy *const p = &o->summary.policy[i];
        if (p->test_accuracy.count == 0)
            continue;
        if (report_policy_find(p->name) == REPORT_POLICY_ROUTER)
            router = p;
        else if (best == NULL || p->test_accuracy.mean > best->test_accuracy.mean)
            best = p;
    }
    if (router == NULL)
        return;
    strbuf_addf(page, "<li>Online (<code>");
    strbuf_add_html(page, o->name);
    strbuf_addf(page, "</code>, %zu seed%s): test accuracy <strong>", router->test_accuracy.count,
                router->test_accuracy.count == 1 ? "" : "s");
    one_policy(page, router);
    strbuf_addf(page, "</strong> with the router");
    if (best != NULL) {
        strbuf_addf(page, ", ");
        one_policy(page, best);
        strbuf_addf(page, " with the best of the others, ");
        strbuf_add_html(page, best->name);
    }
    strbuf_addf(page, ".</li>\n");
}

void page_short(struct strbuf *page, const struct contents *c) {
    strbuf_addf(page, "<ul>\n");
    best_run(page, &c->runs);
    for (size_t i = 0; i < c->routers; i++)
        offline(page, &c->router[i]);
    for (size_t i = 0; i < c->onlines; i++)
        online(page, &c->online[i]);
    strbuf_addf(page, "</ul>\n");
}
