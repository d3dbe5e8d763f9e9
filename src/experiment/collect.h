/* collect: train with one solver and record the dynamics of every step. */
#ifndef TRM_EXPERIMENT_COLLECT_H
#define TRM_EXPERIMENT_COLLECT_H

#include "dynamics/dynamics.h"
#include "dynamics/settings.h"
#include "experiment/branch/settings.h"
#include "experiment/branch/summary.h"

struct collect_event {
    size_t step, total_steps; /* done, of the whole run */
    const char *notice;       /* when it begins: what is unusual about its store; NULL: nothing */
    size_t first_step;        /* where this process began: above 0 when resumed */
    double loss;              /* of the step just done */
    bool epoch_ended;         /* the next six are then filled */
    size_t epoch;             /* its number from 1 */
    double train_loss, test_loss, test_accuracy, seconds;
    double held_loss, held_accuracy; /* NAN where no image is held out */
};

/* How a run is watched and stopped; any may be NULL. */
struct collect_watch {
    void *context;
    void (*begun)(void *context, const struct collect_event *event);
    void (*step)(void *context, const struct collect_event *event);
    bool (*stop)(void *context); /* asked after every step; true: save and end with TRM_STOPPED */
};

struct collect_request {
    struct run_settings settings;
    const char
        *output; /* the store; beside it lie STEM.checkpoint.safetensors and STEM.weights.safetensors */
    const char *program;           /* version, for the store */
    size_t checkpoint_every;       /* >= 1 steps; default 200 */
    const char *events;            /* folder for its watcher to write events to; NULL: none */
    bool resume;                   /* go on from the checkpoint, or begin where there is none */
    bool force;                    /* replace a run that is there */
    struct branch_settings branch; /* completed; its router is loaded by collect_run */
};

/* What a finished run came to; everything but drift is read back from its store. */
struct collect_summary {
    bool finished_before; /* resumed a run that was done already: nothing was done now */
    size_t steps;
    double train_loss, test_loss, test_accuracy; /* of the last epoch */
    double held_loss, held_accuracy;             /* NAN where no image is held out */
    double ms_per_step, median_gap, median_iterations,
        ms_per_solve; /* median_gap NAN where nothing was solved */
    double drift;     /* largest ||W'W - I||_F / sqrt(n) at the end of an epoch */
    char hash[TRM_HASH_TEXT];
    char weights[1024];
    struct branch_summary branch; /* states 0 where the run tried no arms */
};

/* Run it. TRM_DIVERGED: marked so in the store; TRM_STOPPED: saved. */
enum trm_status collect_run(const struct collect_request *request, const struct collect_watch *watch,
                            struct collect_summary *summary, struct trm_error *error);

/* Paths beside the store: its name without .db, and ending. Empty where it is too long. */
void collect_path(const char *output, const char *ending, char path[1024]);

#endif
