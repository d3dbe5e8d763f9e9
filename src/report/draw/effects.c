/* effects: what each setting that differs does to the final accuracy. */
#include "report/draw/draw.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { NAMED = 12, VALUES = 256 };

/* The values of a setting, each once, in order: numbers before texts. */
struct values {
    const json_t *at[VALUES];
    const struct report_run *of[VALUES]; /* a run that has it */
    size_t count;
};

static double number_of(const json_t *value) {
    return json_is_number(value) ? json_number_value(value) : NAN;
}

static bool equal(const json_t *a, const json_t *b) {
    return a == b || (a != NULL && b != NULL && json_equal(a, b));
}

static size_t place_of(const struct values *values, const json_t *value) {
    size_t i = 0;
    while (i < values->count && !equal(values->at[i], value))
        i++;
    return i;
}

static void collect_values(struct values *values, const struct report_groups *groups, const char *key) {
    values->count = 0;
    for (size_t g = 0; g < groups->count; g++) {
        const json_t *const value = json_object_get(groups->at[g].run->settings, key);
        if (groups->at[g].done == 0 || values->count == VALUES || place_of(values, value) < values->count)
            continue;
        size_t i = values->count++;
        while (i > 0 && number_of(values->at[i - 1]) > number_of(value)) {
            values->at[i] = values->at[i - 1], values->of[i] = values->of[i - 1];
            i--;
        }
        values->at[i] = value, values->of[i] = groups->at[g].run;
    }
}

/* Few values stand side by side under their names; many numbers on an axis, neighbours in one point. */
static bool are_named(struct chart *c, size_t view, const struct values *values, const char *key) {
    double low = INFINITY, high = -INFINITY;
    bool numbers = true;
    for (size_t i = 0; i < values->count; i++) {
        numbers = numbers && json_is_number(values->at[i]);
        low = fmin(low, number_of(values->at[i])), high = fmax(high, number_of(values->at[i]));
    }
    if (values->count > NAMED && numbers) {
        if (low > 0 && high / low > 20)
            chart_log_axis(c, view);
        return false;
    }
    for (size_t i = 0; i < values->count; i++) {
        char text[96];
        chart_tick(c, view, report_setting_text(values->of[i], key, text));
    }
    return true;
}

/* The mean over all finished runs of the solver that have one of the values from `first` to before `end`, whatever else
   they differ in. */
static void add_point(struct chart *c, json_t *curve, const struct report_groups *groups, const char *solver,
                      const char *key, const struct values *values, size_t first, size_t end, bool named) {
    double x = 0, sum = 0, low = NAN, high = NAN;
    size_t count = 0;
    for (size_t g = 0; g < groups->count; g++) {
        const struct report_group *const group = &groups->at[g];
        const size_t place = place_of(values, json_object_get(group->run->settings, key));
        if (strcmp(group->run->solver, solver) != 0 || place < first || place >= end)
            continue;
        for (size_t r = 0; r < group->count; r++) {
            const double accuracy = 100.0 * group->run[r].fact[RUN_FACT_accuracy];
            if (group->run[r].status != TRM_RUN_DONE || !isfinite(accuracy))
                continue;
            x += named ? (double)place : number_of(values->at[place]);
            sum += accuracy, low = fmin(low, accuracy), high = fmax(high, accuracy);
            count++;
        }
    }
    x /= (double)count;
    if (count > 0)
        chart_point(c, curve, &x, sum / (double)count, count > 1 ? low : NAN, count > 1 ? high : NAN);
}

static bool is_first(const struct report_groups *groups, size_t group) {
    for (size_t g = 0; g < group; g++)
        if (strcmp(groups->at[g].run->solver, groups->at[group].run->solver) == 0)
            return false;
    return true;
}

static void add_effect(struct chart *c, const struct report_groups *groups, struct values *values,
                       const char *key) {
    size_t of_policy[REPORT_POLICIES] = {0};
    collect_values(values, groups, key);
    if (values->count < 2)
        return;
    const size_t view = chart_view(c, key, "final test accuracy (%)", false);
    const bool named = are_named(c, view, values, key);
    const size_t step = named ? 1 : (values->count + NAMED - 1) / NAMED;
    for (size_t g = 0; g < groups->count; g++) {
        const struct report_run *const run = groups->at[g].run;
        if (!is_first(groups, g))
            continue;
        json_t *const curve =
            chart_curve(c, view, run->solver, groups->at[g].policy, of_policy[groups->at[g].policy]++);
        for (size_t i = 0; i < values->count; i += step)
            add_point(c, curve, groups, run->solver, key, values, i, i + step, named);
    }
}

void draw_effects(struct chart *c, const struct report_groups *groups) {
    struct values *const values = calloc(1, sizeof *values);
    chart_begin(c, "What each setting does", "value");
    c->failed = c->failed || values == NULL;
    for (size_t k = 0; values != NULL && k < groups->keys; k++)
        if (!groups->key[k].by_solver)
            add_effect(c, groups, values, groups->key[k].name);
    free(values);
}
