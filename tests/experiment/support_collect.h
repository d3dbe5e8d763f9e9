/* Small runs of collect, each in a child process. */
#ifndef TRM_TESTS_EXPERIMENT_SUPPORT_COLLECT_H
#define TRM_TESTS_EXPERIMENT_SUPPORT_COLLECT_H

#include "experiment/collect.h"
#include "experiment/support.h"
#include "trm.h"

/* 10 steps in 2 epochs of a small network. */
struct collect_request collect_small(const char *output);
/* How it ended, as support_run. */
int collect_in_child(const struct collect_request *request, struct interruption interruption,
                     char reason[512]);
enum trm_run_status collect_status(const char *output); /* of the one run there */
/* Same rows and same final weights, to the bit. */
void collect_assert_same(const char *a, const char *b);
/* The uninterrupted run that others are compared with, made once. */
const char *collect_whole(char path[64]);

#endif
