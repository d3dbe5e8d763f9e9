/* Which weights of a network are on the manifold, and which of them is tracked. */
#ifndef TRM_EXPERIMENT_MATRICES_H
#define TRM_EXPERIMENT_MATRICES_H

#include "muon/muon.h"
#include "nn/nn.h"

/* parameters[i] for parameter i of the model; choice: "hidden" (every convolution and linear weight but the
   last layer's), "all", or names with commas between. An unknown name is answered with the list. */
enum trm_status manifold_choose(const struct nn_model *model, const char *choice,
                                struct muon_parameter *parameters, struct trm_error *error);

/* *index of the matrix called name, or of the largest one on the manifold where name is NULL. */
enum trm_status manifold_tracked(const struct muon_parameter *parameters, size_t count, const char *name,
                                 size_t *index, struct trm_error *error);

#endif
