/* Stores of runs with known outcomes, and data sets merged from them. */
#ifndef TRM_TESTS_SUPPORT_RUNS_H
#define TRM_TESTS_SUPPORT_RUNS_H

#include "support/dynamics.h"

#include "oracle/dataset.h"

/* A uniform number in [0, 1) that belongs to (a, b, c). */
double runs_uniform(uint64_t a, uint64_t b, uint64_t c);

/* Feature f of a step: uniform, the same in every run; epoch_progress is what it says. */
double runs_feature(size_t step, int f);

/* The rule: thresholds on features 2 and 7 give one of five arms; one step in ten has another at random. */
int runs_rule(size_t step);
int runs_noisy_label(size_t step);

/* Fill `settings` of 4 epochs of 50 steps for a run of this solver. */
struct trm_run_settings runs_settings(const char *solver, uint64_t seed);

/* A store with one finished run of these settings. change(arm, seed, step) becomes next_loss - loss; NULL: -1 for
   the arm that runs_noisy_label names, about -0.5 for others. Steps take seconds[arm] = arm + 1 ms to solve, but
   quasi_newton's 0.1 ms. path is that of dynamics_path. */
void runs_store(const char *path, const struct trm_run_settings *settings,
                double (*change)(int arm, uint64_t seed, size_t step));

/* A data set of all five solvers (mask) at `name` in the test's folder, by the rule. */
struct trm_dataset *runs_dataset(const char *name, unsigned mask, size_t seeds, size_t epochs, size_t steps);

#endif
