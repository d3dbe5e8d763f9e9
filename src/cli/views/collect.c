#include "cli/views/collect.h"

#include "cli/message.h"
#include "cli/views/print_json.h"
#include "cli/views/stop.h"
#include "experiment/rule.h"

#include <math.h>
#include <stdio.h>

static void begun(void *context, const struct collect_event *event) {
    struct collect_view *const view = context;
    if (event->notice != NULL)
        cli_say("%s", event->notice);
    if (event->first_step > 0)
        cli_say("going on after step %zu of %zu", event->first_step, event->total_steps);
    progress_begin(&view->progress, view->label, "step", event->first_step, event->total_steps, false);
    view->done = event->first_step;
}

static void step(void *context, const struct collect_event *event) {
    struct collect_view *const view = context;
    char note[64];
    view->done = event->step;
    snprintf(note, sizeof note, "loss %.4f", event->loss);
    progress_update(&view->progress, event->step, note);
    if (!event->epoch_ended)
        return;
    progress_clear(&view->progress);
    char held[64] = "";
    if (!isnan(event->held_accuracy))
        snprintf(held, sizeof held, "held-out accuracy %.2f %%, ", 100.0 * event->held_accuracy);
    fprintf(stderr, "epoch %zu: training loss %.4f, test loss %.4f, test accuracy %.2f %%, %s%.1f s\n",
            event->epoch, event->train_loss, event->test_loss, 100.0 * event->test_accuracy, held,
            event->seconds);
}

static bool stop(void *context) {
    (void)context;
    return stop_signal() != 0;
}

struct collect_watch collect_view_begin(struct collect_view *view, const struct collect_request *request,
                                        const struct data_info *data) {
    const struct run_settings *const s = &request->settings;
    *view = (struct collect_view){.done = 0};
    snprintf(view->label, sizeof view->label, "%s", s->solver);
    char how[64] = "";
    const bool radius = rule_of(s)->radius;
    if (s->optimizer == RUN_manifold_muon)
        snprintf(how, sizeof how, " (tol %g, at most %zu iterations)", s->budget.tol, s->budget.max_iter);
    fprintf(stderr, "%s on %s: %zu epoch%s with %s%s, %s %g %s -> %s\n", s->model, data->title, s->epochs,
            s->epochs == 1 ? "" : "s", s->solver, how, radius ? "radius" : "learning rate",
            radius ? s->sgd.spectral_budget : s->budget.lr, muon_schedule_name((int)s->sgd.schedule),
            request->output);
    return (struct collect_watch){.context = view, .begun = begun, .step = step, .stop = stop};
}

void collect_view_end(struct collect_view *view) {
    if (view->progress.total > 0)
        progress_clear(&view->progress);
}

int collect_view_print(const struct collect_request *request, const struct collect_summary *s, bool json) {
    if (s->finished_before)
        cli_say("%s: this run is done already; nothing was left to do", request->output);
    if (json)
        return print_json(json_pack(
            "{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "solver",
            json_text(request->settings.solver), "precision",
            json_text(run_settings_precision(&request->settings)), "steps", json_count(s->steps),
            "train_loss", json_number(s->train_loss), "test_loss", json_number(s->test_loss), "test_accuracy",
            json_number(s->test_accuracy), "held_loss", json_number(s->held_loss), "held_accuracy",
            json_number(s->held_accuracy), "ms_per_step", json_number(s->ms_per_step), "ms_per_solve",
            json_number(s->ms_per_solve), "median_gap", json_number(s->median_gap), "median_iterations",
            json_number(s->median_iterations), "orthonormality_error", json_number(s->drift), "hash",
            json_text(s->hash), "store", json_text(request->output), "weights", json_text(s->weights)));
    printf("%-22s %s\n", "solver", request->settings.solver);
    printf("%-22s %s\n", "precision", run_settings_precision(&request->settings));
    printf("%-22s %zu\n", "steps recorded", s->steps);
    printf("%-22s %.4f\n", "training loss", s->train_loss);
    printf("%-22s %.4f\n", "test loss", s->test_loss);
    printf("%-22s %.2f %%\n", "test accuracy", 100.0 * s->test_accuracy);
    if (!isnan(s->held_accuracy)) {
        printf("%-22s %.4f\n", "held-out loss", s->held_loss);
        printf("%-22s %.2f %%\n", "held-out accuracy", 100.0 * s->held_accuracy);
    }
    printf("%-22s %.2f (median; inner solves %.2f)\n", "ms a step", s->ms_per_step, s->ms_per_solve);
    if (!isnan(s->median_gap))
        printf("%-22s %.2e (median, tracked matrix, %.0f iterations)\n", "certified gap", s->median_gap,
               s->median_iterations);
    printf("%-22s %.1e (largest ||W'W - I||_F / sqrt(n))\n", "orthonormality error", s->drift);
    printf("%-22s %s\n", "hash of the dynamics", s->hash);
    printf("%-22s %s\n", "store", request->output);
    printf("%-22s %s\n", "weights", s->weights);
    return cli_flush_output(CLI_DONE);
}
