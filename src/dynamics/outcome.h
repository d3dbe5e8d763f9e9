/* What each of several arms did at a branch state: a step of a run that was saved, tried with every arm, and restored.
   Kept in the store of the run, in tables that are made with their first row: arm, branch, branch_probe, outcome,
   outcome_probe, outcome_cosine, outcome_look, and the flat view branch_outcome. Statuses and ownership as in
   dynamics.h. */
#ifndef TRM_DYNAMICS_OUTCOME_H
#define TRM_DYNAMICS_OUTCOME_H

#include "dynamics/arm.h"
#include "dynamics/dynamics.h"

TRM_C_BEGIN

enum { TRM_PROBES_MAX = 1024, TRM_REPEATS_MAX = 16 };

/* NAME, text in the store, meaning */
#define TRM_MATCH_LIST(X)                                                                                    \
    X(NONE, none, "updates as they are")                                                                     \
    X(FROBENIUS, frobenius, "scaled to the same ‖A‖_F")                                                      \
    X(DECREASE, decrease, "scaled to the same first-order decrease")

enum trm_match {
#define X(name, column, text) TRM_MATCH_##name,
    TRM_MATCH_LIST(X)
#undef X
};

TRM_API const char *trm_match_name(enum trm_match match); /* NULL for any other number */

/* One arm at one state. Losses are means over images, the smaller the better. */
struct trm_outcome {
    bool chosen;      /* the run went on with this arm */
    double next_loss; /* same batch, after the step, with that batch's statistics */
    double decrease, norm; /* −⟨G, A⟩ and ‖A‖_F over all matrices on the manifold, of the step as tried */
    double scale;          /* A was multiplied by it to match the others; above 1: the arm was too short to
                                 set the target; 1 without match */
    double rank;           /* mean over the matrices of the effective rank of A by its columns; in (0, 1] */
    double gap;            /* certified relative gap of the tracked matrix, before scaling */
    size_t iterations;        /* of the tracked matrix */
    double seconds;           /* of its solves at this state, whatever else the machine did: for costs see
                                 trm_store_arm_seconds */
    const double *probe_loss; /* (probe_count) after the step */
    const double *cosine;     /* (own number) of its A with the A of arms 0, 1, ..., over all matrices */
    const double *look_loss;  /* (repeat_count) on the held-out images, after hold and anneal */
    const double
        *look_doubled; /* (repeat_count) the same with twice the annealing; NULL where not measured */
};

/* One state; its features, loss and position are those of the step's row. */
struct trm_branch {
    size_t step;
    enum trm_match match;
    size_t probe_count;         /* 0 ... TRM_PROBES_MAX */
    const uint64_t *probe_seed; /* (probe_count) that name the fresh batches; <= 2^63 - 1 */
    const double *base_loss;    /* (probe_count) of each before the step, the same for every arm */
    size_t repeat_count; /* looks with coming batches of their own, 0 ... TRM_REPEATS_MAX; 0: no look here */
    double seconds;      /* that trying the arms took, without looks */
    size_t hold, anneal; /* H and L of the looks in steps; 0 and 0 where there is none */
    size_t arm_count;    /* that of trm_store_arms */
    const struct trm_outcome *outcome; /* (arm_count) */
};

/* The arms that a run compares or may choose from: once a run, before its first branch; durable at once. */
TRM_API enum trm_status trm_store_arms_insert(struct trm_store *store, int64_t run,
                                              const struct trm_arms *arms, struct trm_error *error);
/* What one step's solves with this arm take, measured alone (> 0). */
TRM_API enum trm_status trm_store_arm_seconds(struct trm_store *store, int64_t run, size_t arm,
                                              double seconds, struct trm_error *error);
/* *arms by number; count 0 where the run has none. seconds (may be NULL) gets NAN for those not measured. */
TRM_API enum trm_status trm_store_arms(struct trm_store *store, int64_t run, struct trm_arms *arms,
                                       double seconds[TRM_ARMS_MAX], struct trm_error *error);

/* Add a state with all its arms to the open batch, whole or not at all. Its step's row must be there, and takes it
   along on truncation. */
TRM_API enum trm_status trm_store_branch_insert(struct trm_store *store, int64_t run,
                                                const struct trm_branch *branch, struct trm_error *error);

/* Visit the states of a run in order, each with all its arms; pointers are valid during the visit. A run without any
   is fine, an unknown one TRM_NOT_FOUND; TRM_FORMAT where a state lacks an arm, probe, cosine or look. */
typedef enum trm_status trm_branch_visit(void *context, const struct trm_branch *branch);
TRM_API enum trm_status trm_store_branches(struct trm_store *store, int64_t run, trm_branch_visit *visit,
                                           void *context, struct trm_error *error);

TRM_C_END

#endif
