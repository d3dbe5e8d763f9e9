/* sweep: what a plan comes to, what is refused, and that many runs end as they would one by one. */
#include "cli/support_run.h"

#include "cli/sweep/plan.h"
#include "dynamics/dynamics.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SMALL "  dataset: fashion-mnist\n  model: mlp\n  width: 0.25\n  train-limit: 128\n  batch-size: 32\n"

static enum trm_status read_plan(void **state, const char *text, struct sweep_plan *plan,
                                 struct trm_error *error) {
    char path[SUPPORT_PATH];
    put_text(state, "plan.yaml", text);
    return sweep_plan_read(plan, support_path(path, state, "plan.yaml"), 1, error);
}

static bool has_run(const struct sweep_plan *plan, const char *name) {
    for (size_t i = 0; i < plan->count; i++)
        if (strcmp(plan->runs[i].name, name) == 0)
            return true;
    return false;
}

static void a_grid_has_all_combinations_the_longest_first(void **state) {
    struct sweep_plan plan;
    struct trm_error error;
    assert_int_equal(read_plan(state,
                               "collect:\n  solvers: [admm, quasi_newton]\n  seeds: [1, 2, 3]\n"
                               "  epochs: [1, 2]\n  spectral-budget: [0.1, 0.05]\n",
                               &plan, &error),
                     TRM_OK);
    assert_int_equal(plan.count, 24);
    assert_string_equal(plan.until, "collect");
    assert_true(has_run(&plan, "solver=admm,seed=3,spectral-budget=0.05,epochs=2"));
    for (size_t i = 0; i < 12; i++)
        assert_non_null(strstr(plan.runs[i].name, "epochs=2"));
    assert_non_null(strstr(plan.runs[0].yaml, "seeds: [1]"));
    assert_non_null(strstr(plan.runs[0].yaml, "threads: 1"));
    sweep_plan_free(&plan);
}

static void zip_pairs_and_random_draws_without_repeating(void **state) {
    struct sweep_plan plan, again;
    struct trm_error error;
    assert_int_equal(read_plan(state,
                               "sweep:\n  method: zip\ncollect:\n  solvers: [admm]\n  seeds: [1, 2]\n"
                               "  lr: [0.1, 0.2]\n  spectral-budget: [0.01, 0.02]\n",
                               &plan, &error),
                     TRM_OK);
    assert_int_equal(plan.count, 4);
    assert_true(has_run(&plan, "seed=2,lr=0.2,spectral-budget=0.02"));
    sweep_plan_free(&plan);

    static const char *const drawn =
        "sweep:\n  method: random\n  draws: 5\n  seed: 3\ncollect:\n  solvers: [admm]\n"
        "  seeds: [1]\n  lr: [0.1, 0.2, 0.3]\n  spectral-budget: [0.01, 0.02]\n";
    assert_int_equal(read_plan(state, drawn, &plan, &error), TRM_OK);
    assert_int_equal(read_plan(state, drawn, &again, &error), TRM_OK);
    assert_int_equal(plan.count, 5);
    for (size_t i = 0; i < plan.count; i++) /* names are different, or the plan would be refused */
        assert_string_equal(plan.runs[i].name, again.runs[i].name);
    sweep_plan_free(&plan);
    sweep_plan_free(&again);
}

static void later_stages_join_solvers_and_seeds(void **state) {
    struct sweep_plan plan;
    struct trm_error error;
    assert_int_equal(read_plan(state,
                               "collect:\n  solvers: [admm, quasi_newton]\n  seeds: [1, 2]\n"
                               "train:\n  lr: [0.001, 0.0001]\n",
                               &plan, &error),
                     TRM_OK);
    assert_int_equal(plan.count, 2);
    assert_string_equal(plan.until, "train");
    assert_true(has_run(&plan, "train.lr=0.001"));
    assert_non_null(strstr(plan.runs[0].yaml, "solvers: [admm, quasi_newton]"));
    sweep_plan_free(&plan);
}

static void bad_plans_are_refused(void **state) {
    static const struct {
        const char *text, *word;
    } cases[] = {
        {"collect:\n  lr: [0.1, fast]\n", "plan.yaml:2: collect.lr cannot be 'fast'"},
        {"collect:\n  lr: [0.1, 0.1]\n", "twice"},
        {"collect:\n  lr: []\n", "cannot be empty"},
        {"sweep:\n  method: zip\ncollect:\n  lr: [0.1, 0.2]\n  width: [1, 0.5, 0.25]\n",
         "takes one value of each key"},
        {"sweep:\n  method: random\n  draws: 9\ncollect:\n  lr: [0.1, 0.2]\n", "there are 2 combinations"},
        {"sweep:\n  method: [grid, zip]\ncollect:\n  lr: 0.1\n", "sweep.method cannot be a list"},
        {"sweep:\n  method: grid\n", "names no stage"},
        {"train:\n  lr: 0.1\ncollect:\n  solvers: [admm]\n", "two at least"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct run r;
        put_text(state, "plan.yaml", cases[i].text);
        RUN(&r, *state, "sweep", "plan.yaml", "--output", "out", "--engine", "list");
        expect_refusal(&r, 2, cases[i].word);
        assert_int_equal(access(support_path((char[SUPPORT_PATH]){0}, state, "out"), F_OK), -1);
    }
}

static void options_are_refused(void **state) {
    struct run r;
    put_text(state, "plan.yaml", "collect:\n  lr: [0.1, 0.2]\n");
    RUN(&r, *state, "sweep", "plan.yaml", "--output", "out", "--engine", "pbs");
    expect_refusal(&r, 2, "--engine");
    RUN(&r, *state, "sweep", "plan.yaml", "--output", "out", "--engine", "list", "--hosts", "h");
    expect_refusal(&r, 2, "--hosts is for --engine ssh");
    RUN(&r, *state, "sweep", "plan.yaml", "--engine", "list");
    expect_refusal(&r, 2, "--output");
    RUN(&r, *state, "sweep", "nothing.yaml", "--output", "out", "--engine", "list");
    expect_refusal(&r, 2, "nothing.yaml");
    RUN(&r, *state, "sweep", "status", "out");
    expect_refusal(&r, 1, "out/sweep.json: no such file");
    RUN(&r, *state, "sweep", "gather", "out");
    expect_refusal(&r, 1, "out/sweep.json: no such file");
    assert_int_equal(access(support_path((char[SUPPORT_PATH]){0}, state, "out"), F_OK), -1);
    RUN(&r, *state, "sweep", "plan.yaml", "--output", "out", "--engine", "list");
    assert_int_equal(r.exit_status, 0);
    assert_int_equal(count_of(r.out, " run --config "), 6); /* three solvers are collect's default */
    RUN(&r, *state, "sweep", "gather", "out");
    expect_refusal(&r, 1, "no run is done yet");
    put_text(state, "out/sweep.json", "{\"until\": \"collect\", \"runs\": [{\"name\": \"../x\"}]}");
    RUN(&r, *state, "sweep", "status", "out");
    expect_refusal(&r, 1, "run 1 has no folder's name of its own");
}

/* The hashes of all runs of a store, in order. */
static size_t hashes_of(void **state, const char *name, char hashes[8][TRM_HASH_TEXT]) {
    char path[SUPPORT_PATH];
    struct trm_store *store;
    struct trm_error error;
    size_t count = 0;
    assert_int_equal(trm_store_open(support_path(path, state, name), TRM_STORE_READ, &store, &error), TRM_OK);
    while (count < 8 && trm_store_hash(store, (int64_t)count + 1, hashes[count], NULL) == TRM_OK)
        count++;
    assert_int_equal(trm_store_close(store, &error), TRM_OK);
    return count;
}

static void runs_end_as_they_would_one_by_one(void **state) {
    need_data();
    struct run r;
    char path[SUPPORT_PATH], gathered[8][TRM_HASH_TEXT], single[TRM_HASH_TEXT];
    if (access("/usr/bin/parallel", X_OK) != 0)
        skip();
    put_text(state, "plan.yaml", "collect:\n  solvers: [admm, quasi_newton]\n  seeds: [1, 2]\n" SMALL);
    RUN(&r, *state, "sweep", "plan.yaml", "--output", "out", "--jobs", "2");
    assert_int_equal(r.exit_status, 0);
    assert_non_null(strstr(r.out, "out: 4 runs: 4 done"));
    RUN(&r, *state, "sweep", "gather", "out");
    assert_int_equal(r.exit_status, 0);
    assert_int_equal(hashes_of(state, "out/gathered.db", gathered), 4);
    static const char *const files[] = {"out/solver=admm,seed=1/admm-1.db",
                                        "out/solver=admm,seed=2/admm-2.db",
                                        "out/solver=quasi_newton,seed=1/quasi_newton-1.db",
                                        "out/solver=quasi_newton,seed=2/quasi_newton-2.db"};
    for (size_t i = 0; i < 4; i++) {
        hash_of(state, files[i], single);
        assert_string_equal(gathered[i], single);
    }
    put_text(state, "one.yaml", "collect:\n  solvers: [admm]\n  seeds: [2]\n" SMALL "run:\n  threads: 1\n");
    RUN(&r, *state, "run", "--config", "one.yaml", "--output", "one", "--until", "collect");
    assert_int_equal(r.exit_status, 0);
    hash_of(state, "one/admm-2.db", single);
    assert_string_equal(gathered[1], single);
    RUN(&r, *state, "sweep", "gather", "out");
    expect_refusal(&r, 1, "gathered.db");
    RUN(&r, *state, "sweep", "gather", "out", "--force");
    assert_int_equal(r.exit_status, 0);

    /* one fails, and the account says so; mended, the same command completes it */
    assert_int_equal(unlink(support_path(path, state, "out/solver=admm,seed=1/stages/run.json")), 0);
    put_text(state, "out/solver=admm,seed=1/stages/collect-admm-1.json", "{");
    RUN(&r, *state, "sweep", "plan.yaml", "--output", "out", "--tries", "1");
    assert_int_equal(r.exit_status, 1);
    assert_non_null(strstr(r.out, "solver=admm,seed=1: failed: "));
    assert_non_null(strstr(r.out, "out: 4 runs: 3 done, 1 failed"));
    RUN(&r, *state, "sweep", "status", "out", "--json");
    assert_non_null(strstr(r.out, "\"failed\": 1"));
    assert_int_equal(unlink(support_path(path, state, "out/solver=admm,seed=1/admm-1.db")), 0);
    assert_int_equal(unlink(support_path(path, state, "out/solver=admm,seed=1/admm-1.weights.safetensors")),
                     0);
    RUN(&r, *state, "sweep", "plan.yaml", "--output", "out");
    assert_int_equal(r.exit_status, 0);
    assert_non_null(strstr(r.out, "out: 4 runs: 4 done"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        IN_FOLDER(a_grid_has_all_combinations_the_longest_first),
        IN_FOLDER(zip_pairs_and_random_draws_without_repeating),
        IN_FOLDER(later_stages_join_solvers_and_seeds),
        IN_FOLDER(bad_plans_are_refused),
        IN_FOLDER(options_are_refused),
        IN_FOLDER(runs_end_as_they_would_one_by_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
