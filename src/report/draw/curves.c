/* solver_comparison and gap_by_step: what the runs of a group did on their way, mean and band. */
#include "report/assets.h"
#include "report/draw/draw.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { POINTS = 50, SOLVE_POINTS = 30 }; /* of a curve, at most about */

enum quantity { LOSS, ACCURACY, TEST_LOSS, GAP, ITERATIONS };

/* A round number of steps that leaves about `points` of them. */
static size_t choose_window(size_t steps, size_t points) {
    static const size_t round[] = {1, 2, 3, 5};
    for (size_t ten = 1;; ten *= 10)
        for (size_t i = 0; i < sizeof round / sizeof *round; i++)
            if (steps / (ten * round[i]) <= points)
                return ten * round[i];
}

/* Sums over the steps of a window. */
struct bin {
    double step, value;
    size_t count;
};

struct bins {
    struct bin *at; /* (count) */
    size_t window, count;
};

/* The last takes also what is left behind it. A damaged store may name any step. */
static void bin_add(const struct bins *bins, size_t step, double value) {
    if (!isfinite(value) || step / bins->window > bins->count)
        return;
    const size_t at = step / bins->window;
    struct bin *const bin = &bins->at[at < bins->count ? at : at - 1];
    bin->step += (double)step;
    bin->value += value;
    bin->count++;
}

static const struct report_matrix *matrix_of(const struct report_run *run, const char *name) {
    for (size_t i = 0; i < run->matrices; i++)
        if (strcmp(run->matrix[i].name, name) == 0)
            return &run->matrix[i];
    return NULL;
}

static size_t last_step(const struct report_run *run) {
    const size_t tested =
        run->epochs_done > 0 ? (run->epoch[run->epochs_done - 1].epoch + 1) * run->steps_per_epoch - 1 : 0;
    const size_t recorded = run->steps > 0 ? run->step[run->steps - 1] : 0;
    return recorded > tested ? recorded : tested;
}

/* An epoch's values belong to its last step. */
static void fill(const struct bins *bins, const struct report_run *run, enum quantity quantity,
                 const char *matrix) {
    const struct report_matrix *const m = quantity >= GAP ? matrix_of(run, matrix) : NULL;
    if (quantity == LOSS)
        for (size_t i = 0; i < run->steps; i++)
            bin_add(bins, run->step[i], run->loss[i]);
    else if (m != NULL)
        for (size_t i = 0; i < m->count; i++)
            bin_add(bins, m->step[i], quantity == GAP ? m->gap[i] : m->iterations[i]);
    else if (quantity < GAP)
        for (size_t i = 0; i < run->epochs_done; i++)
            if (run->epoch[i].has_test)
                bin_add(bins, (run->epoch[i].epoch + 1) * run->steps_per_epoch - 1,
                        quantity == ACCURACY ? 100.0 * run->epoch[i].test_accuracy : run->epoch[i].test_loss);
}

/* Seconds of training up to the end of a step. */
static double clock_at(const struct report_run *run, double step) {
    size_t low = 0, high = run->steps;
    while (high > low) {
        const size_t middle = (low + high) / 2;
        if ((double)run->step[middle] <= step)
            low = middle + 1;
        else
            high = middle;
    }
    return low > 0 ? run->clock[low - 1] : NAN;
}

/* Mean over the runs of what each has in a window, and its ends. bin: those of all runs, `bins` each. */
static void add_point(struct chart *c, json_t *curve, const struct report_run *runs, size_t count,
                      const struct bin *bin, size_t bins) {
    double x[3] = {0}, sum = 0, low = NAN, high = NAN;
    size_t seen = 0;
    for (size_t r = 0; r < count; r++) {
        const struct bin *const b = &bin[r * bins];
        if (b->count == 0)
            continue;
        const double step = b->step / (double)b->count, value = b->value / (double)b->count;
        x[0] += step + 1.0;
        x[1] += (step + 1.0) / (double)runs[r].steps_per_epoch;
        x[2] += clock_at(&runs[r], step);
        sum += value, low = fmin(low, value), high = fmax(high, value);
        seen++;
    }
    for (int i = 0; i < 3; i++)
        x[i] /= (double)seen;
    if (seen > 0)
        chart_point(c, curve, x, sum / (double)seen, count > 1 ? low : NAN, count > 1 ? high : NAN);
}

static void add_points(struct chart *c, json_t *curve, const struct report_run *runs, size_t count,
                       enum quantity quantity, const char *matrix) {
    size_t last = 0, window = 1;
    for (size_t r = 0; r < count; r++)
        last = last_step(&runs[r]) > last ? last_step(&runs[r]) : last;
    if (quantity == ACCURACY || quantity == TEST_LOSS)
        window = runs->steps_per_epoch * choose_window(last / runs->steps_per_epoch, 4 * POINTS);
    else
        window = choose_window(last, quantity == LOSS ? POINTS : SOLVE_POINTS);
    const size_t bins =
        last < window ? 1 : (last + 1 + window / 2) / window; /* less than half of one is none */
    struct bin *const bin = calloc(bins * count, sizeof *bin);
    c->failed = c->failed || bin == NULL;
    for (size_t r = 0; bin != NULL && r < count; r++)
        fill(&(struct bins){bin + r * bins, window, bins}, &runs[r], quantity, matrix);
    for (size_t b = 0; bin != NULL && b < bins; b++)
        add_point(c, curve, runs, count, bin + b, bins);
    free(bin);
}

/* The groups' curves, then those of single runs, which are shown when asked for. */
static void add_view(struct chart *c, const struct report_groups *groups, size_t most, const char *name,
                     const char *label, enum quantity quantity, const char *matrix) {
    const size_t view = chart_view(c, name, label, quantity == GAP);
    for (size_t g = 0; g < groups->count && g < most; g++) {
        const struct report_group *const group = &groups->at[g];
        json_t *const curve = chart_curve(c, view, group->name, group->policy, group->ordinal);
        add_points(c, curve, group->run, group->count, quantity, matrix);
        if (g >= DRAW_GROUPS)
            chart_curve_hide(c, curve);
    }
    for (size_t g = 0; g < groups->count && quantity < GAP; g++)
        for (size_t r = 0; groups->at[g].count > 1 && r < groups->at[g].count; r++) {
            const struct report_run *const run = &groups->at[g].run[r];
            struct strbuf words = {.bytes = NULL};
            strbuf_addf(&words, "%s, seed %llu (%s)", groups->at[g].name, (unsigned long long)run->seed,
                        run->file);
            json_t *const curve = chart_curve(c, view, words.failed ? run->file : words.bytes,
                                              groups->at[g].policy, groups->at[g].ordinal);
            add_points(c, curve, run, 1, quantity, matrix);
            chart_curve_single(c, curve, groups->at[g].name);
            strbuf_release(&words);
        }
}

static void note_groups(struct chart *c, const struct report_groups *groups, size_t most) {
    char note[96];
    snprintf(note, sizeof note, "the best %zu of %zu settings", most, groups->count);
    if (groups->count > most)
        chart_note(c, note);
}

void draw_solver_comparison(struct chart *c, const struct report_groups *groups) {
    chart_begin(c, "Training of the runs", "step,epoch,seconds");
    note_groups(c, groups, DRAW_GROUPS);
    add_view(c, groups, SIZE_MAX, "training loss", "cross-entropy, nats", LOSS, NULL);
    add_view(c, groups, SIZE_MAX, "test accuracy", "test images classified correctly (%)", ACCURACY, NULL);
    add_view(c, groups, SIZE_MAX, "test loss", "cross-entropy, nats", TEST_LOSS, NULL);
}

/* Matrices by the first run that has some: networks of one kind have the same. */
void draw_gap_by_step(struct chart *c, const struct report_groups *groups) {
    enum { SOLVE_GROUPS = 32 };
    const struct report_run *with = NULL;
    for (size_t g = 0; g < groups->count && with == NULL; g++)
        for (size_t r = 0; r < groups->at[g].count && with == NULL; r++)
            with = groups->at[g].run[r].matrices > 0 ? &groups->at[g].run[r] : NULL;
    chart_begin(c, "The inner solves", "step,epoch,seconds");
    note_groups(c, groups, DRAW_GROUPS);
    for (int quantity = GAP; with != NULL && quantity <= ITERATIONS; quantity++)
        for (size_t i = 0; i < with->matrices; i++) {
            struct strbuf name = {.bytes = NULL};
            strbuf_addf(&name, "%s, %s", quantity == GAP ? "gap" : "iterations", with->matrix[i].name);
            if (!name.failed)
                add_view(c, groups, SOLVE_GROUPS, name.bytes,
                         quantity == GAP ? "certified relative gap" : "iterations", (enum quantity)quantity,
                         with->matrix[i].name);
            c->failed = c->failed || name.failed;
            strbuf_release(&name);
        }
}
