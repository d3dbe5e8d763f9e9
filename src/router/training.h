/* Training a router on a data set: AdamW with a cosine by epoch, the best epoch on the validation part kept. */
#ifndef TRM_ROUTER_TRAINING_H
#define TRM_ROUTER_TRAINING_H

#include "router/router.h"

TRM_C_BEGIN

#define TRM_LOSS_LIST(X)                                                                                     \
    X(CROSS_ENTROPY, "cross-entropy", "cross-entropy to the oracle's label")                                 \
    X(REGRET, "regret", "cross-entropy to softmax(-regret / tau)")

enum trm_loss {
#define X(name, word, text) TRM_LOSS_##name,
    TRM_LOSS_LIST(X)
#undef X
        TRM_LOSSES
};

TRM_API const char *trm_loss_name(enum trm_loss loss);             /* NULL for any other number */
TRM_API bool trm_loss_find(const char *name, enum trm_loss *loss); /* false: no such name */

/* Options begin with their size, as those of muon.h. */
struct trm_train_options {
    size_t struct_size;    /* of this struct, as the caller was compiled with it */
    const char *size;      /* "tiny", "small" (default) or "base" */
    size_t cycles, inner;  /* T and n in place of the size's, 0 ... 64; default 0: the size's, 3 and 6 */
    const char *without;   /* names of features that enter as 0, with commas between; NULL (default): none */
    size_t epochs;         /* >= 1, default 100 */
    size_t batch_size;     /* samples, 1 ... 65536, default 64; the last batch of an epoch may be smaller */
    double lr;             /* > 0, default 1e-4; cosine by epoch down to min_lr */
    double min_lr;         /* 0 ... lr, default 1e-6 */
    double weight_decay;   /* >= 0, default 0.1; decoupled, on matrices only */
    double clip;           /* > 0, default 1: largest norm of the gradient */
    bool deep_supervision; /* mean loss over all cycles; default false: the last cycle's alone */
    bool ema;           /* validate and keep averaged weights, of decay min(0.999, (1 + t)/(10 + t)) at step
                              t = 1, 2, ...; default false */
    enum trm_loss loss; /* default cross-entropy */
    double tau;         /* > 0, default 0.01: temperature of the regret loss, in units of the loss */
    uint64_t seed;      /* of initial weights and order of samples, default 42 */
    struct trm_split_options split; /* default: as trm_split_defaults, with the same seed */
};

/* The first `size` bytes of the defaults; for trm_train_defaults, which is compiled into the caller. */
TRM_API void trm_train_options_init(struct trm_train_options *options, size_t size);
static inline struct trm_train_options trm_train_defaults(void) {
    struct trm_train_options options;
    trm_train_options_init(&options, sizeof options);
    return options;
}
TRM_API const char *trm_train_check(const struct trm_train_options *options); /* NULL or the reason */

struct trm_train_request {
    const char *data;   /* a data set (trm_merge_runs) */
    const char *output; /* the checkpoint; beside it STEM.history.csv, and STEM.state.safetensors meanwhile */
    bool resume;        /* go on from the state, or begin where there is none; the same bits come out */
    bool force;         /* replace what is there */
    struct trm_train_options options; /* the last, since they may grow */
};

/* What training begins with. */
struct trm_train_begin {
    size_t parameters;             /* of the router */
    size_t first, epochs;          /* epochs done already (a resumed run), and in all */
    const struct trm_split *split; /* valid during the call, with its warning */
    const struct trm_statistics *statistics;
};

/* One row of the history. Losses are means over samples; accuracies are shares whose choice is the label. */
#define TRM_TRAIN_COLUMN_LIST(X)                                                                             \
    X(epoch, "from 1")                                                                                       \
    X(lr, "learning rate of the epoch")                                                                      \
    X(train_loss, "loss of the choice, while training")                                                      \
    X(train_accuracy, "of the last cycle, while training")                                                   \
    X(val_loss, "of the last cycle, on the validation part")                                                 \
    X(val_accuracy, "of the last cycle, on the validation part")                                             \
    X(halt_loss, "of the halting head, while training")                                                      \
    X(grad_norm, "mean norm of the gradient before clipping")

struct trm_train_epoch {
#define X(name, text) double name;
    TRM_TRAIN_COLUMN_LIST(X)
#undef X
};

/* How it is watched and stopped; any may be NULL. */
struct trm_train_watch {
    void *context;
    /* Once, before the first epoch: the split is made and the router is built. first: epochs done already. */
    void (*begun)(void *context, const struct trm_train_begin *begin);
    /* After every batch: samples done of this epoch, mean loss and accuracy in it so far. */
    void (*batch)(void *context, size_t epoch, size_t done, size_t total, double loss, double accuracy);
    void (*epoch)(void *context, const struct trm_train_epoch *row);
    bool (*stop)(void *context); /* asked after every epoch; true: save the state, end with TRM_STOPPED */
};

struct trm_train_result {
    bool finished_before; /* resumed a training that was done already: nothing was done now */
    size_t parameters, epochs, samples[TRM_PARTS];
    size_t best_epoch;                       /* the one kept, from 1; without a validation part the last */
    double best_val_accuracy, best_val_loss; /* NAN without a validation part */
    double train_loss, train_accuracy;       /* of the last epoch */
    double ms_per_epoch;                     /* fastest epoch of this process, with its validation */
    char history[1024];                      /* path of the history */
};

/* Train, and write the checkpoint (highest validation accuracy, then lowest validation loss, then the earliest
   epoch; without a validation part the last epoch) and its history. Absent arms take no part in the loss. The
   same request on the same machine gives the same bits, with any number of threads, resumed or not. The state
   is written every few seconds and when stopped, and removed at the end. TRM_EXISTS: output is there, neither
   resume nor force; TRM_DIVERGED: the loss is not finite; TRM_INVALID: the data have no training part, or the
   state or checkpoint to resume was made with other options (named). watch may be NULL. */
TRM_API enum trm_status trm_train(const struct trm_train_request *request,
                                  const struct trm_train_watch *watch, struct trm_train_result *result,
                                  struct trm_error *error);

/* Times on random samples: one epoch in batches of 64 with deep supervision, and one decision, each the fastest
   of several. samples >= 64, repeats >= 1. */
struct trm_train_times {
    size_t parameters;
    double ms_epoch, ms_decision;
};
TRM_API enum trm_status trm_train_time(const char *size, size_t samples, size_t repeats,
                                       struct trm_train_times *times, struct trm_error *error);

TRM_C_END

#endif
