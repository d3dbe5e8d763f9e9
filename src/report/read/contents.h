/* Everything that a report is about, read from a folder and computed once, before anything is drawn. */
#ifndef TRM_REPORT_READ_CONTENTS_H
#define TRM_REPORT_READ_CONTENTS_H

#include "report/read/folder.h"
#include "report/read/history.h"
#include "report/read/runs.h"
#include "report/report.h"

#include "evaluation/evaluation.h"
#include "experiment/online.h"
#include "router/router.h"

enum { CONTENTS_MAX = 16 }; /* of each kind but runs; files beyond that are named as left out */

struct contents_data_set {
    const char *name; /* of the file; belongs to the folder, as do the names below */
    struct trm_dataset *set;
    struct trm_statistics statistics;
};

struct contents_router {
    const char *name;
    struct trm_router *router;
    const struct contents_data_set *data_set; /* NULL: the one it was trained on is not in the folder */
    struct trm_evaluation evaluation;         /* where data_set is not NULL */
};

struct contents_history {
    const char *name;
    struct history history;
};

struct contents_online {
    const char *name;
    struct online_summary summary;
    struct report_runs runs;
};

struct contents_problem {
    const char *name;
    char text[512];
};

struct contents {
    struct folder folder;
    struct report_runs runs; /* of collect */
    size_t runs_in_picture;
    struct contents_data_set data_set[CONTENTS_MAX];
    struct contents_router router[CONTENTS_MAX];
    struct contents_history history[CONTENTS_MAX];
    struct contents_online online[CONTENTS_MAX];
    size_t data_sets, routers, histories, onlines;
    struct contents_problem *problem; /* one a file at most */
    size_t problems;
};

/* Read and evaluate; a file that cannot be used becomes a problem. TRM_INVALID where nothing can be used,
   TRM_STOPPED, TRM_NO_MEMORY, and folder_read's. To be freed on every return. */
enum trm_status contents_read(const char *path, const struct report_options *options,
                              struct contents *contents, struct trm_error *error);
void contents_free(struct contents *contents);

#endif
