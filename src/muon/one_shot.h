/* The methods without a loop; in double only, for they answer to rounding what their formula says. */
#ifndef TRM_MUON_ONE_SHOT_H
#define TRM_MUON_ONE_SHOT_H

#include "muon/inner/reduced.h"

extern const struct muon_method muon_method_spectral_clip, muon_method_msign_tangent;

#endif
