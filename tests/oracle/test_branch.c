/* The counterfactual oracles: labels, ties, halves and groups from branch states, and what is refused. */
#include "support/branches.h"

#include "oracle/merge.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const struct branches two = {.arms = "quasi_newton:0.5,quasi_newton,frank_wolfe@10",
                                    .every = 2,
                                    .probes = 6,
                                    .looks = 2,
                                    .change = branches_two_regimes,
                                    .noise = 0.02};

static char path[4][160], output[160];

static void store(int at, const struct branches *b, uint64_t seed, double width) {
    struct trm_run_settings s = runs_settings("quasi_newton", seed);
    s.width = width;
    snprintf(path[at], sizeof path[at], "%s",
             dynamics_path((const char *[]){"a.db", "b.db", "c.db", "d.db"}[at]));
    branches_store(path[at], &s, b);
}

static struct trm_oracle_options options_of(enum trm_oracle oracle) {
    struct trm_oracle_options options = trm_oracle_defaults();
    options.oracle = oracle;
    return options;
}

static enum trm_status prepare(size_t count, const struct trm_oracle_options *o, struct trm_statistics *st,
                               struct trm_error *error) {
    const char *const inputs[] = {path[0], path[1], path[2], path[3]};
    snprintf(output, sizeof output, "%s", dynamics_path("out.db"));
    return trm_prepare_branches(inputs, count, o, output, true, st, error);
}

static struct trm_dataset *made(size_t count, const struct trm_oracle_options *o, struct trm_statistics *st) {
    struct trm_error error = {0};
    struct trm_dataset *d = NULL;
    if (prepare(count, o, st, &error) != TRM_OK || trm_dataset_open(output, &d, &error) != TRM_OK)
        fail_msg("%s", error.text);
    return d;
}

/* The regime's arm is the label; every run has groups of its own; what the file gives back is what was made. */
static void labels_follow_the_regime(void **state) {
    (void)state;
    static struct trm_statistics st, again;
    const enum trm_oracle oracles[] = {TRM_ORACLE_SAME_BATCH, TRM_ORACLE_PROBE, TRM_ORACLE_ANNEAL};
    store(0, &two, 2, 1), store(1, &two, 1, 1), store(2, &two, 1, 0.5);
    for (size_t k = 0; k < 3; k++) {
        const struct trm_oracle_options o = options_of(oracles[k]);
        struct trm_dataset *const d = made(3, &o, &st);
        trm_dataset_statistics(d, &again);
        assert_true(again.oracle == oracles[k] && again.arms.count == 3 && again.present == 7 &&
                    again.runs == 3);
        assert_true(st.samples == 300 && again.samples == 300 && again.seeds == 2 && again.steps == 300);
        assert_true(again.halves == (oracles[k] != TRM_ORACLE_SAME_BATCH));
        assert_string_equal(again.arms.name[0], "quasi_newton:0.5");
        assert_true(again.block == 10 && again.groups == 30);
        assert_true(again.guard ==
                    (oracles[k] == TRM_ORACLE_ANNEAL ? 4 : 2)); /* a look is 8 steps, a state every 2 */
        for (size_t i = 0; i < d->count; i++) {
            const struct trm_sample *const s = &d->samples[i];
            assert_int_equal(s->label, runs_feature(s->step, 2) < 0.5 ? 0 : 1);
            assert_true(s->run == (int64_t)(i / 100) + 1 && s->group == i / 10 && s->step == i % 100 * 2);
            assert_true(s->seed == (i < 200 ? 1u : 2u) && fabs(s->change[s->label] + 0.7) < 0.1);
            if (again.halves)
                assert_true(fabs(0.5 * (s->half[0][2] + s->half[1][2]) - s->change[2]) < 1e-12);
        }
        trm_dataset_free(d);
    }
}

/* The same bytes whatever the order of the inputs. */
static void the_order_of_inputs_does_not_matter(void **state) {
    (void)state;
    const struct trm_oracle_options o = trm_oracle_defaults();
    char bytes[2][300000];
    size_t size[2];
    for (int k = 0; k < 2; k++) {
        store(k, &two, 1, 1), store(1 - k, &two, 2, 1);
        trm_dataset_free(made(2, &o, NULL));
        FILE *const in = fopen(output, "rb");
        assert_non_null(in);
        size[k] = fread(bytes[k], 1, sizeof bytes[k], in);
        fclose(in);
    }
    assert_true(size[0] == size[1] && size[0] < sizeof bytes[0]);
    assert_memory_equal(bytes[0], bytes[1], size[0]);
}

/* Arms within two standard errors, and arms that took the same step, are one; the cheapest of them is the label. */
static void a_tie_goes_to_the_cheapest(void **state) {
    (void)state;
    static struct trm_statistics st;
    static const double seconds[] = {3, 2, 1};
    struct branches b = two;
    const struct trm_oracle_options o = trm_oracle_defaults();
    b.change = branches_nothing, b.noise = 0.3, b.seconds = seconds;
    store(0, &b, 1, 1);
    struct trm_dataset *d = made(1, &o, &st);
    assert_true(st.counts[2] > 80 && st.tied_steps > 80 && st.seconds[0] == 3);
    trm_dataset_free(d);
    b.seconds = NULL; /* not measured: the first of those tied */
    store(0, &b, 1, 1);
    d = made(1, &o, &st);
    assert_true(st.counts[0] > 80 && st.seconds[0] == 0);
    trm_dataset_free(d);
    b = two, b.cosine = 0.9995, b.seconds = seconds;
    store(0, &b, 1, 1);
    d = made(1, &o, &st);
    assert_int_equal(st.counts[2], 100);
    trm_dataset_free(d);
    b.longer = 0.5; /* the same direction, but another step */
    store(0, &b, 1, 1);
    d = made(1, &o, &st);
    assert_true(st.counts[2] == 0 && st.tied_steps == 0);
    trm_dataset_free(d);
}

/* A second: the arm that is nearly as good and three times as fast wins; the seconds come from the file. */
static void cost_divides_by_the_seconds(void **state) {
    (void)state;
    static struct trm_statistics st;
    static const double seconds[] = {0.3, 0.3, 0.1};
    char file[160];
    snprintf(file, sizeof file, "%s", dynamics_path("seconds.json"));
    struct trm_oracle_options o = trm_oracle_defaults();
    o.a_second = true, o.seconds = file;
    struct trm_error error = {0};
    struct trm_arm_names names = {.count = 0};
    store(0, &two, 1, 1);
    assert_true(trm_arm_names_add(&names, "quasi_newton:0.5") && trm_arm_names_add(&names, "quasi_newton"));
    assert_int_equal(trm_arm_seconds_write(file, &names, seconds, true, NULL), TRM_OK);
    assert_int_equal(prepare(1, &o, NULL, &error), TRM_INVALID);
    assert_non_null(strstr(error.text, "frank_wolfe@10"));
    assert_true(trm_arm_names_add(&names, "frank_wolfe@10"));
    assert_int_equal(trm_arm_seconds_write(file, &names, seconds, true, NULL), TRM_OK);
    struct trm_dataset *const d = made(1, &o, &st);
    assert_true(st.a_second && st.counts[2] == 100 && fabs(d->samples[7].change[2] + 5) < 0.3);
    trm_dataset_free(d);
}

static void refuse(size_t count, const struct trm_oracle_options *o, const char *words) {
    struct trm_error error = {0};
    remove(dynamics_path("out.db"));
    const enum trm_status status = prepare(count, o, NULL, &error);
    if (status == TRM_OK || strstr(error.text, words) == NULL || strchr(error.text, '\n') != NULL)
        fail_msg("status %d, wanted '%s': %s", (int)status, words, error.text);
    FILE *const left = fopen(output, "rb");
    assert_null(left);
}

static void what_does_not_fit_is_refused(void **state) {
    (void)state;
    const struct trm_oracle_options probe = trm_oracle_defaults(), anneal = options_of(TRM_ORACLE_ANNEAL),
                                    unbegun = {.oracle = TRM_ORACLE_PROBE};
    struct trm_oracle_options cost = trm_oracle_defaults();
    cost.a_second = true;
    struct branches b = two;
    store(0, &two, 1, 1);
    refuse(1, &unbegun, "_default function");
    refuse(1, &cost, "bench arms");
    cost.oracle = TRM_ORACLE_ANNEAL;
    refuse(1, &cost, "--cost");
    cost.oracle = TRM_ORACLE_PROBE, cost.seconds = path[0];
    refuse(1, &cost, "is no table of seconds");
    char absent[160];
    snprintf(absent, sizeof absent, "%s", dynamics_path("absent.json"));
    cost.seconds = absent;
    refuse(1, &cost, "absent.json");
    snprintf(path[1], sizeof path[1], "%s", path[0]);
    refuse(2, &probe, "the same run");
    b.arms = "quasi_newton,quasi_newton:0.5,frank_wolfe@10";
    store(1, &b, 2, 1);
    refuse(2, &probe, "its arms are not those of");
    b = two, b.match = TRM_MATCH_FROBENIUS;
    store(1, &b, 2, 1);
    refuse(2, &probe, "matched by frobenius");
    b = two, b.probes = 1, b.looks = 0;
    store(0, &b, 1, 1);
    refuse(1, &probe, "--probes");
    refuse(1, &anneal, "holds no looks");
    const struct trm_run_settings s = runs_settings("admm", 1);
    runs_store(path[0], &s, NULL);
    refuse(1, &probe, "holds no branch states");
    refuse(0, &probe, "no inputs");
}

/* A data set of branch states that was altered. */
static void altered_files_are_refused(void **state) {
    (void)state;
    static const struct {
        const char *sql, *words;
    } cases[] = {
        {"UPDATE meta SET value = 'tea leaves' WHERE key = 'oracle'", "its oracle"},
        {"UPDATE meta SET value = 0 WHERE key = 'groups'", "none that can be"},
        {"UPDATE meta SET value = 2 WHERE key = 'halves'", "none that can be"},
        {"UPDATE arm SET name = '' WHERE id = 2", "different names"},
        {"DELETE FROM arm WHERE id > 1", "different names"},
        {"UPDATE sample SET \"first_frank_wolfe@10\" = NULL WHERE step = 4", "halves of some arms"},
        {"UPDATE sample SET label = 'admm' WHERE step = 4", "no solver of the data"},
        {"UPDATE sample SET tied = 15 WHERE step = 4", "equally good"},
        {"UPDATE sample SET change_quasi_newton = -9, \"change_quasi_newton:0.5\" = -9, tied = 4, label = "
         "'frank_wolfe@10' WHERE step = 4",
         "not the best"},
        {"UPDATE sample SET group_id = 77 WHERE step = 4", "wrong group"},
    };
    const struct trm_oracle_options o = trm_oracle_defaults();
    store(0, &two, 1, 1);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct trm_error error = {0};
        struct trm_dataset *d = made(1, &o, NULL);
        trm_dataset_free(d);
        dynamics_sql(output, cases[i].sql);
        assert_int_not_equal(trm_dataset_open(output, &d, &error), TRM_OK);
        if (strstr(error.text, cases[i].words) == NULL)
            fail_msg("%s: %s", cases[i].sql, error.text);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(labels_follow_the_regime),     cmocka_unit_test(the_order_of_inputs_does_not_matter),
        cmocka_unit_test(a_tie_goes_to_the_cheapest),   cmocka_unit_test(cost_divides_by_the_seconds),
        cmocka_unit_test(what_does_not_fit_is_refused), cmocka_unit_test(altered_files_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, dynamics_cleanup);
}
