#include "cli/sweep/account.h"

#include "cli/diagnostics.h"
#include "cli/views/print_json.h"
#include "cli/views/progress.h"

#include <stdio.h>
#include <stdlib.h>

struct account {
    size_t counts[RUN_STATE_COUNT];
    double seconds_left; /* of one run at a time; 0 where none is done yet */
};

/* What is left takes as long as what is done did, by their costs. */
static struct account account_of(const struct sweep_folder *folder) {
    struct account account = {.seconds_left = 0};
    double done_cost = 0, done_seconds = 0, left_cost = 0;
    for (size_t i = 0; i < folder->count; i++) {
        struct run_record record;
        sweep_folder_state(folder, i, &record);
        account.counts[record.state]++;
        if (record.state == RUN_DONE) {
            done_cost += folder->costs[i];
            done_seconds += record.seconds;
        } else {
            left_cost += folder->costs[i];
        }
    }
    account.seconds_left = done_cost > 0 ? left_cost / done_cost * done_seconds : 0;
    return account;
}

size_t sweep_account_count(const struct sweep_folder *folder, enum run_state state) {
    return account_of(folder).counts[state];
}

size_t sweep_account_todo(const struct sweep_folder *folder, size_t *todo) {
    size_t count = 0;
    for (size_t i = 0; i < folder->count; i++) {
        struct run_record record;
        sweep_folder_state(folder, i, &record);
        if (record.state != RUN_DONE && record.state != RUN_RUNNING)
            todo[count++] = i;
    }
    return count;
}

static bool is_left(enum run_state state) {
    return state == RUN_FAILED || state == RUN_STOPPED || state == RUN_KILLED;
}

static json_t *run_row(const struct sweep_folder *folder, size_t index) {
    struct run_record record;
    sweep_folder_state(folder, index, &record);
    char *const command = sweep_folder_command(folder, index);
    json_t *row = json_object();
    json_put(&row, "name", json_text(folder->names[index]));
    json_put(&row, "state", json_text(run_state_name(record.state)));
    json_put(&row, "seconds", record.state == RUN_DONE ? json_number(record.seconds) : json_null());
    json_put(&row, "reason", record.state == RUN_FAILED ? json_text(record.reason) : json_null());
    json_put(&row, "command", command != NULL ? json_text(command) : NULL);
    free(command);
    return row;
}

static int print_as_json(const struct sweep_folder *folder, const struct account *account) {
    json_t *document = json_object(), *counts = json_object(), *runs = json_array();
    for (int i = 0; i < RUN_STATE_COUNT; i++)
        json_put(&counts, run_state_name((enum run_state)i), json_count(account->counts[i]));
    for (size_t i = 0; i < folder->count; i++)
        json_append(&runs, run_row(folder, i));
    json_put(&document, "counts", counts);
    json_put(&document, "seconds_left_one_at_a_time", json_number(account->seconds_left));
    json_put(&document, "runs", runs);
    return print_json(document);
}

/* A run that was killed, or has not even begun, could say nothing but in its log; a full disk takes that, too. */
static void print_left(const struct sweep_folder *folder, size_t index, bool ended) {
    struct run_record record;
    char log[SWEEP_PATH];
    sweep_folder_state(folder, index, &record);
    const bool silent = record.state == RUN_KILLED || (ended && record.state == RUN_WAITING);
    if (!is_left(record.state) && !silent)
        return;
    char *const command = sweep_folder_command(folder, index);
    printf("%s: %s%s%s", folder->names[index],
           record.state == RUN_WAITING ? "did not begin" : run_state_name(record.state),
           record.reason[0] != '\0' ? ": " : "", record.reason);
    if (silent && sweep_folder_path(folder, index, "log", log, NULL) == TRM_OK)
        printf("; %s may say why%s", log, record.state == RUN_WAITING ? ", or is the disk full?" : "");
    printf("\n    %s\n", command != NULL ? command : "");
    free(command);
}

int sweep_account_print(const struct sweep_folder *folder, bool json, bool ended) {
    char left[16];
    const struct account account = account_of(folder);
    const size_t running = account.counts[RUN_RUNNING];
    if (json)
        return print_as_json(folder, &account);
    printf("%s: %zu run%s", folder->path, folder->count, folder->count == 1 ? "" : "s");
    for (int i = 0, said = 0; i < RUN_STATE_COUNT; i++)
        if (account.counts[i] > 0)
            printf("%s%zu %s", said++ == 0 ? ": " : ", ", account.counts[i],
                   run_state_name((enum run_state)i));
    if (account.seconds_left > 0)
        printf("; about %s left, %zu at a time",
               progress_duration(account.seconds_left / (double)(running > 0 ? running : 1), left),
               running > 0 ? running : 1);
    printf("\n");
    for (size_t i = 0; i < folder->count; i++)
        print_left(folder, i, ended);
    return cli_flush_output(CLI_DONE);
}
