/* online: train with a router that picks the solver of every step; beside it, on the same seeds, random choice, plans
   fitted on the router's data set, learners, and every fixed solver. One store holds all runs of the command. */
#ifndef TRM_EXPERIMENT_ONLINE_H
#define TRM_EXPERIMENT_ONLINE_H

#include "experiment/collect.h"
#include "experiment/policy.h"
#include "trm.h"

enum { ONLINE_MAX_SEEDS = 64, ONLINE_MAX_POLICIES = POLICY_FIXED + TRM_ARMS_MAX };

/* Seeds from text: how many of them, counted up from `first` ("3"), or a list of two or more ("42,43,44").
   false: neither, more than ONLINE_MAX_SEEDS, one above 2^53, or one twice. */
bool online_seeds(const char *text, uint64_t first, uint64_t seeds[ONLINE_MAX_SEEDS], size_t *count);

/* Policies from their names with commas between: POLICY_RANDOM, the plans, the learners, each at most once.
   TRM_INVALID: the word that is none of these, or is there twice. */
enum trm_status online_opponents(const char *text, bool opponent[POLICY_FIXED], struct trm_error *error);

struct online_request {
    struct run_settings
        settings; /* solver, budget.tol, .max_iter, .rank and seed are not looked at: an arm has its default
                                     budget, and budget.lr where it is spectral_clip. arms: to choose among, and the
                                     fixed ones; count 0: those that the router was trained on */
    const char *arms;   /* settings.arms as text, for the command line */
    const char *router; /* checkpoint made by train */
    uint64_t seeds[ONLINE_MAX_SEEDS];
    size_t seed_count;            /* 1 ... ONLINE_MAX_SEEDS */
    size_t interval;              /* >= 1: choose at steps that are multiples of it; default 1 */
    bool halt;                    /* the router stops its cycles early by its halting head; default false */
    bool baselines;               /* also random choice and every arm fixed */
    bool opponent[POLICY_FIXED];  /* also these: random choice, plans, learners */
    const char *opponents;        /* that as text, for the command line */
    const char *fitted_on;        /* the router's data set, for the plans among them; NULL: there are none */
    double target;                /* training loss to be reached; NAN (default): see struct online_summary */
    const char *output, *program; /* as struct collect_request */
    size_t checkpoint_every;      /* >= 1 steps; default 200 */
    const char *events;           /* as struct collect_request */
    bool resume, force;
};

/* Where the command is: a run of it, and the step of that run. */
struct online_event {
    size_t run, runs;   /* this is number `run` (from 0) of `runs` */
    const char *policy; /* policy_name */
    uint64_t seed;
    const struct collect_event *at;
    const char
        *notice; /* when the first run begins: how the router was trained on other data; NULL: nothing */
};

/* How it is watched and stopped; any may be NULL. */
struct online_watch {
    void *context;
    void (*begun)(void *context, const struct online_event *event);
    void (*step)(void *context, const struct online_event *event);
    bool (*stop)(void *context); /* asked after every step; true: save and end with TRM_STOPPED */
};

/* What one run came to. */
struct online_result {
    size_t policy; /* index into the summary's */
    uint64_t seed;
    enum trm_run_status status;
    double test_accuracy, test_loss, train_loss; /* of the last epoch; NAN unless done */
    double ms_per_step;                          /* median; see struct online_policy */
    double seconds;                              /* sum over its steps */
    double target_seconds, target_steps, early_seconds,
        early_steps;          /* until these losses; NAN where they were not reached */
    double switches;          /* steps whose solver is not that of the step before, as a share of the steps */
    char hash[TRM_HASH_TEXT]; /* trm_store_hash */
};

/* Mean and standard deviation (n - 1; 0 for one run) over the seeds of runs that are done. */
struct online_spread {
    size_t count;
    double mean, deviation; /* NAN where count is 0 */
};

struct online_policy {
    char name[TRM_ARM_NAME];
    size_t diverged; /* runs that did */
    /* A step here is what training needs: forward, backward, update, the decision, what is learned from it, and the
       features where it depends on them. A loss after the step that is only recorded is left out. */
    struct online_spread test_accuracy, test_loss, train_loss, ms_per_step, target_seconds, target_steps,
        early_seconds, early_steps, switches;
    double *share; /* (epochs, arms.count) of the steps of that epoch, over all seeds */
    double total_share[TRM_ARMS_MAX];
    double feature_us, decide_us; /* medians over all steps, and over the steps where it decided */
    double feature_overhead, decide_overhead; /* sums of these times over the sum of all steps, a share */
    double cycles;                            /* of a decision, mean; 0 where none took cycles */
};

struct online_summary {
    size_t epochs, interval;
    struct trm_arms arms; /* of the store */
    double target; /* training loss, as a mean over `window` recorded steps; default: the largest mean of the
                      last epoch among the runs that are done, so that all of them reach it about then */
    double
        early; /* a second one: the largest mean of the epoch half way, (epochs + 1) / 2 from 1, among them */
    size_t window;
    struct online_policy policy[ONLINE_MAX_POLICIES];
    size_t policy_count;
    struct online_result *result; /* in the order of the store */
    size_t result_count;
    double *shares; /* what the policies' share point into */
};

/* Run what is not done yet; then read the summary back from the store. A run that diverges is marked so, and
   the others go on. TRM_STOPPED: saved; with resume the same command goes on to the same bits. More seeds,
   or baselines, may be added with resume. */
enum trm_status online_run(const struct online_request *request, const struct online_watch *watch,
                           struct online_summary *summary, struct trm_error *error);

/* The summary of a store that online made; target as in the request. TRM_FORMAT where it holds no run that is
   done. On failure nothing is to be freed. */
enum trm_status online_summary_read(const char *path, double target, struct online_summary *summary,
                                    struct trm_error *error);
void online_summary_free(struct online_summary *summary);

#endif
