/* What muon_sgd_create refuses of its caller. */
#ifndef TRM_MUON_SGD_H
#define TRM_MUON_SGD_H

#include "muon/muon.h"

/* Names, values and gradients are there, and no name is there twice. */
enum trm_status muon_parameters_check(const struct muon_parameter *parameters, size_t count,
                                      struct trm_error *error);

#endif
