/* Small runs of online, each in a child process. */
#ifndef TRM_TESTS_EXPERIMENT_SUPPORT_ONLINE_H
#define TRM_TESTS_EXPERIMENT_SUPPORT_ONLINE_H

#include "experiment/online.h"
#include "experiment/support.h"

enum { ONLINE_ALL = (1 << MUON_LABEL_COUNT) - 1 };

/* An untrained router that knows `present`; with one_opinion it sees nothing of the features. */
struct trm_router *online_router(unsigned present, bool one_opinion);
/* Write it in the folder, and free it. */
const char *online_save_router(struct trm_router *router, const char *name, char path[64]);
/* 10 steps in 2 epochs of a small network. */
struct online_request online_small(const char *output, const char *router);
/* How it ended, as support_run. */
int online_in_child(const struct online_request *request, struct interruption interruption, char reason[512]);
/* The router, chance, spectral_clip and admm, made once. */
const char *online_whole(char path[64], char router[64]);

#endif
