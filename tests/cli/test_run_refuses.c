/* run: what a configuration may not hold, and that it is said before anything is written. */
#include "cli/support_run.h"

#include "storage/file.h"

static void refuses_wrong_configurations(void **state) {
    struct run r;
    put_text(state, "key.yaml", "collect:\n  epochs: 3\n  spectral-buget: 0.1\n");
    RUN(&r, *state, "run", "--config", "key.yaml");
    expect_refusal(&r, 2,
                   "key.yaml:3: unknown key 'collect.spectral-buget'; did you mean collect.spectral-budget?");
    put_text(state, "type.yaml", "train:\n  epochs: long\n");
    RUN(&r, *state, "run", "--config", "type.yaml");
    expect_refusal(&r, 2, "type.yaml:2: train.epochs cannot be 'long': give a whole number");
    put_text(state, "range.yaml", "train:\n  test-split: 1\n");
    RUN(&r, *state, "run", "--config", "range.yaml");
    expect_refusal(&r, 2, "range.yaml:2: train.test-split cannot be '1': give a number in (0, 1)");
    put_text(state, "twice.yaml", "collect:\n  seeds: [1]\n  epochs: 1\n  seeds: [2]\n");
    RUN(&r, *state, "run", "--config", "twice.yaml");
    expect_refusal(&r, 2, "twice.yaml:4: collect.seeds was given in line 2 already");
    put_text(state, "solver.yaml", "collect:\n  solvers: [admm, amdd]\n");
    RUN(&r, *state, "run", "--config", "solver.yaml");
    expect_refusal(&r, 2, "'amdd' in its list");
    put_text(state, "one.yaml", "collect:\n  solvers: [admm]\n");
    RUN(&r, *state, "run", "--config", "one.yaml");
    expect_refusal(&r, 2, "give two at least");
    put_text(state, "optimizer.yaml", "collect:\n  optimizer: spel\n");
    RUN(&r, *state, "run", "--config", "optimizer.yaml");
    expect_refusal(&r, 2, "collect.optimizer");
    put_text(state, "shares.yaml", "train:\n  test-split: 0.6\n  val-split: 0.6\n");
    RUN(&r, *state, "run", "--config", "shares.yaml");
    expect_refusal(&r, 2, "shares.yaml");
    RUN(&r, *state, "run", "--config", "absent.yaml");
    expect_refusal(&r, 2, "absent.yaml: no such file");
    RUN(&r, *state, "run", "--config", ".");
    expect_refusal(&r, 2, "is a folder");
    put_text(state, "tiny.yaml", TINY);
    RUN(&r, *state, "run", "--config", "tiny.yaml", "collect.epoch=3");
    expect_refusal(&r, 2, "did you mean collect.epochs?");
    RUN(&r, *state, "run", "--config", "tiny.yaml", "collect.epochs");
    expect_refusal(&r, 2, "is no key=value");
    RUN(&r, *state, "run", "--config", "tiny.yaml", "--until", "nothing");
    expect_refusal(&r, 2, "--until");
    RUN(&r, *state, "run", "--config", "tiny.yaml", "collect.data-dir=nowhere");
    expect_refusal(&r, 1, "nowhere");
}

/* Settings that only the network or the data can judge are refused before anything is written. */
static void refuses_settings_before_it_writes(void **state) {
    need_data();
    struct run r;
    char path[SUPPORT_PATH];
    static const char *const cases[][2] = {
        {"collect.manifold=conv9", "'conv9' is no weight of this network"},
        {"collect.track=fc3", "'fc3' is not on the manifold"},
        {"collect.batch-size=512", "--batch-size 512 is more than the 256 training images"},
        {"collect.warmup=8", "--warmup 8 is not shorter than the run of 8 steps"},
        {"collect.data-dir=nowhere", "nowhere"},
    };
    put_text(state, "tiny.yaml", TINY);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        RUN(&r, *state, "run", "--config", "tiny.yaml", "--output", "out", cases[i][0]);
        expect_refusal(&r, 1, cases[i][1]);
        assert_int_equal(support_entries(*state), 1);
    }
    /* online is as long as it says itself */
    RUN(&r, *state, "run", "--config", "tiny.yaml", "--output", "out", "collect.warmup=9", "collect.epochs=2",
        "online.epochs=1");
    expect_refusal(&r, 1, "--warmup 9 is not shorter than the run of 8 steps");
    assert_false(file_exists(support_path(path, state, "out")));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        IN_FOLDER(refuses_wrong_configurations),
        IN_FOLDER(refuses_settings_before_it_writes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
