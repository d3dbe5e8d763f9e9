#include "cli/views/train.h"

#include "cli/diagnostics.h"
#include "cli/views/stop.h"
#include "cli/views/table.h"
#include "storage/json.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static void logging_failed(struct train_view *view, const struct trm_error *error) {
    cli_say("%s; no more events are written", error->text);
    tensorboard_close(view->log, NULL);
    view->log = NULL;
}

static void begun(void *context, const struct trm_train_begin *b) {
    struct train_view *const view = context;
    const struct trm_train_options *const o = &view->request->options;
    const size_t *const n = b->split->samples;
    struct trm_error error;
    cli_say("router '%s': %zu parameters; %zu samples to train, %zu to validate, %zu held out%s", o->size,
            b->parameters, n[TRM_TRAIN], n[TRM_VALIDATION], n[TRM_TEST], b->first > 0 ? "; going on" : "");
    if (b->split->warning[0] != '\0')
        cli_say("%s", b->split->warning);
    if (tensorboard_open(&view->log, view->folder, (double)time(NULL), (int64_t)b->first, &error) != TRM_OK)
        logging_failed(view, &error);
    view->samples = n[TRM_TRAIN], view->done = b->first;
    progress_begin(&view->progress, "train", "sample", b->first * view->samples, b->epochs * view->samples,
                   false);
}

static void batch(void *context, size_t epoch, size_t done, size_t total, double loss, double accuracy) {
    struct train_view *const view = context;
    char note[96];
    snprintf(note, sizeof note, "epoch %zu, loss %.4f, accuracy %.1f %%", epoch, loss, 100.0 * accuracy);
    progress_update(&view->progress, (epoch - 1) * total + done, note);
}

/* Tenths of the whole get a line each. */
static bool worth_a_line(size_t epoch, size_t epochs) {
    return epochs <= 10 || epoch == epochs || epoch % (epochs / 10) == 0;
}

static void epoch(void *context, const struct trm_train_epoch *row) {
    static const char *const names[] = {
#define X(name, text) #name,
        TRM_TRAIN_COLUMN_LIST(X)
#undef X
    };
    const double values[] = {
#define X(name, text) row->name,
        TRM_TRAIN_COLUMN_LIST(X)
#undef X
    };
    struct train_view *const view = context;
    struct trm_error error;
    view->done = (size_t)row->epoch;
    for (size_t i = 1; i < sizeof names / sizeof *names && view->log != NULL; i++)
        if (isfinite(values[i]) && tensorboard_scalar(view->log, names[i], (int64_t)row->epoch,
                                                      (double)time(NULL), values[i], &error) != TRM_OK)
            logging_failed(view, &error);
    if (!worth_a_line(view->done, view->request->options.epochs))
        return;
    progress_clear(&view->progress);
    char validation[80] = "";
    if (isfinite(row->val_loss))
        snprintf(validation, sizeof validation, "; validation %.4f, %.2f %%", row->val_loss,
                 100.0 * row->val_accuracy);
    cli_line("epoch %zu: loss %.4f, accuracy %.2f %%%s", view->done, row->train_loss,
             100.0 * row->train_accuracy, validation);
}

struct trm_train_watch train_view_begin(struct train_view *view, const struct trm_train_request *request) {
    static const char suffix[] = ".safetensors";
    const size_t length = strlen(request->output), cut = sizeof suffix - 1;
    const bool ends = length > cut && strcmp(request->output + length - cut, suffix) == 0;
    *view = (struct train_view){.request = request};
    snprintf(view->folder, sizeof view->folder, "%.*s.tb", (int)(ends ? length - cut : length),
             request->output);
    return (struct trm_train_watch){
        .context = view, .begun = begun, .batch = batch, .epoch = epoch, .stop = stop_asked};
}

void train_view_end(struct train_view *view) {
    struct trm_error error;
    if (view->progress.total > 0)
        progress_clear(&view->progress);
    if (tensorboard_close(view->log, &error) != TRM_OK)
        cli_say("%s", error.text);
    view->log = NULL;
}

static const struct view_line lines[] = {
    {"size", "{size}, {parameters} parameters"},
    {"samples", "{train_samples} to train, {val_samples} to validate, {test_samples} held out, "
                "{guard_samples} left out as guard"},
    {"epoch kept", "{best_epoch} of {epochs}"},
    {"validation", "accuracy {best_val_accuracy:.2%} %, loss {best_val_loss:.4f}"},
    {"training", "accuracy {train_accuracy:.2%} %, loss {train_loss:.4f} (last epoch)"},
    {"ms an epoch", "{ms_per_epoch:.1f} (fastest, with its validation)"},
    {"router", "{router}"},
    {"history", "{history}"},
    {"events", "{events}"},
};

int train_view_print(const struct train_view *view, const struct trm_train_result *r, bool json) {
    const char *const output = view->request->output;
    if (r->finished_before)
        cli_say("%s: this training is done already; nothing was left to do", output);
    json_t *o = json_object();
    json_put(&o, "size", json_text(view->request->options.size));
    json_put(&o, "seed", json_count(view->request->options.seed));
    json_put(&o, "data", json_text(view->request->data));
    json_put(&o, "parameters", json_count(r->parameters));
    json_put(&o, "epochs", json_count(r->epochs));
    json_put(&o, "train_samples", json_count(r->samples[TRM_TRAIN]));
    json_put(&o, "val_samples", json_count(r->samples[TRM_VALIDATION]));
    json_put(&o, "test_samples", json_count(r->samples[TRM_TEST]));
    json_put(&o, "guard_samples", json_count(r->samples[TRM_GUARD]));
    json_put(&o, "best_epoch", json_count(r->best_epoch));
    json_put(&o, "best_val_accuracy", json_number(r->best_val_accuracy));
    json_put(&o, "best_val_loss", json_number(r->best_val_loss));
    json_put(&o, "train_loss", json_number(r->train_loss));
    json_put(&o, "train_accuracy", json_number(r->train_accuracy));
    json_put(&o, "ms_per_epoch", json_number(r->finished_before ? NAN : r->ms_per_epoch));
    json_put(&o, "router", json_text(output));
    json_put(&o, "history", json_text(r->history));
    json_put(&o, "events", json_text(view->folder));
    return view_print(o, json, VIEW(lines));
}
