/* Everything that a report is about, read from a folder and computed once, before anything is drawn. */
#ifndef TRM_REPORT_READ_RESULTS_H
#define TRM_REPORT_READ_RESULTS_H

#include "report/read/folder.h"
#include "report/read/groups.h"
#include "report/read/history.h"
#include "report/report.h"

#include "evaluation/evaluation.h"
#include "experiment/online.h"
#include "router/router.h"

enum { RESULTS_MAX = 16 }; /* of each kind but runs; files beyond that are named as left out */

struct results_data_set {
    const char *name; /* of the file; belongs to the folder, as do the names below */
    struct trm_dataset *set;
    struct trm_statistics statistics;
};

struct results_router {
    const char *name;
    struct trm_router *router;
    const struct results_data_set *data_set; /* NULL: the one it was trained on is not in the folder */
    struct trm_evaluation evaluation;        /* where data_set is not NULL */
};

struct results_history {
    const char *name;
    struct history history;
};

struct results_online {
    const char *name;
    struct online_summary summary;
    struct report_runs runs;
    struct report_groups groups; /* one a policy */
};

struct results_problem {
    const char *name;
    char text[512];
};

struct results {
    struct folder folder;
    struct report_runs runs; /* of collect */
    struct report_groups groups;
    struct results_data_set data_set[RESULTS_MAX];
    struct results_router router[RESULTS_MAX];
    struct results_history history[RESULTS_MAX];
    struct results_online online[RESULTS_MAX];
    size_t data_sets, routers, histories, onlines;
    struct results_problem *problem; /* one a file at most */
    size_t problems;
};

/* Read and evaluate; a file that cannot be used becomes a problem. TRM_INVALID where nothing can be used,
   TRM_STOPPED, TRM_NO_MEMORY, and folder_read's. To be freed on every return. */
enum trm_status results_read(const char *path, const struct report_options *options, struct results *c,
                             struct trm_error *error);
void results_free(struct results *c);

#endif
