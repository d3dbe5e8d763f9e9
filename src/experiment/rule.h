/* What updates the hidden matrices, those that --manifold names: Manifold Muon, which solves the inner problem, or one
   of the optimisers that it is compared with. They differ in the direction of a step alone: gradients, momentum,
   schedule, the other parameters, what is recorded and what is saved are the same. */
#ifndef TRM_EXPERIMENT_RULE_H
#define TRM_EXPERIMENT_RULE_H

#include "dynamics/settings.h"
#include "muon/muon.h"

/* One matrix, m x n with m >= n, and what a direction may look at. */
struct rule_matrix {
    size_t m, n, out, in;           /* out, in: its sides as a layer has them */
    struct muon_matrix W, gradient; /* float, in the caller's memory */
    struct muon_matrix G;           /* momentum buf, with nesterov gradient + momentum buf */
    struct muon_matrix second;      /* running mean of squared gradients; zero at first */
    double *A;                      /* m x n by columns: to be written */
    double *work;                   /* rule_work doubles */
    double rate, momentum;          /* radius or learning rate of this step; momentum */
    double pull, kept;              /* [0, 1]; what weight decay leaves of W, to which A is then added */
    bool pull_to_rows;              /* of norm 1; else to the polar factor */
    double step;                    /* number of this step, from 1 */
};

/* A row for each of RUN_OPTIMIZER_LIST. */
struct rule {
    bool
        orthonormal; /* W'W = I: projected at first, W <- polar(W + A); else W <- (1 - rate weight_decay) W + A */
    bool squares; /* it keeps `second` */
    bool radius;  /* its rate is the radius --spectral-budget; else the learning rate --lr */
    bool (*direction)(
        const struct rule_matrix *x); /* false: LAPACK failed. NULL: the inner problem is solved */
};

const struct rule *rule_of(const struct run_settings *settings);
size_t rule_work(size_t m, size_t n);

/* The rule of a run with its state, over the run's optimiser, in whose steps it takes the place of the inner solves. */
struct rule_state;
/* *out is NULL where the rule solves the inner problem, and on failure. */
enum trm_status rule_create(struct rule_state **out, const struct run_settings *settings,
                            struct muon_sgd *sgd, const struct muon_parameter *parameters, size_t count,
                            struct trm_error *error);
void rule_destroy(struct rule_state *state); /* NULL is fine */
/* The second half of a step, with the schedule times factor. */
enum trm_status rule_step(struct rule_state *state, double factor, struct trm_error *error);
/* What a checkpoint must hold of it beside muon_sgd_state; none where state is NULL. */
size_t rule_state_count(const struct rule_state *state);
struct muon_state rule_state_at(const struct rule_state *state, size_t index);

#endif
