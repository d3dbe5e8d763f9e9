/* data: which data sets are there, and are they the published ones. */
#include "cli/diagnostics.h"
#include "cli/options/options.h"
#include "cli/views/print_json.h"
#include "cli/views/stop.h"
#include "cli/views/table.h"

#include "data/data.h"
#include "dynamics/settings.h"

#include <stdio.h>
#include <string.h>

static json_t *listing_row(const struct data_listing *listing) {
    const struct data_info *info = &listing->info;
    json_t *row = json_object();
    json_put(&row, "name", json_text(info->name));
    json_put(&row, "title", json_text(info->title));
    json_put(&row, "found", json_boolean(listing->found));
    if (listing->found) {
        json_put(&row, "dir", json_text(info->dir));
        json_put(&row, "train", json_count(info->train));
        json_put(&row, "test", json_count(info->test));
    } else
        json_put(&row, "problem", json_text(listing->problem));
    return row;
}

/* "cifar10  not there: why", wrapped. */
static void print_listing(const struct data_listing *listing) {
    const char *const name = listing->info.name;
    const size_t length = strlen(name);
    const bool named = strncmp(listing->problem, name, length) == 0 && listing->problem[length] == ':';
    char label[80];
    snprintf(label, sizeof label, "%-13s", name);
    json_t *row = listing_row(listing);
    if (!listing->found)
        json_object_set_new(row, "problem", json_text(listing->problem + (named ? length + 2 : 0)));
    const struct view_line lines[] = {{label, listing->found
                                                  ? "{train} training and {test} test images in {dir}"
                                                  : "not there: {problem}"}};
    view_lines(row, VIEW(lines));
    json_decref(row);
}

struct list_request {
    const char *dir;
    bool json;
};

static int run_list(const struct command *self, int argc, char **argv) {
    struct list_request r = {.dir = NULL};
    bool any = false;
    const struct setting table[] = {
        {"DIR", NULL, SETTING_ARGUMENT, offsetof(struct list_request, dir),
         "(where the distribution's packages put them)", NULL, "folder to look in"},
        OPTION_JSON(offsetof(struct list_request, json), "array"),
    };
    const int parsed = options_parse_table(self, SETTINGS(table), &r, argc, argv);
    if (parsed != OPTIONS_GO_ON)
        return parsed;
    json_t *rows = r.json ? json_array() : NULL;
    for (size_t i = 0; i < data_known(); i++) {
        struct data_listing listing;
        data_list(i, r.dir, &listing);
        any = any || listing.found;
        if (r.json)
            json_append(&rows, listing_row(&listing));
        else
            print_listing(&listing);
    }
    struct trm_error error = {.text = ""};
    struct data_listing own = {.found = false};
    if (r.dir != NULL && !any) { /* own images, which have no name before they are looked at */
        own.found = data_check(&(struct data_options){.dir = r.dir}, &own.info, &error) == TRM_OK;
        if (own.found && r.json)
            json_append(&rows, listing_row(&own));
        else if (own.found)
            print_listing(&own);
    }
    const int printed = r.json ? print_json(rows) : cli_flush_output(CLI_DONE);
    return r.dir != NULL && !any && !own.found && printed == CLI_DONE ? cli_fail("%s", error.text) : printed;
}

static json_t *verification_object(const struct data_verification *v) {
    json_t *object = json_object(), *files = json_array();
    for (size_t i = 0; i < v->count; i++) {
        json_t *file = json_object();
        json_put(&file, "name", json_text(v->files[i].name));
        json_put(&file, "state", json_text(data_file_text(v->files[i].state)));
        json_put(&file, "expected", json_text(v->files[i].expected));
        json_put(&file, "actual", json_text(v->files[i].actual));
        json_append(&files, file);
    }
    json_put(&object, "name", json_text(v->info.name));
    json_put(&object, "dir", json_text(v->info.dir));
    json_put(&object, "good", json_boolean(v->good));
    json_put(&object, "files", files);
    return object;
}

struct verify_request {
    struct data_options data;
    bool json;
};

static int run_verify(const struct command *self, int argc, char **argv) {
    struct verify_request r = {.json = false};
    struct data_verification v;
    struct trm_error error;
    const struct setting table[] = {
        {"DIR", NULL, SETTING_ARGUMENT, offsetof(struct verify_request, data.dir),
         "(where the distribution's package puts it)", NULL, "folder of the files"},
        {"dataset", "NAME", SETTING_CHOICE, offsetof(struct verify_request, data.name), "(what DIR holds)",
         RUN_DATA_SETS, "which data set"},
        OPTION_JSON(offsetof(struct verify_request, json), "object"),
    };
    const int parsed = options_parse_table(self, SETTINGS(table), &r, argc, argv);
    if (parsed != OPTIONS_GO_ON)
        return parsed;
    stop_catch(STOP_AT_ONCE);
    if (data_verify(&r.data, &v, &error) != TRM_OK)
        return cli_fail("%s", error.text);
    if (r.json) {
        const int printed = print_json(verification_object(&v));
        if (printed != CLI_DONE)
            return printed;
    } else
        for (size_t i = 0; i < v.count; i++)
            printf("%-28s %s\n", v.files[i].name, data_file_text(v.files[i].state));
    if (!v.good)
        return cli_fail("%s: is not the published %s; fetch the files again", v.info.dir, v.info.title);
    return cli_flush_output(CLI_DONE);
}

static const struct command verbs[] = {
    {"data list", run_list, "data sets that are there", NULL, "data list cifar-10-batches-bin"},
    {"data verify", run_verify, "compare every file with its published SHA-1",
     "Exit status 0 where all files are the published ones; files that training can do without may be "
     "absent.",
     "data verify cifar-10-batches-bin"},
};

int cmd_data(const struct command *self, int argc, char **argv) {
    (void)self;
    return command_dispatch("trm-router data", verbs, sizeof verbs / sizeof *verbs, argc, argv);
}
