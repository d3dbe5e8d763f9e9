/* Runs that differ by chance only, and what tells such groups apart. */
#ifndef TRM_REPORT_READ_GROUPS_H
#define TRM_REPORT_READ_GROUPS_H

#include "report/read/runs.h"

/* Over the finished runs of a group; NAN where none has it. */
struct report_spread {
    size_t count;
    double mean, low, high;
};

struct report_group {
    const struct report_run *run; /* (count), by seed, within the runs */
    size_t count, done;
    struct report_spread fact[RUN_FACTS];
    char name[192]; /* the solver, and of its settings those that tell it from other groups of that solver */
    int policy;     /* whose colour it has */
    size_t ordinal; /* among the groups of this colour, from 0 */
};

/* A setting that is not the same in all groups. */
struct report_key {
    const char *name; /* belongs to a run's settings */
    bool by_solver;   /* groups of one solver agree about it */
};

enum { REPORT_KEYS = 48 };

struct report_groups {
    struct report_group *at; /* the highest mean test accuracy first; last those without a finished run */
    size_t count;
    struct report_key key[REPORT_KEYS];
    size_t keys;
};

/* The runs are put in the order of their groups. TRM_NO_MEMORY; *groups is empty then. */
enum trm_status report_groups_make(struct report_groups *groups, struct report_runs *runs,
                                   struct trm_error *error);
void report_groups_free(struct report_groups *groups);

#endif
