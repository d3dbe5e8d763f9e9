#include "evaluation/support.h"

/* Right by the rule but where feature 0 is below 0.3; 0.55 to 0.95 sure of it. */
enum trm_status support_decide(void *context, const double x[TRM_FEATURE_COUNT], uint64_t allowed, int *arm,
                               double p[TRM_ARMS_MOST], struct trm_error *error) {
    (void)context;
    (void)error;
    *arm = x[7] > 0.8 ? 4 : x[7] < 0.5 ? (x[2] < 0.25 ? 0 : 1) : (x[2] < 0.6 ? 2 : 3);
    if (x[0] < 0.3)
        *arm = (*arm + 1) % 5;
    while (!(allowed >> *arm & 1))
        *arm = (*arm + 1) % 5;
    for (int k = 0; k < TRM_ARMS; k++)
        p[k] = k == *arm ? 0.55 + 0.4 * x[1] : (0.45 - 0.4 * x[1]) / 4;
    return TRM_OK;
}

const struct trm_policy support_policy = {.name = "fake", .decide = support_decide, .arms = 31};

struct trm_evaluation_options support_quick(void) {
    struct trm_evaluation_options o = trm_evaluation_defaults();
    o.resamples = 60;
    o.baseline_epochs = 0;
    return o;
}
