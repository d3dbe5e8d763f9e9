/* run --json: what the stages came to, as one document. */
#include "cli/support_run.h"

#include <jansson.h>
#include <string.h>

static void results_are_one_document(void **state) {
    need_data();
    struct run r;
    put_text(state, "tiny.yaml", TINY);
    TO_PREPARE(&r, "--output", "out", "--json");
    assert_int_equal(r.exit_status, 0);
    json_t *const document = json_loads(r.out, JSON_REJECT_DUPLICATES, NULL);
    assert_int_equal(json_array_size(json_object_get(document, "runs")), 2);
    const json_t *const run = json_array_get(json_object_get(document, "runs"), 1);
    assert_string_equal(json_string_value(json_object_get(run, "solver")), "dual_ascent");
    assert_true(json_number_value(json_object_get(run, "train_loss")) > 0);
    assert_string_equal(json_string_value(json_object_get(document, "results")), "out");
    json_decref(document);
    TO_PREPARE(&r, "--output", "out", "--json", "--dry-run");
    expect_refusal(&r, 2, "--dry-run what would");
}

int main(void) {
    const struct CMUnitTest tests[] = {IN_FOLDER(results_are_one_document)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
