/* train: a router from a data set. */
#include "cli/views/train.h"
#include "cli/commands/commands.h"
#include "cli/diagnostics.h"
#include "cli/options/options.h"
#include "cli/options/output.h"
#include "cli/views/stop.h"
#include "cli/views/threading.h"
#include "storage/file.h"

#include "router/settings.h"

struct request {
    struct trm_train_request train;
    struct output_options output;
};

enum trm_status train_do(const struct trm_train_request *request, struct train_view *view,
                         struct trm_train_result *result, struct trm_error *error) {
    const struct trm_train_watch watch = train_view_begin(view, request);
    const enum trm_status status = trm_train(request, &watch, result, error);
    train_view_end(view);
    return status;
}

static int go(struct request *r) {
    struct trm_error error = {0};
    struct trm_train_result result;
    struct train_view view;
    train_settings_complete(&r->train.options);
    const char *const wrong = trm_train_check(&r->train.options);
    if (wrong != NULL)
        return cli_misuse("%s", wrong);
    const int ready =
        output_settle(r->train.output, (struct output_ways){true, r->train.resume, r->train.force});
    if (ready != OPTIONS_GO_ON)
        return ready;
    if (!file_exists(r->train.data))
        return cli_fail("%s: no such file; check the name", r->train.data);
    threading_announce(threading_use(r->output.threads));
    stop_catch(STOP_LATER);
    if (train_do(&r->train, &view, &result, &error) != TRM_OK)
        return cli_fail("%s", error.text);
    return train_view_print(&view, &result, r->output.json);
}

#define AT(field) offsetof(struct request, field)

int cmd_train(const struct command *self, int argc, char **argv) {
    static const struct setting files[] = {
        {"data", "FILE.db", SETTING_TEXT, AT(train.data), NULL, NULL, "the data set, made by prepare"},
        {"output", "FILE.safetensors", SETTING_TEXT, AT(train.output), NULL, NULL,
         "the router; its history and event files go beside it"},
        OPTION_RESUME(AT(train.resume), "with an interrupted training"),
        OPTION_FORCE(AT(train.force), "a router"),
    };
    struct request r = {.train.options = trm_train_defaults()};
    const struct settings parts[] = {
        {SETTINGS(files), &r, NULL, 0}, train_settings_table(&r.train.options), options_output(&r.output)};
    const int parsed = options_parse(self, parts, sizeof parts / sizeof *parts, argc, argv, NULL);
    if (parsed != OPTIONS_GO_ON)
        return parsed;
    return go(&r);
}
