/* The router: a tiny recursive model (Jolicoeur-Martineau 2025, arXiv 2510.04871) that reads the twelve
   features of a step and picks a solver. One small network f updates a latent z and an answer y:

       f(s):  h <- s;  per block  h <- rms(h + (silu(h U1) o (h U2)) V);   rms without gain, eps 1e-5, no biases
       cycle: n times z <- f(z + y + x), then y <- f(y + z);   logits = y H,  halt = y Q + q
       x = standardised features * E + e;  y and z start at fixed values and are detached between cycles

   Every function returns TRM_OK or another status, with the reason in *error where that is not NULL. A router
   is used by one thread at a time; forward uses OpenMP's threads inside, and the bits do not depend on how
   many. Nothing here prints or exits. */
#ifndef TRM_ROUTER_ROUTER_H
#define TRM_ROUTER_ROUTER_H

#include "oracle/dataset.h"

TRM_C_BEGIN

enum { TRM_ROUTER_VERSION = 1 }; /* of the checkpoint's format */

/* name, width: the named sizes; the rest of the shape is the same in all. */
#define TRM_ROUTER_SIZE_LIST(X) X(tiny, 32) X(small, 64) X(base, 128)

struct trm_router_config {
    size_t features; /* TRM_FEATURE_COUNT */
    size_t width;    /* D, 1 ... 4096: length of x, y and z */
    size_t hidden;   /* 4D by default, 1 ... 16384: width inside SwiGLU */
    size_t blocks;   /* 2 by default, 1 ... 16 */
    size_t inner;    /* n = 6 by default, 1 ... 64 */
    size_t cycles;   /* T = 3 by default, 1 ... 64 */
    size_t arms;     /* 5 by default, 2 ... TRM_ARMS_MOST: one row of the head each */
};

/* Fills *config for "tiny" (25,218 parameters), "small" (99,586) or "base" (395,778); TRM_NOT_FOUND names the
   sizes that there are. */
TRM_API enum trm_status trm_router_config_named(const char *name, struct trm_router_config *config,
                                                struct trm_error *error);
/* Name of the size with this config, NULL where it has none. */
TRM_API const char *trm_router_config_name(const struct trm_router_config *config);
TRM_API const char *trm_router_config_check(const struct trm_router_config *config); /* NULL or the reason */

/* What a router was made from, kept in its checkpoint. */
struct trm_router_origin {
    struct trm_arm_names arms;      /* what the head's rows are, as many as the config says */
    uint64_t present;               /* bit mask of the arms in the data; others are never picked */
    struct trm_split_options split; /* evaluation uses the test part of this split only */
    size_t samples, groups;         /* of the data set */
    size_t epoch, epochs;           /* the epoch that was kept, from 1, of how many; 0: untrained */
    double val_accuracy, val_loss;  /* at that epoch; 0 ... 1 */
    char trained_on
        [TRM_ABOUT_TEXT];     /* what its features were of, by trm_features_about; "" where it is not known */
    char configuration[1024]; /* how it was trained, a JSON object; "{}" where it was not */
};

struct trm_router;

/* Initial weights from the seed: normal, cut at two standard deviations, of deviation 1/sqrt(fan in); biases
   0; halting head weight 0, bias -ln(arms - 1); y0 and z0 alike of deviation 1. Statistics are mean 0, deviation 1;
   all arms are present, named as the five solvers, or "arm 0", "arm 1" ... where there are not five. Allocates
   everything. */
TRM_API enum trm_status trm_router_create(struct trm_router **out, const struct trm_router_config *config,
                                          uint64_t seed, struct trm_error *error);
TRM_API void trm_router_destroy(struct trm_router *router); /* NULL is fine */

TRM_API const struct trm_router_config *trm_router_configuration(const struct trm_router *router);
TRM_API const struct trm_router_origin *trm_router_origin(const struct trm_router *router);
/* Names of another number of arms than the router has are not taken. */
TRM_API void trm_router_set_origin(struct trm_router *router, const struct trm_router_origin *origin);

/* TRM_INVALID where the router was not trained on this data set: other numbers of samples or groups, or another
   hash. */
TRM_API enum trm_status trm_router_check_data(const struct trm_router *router,
                                              const struct trm_dataset *dataset, struct trm_error *error);

/* All trained parameters lie one after the other in one buffer; a view names a piece of it. In order:
   embed.weight (features, D), embed.bias (D), block.I.up (D, 2 hidden: U1 then U2), block.I.down (hidden, D),
   head.weight (D, arms), halt.weight (D, 2), halt.bias (2). Row-major, input first: out = in * weight. */
struct trm_router_view {
    const char *name; /* owned by the router */
    size_t rank, shape[2], offset, count;
};
TRM_API size_t trm_router_parameter_count(const struct trm_router *router);
/* (parameter_count), may be written; behind them the fixed initial states y0 (D) and z0 (D). */
TRM_API float *trm_router_parameters(struct trm_router *router);
TRM_API const float *trm_router_values(const struct trm_router *router); /* the same, to read */
TRM_API size_t trm_router_view_count(const struct trm_router *router);
TRM_API const struct trm_router_view *trm_router_view(const struct trm_router *router, size_t index);

/* Mean and standard deviation of each feature on the training part, copied. A feature whose deviation is below
   1e-6 max(1, |mean|) enters as 0. TRM_NOT_FINITE or TRM_INVALID (deviation < 0): nothing is changed. */
TRM_API enum trm_status trm_router_set_statistics(struct trm_router *router,
                                                  const double mean[TRM_FEATURE_COUNT],
                                                  const double std[TRM_FEATURE_COUNT],
                                                  struct trm_error *error);

TRM_API void trm_router_statistics(const struct trm_router *router, double mean[TRM_FEATURE_COUNT],
                                   double std[TRM_FEATURE_COUNT]);
/* features (batch, 12) as the network sees them, cut to +-1e4, into out (batch, 12). TRM_NOT_FINITE names row
   and feature. */
TRM_API enum trm_status trm_router_standardise(const struct trm_router *router, const double *features,
                                               size_t batch, float *out, struct trm_error *error);

/* features (batch, 12) raw, standardised inside. logits (batch, arms) of the last cycle; all_solver_logits
   (cycles, batch, arms) and halt (cycles, batch, 2) may be NULL. No arm is masked here. TRM_NOT_FINITE names
   the row and feature. Allocates nothing. */
TRM_API enum trm_status trm_router_forward(struct trm_router *router, const double *features, size_t batch,
                                           float *logits, float *all_solver_logits, float *halt,
                                           struct trm_error *error);

struct trm_decision {
    int arm;                           /* the most likely one of those allowed and present */
    double probability[TRM_ARMS_MOST]; /* softmax over those; 0 elsewhere */
    size_t cycles;                     /* that were run */
};

/* Whether decide stops after the first cycle whose halting logit is above 0; off at first. */
TRM_API void trm_router_set_halting(struct trm_router *router, bool halting);

/* Pick for one step. allowed: bit mask of arms, cut down to those present in the training data; TRM_INVALID
   where none is left, TRM_NOT_FINITE where a feature is not. Plain loops on one thread; allocates nothing. */
TRM_API enum trm_status trm_router_decide(struct trm_router *router, const double features[TRM_FEATURE_COUNT],
                                          uint64_t allowed, struct trm_decision *out,
                                          struct trm_error *error);

/* One safetensors file: the parameters by name, y0 and z0; in the metadata format version, shape, feature
   version, feature names and statistics, names of the arms and origin. No time, path or host: equal routers give
   equal bytes. TRM_EXISTS unless overwrite. */
TRM_API enum trm_status trm_router_save(const char *path, const struct trm_router *router, bool overwrite,
                                        struct trm_error *error);
/* A file of another version, feature version or shape, cut short, or with NaN is refused with the
   reason. */
TRM_API enum trm_status trm_router_load(const char *path, struct trm_router **out, struct trm_error *error);

TRM_C_END

#endif
