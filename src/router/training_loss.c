#include "router/training_run.h"

#include "base/statistics.h"

#include <math.h>

/* Halting counts half as much as the choice. */
static const double halt_weight = 0.5;

void training_target_of(const struct trm_sample *s, const struct trm_train_options *options,
                        struct training_target *target) {
    *target = (struct training_target){.present = s->present, .tied = s->tied, .label = s->label};
    if (options->loss == TRM_LOSS_CROSS_ENTROPY) {
        target->probability[s->label] = 1.0f;
        return;
    }
    double weight[TRM_ARMS_MOST]; /* the label's regret is 0 */
    for (int i = 0; i < TRM_ARMS_MOST; i++)
        weight[i] = -(s->change[i] - s->change[s->label]) / options->tau;
    statistics_softmax(TRM_ARMS_MOST, weight, s->present);
    for (int i = 0; i < TRM_ARMS_MOST; i++)
        target->probability[i] = (float)weight[i];
}

/* One row: -sum target log softmax over the arms that are present; d = its gradient times share. Returns the
   loss, and the choice in *choice. */
static double choice_loss(const struct training_target *target, size_t arms, const float *logits, float share,
                          float *d, int *choice) {
    float sum, p[TRM_ARMS_MOST];
    *choice = statistics_softmax_float(arms, logits, target->present, p, &sum);
    const double log_sum = log((double)sum);
    double loss = 0.0;
    for (size_t i = 0; i < arms; i++) {
        if (target->probability[i] > 0.0f)
            loss += (double)target->probability[i] * (log_sum - (double)(logits[i] - logits[*choice]));
        if (d != NULL)
            d[i] = share * (p[i] - target->probability[i]);
    }
    return loss;
}

/* Binary cross-entropy of sigmoid(q) to `right`: log(1 + e^q) - right q, without overflow. */
static double halt_loss(float q, bool right, float share, float *d) {
    const double x = (double)q, positive = x > 0.0 ? x : 0.0;
    if (d != NULL)
        *d = share * (float)(halt_weight * (1.0 / (1.0 + exp(-x)) - (right ? 1.0 : 0.0)));
    return positive + log1p(exp(-fabs(x))) - (right ? x : 0.0);
}

void training_loss(const struct training_target *targets, size_t arms, const uint32_t *index, size_t rows,
                   const float *logits, const float *halt, float share, float *dlogits, float *dhalt,
                   struct training_sums *sums) {
    for (size_t r = 0; r < rows; r++) {
        const struct training_target *const target = &targets[index[r]];
        int choice;
        sums->loss += choice_loss(target, arms, logits + r * arms, share,
                                  dlogits == NULL ? NULL : dlogits + r * arms, &choice);
        sums->halt_loss += halt_loss(halt[2 * r], (target->tied >> choice & 1u) != 0, share,
                                     dhalt == NULL ? NULL : dhalt + 2 * r);
        if (dhalt != NULL)
            dhalt[2 * r + 1] = 0.0f; /* the second halting logit is not trained */
        sums->right += choice == target->label;
        sums->samples++;
    }
}
