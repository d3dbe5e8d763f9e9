/* Bad inputs of the router's commands from outside: each is refused in one line, with exit status 1. */
#include "cli/support_store.h"

#include "data/data.h"
#include "storage/file.h"
#include "support/dynamics.h"

#include <stdlib.h>
#include <string.h>

static int make(void **state) {
    struct run r;
    if (support_folder_make(state) != 0)
        return 1;
    put_store(state, "da.db", "dual_ascent", 0);
    put_store(state, "admm.db", "admm", 1);
    put_store(state, "fw.db", "frank_wolfe", 2);
    RUN(&r, *state, "prepare", "--inputs", "da.db", "admm.db", "fw.db", "--output", "d.db");
    return r.exit_status;
}

#define TRAIN(r, ...)                                                                                        \
    RUN(r, *state, "train", "--size", "tiny", "--epochs", "2", "--threads", "1", "--force", "--output",      \
        "r.safetensors", __VA_ARGS__)
#define EVALUATE(r, ...)                                                                                     \
    RUN(r, *state, "evaluate", "--resamples", "10", "--baseline-epochs", "1", "--threads", "1", "--model",   \
        "r.safetensors", __VA_ARGS__)

/* train and evaluate refuse a data set for this reason, naming it. */
static void refuse_data(void **state, const char *name, const char *words) {
    struct run r;
    TRAIN(&r, "--data", name);
    expect_refusal(&r, 1, words);
    assert_non_null(strstr(r.err, name));
    EVALUATE(&r, "--data", name);
    expect_refusal(&r, 1, words);
    assert_non_null(strstr(r.err, name));
}

static void copy(void **state, const char *from, const char *to) {
    char path[SUPPORT_PATH];
    void *bytes;
    size_t size;
    assert_int_equal(file_read(support_path(path, state, from), 1 << 24, &bytes, &size, NULL), TRM_OK);
    support_put(support_path(path, state, to), bytes, size);
    free(bytes);
}

static void test_data_sets(void **state) {
    static const struct {
        const char *sql, *words;
    } cases[] = {
        {"DELETE FROM sample", "is empty"},
        {"DELETE FROM sample; DELETE FROM run", "numbers of steps, runs, blocks"},
        {"DELETE FROM sample WHERE run_id <> 1; DELETE FROM run WHERE id <> 1;"
         "UPDATE sample SET change_admm = NULL, change_frank_wolfe = NULL, label = 'dual_ascent', tied = 2",
         "holds one solver alone"},
        {"UPDATE sample SET loss_trend = 'nan' WHERE run_id = 2 AND step = 7", "loss_trend"},
        {"UPDATE sample SET eff_rank = 9e999 WHERE run_id = 1 AND step = 119", "eff_rank"},
        {"UPDATE sample SET change_admm = -9e999 WHERE step = 3", "change_admm"},
        {"UPDATE sample SET label = 'newton' WHERE step = 3", "label"},
        {"DROP TABLE sample", "no such table: sample"},
    };
    struct run r;
    char path[SUPPORT_PATH];
    TRAIN(&r, "--data", "d.db");
    assert_int_equal(r.exit_status, 0);
    copy(state, "r.safetensors", "kept.safetensors");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        copy(state, "d.db", "bad.db");
        change_store(state, "bad.db", dynamics_loosen);
        change_store(state, "bad.db", cases[i].sql);
        refuse_data(state, "bad.db", cases[i].words);
    }
    support_put(support_path(path, state, "bad.db"), "", 0);
    refuse_data(state, "bad.db", "is no data set");
    EVALUATE(&r, "--data", "d.db"); /* what was there before is not harmed by what was refused */
    assert_int_equal(r.exit_status, 0);
}

static void test_stores(void **state) {
    static const struct {
        const char *sql, *words;
    } cases[] = {
        {"UPDATE step SET log_cond = 9e999 WHERE step = 5", "log_cond of step 5"},
        {"UPDATE step SET log_cond = 'nan' WHERE step = 5", "log_cond of step 5"},
        {"DELETE FROM step WHERE step = 5", "lacks 1 of its 120 steps, the first of them step 5"},
        {"DELETE FROM step", "lacks 120 of its 120 steps"},
        {"DELETE FROM step; DELETE FROM run", "holds no run"},
    };
    struct run r;
    char path[SUPPORT_PATH];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        copy(state, "fw.db", "bad.db");
        change_store(state, "bad.db", dynamics_loosen);
        change_store(state, "bad.db", cases[i].sql);
        RUN(&r, *state, "prepare", "--inputs", "da.db", "bad.db", "--output", "new.db");
        expect_refusal(&r, 1, cases[i].words);
        assert_non_null(strstr(r.err, "bad.db"));
        assert_false(file_exists(support_path(path, state, "new.db")));
    }
}

/* A solver that is never the best is no error: it is said, trained around and evaluated. */
static void test_a_class_never_seen(void **state) {
    struct run r;
    put_store(state, "never.db", "spectral_clip", 9);
    RUN(&r, *state, "prepare", "--inputs", "da.db", "admm.db", "fw.db", "never.db", "--output", "five.db");
    assert_int_equal(r.exit_status, 0);
    assert_non_null(strstr(r.err, "spectral_clip is best at no step"));
    TRAIN(&r, "--data", "five.db");
    assert_int_equal(r.exit_status, 0);
    EVALUATE(&r, "--data", "five.db");
    assert_int_equal(r.exit_status, 0);
    assert_null(strstr(r.out, "nan"));
}

/* A router whose file was cut, or whose header tells other sizes, for every command that reads one. */
static void test_routers(void **state) {
    struct run r;
    char path[SUPPORT_PATH];
    struct data_info info;
    const struct data_options package = {.name = "fashion-mnist"};
    const bool online = data_check(&package, &info, NULL) == TRM_OK;
    void *bytes;
    size_t size;
    TRAIN(&r, "--data", "d.db");
    assert_int_equal(r.exit_status, 0);
    assert_int_equal(file_read(support_path(path, state, "r.safetensors"), 1 << 24, &bytes, &size, NULL),
                     TRM_OK);
    const size_t lengths[] = {0, 7, 300, size / 2, size - 1, size};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        if (lengths[i] == size) { /* whole, but wider than it is */
            char *at = (char *)bytes + 8;
            while (memcmp(at, "\\\"width\\\":32", 11) != 0)
                at++;
            memcpy(at, "\\\"width\\\":64", 11);
        }
        support_put(support_path(path, state, "r.safetensors"), bytes, lengths[i]);
        EVALUATE(&r, "--data", "d.db");
        expect_refusal(&r, 1, "r.safetensors");
        if (online) {
            RUN(&r, *state, "online", "--router", "r.safetensors", "--dataset", "fashion-mnist", "--epochs",
                "1", "--train-limit", "256", "--output", "o.db", "--threads", "1");
            expect_refusal(&r, 1, "r.safetensors");
            assert_false(file_exists(support_path(path, state, "o.db")));
        }
    }
    free(bytes);
}

int main(void) {
#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, make, support_folder_remove)
    const struct CMUnitTest tests[] = {
        IN_FOLDER(test_data_sets),
        IN_FOLDER(test_stores),
        IN_FOLDER(test_a_class_never_seen),
        IN_FOLDER(test_routers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
