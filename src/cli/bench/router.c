/* bench router: one epoch of 8,000 random samples in batches of 64 with deep supervision, and one decision. */
#include "cli/bench/request.h"
#include "cli/diagnostics.h"
#include "cli/views/print_json.h"
#include "cli/views/threading.h"

#include "router/training.h"

#include <stdio.h>

struct request {
    const char *size;
    size_t samples, repeats, threads;
    bool json;
};

int bench_router(const struct command *self, int argc, char **argv) {
    struct request r = {.size = NULL};
    const struct setting table[] = {
        {"size", "NAME", SETTING_CHOICE, offsetof(struct request, size), "small", "tiny|small|base",
         "of the network"},
        {"samples", "N", SETTING_COUNT, offsetof(struct request, samples), "8000", "[64, 1000000]",
         "in an epoch, in batches of 64"},
        {"repeats", "N", SETTING_COUNT, offsetof(struct request, repeats), "5", "[1, 1000]",
         "epochs, the fastest counts"},
        OPTION_THREADS(offsetof(struct request, threads)),
        {"json", NULL, SETTING_FLAG | SETTING_IN(common), offsetof(struct request, json), "", NULL,
         "print one JSON object"},
    };
    const int parsed = bench_parse(self, SETTINGS(table), &r, argc, argv);
    if (parsed != OPTIONS_GO_ON)
        return parsed;
    struct trm_error error = {0};
    struct trm_train_times times;
    const size_t threads = threading_use(r.threads);
    threading_announce(threads);
    if (trm_train_time(r.size, r.samples, r.repeats, &times, &error) != TRM_OK)
        return cli_fail("%s", error.text);
    if (!r.json) {
        printf(
            "%s (%zu parameters): %.1f ms an epoch of %zu samples (deep supervision, batches of 64), %.4f ms "
            "a decision, %zu thread%s, the fastest of %zu\n",
            r.size, times.parameters, times.ms_epoch, r.samples, times.ms_decision, threads,
            threads == 1 ? "" : "s", r.repeats);
        return cli_flush_output(CLI_DONE);
    }
    return print_json(json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "ms_decision",
                                json_number(times.ms_decision), "ms_epoch", json_number(times.ms_epoch),
                                "samples", json_count(r.samples), "threads", json_count(threads), "size",
                                json_text(r.size), "parameters", json_count(times.parameters)));
}
