#include "evaluation/settings.h"

#define AT(field) offsetof(struct trm_evaluation_options, field)

static const struct setting table[] = {
    {"test-split", "SHARE", SETTING_REAL | SETTING_LINE | SETTING_IN(common), AT(test_split), "(as trained)",
     "(0, 1)", "must be the share that the router was trained with"},
    {"resamples", "N", SETTING_COUNT | SETTING_IN(evaluation), AT(resamples), "1000", "[0, 100000]",
     "of the bootstrap over groups; 0: no intervals"},
    {"baseline-epochs", "N", SETTING_COUNT | SETTING_IN(evaluation), AT(baseline_epochs), "100", "[0, 10000]",
     "at most, of the two networks beside; 0 leaves them out"},
    {"baseline-steps", "N", SETTING_COUNT | SETTING_IN(evaluation), AT(baseline_steps), "10000",
     "[1, 1000000000]", "at most, in batches of 64: fewer epochs on more data"},
    {"seed", "N", SETTING_COUNT | SETTING_IN(common), AT(seed), "42", SETTING_SEED_RANGE,
     "of the bootstrap and the baselines"},
    {"halt", NULL, SETTING_FLAG | SETTING_IN(evaluation), AT(halt), "", NULL,
     "beside the router also it ending its cycles early by its halting head, with its mean cycles"},
};

struct settings evaluation_settings_table(struct trm_evaluation_options *target) {
    return (struct settings){SETTINGS(table), target, "evaluate", 0};
}
