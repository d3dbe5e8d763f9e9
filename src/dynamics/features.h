/* The twelve features of a training step (docs/method.md has their formulas): what a router sees before each step.

   Every function returns TRM_OK or another status, with the reason in *error where that is not NULL; where it makes an
   object, *out is NULL on failure. An object is used by one thread at a time. Nothing here prints or exits. */
#ifndef TRM_DYNAMICS_FEATURES_H
#define TRM_DYNAMICS_FEATURES_H

#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

TRM_C_BEGIN

/* What features are of, in words: "small_cnn of width 1 on cifar10, conv3.weight, batches of 128". Where two of these
   differ, the same numbers may mean something else. */
enum { TRM_ABOUT_TEXT = 200 };
TRM_API void trm_features_about(char text[TRM_ABOUT_TEXT], const char *model, double width,
                                const char *dataset, const char *tracked, size_t batch_size);

/* NAME, column and label, meaning: the one list from which enum, names, SQL columns and help come. A change
   of what any of them means is a new TRM_FEATURE_VERSION. */
#define TRM_FEATURE_LIST(X)                                                                                  \
    X(LOG_LOSS, log_loss, "log of the batch's training loss")                                                \
    X(LOSS_TREND, loss_trend, "relative change of the mean loss, last 5 steps against the 5 before")         \
    X(LOG_GRAD_NORM, log_grad_norm, "log of the gradient's norm over all parameters")                        \
    X(GNS_PROXY, gns_proxy, "log of the estimated gradient noise scale, in samples")                         \
    X(TOP_SV, top_sv, "log of the largest singular value of the tangent momentum")                           \
    X(EFF_RANK, eff_rank, "effective rank of the last update, as a share of full rank")                      \
    X(LOG_COND, log_cond, "log of the condition number of the tangent momentum")                             \
    X(LOG_ORTHO_ERR, log_ortho_err, "log of the last step's distance from orthonormality before retraction") \
    X(EPOCH_PROGRESS, epoch_progress, "share of the epochs that are done")                                   \
    X(STEP_PROGRESS, step_progress, "share of this epoch's steps that are done")                             \
    X(LOG_WIDTH, log_width, "log of the network's width multiplier")                                         \
    X(LOSS_STABILITY, loss_stability, "log of the relative spread of the last 10 losses")

enum trm_feature {
#define X(name, column, text) TRM_FEATURE_##name,
    TRM_FEATURE_LIST(X)
#undef X
        TRM_FEATURE_COUNT
};

enum { TRM_FEATURE_VERSION = 2 }; /* 2: gns_proxy is unbiased from its first step */

/* Name (also the SQL column) of feature 0 ... 11; NULL for any other number. */
TRM_API const char *trm_feature_name(enum trm_feature feature);

/* What one step knows before its update. "Tracked" is the one matrix on the manifold that is watched (m x n,
   m >= n). Γ is the tangent part of the momentum that this step will use; A and Ŵ = W + A belong to the step
   before. */
struct trm_training_state {
    double loss;           /* mean over this batch */
    const float *gradient; /* (gradient_count) of all parameters, one after the other; only read */
    size_t gradient_count; /* as given to trm_features_create */
    size_t batch_size;     /* >= 1 */
    double sigma_max;      /* σ1(Γ) >= sigma_min */
    double sigma_min;      /* σn(Γ) >= 0 */
    bool has_last_update;  /* false at step 0: the next three are not looked at then */
    double
        effective_rank; /* of A: exp(entropy of σ / Σσ) of its n singular values (Roy & Vetterli 2007, eq. 4) */
    size_t n;           /* columns of the tracked matrix, >= 1 */
    double ortho_error;                 /* ‖ŴᵀŴ − I‖_F before retraction, >= 0 */
    size_t epoch, epochs;               /* epochs done, and of the whole run */
    size_t epoch_step, steps_per_epoch; /* steps done in this epoch, and of a whole one */
    double width;                       /* width multiplier w > 0 */
};

struct trm_features; /* loss window, average of the gradient, and averages for the noise scale */

/* gradient_count >= 1 is the number of all parameters. Allocates everything (two floats a parameter). */
TRM_API enum trm_status trm_features_create(struct trm_features **out, size_t gradient_count,
                                            struct trm_error *error);
TRM_API void trm_features_destroy(struct trm_features *features); /* NULL is fine */

/* The features of this step into out, and ‖gradient‖₂ into *gradient_norm (may be NULL). To be called once at
   every step, recorded or not, before the update. One pass over the gradient, sums in double in a fixed
   order: the same calls give the same bits. What is logged has a floor, so that all twelve are finite; losses
   are divided by at least 1e-8; the standard deviation divides by the number of losses (1 ... 10). gns_proxy
   estimates tr Σ / |G|², the noise scale in samples (McCandlish et al. 2018, eq. 2.9), along the run. Errors:
   TRM_DIVERGED (loss or gradient not finite), TRM_NOT_FINITE (another number), TRM_SHAPE (gradient_count),
   TRM_INVALID (out of the ranges above). After an error the object is as it was before the call. */
TRM_API enum trm_status trm_features_pre_step(struct trm_features *features,
                                              const struct trm_training_state *state,
                                              double out[TRM_FEATURE_COUNT], double *gradient_norm,
                                              struct trm_error *error);

/* All that a checkpoint needs for the next step to give the same bits. */
enum { TRM_FEATURES_SCALARS = 15 };
struct trm_features_state {
    const double
        *scalars; /* (TRM_FEATURES_SCALARS) version, steps, β^steps, noise, signal, the last 10 losses */
    const float *average; /* (gradient_count) running average of the gradient, not bias-corrected */
    size_t gradient_count;
};
/* Views into features, valid until the next pre_step, restore or destroy. */
TRM_API void trm_features_save(const struct trm_features *features, struct trm_features_state *state);
/* Copies. TRM_SHAPE where gradient_count differs, TRM_FORMAT where the scalars are of another
   TRM_FEATURE_VERSION, TRM_NOT_FINITE where a number is not; the object is then as before. */
TRM_API enum trm_status trm_features_restore(struct trm_features *features,
                                             const struct trm_features_state *state, struct trm_error *error);

TRM_C_END

#endif
