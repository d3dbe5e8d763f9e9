/* What the benches of a training step share: their precision and threads, and a batch of random images. */
#ifndef TRM_CLI_BENCH_STEP_H
#define TRM_CLI_BENCH_STEP_H

#include "cli/bench/request.h"

#include "dynamics/arm.h"
#include "dynamics/settings.h"
#include "nn/nn.h"

enum { STEP_WARM_UP = 3, STEP_SEED = 42 };

enum nn_precision step_precision(const struct step_request *request);

/* Use the threads, and say so and how the model computes, before the work. Returns their number. */
size_t step_begin(const struct step_request *request, const char *model);

/* count images (count, 3, 32, 32), standard normal, and labels of NN_CIFAR10, from STEP_SEED; free() both,
   also after a failure. */
enum trm_status step_batch(size_t count, float **x, int32_t **labels, struct trm_error *error);

/* Forward, backward and update of small_cnn with this arm at radius times its multiplier: the fastest step. */
enum trm_status step_time_arm(const struct step_request *step, const char *manifold, double radius,
                              const struct trm_arm *arm, double *seconds, struct trm_error *error);

#endif
