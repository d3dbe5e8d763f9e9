/* Runs are grouped by what they were set to, the best group first, and drawn as mean and band: computed again by
   hand. */
#include "report/support.h"

#include "report/draw/draw.h"
#include "report/read/groups.h"

#include <math.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void add_of(struct report_runs *runs, void **state, const char *name, const char *solver,
                   uint64_t seed, size_t steps_per_epoch, const char *config) {
    char path[SUPPORT_PATH];
    struct trm_store *store;
    assert_int_equal(trm_store_create(support_path(path, state, name), false, &store, NULL), TRM_OK);
    support_run(store, solver, seed, 2, steps_per_epoch, config);
    assert_int_equal(trm_store_close(store, NULL), TRM_OK);
    assert_int_equal(trm_store_open(path, TRM_STORE_READ, &store, NULL), TRM_OK);
    assert_int_equal(report_runs_read(runs, store, name, NULL), TRM_OK);
    assert_int_equal(trm_store_close(store, NULL), TRM_OK);
}

static void add(struct report_runs *runs, void **state, const char *name, const char *solver, uint64_t seed,
                const char *config) {
    add_of(runs, state, name, solver, seed, 85, config);
}

static void expect_near(double value, double wanted, double tolerance) {
    if (!(fabs(value - wanted) <= tolerance))
        fail_msg("%.10g is not %.10g", value, wanted);
}

/* Seed, threads and machine are chance; lr, solver and schedule are not. */
static void test_what_differs(void **state) {
    struct report_runs runs = {.at = NULL};
    struct report_groups groups;
    add(&runs, state, "1", "admm", 1, "{\"schedule\":\"linear\",\"seed\":1,\"tol\":0.5}");
    add(&runs, state, "2", "admm", 2, "{\"schedule\":\"linear\",\"seed\":2,\"tol\":0.5,\"threads\":9}");
    add(&runs, state, "3", "admm", 1, "{\"schedule\":\"constant\",\"seed\":1,\"tol\":0.5}");
    add(&runs, state, "4", "dual_ascent", 1, "{\"schedule\":\"linear\",\"seed\":1,\"tol\":0.25}");
    add(&runs, state, "5", "admm", 1, "{\"schedule\":\"linear\",\"seed\":1,\"tol\":0.5,\"lr\":0.5}");
    assert_int_equal(report_groups_make(&groups, &runs, NULL), TRM_OK);
    assert_int_equal(groups.count, 4);
    size_t two = 0;
    for (size_t g = 0; g < groups.count; g++)
        two += groups.at[g].count == 2;
    assert_int_equal(two, 1);
    assert_int_equal(groups.keys, 3);
    for (size_t k = 0; k < groups.keys; k++)
        assert_int_equal(groups.key[k].by_solver, strcmp(groups.key[k].name, "tol") == 0);
    assert_string_equal(groups.at[3].name, "dual_ascent, schedule linear, lr \u2013");
    report_groups_free(&groups);
    report_runs_free(&runs);
}

/* The highest mean first, one that is not finished last, a mean with its ends over the finished runs. */
static void test_best_first(void **state) {
    struct report_runs runs = {.at = NULL};
    struct report_groups groups;
    for (uint64_t seed = 1; seed <= 3; seed++) {
        char name[16], config[64];
        for (int i = 0; i < 3; i++) {
            snprintf(name, sizeof name, "%d-%d", i, (int)seed);
            snprintf(config, sizeof config, "{\"spectral-budget\":%g}", 0.1 * (i + 1));
            add(&runs, state, name, "admm", seed, config);
            struct report_run *const run = &runs.at[runs.count - 1];
            run->fact[RUN_FACT_accuracy] = 0.5 + 0.1 * (i == 1) + 0.01 * (double)seed;
            if (i == 2)
                run->status = TRM_RUN_RUNNING;
            if (i == 1 && seed == 3)
                run->status = TRM_RUN_DIVERGED;
        }
    }
    assert_int_equal(report_groups_make(&groups, &runs, NULL), TRM_OK);
    assert_int_equal(groups.count, 3);
    assert_string_equal(groups.at[0].name, "admm, spectral-budget 0.2");
    assert_string_equal(groups.at[2].name, "admm, spectral-budget 0.3");
    assert_int_equal(groups.at[0].done, 2);
    assert_int_equal(groups.at[2].fact[RUN_FACT_accuracy].count, 0);
    expect_near(groups.at[0].fact[RUN_FACT_accuracy].mean, 0.615, 1e-12);
    expect_near(groups.at[0].fact[RUN_FACT_accuracy].high, 0.62, 1e-12);
    expect_near(groups.at[1].fact[RUN_FACT_accuracy].low, 0.51, 1e-12);
    for (size_t r = 0; r < 3; r++)
        assert_int_equal(groups.at[1].run[r].seed, r + 1);
    for (size_t g = 0; g < 3; g++) /* one solver: colours tell the groups apart */
        for (size_t k = 0; k < g; k++)
            assert_int_not_equal(groups.at[g].policy, groups.at[k].policy);
    report_groups_free(&groups);
    report_runs_free(&runs);
}

static double number(const struct chart *chart, size_t curve, const char *name, size_t at) {
    const json_t *const list =
        json_object_get(json_array_get(json_object_get(chart->json, "curves"), curve), name);
    return json_number_value(json_array_get(list, at));
}

/* 170 steps are drawn as means of 5; the band of two runs reaches from one to the other. */
static void test_curves(void **state) {
    struct report_runs runs = {.at = NULL};
    struct report_groups groups;
    struct chart chart;
    struct plot plot = {.script = NULL};
    add(&runs, state, "1", "admm", 1, "{}");
    add(&runs, state, "2", "admm", 2, "{}");
    for (size_t i = 0; i < 170; i++)
        runs.at[1].loss[i] += 1.0;
    assert_int_equal(report_groups_make(&groups, &runs, NULL), TRM_OK);
    assert_int_equal(groups.count, 1);
    draw_solver_comparison(&chart, &groups);
    for (size_t p = 0; p < 34; p++) {
        double sum = 0;
        for (size_t s = 5 * p; s < 5 * p + 5; s++)
            sum += support_loss("admm", s);
        expect_near(number(&chart, 0, "y", p), sum / 5.0 + 0.5, 1e-9);
        expect_near(number(&chart, 0, "low", p), sum / 5.0, 1e-9);
        expect_near(number(&chart, 0, "high", p), sum / 5.0 + 1.0, 1e-9);
    }
    const json_t *const x = json_object_get(json_array_get(json_object_get(chart.json, "curves"), 0), "x");
    expect_near(json_number_value(json_array_get(json_array_get(x, 0), 1)), 8, 1e-9);
    expect_near(json_number_value(json_array_get(json_array_get(x, 1), 1)), 8.0 / 85.0, 1e-9);
    expect_near(json_number_value(json_array_get(json_array_get(x, 2), 1)), 0.020 * 8, 1e-9);
    chart_plot(&chart, &plot);
    assert_non_null(strstr(plot.data.bytes, "name\tpolicy\tmark\tdash\tband\nadmm\tadmm\t5\t1\t1\n"));
    char *const text = chart_text(&chart);
    assert_null(strchr(text, '<'));
    free(text);
    plot_free(&plot);
    chart_free(&chart);
    report_groups_free(&groups);
    report_runs_free(&runs);
}

/* Fewer than half of a mean's steps at the end belong to the one before; more are one of their own. */
static void test_end_of_a_curve(void **state) {
    static const size_t steps_per_epoch[] = {86, 87}, points[] = {34, 35}, first[] = {165, 170};
    for (int i = 0; i < 2; i++) {
        struct report_runs runs = {.at = NULL};
        struct report_groups groups;
        struct chart chart;
        const size_t steps = 2 * steps_per_epoch[i];
        add_of(&runs, state, i == 0 ? "1" : "2", "admm", 1, steps_per_epoch[i], "{}");
        assert_int_equal(report_groups_make(&groups, &runs, NULL), TRM_OK);
        draw_solver_comparison(&chart, &groups);
        const json_t *const curve = json_array_get(json_object_get(chart.json, "curves"), 0);
        assert_int_equal(json_array_size(json_object_get(curve, "y")), points[i]);
        double sum = 0;
        for (size_t s = first[i]; s < steps; s++)
            sum += support_loss("admm", s);
        expect_near(number(&chart, 0, "y", points[i] - 1), sum / (double)(steps - first[i]), 1e-9);
        chart_free(&chart);
        report_groups_free(&groups);
        report_runs_free(&runs);
    }
}

/* A view a matrix and quantity, in the order of the names; a step that is not there is left out, and so are the names
   beyond 64. */
static void test_solves(void **state) {
    char path[SUPPORT_PATH];
    struct trm_store *store;
    struct report_runs runs = {.at = NULL};
    struct report_groups groups;
    struct chart chart;
    sqlite3 *db;
    support_store(support_path(path, state, "1"), "admm", 1, 10, NULL);
    assert_int_equal(trm_store_open(path, TRM_STORE_APPEND, &store, NULL), TRM_OK);
    for (size_t step = 0; step < 10; step++)
        for (int m = 0; m < 70; m++) {
            char name[16];
            snprintf(name, sizeof name, "m%02d", m);
            const struct trm_solve row = {.matrix = name, .gap = 0.5 * (double)step, .iterations = step + 1};
            assert_int_equal(trm_store_solve_insert(store, 1, step, &row, NULL), TRM_OK);
        }
    assert_int_equal(trm_store_close(store, NULL), TRM_OK);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "UPDATE solve SET step = 1000000 WHERE step = 9 AND matrix = 'm00'",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    assert_int_equal(trm_store_open(path, TRM_STORE_READ, &store, NULL), TRM_OK);
    assert_int_equal(report_runs_read(&runs, store, "1", NULL), TRM_OK);
    assert_int_equal(trm_store_close(store, NULL), TRM_OK);
    assert_int_equal(report_groups_make(&groups, &runs, NULL), TRM_OK);
    draw_gap_by_step(&chart, &groups);
    assert_int_equal(chart_views(&chart), 2 * 64);
    const json_t *const curves = json_object_get(chart.json, "curves");
    assert_int_equal(json_array_size(json_object_get(json_array_get(curves, 0), "y")), 9);
    assert_int_equal(json_array_size(json_object_get(json_array_get(curves, 1), "y")), 10);
    expect_near(number(&chart, 1, "y", 3), 1.5, 1e-12);
    expect_near(number(&chart, 64, "y", 3), 4, 1e-12);
    chart_free(&chart);
    report_groups_free(&groups);
    report_runs_free(&runs);
}

/* Final accuracy against what differs: a curve a solver, its mean over the seeds; numbers in order. */
static void test_effects(void **state) {
    struct report_runs runs = {.at = NULL};
    struct report_groups groups;
    struct chart chart;
    const double budget[] = {0.4, 0.1, 0.2};
    for (int i = 0; i < 6; i++) {
        char name[16], config[64];
        snprintf(name, sizeof name, "%d", i);
        snprintf(config, sizeof config, "{\"spectral-budget\":%g}", budget[i % 3]);
        add(&runs, state, name, "admm", 1 + (uint64_t)i / 3, config);
        runs.at[i].fact[RUN_FACT_accuracy] = budget[i % 3] + 0.1 * (i / 3);
    }
    assert_int_equal(report_groups_make(&groups, &runs, NULL), TRM_OK);
    draw_effects(&chart, &groups);
    assert_int_equal(chart_views(&chart), 1);
    expect_near(number(&chart, 0, "y", 0), 15, 1e-9);
    expect_near(number(&chart, 0, "y", 2), 45, 1e-9);
    expect_near(number(&chart, 0, "low", 1), 20, 1e-9);
    expect_near(number(&chart, 0, "high", 1), 30, 1e-9);
    chart_free(&chart);
    report_groups_free(&groups);
    report_runs_free(&runs);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, support_folder_make, support_folder_remove)

int main(void) {
    const struct CMUnitTest tests[] = {IN_FOLDER(test_what_differs), IN_FOLDER(test_best_first),
                                       IN_FOLDER(test_curves),       IN_FOLDER(test_end_of_a_curve),
                                       IN_FOLDER(test_solves),       IN_FOLDER(test_effects)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
