/* oracle_by_epoch, confusion_matrix and routing_by_epoch */
#include "report/assets.h"
#include "report/draw/draw.h"

#include <math.h>
#include <stdlib.h>

static size_t sum_of(const size_t row[TRM_ARMS_MOST]) {
    size_t sum = 0;
    for (int a = 0; a < TRM_ARMS_MOST; a++)
        sum += row[a];
    return sum;
}

/* Shares of the epochs, some hundreds at most. */
static void add_shares(struct chart *c, json_t *curve, size_t arm, size_t (*const tally)[TRM_ARMS_MOST],
                       size_t epochs) {
    for (size_t e = 0; e < epochs; e += epochs / 500 + 1) {
        const double epoch = (double)e + 1.0;
        if (sum_of(tally[e]) > 0)
            chart_point(c, curve, &epoch, 100.0 * (double)tally[e][arm] / (double)sum_of(tally[e]), NAN, NAN);
    }
}

void draw_oracle_by_epoch(struct chart *c, const struct trm_arm_names *arms, const struct trm_sample *samples,
                          size_t count) {
    size_t epochs = 0;
    uint64_t present = 0;
    for (size_t i = 0; i < count; i++) {
        epochs = samples[i].epoch >= epochs ? samples[i].epoch + 1 : epochs;
        present |= samples[i].present;
    }
    size_t(*const tally)[TRM_ARMS_MOST] = calloc(epochs + 1, sizeof *tally); /* (epochs) labels */
    int policy[TRM_ARMS_MOST];
    size_t of_policy[REPORT_POLICIES] = {0};
    report_policies_of_arms(arms, policy);
    chart_begin(c, "Which solver was best at a step", "epoch");
    chart_view(c, "share", "share of the steps where it was best (%)", false);
    c->failed = c->failed || tally == NULL;
    for (size_t i = 0; tally != NULL && i < count; i++)
        tally[samples[i].epoch][samples[i].label]++;
    for (size_t arm = 0; tally != NULL && arm < arms->count; arm++)
        if ((present >> arm & 1) != 0)
            add_shares(c, chart_curve(c, 0, arms->name[arm], policy[arm], of_policy[policy[arm]]++), arm,
                       tally, epochs);
    free(tally);
}

void draw_confusion_matrix(struct plot *plot, const struct trm_arm_names *arms,
                           const size_t confusion[TRM_ARMS_MOST][TRM_ARMS_MOST], uint64_t present) {
    plot->script = asset("confusion_matrix.gp");
    plot_table(plot, "solvers");
    strbuf_addf(&plot->data, "%zu\n", arms->count);
    plot_table(plot, "solver\tsamples\tpresent");
    for (size_t r = 0; r < arms->count; r++) {
        strbuf_add_field(&plot->data, arms->name[r]);
        strbuf_addf(&plot->data, "\t%zu\t%u\n", sum_of(confusion[r]), (unsigned)(present >> r & 1));
    }
    plot_table(plot, "choice\tlabel\tcount\tshare");
    for (size_t r = 0; r < arms->count; r++) {
        const size_t sum = sum_of(confusion[r]);
        for (size_t c = 0; c < arms->count; c++)
            strbuf_addf(&plot->data, "%zu\t%zu\t%zu\t%.10g\n", c, r, confusion[r][c],
                        sum > 0 ? (double)confusion[r][c] / (double)sum : 0.0);
    }
}

void draw_routing_by_epoch(struct plot *plot, const struct online_summary *online,
                           const struct online_policy *policy) {
    plot->script = asset("routing_by_epoch.gp");
    plot_table(plot, "epochs");
    strbuf_addf(&plot->data, "%zu\n", online->epochs);
    plot_table(plot, "solver\tpolicy");
    struct trm_arm_names arms = {.count = online->arms.count};
    int looks[TRM_ARMS_MOST];
    for (size_t arm = 0; arm < arms.count; arm++)
        trm_arm_name(&online->arms.at[arm], arms.name[arm]);
    report_policies_of_arms(&arms, looks);
    for (size_t arm = 0; arm < arms.count; arm++)
        if (policy->total_share[arm] > 0)
            strbuf_addf(&plot->data, "%s\t%s\n", arms.name[arm], report_policy_word(looks[arm]));
    plot_table(plot, "epoch\theights");
    for (size_t e = 0; e < online->epochs; e++) {
        double height = 0;
        strbuf_addf(&plot->data, "%zu", e + 1);
        for (size_t arm = 0; arm < online->arms.count; arm++)
            if (policy->total_share[arm] > 0) {
                height += 100.0 * policy->share[e * online->arms.count + arm];
                strbuf_addf(&plot->data, "\t%.10g", height);
            }
        strbuf_addf(&plot->data, "\n");
    }
}
