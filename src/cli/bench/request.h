/* What several benches are asked: rows of their tables of options, and lists of numbers ("1e-1,1e-2,1e-3"). */
#ifndef TRM_CLI_BENCH_REQUEST_H
#define TRM_CLI_BENCH_REQUEST_H

#include "cli/bench/output.h"
#include "cli/bench/time.h"
#include "cli/options/options.h"

enum { BENCH_LIST_MAX = 16 };

/* options_parse; where the command goes on, signals end it at once from here on. */
int bench_parse(const struct command *self, const struct setting *table, size_t count, void *target, int argc,
                char **argv);

/* Of the benches that time solvers to certified gaps. */
struct gap_request {
    const char *solver, *tol_text;
    double tol[BENCH_LIST_MAX];
    size_t tol_count, threads;
    struct bench_limits limits;
    struct bench_output output;
    bool json;
};

/* bench_parse, then the list of tolerances. */
int gap_parse(const struct command *self, const struct setting *table, size_t count, void *target, int argc,
              char **argv, struct gap_request *request);

/* Of the benches that time a training step. */
struct step_request {
    const char *precision;
    size_t batch, repeats, threads;
    bool json;
};

/* Rows of a table whose target is a struct request; at: what stands before the fields in it, "gap." or nothing.
   tolerances, longest, most: what holds where none is given. */
/* clang-format off */
#define BENCH_AT(at, field) offsetof(struct request, at field)
#define GAP_OPTIONS(at, tolerances, longest)                                                                 \
    {"tol", "LIST", SETTING_TEXT, BENCH_AT(at, tol_text), tolerances, NULL,                                  \
     "certified relative gaps, each below the one before"},                                                  \
    {"radius", "B", SETTING_REAL, BENCH_AT(at, limits.radius), "0.1", "(0, 1e100]",                          \
     "radius of every problem"},                                                                             \
    {"max-iter", "N", SETTING_COUNT, BENCH_AT(at, limits.max_iter), "2000", "[1, 1000000]",                  \
     "a solve gets at most N iterations"},                                                                   \
    {"repeats", "N", SETTING_COUNT, BENCH_AT(at, limits.repeats), "5", "[1, 1000000]",                       \
     "solve N times, the fastest counts"},                                                                   \
    {"seconds", "S", SETTING_REAL, BENCH_AT(at, limits.seconds), longest, "(0, 1e6]",                        \
     "no repeat of a solve is begun after S seconds, and no longer try that would take more"},               \
    OPTION_THREADS(BENCH_AT(at, threads)),                                                                   \
    {"force", NULL, SETTING_FLAG | SETTING_IN(common), BENCH_AT(at, output.force), "", NULL,                 \
     "replace pictures that are there"},                                                                     \
    {"gnuplot", "PROGRAM", SETTING_TEXT, BENCH_AT(at, output.gnuplot), "gnuplot", NULL,                      \
     "what draws the picture"}
#define STEP_OPTIONS(at, most)                                                                               \
    {"precision", "NAME", SETTING_CHOICE, BENCH_AT(at, precision), "f32", RUN_PRECISIONS,                    \
     "of activations and convolutions"},                                                                     \
    {"batch-size", "N", SETTING_COUNT, BENCH_AT(at, batch), "128", "[1, 65536]", "images in a step"},        \
    {"repeats", "N", SETTING_COUNT, BENCH_AT(at, repeats), most, "[30, 1000000]",                            \
     "steps, the fastest counts"},                                                                           \
    OPTION_THREADS(BENCH_AT(at, threads)),                                                                                       \
    {"json", NULL, SETTING_FLAG | SETTING_IN(common), BENCH_AT(at, json), "", NULL, "print one JSON object"}
/* clang-format on */

/* Numbers with commas between, each within the range (as storage/value.h has it) and above the one before
   (ascending) or below it. How many; 0 where text is no such list of 1 ... BENCH_LIST_MAX. */
size_t bench_list_reals(const char *text, const char *range, bool ascending, double values[BENCH_LIST_MAX]);
size_t bench_list_counts(const char *text, const char *range, size_t values[BENCH_LIST_MAX]); /* ascending */

#endif
