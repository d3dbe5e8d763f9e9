/* How much of an oracle is noise: the best of several noisy numbers is better than it deserves, so that what an arm is
   chosen by must not be what it is valued by. */
#ifndef TRM_ORACLE_CEILING_H
#define TRM_ORACLE_CEILING_H

#include "oracle/dataset.h"

TRM_C_BEGIN

/* Values are changes, the smaller the better; p are one-sided, of 999 draws. All but the phases are of the states with
   two halves. */
#define TRM_CEILING_LIST(X)                                                                                  \
    X(agreement, "share of states whose halves choose the same arm")                                         \
    X(agreement_null, "mean of it in draws of noise")                                                        \
    X(agreement_p, "share of the draws where it is as large")                                                \
    X(oracle, "chosen on one half, valued on the other, both ways: the most that choosing can reach")        \
    X(single, "of the best single arm")                                                                      \
    X(gap, "single - oracle; below 0 where halves tell each other nothing")                                  \
    X(gap_null, "mean of it in draws of noise")                                                              \
    X(gap_p, "share of the draws where it is as large")                                                      \
    X(phase_gain, "of the best arm of every tenth of the run over the best of the whole, on all states")     \
    X(phase_null, "mean of it in shifted runs")                                                              \
    X(phase_p, "share of those where it is as large")

struct trm_ceiling {
    size_t states;   /* that have two halves; 0: all figures but the phases' are NAN */
    size_t runs;     /* whose phases are compared; fewer than two: those are NAN */
    int best_single; /* the arm compared with */
#define X(name, text) double name;
    TRM_CEILING_LIST(X)
#undef X
};

/* samples (count), by run and step, of a data set with these arms; mask: of the arms that count. best_single: -1, the
   best of these samples. Null of the halves: no arm is better in one state than in another, that is
       change of arm a at state s in half h = what is common to all arms + m_a + noise of its own,
   drawn by permuting the noise of one half among the arms within each state; the statistic of the gap is its mean over
   its standard error, so that noisier arms do not matter. Null of the phases: each run's outcomes, whole, shifted round
   by a step of its own, which keeps how they follow one another and breaks what runs have in common. Of merge the runs
   of a seed share their outcomes and are one run. */
TRM_API enum trm_status trm_ceiling_measure(const struct trm_sample *const *samples, size_t count,
                                            const struct trm_statistics *of, uint64_t mask, int best_single,
                                            uint64_t seed, struct trm_ceiling *ceiling,
                                            struct trm_error *error);
/* Of a whole data set. */
TRM_API enum trm_status trm_dataset_ceiling(const struct trm_dataset *dataset, uint64_t seed,
                                            struct trm_ceiling *ceiling, struct trm_error *error);
/* The change of a state's oracle: with halves chosen on one and valued on the other, both ways; else the smallest. */
TRM_API double trm_sample_oracle(const struct trm_sample *sample, uint64_t mask);

TRM_C_END

#endif
