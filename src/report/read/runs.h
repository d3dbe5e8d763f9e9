/* Training runs read from a store, with what pictures and tables need of them. */
#ifndef TRM_REPORT_READ_RUNS_H
#define TRM_REPORT_READ_RUNS_H

#include "muon/muon.h"
#include "trm.h"

#include <jansson.h>

/* Who chose the solvers of a run: the labels 0 ... 4 (always that one), the router, chance, or somebody that
   this program does not know. */
enum { REPORT_POLICY_ROUTER = MUON_LABEL_COUNT, REPORT_POLICY_RANDOM, REPORT_POLICY_OTHER, REPORT_POLICIES };

int report_policy_find(const char *name);
/* Whose looks each of these names (count) has where they stand together: its own; else those of the solver that an arm's
   name begins with, else the next of `another solver` and the solvers, as long as no other name has them; last those of
   `another solver`. The same names get the same in any order, equal names the same. */
void report_policies_of(const char *const *names, size_t count, int *policy);
void report_policies_of_arms(const struct trm_arm_names *arms, int policy[TRM_ARMS_MOST]);
const char *report_policy_name(int policy);
/* What draw/style.gp and the page's style call it: its name, "other" for another. */
const char *report_policy_word(int policy);
/* Its colour, "#rrggbb", from draw/style.gp: that of the pictures, or the one on a dark page. */
void report_policy_colour(int policy, bool dark, char colour[8]);
/* The number of its mark in gnuplot's list; of the second of its curves, the third ... another one. */
int report_policy_mark(int policy, size_t ordinal);

/* What a run came to. NAME, head of its column, format, factor; NAN where it is not known. */
#define RUN_FACT_LIST(X)                                                                                     \
    X(accuracy, "test accuracy, %", "%.2f", 100.0)                                                           \
    X(best_accuracy, "best epoch's, %", "%.2f", 100.0)                                                       \
    X(test_loss, "test loss", "%.4f", 1.0)                                                                   \
    X(train_loss, "training loss", "%.4f", 1.0)                                                              \
    X(seconds, "s in all", "%.1f", 1.0)                                                                      \
    X(step_seconds, "ms a step", "%.1f", 1e3)                                                                \
    X(solve_seconds, "ms a solve", "%.1f", 1e3)                                                              \
    X(gap, "median gap", "%.1e", 1.0)

enum run_fact {
#define X(name, title, format, scale) RUN_FACT_##name,
    RUN_FACT_LIST(X)
#undef X
        RUN_FACTS
};

/* The solves of one matrix, a value a recorded step. */
struct report_matrix {
    char name[64];
    size_t count, room;
    size_t *step;
    double *gap, *iterations; /* (count) */
};

struct report_run {
    char *file;       /* name within the folder */
    json_t *settings; /* an object: its whole configuration */
    char
        *setting; /* the same as text, without what runs of one group may differ in: seed, threads, machine */
    char solver[64], dataset[64];
    char started[32], finished[32]; /* UTC; "" where it has not ended */
    uint64_t seed;
    size_t steps_per_epoch, record_every, epochs;
    enum trm_run_status status;
    size_t steps;  /* recorded */
    size_t *step;  /* (steps) their numbers */
    double *loss;  /* (steps) before the update */
    double *clock; /* (steps) seconds of training up to the end of that step */
    size_t epochs_done;
    struct trm_epoch *epoch; /* (epochs_done) */
    size_t matrices;
    struct report_matrix
        *matrix; /* (matrices) in the order of the store; none in stores of earlier programs */
    double fact[RUN_FACTS];
};

struct report_runs {
    struct report_run *at;
    size_t count, room;
};

/* Add all runs of a store; `file` is what the page calls it. On failure nothing is added. */
enum trm_status report_runs_read(struct report_runs *runs, struct trm_store *store, const char *file,
                                 struct trm_error *error);
void report_runs_free(struct report_runs *runs);

/* May runs of one group differ in this setting? */
bool report_setting_is_free(const char *name);
/* A setting of a run in few letters: "0.1", "linear", "on"; an en dash where it has none. */
const char *report_setting_text(const struct report_run *run, const char *name, char text[96]);

#endif
