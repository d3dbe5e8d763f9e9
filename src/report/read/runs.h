/* Training runs read from a store, with what pictures and tables need of them. */
#ifndef TRM_REPORT_READ_RUNS_H
#define TRM_REPORT_READ_RUNS_H

#include "muon/muon.h"
#include "trm.h"

/* Who chose the solvers of a run: the labels 0 ... 4 (always that one), the router, chance, or somebody that
   this program does not know. */
enum { REPORT_POLICY_ROUTER = MUON_LABEL_COUNT, REPORT_POLICY_RANDOM, REPORT_POLICY_OTHER, REPORT_POLICIES };

int report_policy_find(const char *name);
const char *report_policy_name(int policy);
/* Its colour on the page, "#rrggbb": that of the pictures, from draw/style.gp. */
void report_policy_colour(int policy, char colour[8]);

struct report_run {
    char *file;    /* name within the folder */
    char *setting; /* what runs must share to be compared: data, network, length, schedule, ... */
    char solver[64], dataset[64], model[64];
    int policy;
    double width;
    uint64_t seed;
    size_t batch_size, steps_per_epoch, epochs;
    enum trm_run_status status;
    size_t steps; /* recorded */
    size_t *step; /* (steps) their numbers */
    double *loss; /* (steps) before the update */
    size_t epochs_done;
    struct trm_epoch *epoch; /* (epochs_done) */
    double seconds;          /* of all epochs */
    double ms_per_step, ms_per_solve, median_gap;
    char schedule[32]; /* from its configuration; "" where it names none */
    double budget;     /* spectral-budget; NAN where it names none */
    bool in_picture;   /* it belongs to the largest group that can be compared */
};

struct report_runs {
    struct report_run *at;
    size_t count, room;
};

/* Add all runs of a store; `file` is what the page calls it. On failure nothing is added. */
enum trm_status report_runs_read(struct report_runs *runs, struct trm_store *store, const char *file,
                                 struct trm_error *error);
void report_runs_free(struct report_runs *runs);

/* Set in_picture for the runs of the setting that has the most runs with recorded steps (of two, the one read
   first). How many these are. */
size_t report_runs_choose(struct report_runs *runs);

/* Mean loss of consecutive steps, `window` each, into x (middle step) and y, room for steps / window + 1 of
   each; returns how many. */
size_t report_run_smooth(const struct report_run *run, size_t window, double *x, double *y);

#endif
