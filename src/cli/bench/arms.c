/* bench arms: what a training step takes with each arm, alone on the machine, as the table that `prepare --seconds`
   reads. Forward, backward and update; data loading, features, the loss after the step and the store are left out. */
#include "cli/bench/step.h"
#include "cli/diagnostics.h"
#include "cli/options/output.h"
#include "cli/views/print_json.h"
#include "cli/views/stop.h"

#include "oracle/dataset.h"

#include <stdio.h>

struct request {
    const char *arms, *manifold, *output;
    double radius;
    bool force;
    struct step_request step;
};

static int print(const struct request *r, size_t threads, const struct trm_arm_names *names,
                 const double *seconds) {
    if (!r->step.json) {
        for (size_t i = 0; i < names->count; i++)
            printf("%-24s %8.2f ms a step\n", names->name[i], 1e3 * seconds[i]);
        printf("small_cnn, batch %zu, manifold %s, %zu thread%s, the fastest of %zu; written to %s\n",
               r->step.batch, r->manifold, threads, threads == 1 ? "" : "s", r->step.repeats, r->output);
        return cli_flush_output(CLI_DONE);
    }
    json_t *o = json_object(), *table = json_object();
    for (size_t i = 0; i < names->count; i++)
        json_put(&table, names->name[i], json_number(1e3 * seconds[i]));
    json_put(&o, "ms_per_step", table);
    json_put(&o, "threads", json_count(threads));
    json_put(&o, "precision", json_text(nn_precision_used("small_cnn", step_precision(&r->step))));
    json_put(&o, "manifold", json_text(r->manifold));
    json_put(&o, "batch", json_count(r->step.batch));
    json_put(&o, "repeats", json_count(r->step.repeats));
    json_put(&o, "output", json_text(r->output));
    return print_json(o);
}

int bench_arms(const struct command *self, int argc, char **argv) {
    struct request r = {.arms = NULL};
    const struct setting table[] = {
        {"arms", "LIST", SETTING_TEXT, offsetof(struct request, arms),
         "spectral_clip,dual_ascent,quasi_newton,frank_wolfe,admm", NULL,
         "SOLVER[@BUDGET][:MULTIPLIER], with commas between"},
        {"output", "FILE.json", SETTING_TEXT, offsetof(struct request, output), NULL, NULL, "the table"},
        OPTION_FORCE(offsetof(struct request, force), "a table"),
        {"manifold", "WHICH", SETTING_TEXT, offsetof(struct request, manifold), "hidden", NULL,
         "hidden, all, or names with commas between"},
        {"spectral-budget", "B", SETTING_REAL, offsetof(struct request, radius), "0.01", "(0, 1e100]",
         "spectral norm of a step, before an arm's multiplier"},
        STEP_OPTIONS(step., "30"),
    };
    struct trm_arms arms;
    struct trm_arm_names names = {.count = 0};
    struct trm_error error = {0};
    double seconds[TRM_ARMS_MAX];
    const int parsed = options_parse_table(self, SETTINGS(table), &r, argc, argv);
    if (parsed != OPTIONS_GO_ON)
        return parsed;
    if (trm_arms_parse(r.arms, &arms, &error) != TRM_OK)
        return cli_misuse("--arms: %s", error.text);
    const int ready = output_settle(r.output, (struct output_ways){false, false, r.force});
    if (ready != OPTIONS_GO_ON)
        return ready;
    stop_catch(STOP_AT_ONCE);
    const size_t threads = step_begin(&r.step, "small_cnn");
    enum trm_status status = TRM_OK;
    for (size_t i = 0; status == TRM_OK && i < arms.count; i++) {
        char name[TRM_ARM_NAME];
        trm_arm_name(&arms.at[i], name);
        (void)trm_arm_names_add(&names, name);
        status = step_time_arm(&r.step, r.manifold, r.radius, &arms.at[i], &seconds[i], &error);
    }
    if (status == TRM_OK)
        status = trm_arm_seconds_write(r.output, &names, seconds, r.force, &error);
    return status == TRM_OK ? print(&r, threads, &names, seconds) : cli_fail("%s", error.text);
}
