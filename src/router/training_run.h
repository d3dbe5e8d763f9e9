/* A training at work: samples in order, the router, the optimiser's state, the best weights so far. */
#ifndef TRM_ROUTER_TRAINING_RUN_H
#define TRM_ROUTER_TRAINING_RUN_H

#include "router/recursion.h"
#include "router/training.h"

#include "storage/digest.h"

/* A batch is cut into chunks of as many rows; chunk i belongs to lane i modulo the number of lanes. Lanes run
   side by side and their sums are added in order, so that the bits do not depend on the threads. */
enum { TRAINING_CHUNK = 32, TRAINING_LANES = 8 };

/* What the loss compares with. */
struct training_target {
    float probability[TRM_ARMS_MOST]; /* wanted probabilities */
    uint64_t present, tied;
    int label;
};

struct training_sums {
    double loss, halt_loss; /* over samples */
    size_t right, samples;
};

struct training_lane {
    struct recursion work;
    float *gradient;        /* (count) */
    float *dlogits, *dhalt; /* (TRAINING_CHUNK, arms), (TRAINING_CHUNK, 2) */
    struct training_sums sums;
};

struct training {
    const struct trm_train_options *options;
    struct trm_router *router;
    struct recursion_net net; /* views into the router */
    float *features;          /* (samples, 12), standardised */
    struct training_target *target;
    uint32_t *train, *validation, *order; /* sample numbers; order: of train, shuffled */
    size_t train_count, validation_count;
    size_t lanes; /* that hold a gradient */
    struct training_lane lane[TRAINING_LANES];
    size_t count;                    /* of parameters */
    float *memory;                   /* the next four and the lanes' arrays */
    float *m, *v, *average, *best;   /* (count) each; average is used with EMA only */
    uint64_t step;                   /* of the optimiser */
    size_t epoch, best_epoch;        /* done; 0: none yet */
    struct trm_train_epoch *history; /* (epochs), `epoch` of them filled */
};

/* From samples and the part of each (enum trm_part); mean and deviation: of the training part. The options stay
   the caller's and outlive it. TRM_INVALID without a training part. On failure *t is empty. */
enum trm_status training_create(struct training *t, const struct trm_train_options *options, size_t arms,
                                const struct trm_sample *samples, const unsigned char *part, size_t count,
                                const double mean[TRM_FEATURE_COUNT], const double std[TRM_FEATURE_COUNT],
                                struct trm_error *error);
void training_destroy(struct training *t); /* an empty one is fine */

/* One epoch with its validation: t->history grows by a row, t->best is replaced where it is better.
   watch may be NULL. TRM_DIVERGED: a loss or gradient is not finite. */
enum trm_status training_epoch(struct training *t, const struct trm_train_watch *watch,
                               struct trm_error *error);

/* Gradients and sums of one cycle's choices for `rows` samples, from t's targets of samples index[...]. dlogits
   and dhalt may be NULL; share: what each row counts. */
void training_loss(const struct training_target *targets, size_t arms, const uint32_t *index, size_t rows,
                   const float *logits, const float *halt, float share, float *dlogits, float *dhalt,
                   struct training_sums *sums);
void training_target_of(const struct trm_sample *sample, const struct trm_train_options *options,
                        struct training_target *target);

/* Which features a list of names leaves out; false: it is no such list, each once. NULL: none. */
bool training_features_out(const char *names, bool out[TRM_FEATURE_COUNT]);
/* SHA-1 over what training sees of the samples. */
void training_hash(const struct trm_sample *samples, size_t count, char text[DIGEST_TEXT]);

/* Everything that resuming needs, as one file. configuration: as text, must be equal when read. */
enum trm_status training_state_save(const char *path, const struct training *t, const char *configuration,
                                    struct trm_error *error);
enum trm_status training_state_restore(const char *path, struct training *t, const char *configuration,
                                       struct trm_error *error);

/* Into *own what a caller gives; NULL, or what is wrong with it. */
const char *training_options_take(struct trm_train_options *own, const struct trm_train_options *given);

/* The options and a hash of the samples, a JSON object, to be freed; NULL where memory is short. */
char *training_configuration(const struct trm_train_options *options, const struct trm_sample *samples,
                             size_t count);
/* Say by which key two such texts differ, as "epochs 100, now 50". */
void training_difference(const char *before, const char *now, char *text, size_t size);

/* history as CSV, each file whole or not at all. */
enum trm_status training_history_write(const char *path, const struct trm_train_epoch *rows, size_t count,
                                       struct trm_error *error);

#endif
