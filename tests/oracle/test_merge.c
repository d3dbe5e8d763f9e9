/* The merge oracle: labels, ties, seeds, and every pair of runs that cannot be compared. */
#include "support/runs.h"

#include "muon/muon.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Merge the files, and expect success or an error that holds `words`. */
static void merge(const char *const *names, size_t count, enum trm_status expected, const char *words,
                  struct trm_statistics *statistics) {
    char paths[8][160], output[160];
    const char *inputs[8];
    struct trm_error error = {0};
    for (size_t i = 0; i < count; i++) {
        snprintf(paths[i], sizeof paths[i], "%s", dynamics_path(names[i]));
        inputs[i] = paths[i];
    }
    snprintf(output, sizeof output, "%s", dynamics_path("merged.db"));
    const enum trm_status status = trm_merge_runs(inputs, count, output, true, statistics, &error);
    if (status != expected || (words != NULL && strstr(error.text, words) == NULL))
        fail_msg("status %d, wanted %d with '%s': %s", (int)status, (int)expected, words != NULL ? words : "",
                 error.text);
}

static void store(const char *name, const char *solver, uint64_t seed) {
    const struct trm_run_settings s = runs_settings(solver, seed);
    runs_store(dynamics_path(name), &s, NULL);
}

static void labels_are_the_best_change_of_that_step(void **state) {
    (void)state;
    struct trm_dataset *const dataset = runs_dataset("all.db", 31, 2, 4, 50);
    struct trm_statistics st;
    size_t count, counts[TRM_ARMS] = {0};
    const struct trm_sample *const s = trm_dataset_samples(dataset, &count);
    trm_dataset_statistics(dataset, &st);
    assert_int_equal(count, 2 * 5 * 200);
    assert_true(st.samples == count && st.feature_dim == 12 && st.runs == 10 && st.seeds == 2 &&
                st.steps == 200);
    assert_true(st.block == 20 && st.guard == 5 && st.groups == 10 && st.present == 31 && st.tied_steps == 0);
    for (size_t i = 0; i < count; i++) {
        const size_t step = i % 200;
        assert_true(s[i].step == step && s[i].position == step && s[i].group == step / 20);
        assert_true(s[i].epoch == step / 50 && s[i].epochs == 4 && s[i].steps_per_epoch == 50);
        assert_true(s[i].run == (int64_t)(i / 200) + 1 && s[i].seed == 1 + i / 1000);
        assert_int_equal(s[i].label, runs_noisy_label(step));
        assert_int_equal(s[i].tied, 1 << s[i].label);
        for (int f = 0; f < TRM_FEATURE_COUNT; f++)
            assert_true(s[i].feature[f] == runs_feature(step, f));
        assert_true(fabs(s[i].change[s[i].label] + 1) < 1e-12 && s[i].present == 31);
        counts[s[i].label]++;
    }
    assert_memory_equal(counts, st.counts, sizeof counts);
    for (int arm = 0; arm < TRM_ARMS; arm++)
        assert_int_equal(st.steps_best[arm] * 5, st.counts[arm]);
    assert_true(fabs(st.seconds[3] - 4e-3) < 1e-12 && fabs(st.seconds[2] - 1e-4) < 1e-12);
    trm_dataset_free(dataset);
}

/* admm and quasi_newton are equally good at even steps; quasi_newton takes less time. */
static double even(int arm, uint64_t seed, size_t step) {
    (void)seed;
    return step % 2 == 0 ? (arm == 1 ? -0.25 : -0.5) : arm == 1 ? -0.5 : -0.25 + 0.001 * arm;
}

static void a_tie_goes_to_the_cheapest(void **state) {
    (void)state;
    const char *const solvers[] = {"dual_ascent", "quasi_newton", "admm"};
    const char *const names[] = {"t0.db", "t1.db", "t2.db"};
    for (size_t i = 0; i < 3; i++) {
        struct trm_run_settings s = runs_settings(solvers[i], 1);
        runs_store(dynamics_path(names[i]), &s, even);
        char path[160];
        snprintf(path, sizeof path, "%s", dynamics_path(names[i]));
        /* Exact differences, whatever loss + change rounded to. */
        dynamics_sql(path, "UPDATE step SET loss = 2, next_loss = 2 + CASE WHEN step % 2 = 0 THEN "
                           "(CASE solver WHEN 'dual_ascent' THEN -0.25 ELSE -0.5 END) ELSE "
                           "(CASE solver WHEN 'dual_ascent' THEN -0.5 ELSE -0.25 END) END");
    }
    struct trm_statistics st;
    merge(names, 3, TRM_OK, NULL, &st);
    assert_true(st.tied_steps == 100 && st.steps_best[2] == 100 && st.steps_best[4] == 0 &&
                st.steps_best[1] == 100);
    struct trm_dataset *dataset;
    size_t count;
    assert_int_equal(trm_dataset_open(dynamics_path("merged.db"), &dataset, NULL), TRM_OK);
    const struct trm_sample *const s = trm_dataset_samples(dataset, &count);
    assert_true(s[0].tied == (1u << 2 | 1u << 4) && s[1].tied == 1u << 1);
    assert_true(isnan(s[0].change[0]) && isnan(s[0].change[3]) && s[0].present == 22);
    trm_dataset_free(dataset);
}

static double by_seed(int arm, uint64_t seed, size_t step) {
    return (step + seed) % 2 == (arm == 4) ? -0.75 : -0.25;
}

static void seeds_are_compared_within_themselves(void **state) {
    (void)state;
    const char *const names[] = {"s0.db", "s1.db", "s2.db", "s3.db"};
    for (size_t i = 0; i < 4; i++) {
        const struct trm_run_settings s = runs_settings(i % 2 == 0 ? "admm" : "dual_ascent", 5 + i / 2);
        runs_store(dynamics_path(names[i]), &s, by_seed);
    }
    struct trm_statistics st;
    struct trm_dataset *dataset;
    size_t count;
    merge(names, 4, TRM_OK, NULL, &st);
    assert_true(st.seeds == 2 && st.runs == 4 && st.steps == 200 && st.samples == 800);
    assert_int_equal(trm_dataset_open(dynamics_path("merged.db"), &dataset, NULL), TRM_OK);
    const struct trm_sample *const s = trm_dataset_samples(dataset, &count);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(s[i].label, (s[i].step + s[i].seed) % 2 == 1 ? 4 : 1);
        assert_int_equal(s[i].seed, 5 + i / 400);
    }
    trm_dataset_free(dataset);
}

static void the_order_of_the_inputs_does_not_matter(void **state) {
    (void)state;
    FILE *file;
    store("a.db", "admm", 1);
    store("b.db", "frank_wolfe", 1);
    static char content[2][400000];
    size_t size[2];
    for (int k = 0; k < 2; k++) {
        const char *const names[] = {k == 0 ? "a.db" : "b.db", k == 0 ? "b.db" : "a.db"};
        merge(names, 2, TRM_OK, NULL, NULL);
        file = fopen(dynamics_path("merged.db"), "rb");
        assert_non_null(file);
        size[k] = fread(content[k], 1, sizeof content[k], file);
        fclose(file);
    }
    assert_true(size[0] == size[1] && size[0] > 1000 && size[0] < sizeof content[0]);
    assert_memory_equal(content[0], content[1], size[0]);
}

static void runs_that_differ_are_refused(void **state) {
    (void)state;
    const char *const names[] = {"a.db", "other.db"};
    store("a.db", "admm", 1);
    static const struct {
        const char *sql, *words;
    } cases[] = {
        {"UPDATE run SET dataset = 'mnist'", "the data set is mnist, but cifar10"},
        {"UPDATE run SET fingerprint = 'ffff'", "fingerprint"},
        {"UPDATE run SET model = 'mlp'", "the network is mlp"},
        {"UPDATE run SET tracked = 'fc'", "tracked"},
        {"UPDATE run SET width = 2", "width is 2, but 1.5"},
        {"UPDATE run SET batch_size = 64", "batch size is 64, but 128"},
        {"UPDATE run SET epochs = 5", "number of epochs is 5, but 4"},
        {"UPDATE run SET steps_per_epoch = 40; DELETE FROM step WHERE step >= 40",
         "steps an epoch is 40, but 50"},
        {"UPDATE run SET feature_version = 7", "feature version is 7"},
        {"UPDATE run SET config = '{\"lr-rest\": 0.1}'", "the setting lr-rest is 0.1, but absent"},
        {"UPDATE run SET config = '[1]'", "no JSON object"},
        {"UPDATE run SET status = 'running'", "not finished (running)"},
        {"UPDATE run SET status = 'diverged'", "diverged and has no end"},
        {"UPDATE run SET solver = 'router'", "'router', which is no label"},
        {"UPDATE run SET solver = 'muon'", "'muon', which is no label"},
        {"UPDATE run SET solver = 'admm'", "of admm alone"},
        {"UPDATE run SET seed = 2", "seed 1 has no run of dual_ascent"},
        {"DELETE FROM step", "lacks 200 of its 200 steps, the first of them step 0"},
        {"DELETE FROM step WHERE step IN (30, 31, 90)",
         "lacks 3 of its 200 steps, the first of them step 30"},
        {"DELETE FROM step WHERE step > 197", "lacks 2 of its 200 steps, the first of them step 198"},
        {"UPDATE run SET record_every = 2", "has 200 steps, but was to record 100"},
        {"UPDATE step SET next_loss = NULL", "no step with a next loss"},
        {"UPDATE step SET epoch = 3 WHERE step = 9", "step 9 is not in epoch 3"},
        {"DELETE FROM step; DELETE FROM run", "holds no run"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        store("other.db", "dual_ascent", 1);
        char path[160];
        snprintf(path, sizeof path, "%s", dynamics_path("other.db"));
        dynamics_sql(path, cases[i].sql);
        struct trm_error error = {0};
        char inputs[2][160], output[160];
        for (int k = 0; k < 2; k++)
            snprintf(inputs[k], sizeof inputs[k], "%s", dynamics_path(names[k]));
        snprintf(output, sizeof output, "%s", dynamics_path("refused.db"));
        const char *const list[] = {inputs[0], inputs[1]};
        if (trm_merge_runs(list, 2, output, false, NULL, &error) == TRM_OK ||
            strstr(error.text, cases[i].words) == NULL)
            fail_msg("case %zu: wanted '%s': %s", i, cases[i].words, error.text);
        assert_non_null(strstr(error.text, ".db"));
        assert_null(fopen(output, "rb")); /* nothing is left behind */
    }
}

static void only_shared_steps_are_kept(void **state) {
    (void)state;
    const char *const names[] = {"a.db", "b.db"};
    struct trm_statistics st;
    struct trm_run_settings s = runs_settings("admm", 1);
    s.record_every = 2;
    runs_store(dynamics_path("a.db"), &s, NULL);
    s = runs_settings("dual_ascent", 1);
    s.record_every = 3;
    runs_store(dynamics_path("b.db"), &s, NULL);
    merge(names, 2, TRM_OK, NULL, &st);
    assert_true(st.steps == 34 && st.samples == 68 && st.block == 8 && st.groups == 4); /* 0, 6, ..., 198 */
    char path[160];
    snprintf(path, sizeof path, "%s", dynamics_path("b.db"));
    dynamics_sql(path, "UPDATE step SET next_loss = NULL WHERE step % 2 = 0");
    merge(names, 2, TRM_INVALID, "shares no recorded step", NULL);
}

static void not_finite_numbers_are_refused(void **state) {
    (void)state;
    const char *const names[] = {"a.db", "b.db"};
    store("a.db", "admm", 1);
    store("b.db", "dual_ascent", 1);
    char path[160];
    snprintf(path, sizeof path, "%s", dynamics_path("b.db"));
    dynamics_sql(path, dynamics_loosen);
    dynamics_sql(path, "UPDATE step SET top_sv = 9e999 WHERE step = 12");
    merge(names, 2, TRM_NOT_FINITE, "top_sv of step 12", NULL);
    dynamics_sql(path, "UPDATE step SET top_sv = 'nan' WHERE step = 12"); /* text, which would pass as 0 */
    merge(names, 2, TRM_NOT_FINITE, "top_sv of step 12", NULL);
    dynamics_sql(path, "UPDATE step SET top_sv = 0, next_loss = 9e999 WHERE step = 12");
    merge(names, 2, TRM_NOT_FINITE, "next_loss of step 12", NULL);
}

static void one_solver_no_input_and_outputs_in_the_way(void **state) {
    (void)state;
    const char *const twice[] = {"a.db", "c.db"};
    struct trm_error error = {0};
    store("a.db", "admm", 1);
    store("c.db", "admm", 2);
    merge(twice, 1, TRM_INVALID, "of admm alone", NULL);
    merge(twice, 2, TRM_INVALID, "of admm alone", NULL);
    merge(twice, 0, TRM_INVALID, "no inputs", NULL);
    const char *const both[] = {"a.db", "b.db", "c.db"};
    store("b.db", "dual_ascent", 1);
    store("c.db", "admm", 1);
    merge(both, 3, TRM_INVALID, "both are runs of admm with seed 1", NULL);
    const char *const missing[] = {"a.db", "missing.db"};
    merge(missing, 2, TRM_NOT_FOUND, "missing.db", NULL);
    store("b.db", "dual_ascent", 1);
    char a[160], b[160], out[160];
    snprintf(a, sizeof a, "%s", dynamics_path("a.db"));
    snprintf(b, sizeof b, "%s", dynamics_path("b.db"));
    snprintf(out, sizeof out, "%s", dynamics_path("merged2.db"));
    const char *const inputs[] = {a, b};
    assert_int_equal(trm_merge_runs(inputs, 2, b, true, NULL, &error), TRM_INVALID);
    assert_non_null(strstr(error.text, "both input and output"));
    assert_int_equal(trm_merge_runs(inputs, 2, out, false, NULL, &error), TRM_OK);
    assert_int_equal(trm_merge_runs(inputs, 2, out, false, NULL, &error), TRM_EXISTS);
    assert_int_equal(trm_merge_runs(inputs, 2, out, true, NULL, &error), TRM_OK);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(labels_are_the_best_change_of_that_step),
        cmocka_unit_test(a_tie_goes_to_the_cheapest),
        cmocka_unit_test(seeds_are_compared_within_themselves),
        cmocka_unit_test(the_order_of_the_inputs_does_not_matter),
        cmocka_unit_test(runs_that_differ_are_refused),
        cmocka_unit_test(only_shared_steps_are_kept),
        cmocka_unit_test(not_finite_numbers_are_refused),
        cmocka_unit_test(one_solver_no_input_and_outputs_in_the_way),
    };
    return cmocka_run_group_tests(tests, NULL, dynamics_cleanup);
}
