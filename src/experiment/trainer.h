/* One network in training: data, network, optimiser and dynamics, joined; a step at a time. */
#ifndef TRM_EXPERIMENT_TRAINER_H
#define TRM_EXPERIMENT_TRAINER_H

#include "data/data.h"
#include "dynamics/settings.h"
#include "experiment/rule.h"
#include "muon/muon.h"
#include "nn/nn.h"
#include "trm.h"

struct branch;

/* What a step may be made with: an arm of the optimiser, and a multiplier of its radius. */
struct trainer_arm {
    char name[TRM_ARM_NAME];
    size_t slot; /* in the optimiser; arms that differ in the multiplier only share one */
    double multiplier;
};

/* Those of settings.arms in their order, then settings.solver where that is an arm. */
struct trainer_arms {
    struct trainer_arm at[TRM_ARMS_MAX + 1];
    size_t count, base; /* base: the solver, or, where the arms are chosen from, quasi_newton, or the first */
};

/* What the policy of a run has learned, for the checkpoint; not owned. */
struct trainer_memory {
    double *at; /* (count) */
    size_t count;
};

struct trainer {
    struct run_settings settings;
    struct data_set *data;
    bool owns_data;
    struct nn_model *model;
    struct data_loader *train, *test, *held; /* held: NULL where no image is held out */
    struct muon_parameter *parameters;       /* of the optimiser, one a tensor of the network */
    struct muon_sgd *sgd;
    struct rule_state *rule;         /* in place of its inner solves; NULL: they are solved */
    struct trm_collector *collector; /* made by trainer_record */
    struct branch *branch;           /* that tries the arms; NULL: none; not owned */
    struct trainer_arms arms;
    size_t steps_per_epoch;
    size_t tracked;           /* index of the tracked parameter */
    double *sigma;            /* of the tracked matrix: n */
    struct trm_solve *solves; /* of the last step, one a matrix on the manifold */

    /* where it is */
    size_t epoch, epoch_step; /* done */
    size_t arm;               /* of the last step */
    double epoch_loss;        /* sum of the losses of this epoch's steps so far */
    struct trainer_memory memory;
};

/* An arm for a step, and how many cycles the router took to find it (0 where none did). */
struct trainer_choice {
    size_t arm, cycles;
};

/* Who picks the arms: asked between the features of a step and its update. */
struct trainer_policy {
    void *context;
    size_t interval; /* >= 1: asked at steps that are multiples of it; between them the last arm stands */
    enum trm_status (*choose)(void *context, const double feature[TRM_FEATURE_COUNT], size_t step,
                              struct trainer_choice *choice, struct trm_error *error);
    /* What the step that it was asked about brought: the loss of its own batch before less that after. NULL: it does
       not learn, and that loss is found for the record alone. */
    void (*learn)(void *context, double reward);
};

struct trainer_step {
    double loss,
        next_loss; /* next_loss NAN where the step was neither to be recorded nor to be learned from */
    double gap;
    struct trainer_choice choice;
    bool decided;                  /* the policy was asked */
    double seconds, solve_seconds; /* as struct trm_step_outcome */
    double train_seconds;          /* of the step without the loss after it, but where that is learned from */
    double feature_seconds, decide_seconds; /* parts of train_seconds */
};

/* Make the network with its initial weights (projected where on the manifold), the optimiser and the loaders.
   data: as settings->data names it, stays the caller's; NULL: loaded. On failure *out is NULL. */
enum trm_status trainer_create(struct trainer **out, const struct run_settings *settings,
                               struct data_set *data, struct trm_error *error);
void trainer_destroy(struct trainer *trainer); /* NULL is fine */
/* Would settings do? All that trainer_create refuses before the data are read: names of weights, files that are
   not there, sizes that do not fit the data. */
enum trm_status trainer_check(const struct run_settings *settings, struct trm_error *error);

/* How training batches are made. */
struct data_loader_options trainer_loader_options(const struct run_settings *settings);

/* Begin recording into run of store (NULL: features only). */
enum trm_status trainer_record(struct trainer *trainer, struct trm_store *store, int64_t run,
                               struct trm_error *error);

/* The loader to where the trainer is: at the beginning, and after a restored checkpoint. */
enum trm_status trainer_seek(struct trainer *trainer, struct trm_error *error);

/* One step with the arm that policy picks (NULL: arm 0). TRM_DIVERGED where a loss or gradient is not finite:
   the error says at which step. */
enum trm_status trainer_step(struct trainer *trainer, const struct trainer_policy *policy,
                             struct trainer_step *out, struct trm_error *error);

/* The second half of a step, with this arm and this factor in place of the schedule's. */
enum trm_status trainer_apply(struct trainer *trainer, size_t arm, double factor, struct trm_error *error);

/* Loss and accuracy (a share) on all images of the loader `test` or `held`, with running statistics. */
enum trm_status trainer_test(struct trainer *trainer, struct data_loader *images, double *loss,
                             double *accuracy, struct trm_error *error);

/* Largest ||W'W - I||_F / sqrt(n) of the weights on the manifold; 0 where there is none. */
double trainer_drift(struct trainer *trainer);

size_t trainer_total_steps(const struct trainer *trainer);
const char *trainer_tracked_name(const struct trainer *trainer);
const char *trainer_arm_name(const struct trainer *trainer); /* of the last step */

#endif
