/* What the program says and how: errors as JSON, quiet, values that were probably meant, outputs that are there. */
#include "cli/support_run.h"
#include "cli/support_store.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static void expect_error_document(const struct run *r, int exit_status, const char *word) {
    json_t *const document = json_loads(r->out, JSON_REJECT_DUPLICATES, NULL);
    const json_t *const error = json_object_get(document, "error");
    assert_int_equal(r->exit_status, exit_status);
    assert_non_null(strstr(json_string_value(json_object_get(error, "message")), word));
    assert_int_equal(json_integer_value(json_object_get(error, "exit_status")), exit_status);
    assert_true(json_is_string(json_object_get(document, "version")));
    assert_non_null(strstr(r->err, word)); /* for people, too */
    json_decref(document);
}

static void errors_are_json_where_results_are(void **state) {
    struct run r;
    RUN(&r, *state, "train", "--json", "--epochs", "many");
    expect_error_document(&r, 2, "--epochs 'many' is not allowed");
    RUN(&r, *state, "train", "--data", "absent.db", "--output", "r.safetensors", "--json");
    expect_error_document(&r, 1, "absent.db");
    RUN(&r, *state, "solve", "--json");
    expect_error_document(&r, 2, "--radius");
    RUN(&r, *state, "train", "--epochs", "many", "--", "--json");
    expect_refusal(&r, 2, "--epochs");
    RUN(&r, *state, "data", "list", "--json", "absent"); /* a document, then an error: one document */
    json_t *const rows = json_loads(r.out, JSON_REJECT_DUPLICATES, NULL);
    assert_true(json_is_array(rows));
    assert_int_equal(r.exit_status, 1);
    json_decref(rows);
}

static void quiet_says_errors_only(void **state) {
    struct run r;
    put_store(state, "da.db", "dual_ascent", 0);
    put_store(state, "admm.db", "admm", 1);
    RUN(&r, *state, "prepare", "--inputs", "da.db", "admm.db", "--output", "new/d.db", "--quiet");
    assert_int_equal(r.exit_status, 0);
    assert_string_equal(r.err, "");
    RUN(&r, *state, "train", "--data", "new/d.db", "--output", "r.safetensors", "--size", "tiny", "--epochs",
        "2", "--quiet", "--json");
    assert_int_equal(r.exit_status, 0);
    assert_string_equal(r.err, "");
    json_t *const document = json_loads(r.out, JSON_REJECT_DUPLICATES, NULL);
    assert_int_equal(json_integer_value(json_object_get(document, "seed")), 42);
    assert_string_equal(json_string_value(json_object_get(document, "data")), "new/d.db");
    assert_true(json_is_string(json_object_get(document, "version")));
    json_decref(document);
    RUN(&r, *state, "train", "--data", "new/d.db", "--output", "r.safetensors", "--quiet");
    expect_refusal(&r, 1, "exists already");
    assert_int_equal(r.err_lines, 1);
}

/* Before anything else is said, with the ways on; a folder that is made is the first line. */
static void outputs_are_looked_at_first(void **state) {
    struct run r;
    put_store(state, "da.db", "dual_ascent", 0);
    put_store(state, "admm.db", "admm", 1);
    RUN(&r, *state, "prepare", "--inputs", "da.db", "admm.db", "--output", "new/d.db");
    assert_int_equal(r.exit_status, 0);
    assert_string_equal(r.err, "trm-router: the folder new is not there; it is made\n");
    RUN(&r, *state, "prepare", "--inputs", "da.db", "admm.db", "--output", "new/d.db");
    expect_refusal(&r, 1, "new/d.db: exists already; --force replaces it, --output names another");
    assert_int_equal(r.err_lines, 1);
    RUN(&r, *state, "train", "--data", "new/d.db", "--output", "new/d.db");
    expect_refusal(&r, 1, "--resume goes on with it, --force replaces it, --output names another");
    assert_int_equal(r.err_lines, 1);
    RUN(&r, *state, "collect", "--solver", "admm", "--output", "da.db");
    expect_refusal(&r, 1, "da.db: exists already");
    assert_int_equal(r.err_lines, 1);
}

static void values_are_suggested_where_near(void **state) {
    struct run r;
    RUN(&r, *state, "collect", "--solver", "amdm");
    expect_refusal(&r, 2, "--solver 'amdm' is not allowed; did you mean admm? give one of spectral_clip");
    RUN(&r, *state, "collect", "--solver", "sgd");
    expect_refusal(&r, 2, "--solver 'sgd' is not allowed: give one of spectral_clip");
    RUN(&r, *state, "run", "collect.solvers=admm,frank_wofle");
    expect_refusal(&r, 2, "'frank_wofle' in its list; did you mean frank_wolfe? give a list");
    RUN(&r, *state, "run", "collect.schedule=cosin");
    expect_refusal(&r, 2, "'cosin'; did you mean cosine? give one of");
}

static void version_has_a_letter(void **state) {
    struct run r, again;
    RUN(&r, *state, "--version");
    RUN(&again, *state, "-V");
    assert_int_equal(again.exit_status, 0);
    assert_string_equal(r.out, again.out);
}

/* Without a file it works from anywhere; by name those of configs/ in this folder come first. */
static void configurations_are_found(void **state) {
    struct run r;
    RUN(&r, *state, "run", "--print-config");
    assert_int_equal(r.exit_status, 0);
    assert_non_null(strstr(r.out, "  solvers: [dual_ascent, admm, frank_wolfe]\n"));
    assert_string_equal(r.err, "");
    RUN(&r, *state, "run", "--print-config", "--config", "demo", "train.epochs=7");
    assert_int_equal(r.exit_status, 0);
    assert_non_null(strstr(r.out, "\ntrain:\n"));
    assert_non_null(strstr(r.out, "  epochs: 7\n"));
    put_text(state, "printed.yaml", r.out);
    RUN(&r, *state, "run", "--print-config", "--config", "printed.yaml"); /* what is printed is taken again */
    assert_int_equal(r.exit_status, 0);
    assert_non_null(strstr(r.out, "  epochs: 7\n"));
    char path[SUPPORT_PATH];
    assert_int_equal(mkdir(support_path(path, state, "configs"), 0700), 0);
    put_text(state, "configs/demo.yaml", "train:\n  epochs: 9\n");
    RUN(&r, *state, "run", "--print-config", "--config", "demo");
    assert_non_null(strstr(r.out, "  epochs: 9\n"));
    RUN(&r, *state, "run", "--config", "dmeo");
    expect_refusal(&r, 2, "dmeo: no such file, and no configuration of that name is installed");
    RUN(&r, *state, "run", "--config", "no/demo");
    expect_refusal(&r, 2, "no/demo: no such file");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        IN_FOLDER(errors_are_json_where_results_are),
        IN_FOLDER(quiet_says_errors_only),
        IN_FOLDER(outputs_are_looked_at_first),
        IN_FOLDER(values_are_suggested_where_near),
        IN_FOLDER(version_has_a_letter),
        IN_FOLDER(configurations_are_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
