#include "cli/views/training.h"

#include "cli/diagnostics.h"
#include "cli/options/options.h"
#include "cli/views/stop.h"

#include "cli/views/threading.h"
#include "experiment/rule.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

int training_settle(struct run_settings *settings, size_t threads, const char **output, const char *usual,
                    struct output_ways ways) {
    if (*output == NULL)
        *output = usual;
    settings->threads = threading_use(threads);
    run_settings_complete(settings);
    const char *const wrong = run_settings_check(settings);
    const int ready = wrong != NULL ? cli_misuse("%s", wrong) : output_settle(*output, ways);
    if (ready != OPTIONS_GO_ON)
        return ready;
    threading_announce(settings->threads);
    threading_announce_precision(run_settings_precision(settings));
    stop_catch(STOP_LATER);
    return OPTIONS_GO_ON;
}

/* name: what TensorBoard calls it. who: the run, with what separates it from the rest of the line; "" where there is
   one only. */
static void begin(struct training_view *view, const struct collect_event *at, const char *label,
                  const char *name, const char *who) {
    if (at->notice != NULL)
        cli_say("%s", at->notice);
    if (at->first_step > 0)
        cli_say("%sgoing on after step %zu of %zu", who, at->first_step, at->total_steps);
    events_end(&view->events); /* of the run before */
    events_begin(&view->events, view->folder, name, at->first_step);
    progress_begin(&view->progress, label, "step", at->first_step, at->total_steps, false);
}

static void show(struct training_view *view, const struct collect_event *at, const char *who) {
    char note[64];
    snprintf(note, sizeof note, "loss %.4f", at->loss);
    progress_update(&view->progress, at->step, note);
    events_step(&view->events, at);
    if (!at->epoch_ended)
        return;
    progress_clear(&view->progress);
    char held[64] = "";
    if (!isnan(at->held_accuracy))
        snprintf(held, sizeof held, "held-out accuracy %.2f %%, ", 100.0 * at->held_accuracy);
    cli_line("%sepoch %zu: training loss %.4f, test loss %.4f, test accuracy %.2f %%, %s%.1f s", who,
             at->epoch, at->train_loss, at->test_loss, 100.0 * at->test_accuracy, held, at->seconds);
}

/* "results/admm-42.db" is called admm-42. */
static void stem_of(const char *output, char stem[128]) {
    const char *const slash = strrchr(output, '/'), *const name = slash != NULL ? slash + 1 : output;
    const char *const dot = strrchr(name, '.');
    const int length = dot != NULL && dot != name ? (int)(dot - name) : (int)strlen(name);
    snprintf(stem, 128, "%.*s", length, name);
}

static void collect_begun(void *context, const struct collect_event *event) {
    struct training_view *const view = context;
    char stem[128];
    stem_of(view->output, stem);
    begin(view, event, view->label, stem, "");
}

static void collect_step(void *context, const struct collect_event *event) {
    show(context, event, "");
}

static void name_run(const struct online_event *event, char who[64]) {
    snprintf(who, 64, "%s, seed %llu", event->policy, (unsigned long long)event->seed);
}

static void online_begun(void *context, const struct online_event *event) {
    char who[64], label[96], going_on[80], name[64];
    if (event->notice != NULL)
        cli_say("%s", event->notice);
    name_run(event, who);
    snprintf(name, sizeof name, "%s-%llu", event->policy, (unsigned long long)event->seed);
    snprintf(label, sizeof label, "%s (%zu of %zu)", who, event->run + 1, event->runs);
    snprintf(going_on, sizeof going_on, "%s: ", who);
    begin(context, event->at, label, name, going_on);
}

static void online_step(void *context, const struct online_event *event) {
    char who[64], before[80];
    name_run(event, who);
    snprintf(before, sizeof before, "%s, ", who);
    show(context, event->at, before);
}

/* "mlp on Fashion-MNIST: 3 epochs", and the radius behind what comes between. */
static enum trm_status say_run(const struct run_settings *s, const char *how, const char *output,
                               struct trm_error *error) {
    struct data_info data;
    const bool radius = rule_of(s)->radius;
    const enum trm_status status = data_check(&s->data, &data, error);
    if (status == TRM_OK)
        cli_line("%s on %s: %zu epoch%s%s, %s %g %s -> %s", s->model, data.title, s->epochs,
                 s->epochs == 1 ? "" : "s", how, radius ? "radius" : "learning rate",
                 radius ? s->sgd.spectral_budget : s->budget.lr, muon_schedule_name((int)s->sgd.schedule),
                 output);
    return status;
}

enum trm_status training_view_collect(struct training_view *view, const struct collect_request *request,
                                      struct collect_watch *watch, struct trm_error *error) {
    const struct run_settings *const s = &request->settings;
    char how[128];
    *view = (struct training_view){.label = s->solver, .folder = request->events, .output = request->output};
    *watch = (struct collect_watch){
        .context = view, .begun = collect_begun, .step = collect_step, .stop = stop_asked};
    const bool manifold = s->optimizer == RUN_manifold_muon;
    snprintf(how, sizeof how, manifold ? " with %s (tol %g, at most %zu iterations)" : " with %s", s->solver,
             s->budget.tol, s->budget.max_iter);
    return say_run(s, how, request->output, error);
}

enum trm_status training_view_online(struct training_view *view, const struct online_request *request,
                                     struct online_watch *watch, struct trm_error *error) {
    char how[256];
    *view = (struct training_view){.label = "", .folder = request->events, .output = request->output};
    *watch = (struct online_watch){
        .context = view, .begun = online_begun, .step = online_step, .stop = stop_asked};
    snprintf(
        how, sizeof how, ", the router chooses every %zu step%s%s%s%.100s, %zu seed%s", request->interval,
        request->interval == 1 ? "" : "s", request->baselines ? "; also chance and each solver" : "",
        request->opponents != NULL ? "; also " : "", request->opponents != NULL ? request->opponents : "",
        request->seed_count, request->seed_count == 1 ? "" : "s");
    return say_run(&request->settings, how, request->output, error);
}

void training_view_end(struct training_view *view) {
    events_end(&view->events);
    if (view->progress.total > 0)
        progress_clear(&view->progress);
}
