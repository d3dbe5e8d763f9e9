/* data: which data sets are there, and are they the published ones. */
#include "cli/message.h"
#include "cli/options/choices.h"
#include "cli/options/options.h"
#include "cli/views/print_json.h"
#include "cli/views/stop.h"

#include "data/data.h"

#include <stdio.h>

static json_t *listing_row(const struct data_listing *listing) {
    const struct data_info *info = &listing->info;
    json_t *row = json_object();
    json_object_set_new(row, "name", json_text(info->name));
    json_object_set_new(row, "title", json_text(info->title));
    json_object_set_new(row, "found", json_boolean(listing->found));
    if (listing->found) {
        json_object_set_new(row, "dir", json_text(info->dir));
        json_object_set_new(row, "train", json_count(info->train));
        json_object_set_new(row, "test", json_count(info->test));
    } else
        json_object_set_new(row, "problem", json_text(listing->problem));
    return row;
}

static int run_list(const struct command *self, int argc, char **argv) {
    const char *dir = NULL;
    bool json = false, any = false;
    const struct option table[] = {
        {"DIR", NULL, OPTION_ARGUMENT, &dir, "(where the distribution's packages put them)", NULL,
         "folder to look in"},
        {"json", NULL, OPTION_FLAG, &json, "", NULL, "print one JSON array"},
    };
    const int parsed = options_parse(self, table, sizeof table / sizeof *table, argc, argv, NULL);
    if (parsed != OPTIONS_GO_ON)
        return parsed;
    json_t *rows = json ? json_array() : NULL;
    for (size_t i = 0; i < data_known(); i++) {
        struct data_listing listing;
        data_list(i, dir, &listing);
        any = any || listing.found;
        if (json)
            json_array_append_new(rows, listing_row(&listing));
        else if (listing.found)
            printf("%-15s %zu training and %zu test images in %s\n", listing.info.name, listing.info.train,
                   listing.info.test, listing.info.dir);
        else
            printf("%-15s not there: %s\n", listing.info.name, listing.problem);
    }
    const int printed = json ? print_json(rows) : cli_flush_output(CLI_DONE);
    if (dir != NULL && !any && printed == CLI_DONE)
        return cli_fail("%s: holds no data set that is known", dir);
    return printed;
}

static json_t *verification_object(const struct data_verification *v) {
    json_t *object = json_object(), *files = json_array();
    for (size_t i = 0; i < v->count; i++) {
        json_t *file = json_object();
        json_object_set_new(file, "name", json_text(v->files[i].name));
        json_object_set_new(file, "state", json_text(data_file_text(v->files[i].state)));
        json_object_set_new(file, "expected", json_text(v->files[i].expected));
        json_object_set_new(file, "actual", json_text(v->files[i].actual));
        json_array_append_new(files, file);
    }
    json_object_set_new(object, "name", json_text(v->info.name));
    json_object_set_new(object, "dir", json_text(v->info.dir));
    json_object_set_new(object, "good", json_boolean(v->good));
    json_object_set_new(object, "files", files);
    return object;
}

static int run_verify(const struct command *self, int argc, char **argv) {
    struct data_options options = {0};
    struct data_verification v;
    struct trm_error error;
    char names[CHOICES_SIZE];
    bool json = false;
    const struct option table[] = {
        {"DIR", NULL, OPTION_ARGUMENT, &options.dir, "(where the distribution's package puts it)", NULL,
         "folder of the files"},
        {"dataset", "NAME", OPTION_CHOICE, &options.name, "(what DIR holds)", choices_join(names, data_name),
         "which data set"},
        {"json", NULL, OPTION_FLAG, &json, "", NULL, "print one JSON object"},
    };
    const int parsed = options_parse(self, table, sizeof table / sizeof *table, argc, argv, NULL);
    if (parsed != OPTIONS_GO_ON)
        return parsed;
    stop_catch(STOP_AT_ONCE);
    if (data_verify(&options, &v, &error) != TRM_OK)
        return cli_fail("%s", error.text);
    if (json) {
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
