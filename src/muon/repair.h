/* A feasible step from a nearly tangent polar factor, at second order. */
#ifndef TRM_MUON_REPAIR_H
#define TRM_MUON_REPAIR_H

#include "muon/reduced.h"

size_t muon_repair_doubles(size_t n);

/* Move the polar step (B, C) to one that is tangent and has singular values 1, as far as that goes, then offer it.
   B and C are overwritten. For sets with k = n only. */
void muon_repair_offer(struct muon_reduced *r, double *B, double *C);

/* Cut the singular values of the tangent step (B, C) to 1, make it tangent again and offer it: for problems whose
   optimal step has singular values below 1. B and C are overwritten. */
void muon_repair_offer_clipped(struct muon_reduced *r, double *B, double *C);

#endif
