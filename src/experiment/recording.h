/* A training run that is recorded into a store, leaves checkpoints, and can be taken up again to the same
   bits: what collect and online have in common. */
#ifndef TRM_EXPERIMENT_RECORDING_H
#define TRM_EXPERIMENT_RECORDING_H

#include "experiment/collect.h"
#include "experiment/trainer.h"

struct recording {
    /* the caller's; they outlive it */
    struct trainer *trainer;
    struct trm_store *store;
    const char *config, *program;        /* of the run's row */
    const char *checkpoint;              /* path */
    size_t checkpoint_every;             /* >= 1 steps */
    const struct trainer_policy *policy; /* NULL: arm 0 */
    bool may_change;                     /* a run that diverged may go on with steps of other lengths */
    bool decisions;                      /* record what each step's choice cost */
    const struct collect_watch *watch;

    /* its own */
    int64_t run;
    double epoch_began;
    size_t first_step, saved_step;
    double loss; /* of the last step, before or after it: the larger */
};

/* Add the run to the store, and begin. */
enum trm_status recording_begin(struct recording *r, struct trm_error *error);
/* Go on with a run of the store from its checkpoint, or from its start where there is none; the store is cut
   back to there. Where the run is done nothing is changed. TRM_INVALID where its configuration differs from
   r->config, TRM_DIVERGED where it diverged and r->config is the same or r->may_change is false. A run that diverged
   goes on with other steps (SETTING_STEP); its stored configuration then says so. */
enum trm_status recording_go_on(struct recording *r, const struct trm_run *found, struct trm_error *error);
/* Remove a file of an earlier run that must not be taken for this one's. */
enum trm_status recording_remove_old(const char *path, struct trm_error *error);

/* Train to the end of the last epoch. TRM_STOPPED: saved. */
enum trm_status recording_train(struct recording *r, struct trm_error *error);
/* Mark the run as what recording_train came to, whose status and words `ended` and *error are, and remove the
   checkpoint of one that is done. A failure such as a full disk leaves it `running`, to be resumed. Returns
   `ended`, or why the end could not be written. */
enum trm_status recording_end(struct recording *r, enum trm_status ended, struct trm_error *error);

#endif
