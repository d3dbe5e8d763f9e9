/* Data sets of a router: fixed-solver runs compared step by step (the merge oracle), kept in one SQLite file,
   and divided into training, validation and test by groups of steps.

   Every function returns TRM_OK or another status, with the reason in *error where that is not NULL; what is
   made is NULL or empty on failure. Nothing here prints or exits. */
#ifndef TRM_ORACLE_DATASET_H
#define TRM_ORACLE_DATASET_H

#include "dynamics/arm.h"
#include "dynamics/features.h"

TRM_C_BEGIN

/* The arms of a data set: what is chosen from, by name. Labels are their numbers, masks have bit i for arm i. Where
   none are said they are the five solvers, ids 0 ... 4 in the order of muon_solver_name. */
enum { TRM_ARMS = 5, TRM_ARMS_MOST = 64 };

struct trm_arm_names {
    size_t count;                           /* 2 ... TRM_ARMS_MOST */
    char name[TRM_ARMS_MOST][TRM_ARM_NAME]; /* different, not empty */
};

TRM_API struct trm_arm_names trm_arm_names_solvers(void); /* the five */
/* Appends an arm. false: the list is full, has the name, or it is empty or too long. */
TRM_API bool trm_arm_names_add(struct trm_arm_names *arms, const char *name);
TRM_API int trm_arm_names_find(const struct trm_arm_names *arms, const char *name); /* -1: none */
TRM_API bool trm_arm_names_equal(const struct trm_arm_names *a, const struct trm_arm_names *b);
TRM_API uint64_t trm_arm_names_all(const struct trm_arm_names *arms); /* mask of all */

enum { TRM_DATASET_VERSION = 2 }; /* 2: STRICT tables; 1 is read too */

/* NAME, word on the command line and in files, what it compares */
#define TRM_ORACLE_LIST(X)                                                                                   \
    X(MERGE, merge, "independent runs, one a solver, at the same step")                                      \
    X(SAME_BATCH, same_batch, "arms tried from one state, by the loss of their own batch after the step")    \
    X(PROBE, probe, "arms tried from one state, by the loss of fresh batches")                               \
    X(ANNEAL, anneal, "arms held from one state and annealed, by the loss of held-out images")

enum trm_oracle {
#define X(name, word, text) TRM_ORACLE_##name,
    TRM_ORACLE_LIST(X)
#undef X
};

TRM_API const char *trm_oracle_name(int oracle); /* NULL for any other number */
TRM_API int trm_oracle_find(const char *name);   /* -1 if there is none */

/* One step of one run, before its update. Of merge, change, label and tied are the same for all runs of a seed at that
   step, and features and loss are the run's own; of the others everything is. */
struct trm_sample {
    double feature[TRM_FEATURE_COUNT];
    double loss;
    double change
        [TRM_ARMS_MOST]; /* loss after - loss before with that arm, or that a second; the smaller the better;
                                     NAN where absent */
    double half
        [2]
        [TRM_ARMS_MOST]; /* two independent values of it, from one half of the probes and from the other, or from
                                      two looks; NAN where there are none */
    uint64_t present;    /* mask of the arms that have a change */
    int label;           /* the cheapest of the arms as good as the best */
    uint64_t
        tied; /* mask of those: merge, equal to the best; else within two standard errors of it, or the same step */
    int64_t run; /* number of that run in the data set, from 1 */
    size_t step, epoch, epochs, steps_per_epoch;
    size_t position; /* merge: of the step among the shared ones, from 0; else of the sample */
    size_t group;    /* block of consecutive steps: merge, the same in every run; else of this run alone */
    uint64_t seed;   /* of the run */
};

struct trm_dataset;

struct trm_statistics {
    size_t samples, feature_dim, runs, seeds, steps; /* steps: shared ones */
    enum trm_oracle oracle;
    bool halves;   /* samples, maybe not all, have two independent values of each change */
    bool a_second; /* changes are divided by the arm's seconds */
    int match;     /* enum trm_match, of the arms' steps; not of merge */
    size_t look;   /* ANNEAL: steps of the longest look, hold and anneal */
    struct trm_arm_names arms;
    size_t counts[TRM_ARMS_MOST];     /* samples by label */
    size_t steps_best[TRM_ARMS_MOST]; /* steps by label, each seed's counted */
    uint64_t present;                 /* arms with a run */
    size_t groups, block,
        guard; /* blocks of clamp(steps / 10, 8, 100) shared steps (the last has half as many to half
                                    as many more), and of the guard between blocks: min(10, block / 4) */
    char about[TRM_ABOUT_TEXT]; /* the first run, by trm_features_about */
    size_t tied_steps;          /* steps where two arms were equally good */
    double seconds
        [TRM_ARMS_MOST]; /* merge: mean solve_seconds of a step, 0 where absent; else of a step, measured
                                       alone, 0 where not known */
};

/* The merge oracle: runs with a fixed solver each, compared at the same step index, as one new data set file.
   Runs of several seeds are compared within a seed. Each run has its own weights, so that this is no
   counterfactual. inputs: stores made by collect, all their runs are taken. Label: the solver with the
   smallest next_loss - loss at that step; equal ones: the one with the smallest mean solve_seconds over its
   runs. Steps are those that every run recorded with a next loss. Missing folders are made; an existing
   output is TRM_EXISTS unless overwrite, and stays as it is on any failure. The same inputs give the same
   bytes. statistics may be NULL.
   TRM_INVALID, naming the file and the difference: runs of another data set, network, width, tracked matrix,
   batch size, epochs, steps per epoch, feature version or configuration; an unfinished run; a solver that is
   no label; one solver twice with the same seed; a seed that lacks a solver; fewer than two solvers; no
   shared step. TRM_FORMAT: a finished run that lacks steps it was to record. TRM_NOT_FINITE: a feature or loss
   is NaN or infinite. */
TRM_API enum trm_status trm_merge_runs(const char *const *inputs, size_t count, const char *output,
                                       bool overwrite, struct trm_statistics *statistics,
                                       struct trm_error *error);

/* Options begin with their size, as those of muon.h. */
struct trm_oracle_options {
    size_t size;            /* of this struct, as the caller was compiled with it */
    enum trm_oracle oracle; /* SAME_BATCH, PROBE (default) or ANNEAL */
    bool a_second;          /* change / seconds of the arm; not of ANNEAL; default false */
    const char *seconds; /* a file of trm_arm_seconds_write; NULL: those that the stores hold, if they do */
};

/* The first `size` bytes of the defaults; for trm_oracle_defaults, which is compiled into the caller. */
TRM_API void trm_oracle_options_init(struct trm_oracle_options *options, size_t size);
static inline struct trm_oracle_options trm_oracle_defaults(void) {
    struct trm_oracle_options options;
    trm_oracle_options_init(&options, sizeof options);
    return options;
}

/* The other oracles: arms tried from one state of one run, which is what another arm would have done. inputs: stores of
   runs with branch states, of any seeds, widths, data sets and followed solvers, with the same arms and match; every
   run has blocks of its own. Label: the cheapest of the arms within two standard errors of the best (paired over
   probes, or looks where a state has several) or whose update has cosine > 0.999 with its own and the same length to
   0.1 %; where no seconds are known the first of the list. Halves: probes of even and of odd number; looks of even and
   of odd number where a state has more than one. Guards between blocks are no shorter than a look. Change of ANNEAL:
   loss after the look - loss of the state's own batch. Otherwise as trm_merge_runs. TRM_INVALID: no branch states, no
   looks, fewer than two probes, other arms or matches, a run twice, a_second without the seconds of every arm or with
   ANNEAL. */
TRM_API enum trm_status trm_prepare_branches(const char *const *inputs, size_t count,
                                             const struct trm_oracle_options *options, const char *output,
                                             bool overwrite, struct trm_statistics *statistics,
                                             struct trm_error *error);

/* The seconds of one training step with each arm, measured alone, as a JSON file. */
TRM_API enum trm_status trm_arm_seconds_write(const char *path, const struct trm_arm_names *arms,
                                              const double *seconds, bool overwrite, struct trm_error *error);
/* seconds (arms->count) of these arms. TRM_INVALID names an arm that the file has not. */
TRM_API enum trm_status trm_arm_seconds_read(const char *path, const struct trm_arm_names *arms,
                                             double *seconds, struct trm_error *error);

/* Does the file say that it is a data set, whatever its version and state? */
TRM_API bool trm_dataset_is(const char *path);

/* Read a whole data set into memory and check it. TRM_NOT_FOUND: no such file; TRM_FORMAT: no data set, of
   another version or feature version, or damaged; TRM_INVALID: no samples, fewer than two solvers, a label
   that is not the best arm; TRM_NOT_FINITE: names the sample and column. */
TRM_API enum trm_status trm_dataset_open(const char *path, struct trm_dataset **out, struct trm_error *error);
TRM_API void trm_dataset_free(struct trm_dataset *dataset); /* NULL is fine */

/* The samples by run, then step; valid until trm_dataset_free. */
TRM_API const struct trm_sample *trm_dataset_samples(const struct trm_dataset *dataset, size_t *count);
TRM_API void trm_dataset_statistics(const struct trm_dataset *dataset, struct trm_statistics *statistics);

/* ---- Splits */

/* NAME, word on the command line and in files, meaning */
#define TRM_SPLIT_LIST(X)                                                                                    \
    X(GROUP, group, "whole blocks of steps, with a guard between blocks of different parts")                 \
    X(STEP, step, "steps at random; neighbours leak from training to test")

enum trm_split_kind {
#define X(name, word, text) TRM_SPLIT_##name,
    TRM_SPLIT_LIST(X)
#undef X
};

TRM_API const char *trm_split_name(int kind); /* NULL for any other number */
TRM_API int trm_split_find(const char *name); /* -1 if there is none */

struct trm_split_options {
    enum trm_split_kind kind; /* default TRM_SPLIT_GROUP */
    double test_share;        /* of the groups (steps); in (0, 1); default 0.2 */
    double val_share;         /* in [0, 1), test_share + val_share < 1; default 0.1 */
    uint64_t seed;            /* decides which; default 42 */
    double room[2];           /* for options of later versions, since other structs hold this one; 0 */
};

TRM_API struct trm_split_options trm_split_defaults(void);
TRM_API const char *trm_split_check(const struct trm_split_options *options); /* NULL or the reason */

enum trm_part { TRM_TRAIN, TRM_VALIDATION, TRM_TEST, TRM_GUARD, TRM_PARTS };

struct trm_split {
    unsigned char *part;       /* (samples) enum trm_part */
    size_t samples[TRM_PARTS]; /* how many in each part */
    size_t groups[TRM_PARTS];  /* groups (steps) by part; none for TRM_GUARD */
    char warning[512];         /* what a reader of results must know, one line; "" */
};

/* Divide the samples. Every run has the same parts. Group: round(share * groups) of them, at least one each
   (no validation where val_share is 0), drawn by seed; where blocks of different parts meet, the first or
   last `guard` steps of one of them are TRM_GUARD: of the training block where there is one, else of the
   validation block. Step: steps drawn by seed, no guard. TRM_INVALID: options out of range, or too few groups
   for three parts. */
TRM_API enum trm_status trm_dataset_split(const struct trm_dataset *dataset,
                                          const struct trm_split_options *options, struct trm_split *split,
                                          struct trm_error *error);
TRM_API void trm_split_free(struct trm_split *split); /* leaves it empty */

/* Mean and standard deviation of each feature over the training part; 0 for a deviation below
   1e-6 max(1, |mean|), which makes the feature enter models as 0. */
TRM_API void trm_split_moments(const struct trm_dataset *dataset, const struct trm_split *split,
                               double mean[TRM_FEATURE_COUNT], double deviation[TRM_FEATURE_COUNT]);

TRM_C_END

#endif
