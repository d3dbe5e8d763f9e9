/* export: a view or table of a store for other programs. */
#include "cli/diagnostics.h"
#include "cli/options/options.h"

#include "dynamics/dynamics.h"
#include "storage/file.h"

#include <stdio.h>

struct request {
    const char *store, *view, *output;
    bool force;
};

static enum trm_status write_file(struct trm_store *store, const struct request *r, struct trm_error *error) {
    struct file_writer writer;
    enum trm_status status = file_check_output(r->output, r->force, true, error);
    if (status == TRM_OK && file_same(r->store, r->output))
        status =
            trm_fail(error, TRM_INVALID, "%s: is both input and output; write to another file", r->output);
    if (status == TRM_OK)
        status = file_begin(&writer, r->output, error);
    if (status != TRM_OK)
        return status;
    status = trm_store_write_csv(store, r->view, writer.stream, error);
    if (status == TRM_OK)
        return file_commit(&writer, r->force, error);
    file_abandon(&writer);
    return status;
}

int cmd_export(const struct command *self, int argc, char **argv) {
    struct request r = {.force = false};
    const struct setting table[] = {
        {"FILE.db", NULL, SETTING_ARGUMENT, offsetof(struct request, store), NULL, NULL,
         "a store of collect, online or sweep gather"},
        {"csv", "VIEW", SETTING_TEXT | SETTING_IN(common), offsetof(struct request, view), "dynamics", NULL,
         "which view or table: dynamics, run_summary, epoch, solve, or another one of the store"},
        {"output", "FILE.csv", SETTING_TEXT | SETTING_IN(common), offsetof(struct request, output),
         "(standard output)", NULL, "where to write it"},
        {"force", NULL, SETTING_FLAG | SETTING_IN(common), offsetof(struct request, force), "", NULL,
         "overwrite FILE.csv"},
    };
    struct trm_store *store;
    struct trm_error error = {0};
    const int parsed = options_parse_table(self, SETTINGS(table), &r, argc, argv);
    if (parsed != OPTIONS_GO_ON)
        return parsed;
    if (trm_store_open(r.store, TRM_STORE_READ, &store, &error) != TRM_OK)
        return cli_fail("%s", error.text);
    enum trm_status status =
        r.output != NULL ? write_file(store, &r, &error) : trm_store_write_csv(store, r.view, stdout, &error);
    const enum trm_status closed = trm_store_close(store, status == TRM_OK ? &error : NULL);
    status = status == TRM_OK ? closed : status;
    return status == TRM_OK ? cli_flush_output(CLI_DONE) : cli_fail("%s", error.text);
}
