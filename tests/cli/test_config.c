/* Configuration files and key=value words: what they set, and every error with its file, line and nearest
   key. */
#include "support/folders.h"

#include "cli/options/config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct values {
    bool augment, deep;
    size_t epochs;
    double lr;
    const char *dir, *model;
    struct setting_words solvers;
    struct setting_counts seeds;
};

#define AT(field) offsetof(struct values, field)
static const struct setting of_collect[] = {
    {"solvers", NULL, SETTING_CHOICES, AT(solvers), "admm,muon", "dual_ascent|admm|muon|", "solvers"},
    {"seeds", NULL, SETTING_COUNTS, AT(seeds), "42", "[0, 100]", "seeds"},
    {"epochs", NULL, SETTING_COUNT, AT(epochs), "30", "[1, 1000]", "passes"},
    {"lr", NULL, SETTING_REAL, AT(lr), "0.1", "(0, 10]", "learning rate"},
    {"augment", NULL, SETTING_FLAG, AT(augment), "", NULL, "crop and flip"},
    {"data-dir", NULL, SETTING_TEXT, AT(dir), "(the package's)", NULL, "folder"},
};
static const struct setting of_train[] = {
    {"model", NULL, SETTING_CHOICE, AT(model), "small", "tiny|small", "size"},
    {"deep-supervision", NULL, SETTING_ON_OFF, AT(deep), "off", NULL, "all cycles"},
};
enum { KEYS = 8 };

static enum trm_status read_into(struct values *v, struct config **config, const char *path,
                                 const char *const *words, size_t count, struct trm_error *error) {
    const struct settings parts[] = {{SETTINGS(of_collect), v, "collect", 0},
                                     {SETTINGS(of_train), v, "train", 0}};
    return config_read(config, path, parts, 2, words, count, error);
}

struct reading {
    struct values values;
    struct config *config;
    struct trm_error error;
    enum trm_status status;
};

/* text: what the file holds (NULL: no file); word: one override (NULL: none). */
static struct reading *read_both(void **state, const char *text, const char *const *words, size_t count) {
    char path[SUPPORT_PATH];
    struct reading *const r = calloc(1, sizeof *r);
    assert_non_null(r);
    support_path(path, state, "x.yaml");
    if (text != NULL)
        support_put(path, text, strlen(text));
    r->status = read_into(&r->values, &r->config, text != NULL ? path : NULL, words, count, &r->error);
    assert_true((r->config != NULL) == (r->status == TRM_OK));
    return r;
}

static void done(struct reading *r) {
    config_free(r->config);
    free(r);
}

static void file_sets_every_kind(void **state) {
    struct reading *const r = read_both(state,
                                        "# an experiment\n"
                                        "train:\n  deep-supervision: on\n"
                                        "collect:\n"
                                        "  solvers: [dual_ascent, 'admm']\n"
                                        "  seeds:\n    - 7\n    - 007\n",
                                        NULL, 0);
    assert_int_equal(r->status, TRM_INVALID); /* one seed in two spellings */
    assert_non_null(strstr(r->error.text, "x.yaml:6: collect.seeds holds 7 twice"));
    done(r);
    struct reading *const s = read_both(state,
                                        "collect:\n"
                                        "  solvers: [dual_ascent, 'admm']\n"
                                        "  seeds:\n    - 7\n    - 8\n"
                                        "  epochs: 3\n  lr: 5e-4\n  augment: on\n  data-dir: 'a: b'\n"
                                        "train: {model: tiny, deep-supervision: true}\n",
                                        NULL, 0);
    assert_int_equal(s->status, TRM_OK);
    assert_int_equal(s->values.solvers.count, 2);
    assert_string_equal(s->values.solvers.at[0], "dual_ascent");
    assert_string_equal(s->values.solvers.at[1], "admm");
    assert_int_equal(s->values.seeds.count, 2);
    assert_int_equal(s->values.seeds.at[1], 8);
    assert_int_equal(s->values.epochs, 3);
    assert_true(s->values.lr == 5e-4);
    assert_true(s->values.augment);
    assert_true(s->values.deep);
    assert_string_equal(s->values.dir, "a: b");
    assert_string_equal(s->values.model, "tiny");
    assert_string_equal(config_value(s->config, 3), "0.0005");
    assert_string_equal(config_value(s->config, 1), "7, 8");
    assert_true(config_given(s->config, 2));
    done(s);
}

static void defaults_and_words(void **state) {
    static const char *const words[] = {"collect.epochs=2", "collect.solvers=[muon, admm]",
                                        "collect.seeds=1,2,3", "collect.data-dir=/a=b"};
    struct reading *const r = read_both(state, "collect:\n  epochs: 5\n  lr: 1.0\n", words, 4);
    assert_int_equal(r->status, TRM_OK);
    assert_int_equal(r->values.epochs, 2);
    assert_int_equal(r->values.seeds.count, 3);
    assert_string_equal(r->values.solvers.at[0], "muon");
    assert_string_equal(r->values.dir, "/a=b");
    assert_string_equal(r->values.model, "small");
    assert_false(r->values.augment);                      /* a flag is off */
    assert_string_equal(config_value(r->config, 3), "1"); /* one spelling */
    done(r);
    struct reading *const none = read_both(state, NULL, NULL, 0);
    assert_int_equal(none->status, TRM_OK);
    assert_int_equal(none->values.epochs, 30);
    assert_null(none->values.dir);
    assert_null(config_value(none->config, 5));
    done(none);
}

/* What is printed reads back as the same, texts that need quotes included. */
static void printed_configuration_reads_back(void **state) {
    static const char *const words[] = {"collect.data-dir=a \"b\"\\\t: #c", "collect.lr=0.30000000000000004"};
    struct reading *const r = read_both(state, NULL, words, 2);
    assert_int_equal(r->status, TRM_OK);
    char *const text = config_yaml(r->config);
    assert_non_null(text);
    struct reading *const s = read_both(state, text, NULL, 0);
    assert_int_equal(s->status, TRM_OK);
    for (size_t i = 0; i < KEYS; i++)
        assert_string_equal(config_value(r->config, i), config_value(s->config, i));
    assert_true(s->values.lr == r->values.lr);
    free(text);
    done(r);
    done(s);
}

static void expect(void **state, const char *text, const char *word, const char *message) {
    const char *const words[] = {word};
    struct reading *const r = read_both(state, text, words, word != NULL);
    if (r->status == TRM_OK || strstr(r->error.text, message) == NULL)
        print_error("wanted '%s', got '%s'\n", message, r->error.text);
    assert_int_not_equal(r->status, TRM_OK);
    assert_non_null(strstr(r->error.text, message));
    assert_null(strchr(r->error.text, '\n'));
    done(r);
}

static void errors_name_file_line_and_key(void **state) {
#define REFUSES(text, message) expect(state, text, NULL, message)
    REFUSES("collect:\n  epochs: 3\n  epoch: 4\n",
            "x.yaml:3: unknown key 'collect.epoch'; did you mean collect.epochs?");
    REFUSES("\ncolect:\n  epochs: 3\n", "x.yaml:2: unknown key 'colect'; did you mean collect?");
    REFUSES("train:\n  deep_supervision: true\n", "did you mean train.deep-supervision?");
    REFUSES("epochs: 3\n", "x.yaml:1: unknown key 'epochs'; did you mean collect.epochs?");
    REFUSES("x:\n  epochs: 3\n", "x.yaml:1: unknown key 'x'; `trm-router run` writes all keys to");
    REFUSES("collect:\n  speed: 3\n", "unknown key 'collect.speed'; `trm-router run` writes all keys to");
    REFUSES("collect:\n  epochs: many\n",
            "x.yaml:2: collect.epochs cannot be 'many': give a whole number in [1, 1000]");
    REFUSES("collect:\n  epochs: '3'\n", "the text '3'");
    REFUSES("collect:\n  epochs: 3.5\n", "'3.5'");
    REFUSES("collect:\n  epochs: 0\n", "in [1, 1000]");
    REFUSES("collect:\n  epochs: -1\n", "in [1, 1000]");
    REFUSES("collect:\n  epochs: 99999999999999999999999\n", "in [1, 1000]");
    REFUSES("collect:\n  epochs:\n", "''");
    REFUSES("collect:\n  data-dir: null\n", "a text that is not empty");
    REFUSES("collect:\n  lr: 0\n", "a number in (0, 10]");
    REFUSES("collect:\n  lr: .nan\n", "a number in (0, 10]");
    REFUSES("collect:\n  augment: 1\n", "true or false");
    REFUSES("collect:\n  epochs: [3]\n", "cannot be a list");
    REFUSES("collect:\n  epochs: {a: 3}\n", "not a mapping");
    REFUSES("collect:\n  solvers: admm\n", "cannot be a single value");
    REFUSES("collect:\n  solvers: []\n", "cannot be empty");
    REFUSES("collect:\n  solvers: [admm, adm]\n",
            "'adm' in its list; did you mean admm? give a list, each once, of dual_ascent, admm, muon");
    REFUSES("collect:\n  solvers: [admm, admm]\n", "holds admm twice");
    REFUSES("collect:\n  solvers: [[admm]]\n", "a list holds values only");
    REFUSES("train:\n  model: large\n", "one of tiny, small");
    REFUSES("collect:\n  epochs: 3\n  lr: 1\n  epochs: 3\n",
            "x.yaml:4: collect.epochs was given in line 2 already");
    REFUSES("collect:\n  lr: 1\ntrain:\n  model: tiny\ncollect:\n  epochs: 3\n",
            "x.yaml:5: section collect comes twice");
    REFUSES("collect: 3\n", "x.yaml:1: collect is a section");
    REFUSES("- collect\n", "x.yaml:1: must be sections");
    REFUSES("", "holds nothing");
    REFUSES("# nothing\n", "holds nothing");
    REFUSES("collect:\n  lr: 1\n---\ntrain:\n  model: tiny\n", "x.yaml:4: a second document");
    REFUSES("collect:\n  lr: [1\n", "is no YAML");
    REFUSES("collect:\n\tlr: 1\n", "x.yaml:2: is no YAML");
    REFUSES("collect:\n  lr: !!float 1\n", "tags");
    REFUSES("collect:\n  [a, b]: 1\n", "a key must be a name");
    REFUSES("collect:\n  data-dir: \"a\\0b\"\n", "zero byte");
    REFUSES("collect:\n  lr: \xff\xfe\n", "no text in UTF-8");
#undef REFUSES
}

/* Not read any further, since it would take for ever; no more lists end than begin. */
static void nesting_has_an_end(void **state) {
    static char deep[40001];
    for (char *c = deep; c < deep + sizeof deep - 1; c++)
        *c = c < deep + 10 ? '\n' : '[';
    expect(state, deep, NULL, "x.yaml:11: lists and mappings are nested more than 16 deep");
    memset(deep, ']', sizeof deep - 1);
    expect(state, deep, NULL, "is no YAML");
}

static void errors_of_words(void **state) {
#define REFUSES(word, message) expect(state, NULL, word, message)
    REFUSES("collect.epochs", "collect.epochs: is no key=value");
    REFUSES("=3", "is no key=value");
    REFUSES("collect.epoch=3", "collect.epoch=3: unknown key 'collect.epoch'; did you mean collect.epochs?");
    REFUSES("epochs=3", "did you mean collect.epochs?");
    REFUSES("collect.epochs=x", "collect.epochs=x: collect.epochs cannot be 'x': give a whole number");
    REFUSES("collect.epochs=", "give a whole number");
    REFUSES("collect.seeds=1,,2", "give a list of whole numbers");
    REFUSES("collect.seeds=", "give a list of whole numbers");
    REFUSES("collect.solvers=admm,admm", "twice");
    static const char *const twice[] = {"collect.epochs=3", "collect.epochs=3"};
    struct reading *const r = read_both(state, NULL, twice, 2);
    assert_int_equal(r->status, TRM_INVALID);
    assert_non_null(strstr(r->error.text, "given twice"));
    done(r);
#undef REFUSES
}

static void files_that_are_none(void **state) {
    struct values values = {.epochs = 0};
    struct config *config;
    struct trm_error error;
    char path[SUPPORT_PATH];
    assert_int_equal(read_into(&values, &config, support_path(path, state, "absent.yaml"), NULL, 0, &error),
                     TRM_NOT_FOUND);
    assert_null(config);
    assert_non_null(strstr(error.text, "absent.yaml"));
    assert_int_equal(read_into(&values, &config, *state, NULL, 0, &error), TRM_IO);
    assert_non_null(strstr(error.text, "is a folder"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(file_sets_every_kind, support_folder_make, support_folder_remove),
        cmocka_unit_test_setup_teardown(defaults_and_words, support_folder_make, support_folder_remove),
        cmocka_unit_test_setup_teardown(printed_configuration_reads_back, support_folder_make,
                                        support_folder_remove),
        cmocka_unit_test_setup_teardown(errors_name_file_line_and_key, support_folder_make,
                                        support_folder_remove),
        cmocka_unit_test_setup_teardown(errors_of_words, support_folder_make, support_folder_remove),
        cmocka_unit_test_setup_teardown(nesting_has_an_end, support_folder_make, support_folder_remove),
        cmocka_unit_test_setup_teardown(files_that_are_none, support_folder_make, support_folder_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
