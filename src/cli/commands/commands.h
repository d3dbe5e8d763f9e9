/* A command reads its request from the command line, does it and prints what came of it. `run` fills the same
   requests from its configuration and has them done by the same functions. Each says on stderr what it does
   and shows how far it is; a signal that was caught with STOP_LATER ends it with TRM_STOPPED. */
#ifndef TRM_CLI_COMMANDS_COMMANDS_H
#define TRM_CLI_COMMANDS_COMMANDS_H

#include "evaluation/evaluation.h"
#include "experiment/online.h"
#include "report/report.h"
#include "router/training.h"
#include "storage/settings.h"

/* Settings beside those of the training run; names of files are of the command line only. */
struct settings collect_table(struct collect_request *target);
enum trm_status collect_do(const struct collect_request *request, struct collect_summary *summary,
                           struct trm_error *error);

struct settings online_table(struct online_request *target);
/* summary: to be freed with online_summary_free where the status is TRM_OK. */
enum trm_status online_do(const struct online_request *request, struct online_summary *summary,
                          struct trm_error *error);

struct prepare_request {
    const char *const *inputs;
    size_t input_count;
    const char *output;
    bool force;
    struct trm_oracle_options oracle; /* oracle TRM_ORACLE_MERGE: the others are not looked at */
};
enum trm_status prepare_do(const struct prepare_request *request, struct trm_statistics *statistics,
                           struct trm_error *error);

struct train_view;
enum trm_status train_do(const struct trm_train_request *request, struct train_view *view,
                         struct trm_train_result *result, struct trm_error *error);

struct evaluate_request {
    const char *model, *data;
    const char *test_data;     /* NULL: the test part of data */
    const char *output, *plot; /* JSON and picture; NULL: none */
    struct trm_evaluation_options options;
    bool force;
};
/* evaluation: to be freed with trm_evaluation_free where the status is TRM_OK. */
enum trm_status evaluate_do(const struct evaluate_request *request, struct trm_evaluation *evaluation,
                            struct trm_error *error);

enum trm_status report_do(const char *results, const struct report_options *options,
                          struct report_summary *summary, struct trm_error *error);

#endif
