#include "cli/views/online.h"

#include "cli/message.h"
#include "cli/views/online_json.h"
#include "cli/views/stop.h"

#include <math.h>
#include <stdio.h>

enum { EPOCHS_SHOWN = 10 };

static void begun(void *context, const struct online_event *event) {
    struct online_view *const view = context;
    char label[64];
    if (event->at->first_step > 0)
        cli_say("%s, seed %llu: going on after step %zu of %zu", event->policy,
                (unsigned long long)event->seed, event->at->first_step, event->at->total_steps);
    snprintf(label, sizeof label, "%s, seed %llu (%zu of %zu)", event->policy,
             (unsigned long long)event->seed, event->run + 1, event->runs);
    view->begun = true;
    progress_begin(&view->progress, label, "step", event->at->first_step, event->at->total_steps, false);
}

static void step(void *context, const struct online_event *event) {
    struct online_view *const view = context;
    const struct collect_event *const at = event->at;
    char note[64];
    snprintf(note, sizeof note, "loss %.4f", at->loss);
    progress_update(&view->progress, at->step, note);
    if (!at->epoch_ended)
        return;
    progress_clear(&view->progress);
    fprintf(stderr,
            "%s, seed %llu, epoch %zu: training loss %.4f, test loss %.4f, test accuracy %.2f %%, "
            "%.1f s\n",
            event->policy, (unsigned long long)event->seed, at->epoch, at->train_loss, at->test_loss,
            100.0 * at->test_accuracy, at->seconds);
}

static bool stop(void *context) {
    (void)context;
    return stop_signal() != 0;
}

struct online_watch online_view_begin(struct online_view *view, const struct online_request *request,
                                      const struct data_info *data) {
    const struct run_settings *const s = &request->settings;
    *view = (struct online_view){.begun = false};
    fprintf(stderr,
            "%s on %s: %zu epoch%s, the router chooses every %zu step%s%s, %zu seed%s, radius %g %s "
            "-> %s\n",
            s->model, data->title, s->epochs, s->epochs == 1 ? "" : "s", request->interval,
            request->interval == 1 ? "" : "s", request->baselines ? "; also chance and each solver" : "",
            request->seed_count, request->seed_count == 1 ? "" : "s", s->sgd.spectral_budget,
            muon_schedule_name((int)s->sgd.schedule), request->output);
    return (struct online_watch){.context = view, .begun = begun, .step = step, .stop = stop};
}

void online_view_end(struct online_view *view) {
    if (view->begun)
        progress_clear(&view->progress);
}

/* "75.60 +- 0.31", or "-" where no run is done; deviations only where there are several. */
static void print_spread(const struct online_spread *spread, double scale, int digits, int width) {
    char text[48] = "-";
    if (spread->count > 1)
        snprintf(text, sizeof text, "%.*f +- %.*f", digits, scale * spread->mean, digits,
                 scale * spread->deviation);
    else if (spread->count == 1)
        snprintf(text, sizeof text, "%.*f", digits, scale * spread->mean);
    printf(" %*s", width, text);
}

static void print_policies(const struct online_summary *s) {
    printf("%-14s %5s %16s %16s %16s %16s %14s %16s\n", "policy", "seeds", "test accuracy %", "test loss",
           "training loss", "ms a step", "switches %", "s to target");
    for (size_t p = 0; p < s->policy_count; p++) {
        const struct online_policy *const policy = &s->policy[p];
        printf("%-14s %5zu", policy->name, policy->test_accuracy.count);
        print_spread(&policy->test_accuracy, 100.0, 2, 16);
        print_spread(&policy->test_loss, 1.0, 4, 16);
        print_spread(&policy->train_loss, 1.0, 4, 16);
        print_spread(&policy->ms_per_step, 1.0, 2, 16);
        print_spread(&policy->switches, 100.0, 1, 14);
        print_spread(&policy->target_seconds, 1.0, 1, 16);
        printf("%s\n", policy->diverged > 0 ? "  (some diverged)" : "");
    }
    printf("target: training loss %.4f as the mean of %zu steps; +- is one standard deviation over seeds\n",
           s->target, s->window);
}

/* At most EPOCHS_SHOWN epochs, evenly spread, with the first and the last. */
static void print_shares(const struct online_summary *s, const struct online_policy *policy) {
    const size_t rows = s->epochs < EPOCHS_SHOWN ? s->epochs : EPOCHS_SHOWN;
    printf("\nshare of each solver by epoch, %s, %%\n%7s", policy->name, "epoch");
    for (int id = 0; id < MUON_LABEL_COUNT; id++)
        printf(" %14s", muon_solver_name(id));
    printf("\n");
    for (size_t row = 0; row <= rows; row++) {
        const size_t epoch = rows > 1 ? row * (s->epochs - 1) / (rows - 1) : 0;
        const double *const share =
            row < rows ? policy->share + epoch * MUON_LABEL_COUNT : policy->total_share;
        if (row < rows)
            printf("%7zu", epoch + 1);
        else
            printf("%7s", "all");
        for (int id = 0; id < MUON_LABEL_COUNT; id++)
            printf(" %14.1f", 100.0 * share[id]);
        printf("\n");
    }
}

int online_view_print(const struct online_request *request, const struct online_summary *summary, bool json) {
    if (json)
        return online_json_print(request, summary);
    print_policies(summary);
    for (size_t p = 0; p < summary->policy_count; p++) {
        const struct online_policy *const policy = &summary->policy[p];
        if (policy->cycles == 0.0 || policy->test_accuracy.count == 0)
            continue;
        print_shares(summary, policy);
        printf("\n%-22s %.0f us for the features (%.2f %% of a training step), %.0f us for the choice (%.2f "
               "%%, %.2f cycles)\n",
               "overhead of deciding", policy->feature_us, 100.0 * policy->feature_overhead,
               policy->decide_us, 100.0 * policy->decide_overhead, policy->cycles);
    }
    printf("%-22s %s\n", "store", request->output);
    return cli_flush_output(CLI_DONE);
}
