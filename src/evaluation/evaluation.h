/* How good a router's choices are on the test part of its data set, beside simple policies on the same split,
   with bootstrap confidence intervals over groups.

   Δ of a choice is the data set's change of that arm at that step: the smaller the better. The oracle takes the
   smallest, or where changes have two halves that of one half, valued on the other, both ways. Regret is the distance
   from the smallest. */
#ifndef TRM_EVALUATION_EVALUATION_H
#define TRM_EVALUATION_EVALUATION_H

#include "oracle/ceiling.h"

TRM_C_BEGIN

struct trm_router;

/* Something that chooses an arm from the features alone. */
struct trm_policy {
    const char *name;
    void *context;
    /* The arm (one of `allowed`) and the probability of each (0 where not allowed). */
    enum trm_status (*decide)(void *context, const double feature[TRM_FEATURE_COUNT], uint64_t allowed,
                              int *arm, double probability[TRM_ARMS_MOST], struct trm_error *error);
    uint64_t arms;      /* mask of those that it can choose; others are not offered to it */
    size_t parameters;  /* the network with as many has about this number; 0: that baseline is left out */
    size_t computation; /* products in one decision; the feed-forward baseline has about this number */
    size_t layers;      /* of the feed-forward baseline; 0: it is left out */
    double (*cycles)(
        void *context); /* mean cycles of a decision since it was last asked; NULL: it has none */
    const struct trm_policy *variant; /* measured right after it; NULL: none */
};

/* name, what it is. The one list of what is measured for every policy, in this order. */
#define TRM_METRIC_LIST(X)                                                                                   \
    X(agreement, "oracle agreement: share of samples whose choice is the label")                             \
    X(agreement_tied, "share whose choice is as good as the label")                                          \
    X(change, "mean change of the loss by a step")                                                           \
    X(vs_random, "100 (change of random - its own) / |change of random|")                                    \
    X(vs_admm, "the same against always admm")                                                               \
    X(vs_single, "the same against the best single arm of the training part")                                \
    X(gap_closed, "part of the way from the best single arm to the oracle")                                  \
    X(regret, "mean distance from the oracle's change")                                                      \
    X(regret_p95, "95th percentile of that distance")                                                        \
    X(macro_f1, "F1, mean over the arms that are label or choice of some sample")                            \
    X(calibration, "expected calibration error of the chosen arm's probability, 10 bins")                    \
    X(switches, "share of neighbouring steps of a run between which the choice changes")

enum trm_metric {
#define X(name, text) TRM_METRIC_##name,
    TRM_METRIC_LIST(X)
#undef X
        TRM_METRICS
};

TRM_API const char *trm_metric_name(int metric); /* NULL for any other number */

/* Below these the figures say little: no intervals are made of fewer test groups, and what was trained on fewer samples
   is said to be. */
enum { TRM_FEWEST_GROUPS = 10, TRM_FEWEST_SAMPLES = 100 };

/* A value with its 95 % interval: percentiles of the resamples. NAN where there is no such value, or no interval. */
struct trm_interval {
    double value, low, high;
};

struct trm_score {
    char name[8 + TRM_ARM_NAME];
    struct trm_interval metric[TRM_METRICS];
    struct trm_interval share[TRM_ARMS_MOST];       /* how often each arm is chosen */
    size_t confusion[TRM_ARMS_MOST][TRM_ARMS_MOST]; /* [label][choice] */
    size_t parameters;                              /* of a trained model, else 0 */
    double cycles;                                  /* a decision, mean; NAN where there are none */
    double microseconds; /* a decision, measured; left out of the JSON, which is the same every time */
};

struct trm_evaluation {
    struct trm_split_options split;
    size_t samples, groups; /* of the test part; groups with at least one sample */
    size_t train_samples, validation_samples;
    struct trm_arm_names names; /* of all arms of the data set */
    uint64_t arms;              /* mask: in the data */
    uint64_t seen;              /* mask: label of at least one training sample */
    int best_single;            /* arm with the smallest mean change on the training part */
    struct trm_interval oracle, random, admm, single; /* mean changes; admm NAN where it is no arm */
    struct trm_interval gap;                          /* single - oracle, the most that choosing can gain */
    double
        gap_p; /* share of draws of pure noise whose gap is as large: with halves the ceiling's, else a permutation test
                     within blocks */
    enum trm_oracle oracle_kind;
    struct trm_ceiling ceiling; /* of the test part; its phases of the whole data set */
    bool gap_within_noise;      /* gap_p > 0.05; then gap_closed is NAN everywhere: none to close */
    bool other_data;            /* the test part is another data set: options.test_data */
    struct trm_interval
        persistence;  /* share of neighbouring steps with the same label: how noisy labels are */
    size_t resamples; /* 0: there are no intervals */
    uint64_t seed;
    struct trm_score *scores; /* (score_count): the policy first, then the baselines */
    size_t score_count;
    char notes[12][320]; /* what a reader must know, one line each */
    size_t note_count;
};

/* Options begin with their size, as those of muon.h. */
struct trm_evaluation_options {
    size_t size;       /* of this struct, as the caller was compiled with it */
    double test_split; /* NAN: as stored with the router; else it must equal that */
    size_t
        resamples; /* of the bootstrap; 0 ... 100000, default 1000; 0, or fewer than ten test groups: no intervals */
    size_t baseline_epochs; /* at most, of the two networks beside; 0 leaves them out; default 100 */
    size_t
        baseline_steps; /* at most: no epoch is begun for which there would be more; one is always; default 10000,
                               minutes for the deeper of the two */
    uint64_t seed;      /* of the bootstrap and the baselines; default 42 */
    bool halt; /* beside the router also "router, halting", which ends its cycles early; default false */
    /* Watch and stop, may be NULL: done of total units of work; true from stop ends with TRM_STOPPED. */
    void *context;
    void (*progress)(void *context, const char *what, size_t done, size_t total);
    bool (*stop)(void *context);
    /* All samples of this one are the test part, and nothing is trained on it: say other runs, or annealed looks where
       labels are of probes. NULL (default): the test part of the split. */
    const struct trm_dataset *test_data;
};

/* The first `size` bytes of the defaults; for trm_evaluation_defaults, which is compiled into the caller. */
TRM_API void trm_evaluation_options_init(struct trm_evaluation_options *options, size_t size);
static inline struct trm_evaluation_options trm_evaluation_defaults(void) {
    struct trm_evaluation_options options;
    trm_evaluation_options_init(&options, sizeof options);
    return options;
}
TRM_API const char *
trm_evaluation_check(const struct trm_evaluation_options *options); /* NULL or the reason */

/* Evaluate a router on the test groups of the split that is stored with it, or on other data. On success the
   evaluation is to be freed with trm_evaluation_free. TRM_INVALID: test_split differs from the stored one (both are
   named), router and data have no arm in common, or test_data has other arms or a sample of the training or validation
   part. The same calls give the same numbers but for microseconds. */
TRM_API enum trm_status trm_evaluate(struct trm_router *router, const struct trm_dataset *dataset,
                                     const struct trm_evaluation_options *options,
                                     struct trm_evaluation *evaluation, struct trm_error *error);

/* The same for any policy and split. */
TRM_API enum trm_status trm_evaluate_policy(const struct trm_policy *policy,
                                            const struct trm_dataset *dataset,
                                            const struct trm_split_options *split,
                                            const struct trm_evaluation_options *options,
                                            struct trm_evaluation *evaluation, struct trm_error *error);
TRM_API void trm_evaluation_free(struct trm_evaluation *evaluation); /* leaves it empty */

/* The evaluation as a JSON document with a newline at its end, without times: the same evaluation gives the
   same bytes. free() it. NULL: out of memory. */
TRM_API char *trm_evaluation_json(const struct trm_evaluation *evaluation);

TRM_C_END

#endif
