/* Every column of a data set is altered in seven ways: it is refused in one line, or what is read keeps its rules. */
#include "support/altered.h"
#include "support/runs.h"

#include <math.h>
#include <stdio.h>

static char good[128], bad[128];

static enum trm_status read_all(const char *path, struct trm_error *error) {
    struct trm_dataset *set;
    const enum trm_status status = trm_dataset_open(path, &set, error);
    size_t count = 0;
    const struct trm_sample *const at = status == TRM_OK ? trm_dataset_samples(set, &count) : NULL;
    for (size_t i = 0; i < count; i++) {
        for (size_t f = 0; f < TRM_FEATURE_COUNT; f++)
            assert_true(isfinite(at[i].feature[f]));
        assert_true(isfinite(at[i].loss) && isfinite(at[i].change[at[i].label]));
        assert_true(at[i].present >> at[i].label & 1);
        assert_true(at[i].epochs > at[i].epoch && at[i].steps_per_epoch > 0);
    }
    trm_dataset_free(set);
    return status;
}

static void every_column_altered_seven_ways(void **state) {
    (void)state;
    snprintf(bad, sizeof bad, "%s", dynamics_path("bad.db"));
    trm_dataset_free(runs_dataset("good.db", 1u << 1 | 1u << 4, 1, 2, 50));
    snprintf(good, sizeof good, "%s", dynamics_path("good.db"));
    const struct altered loose = altered_read(good, bad, false, read_all);
    assert_true(loose.altered > 200 && loose.refused > 100);
    const struct altered strict = altered_read(good, bad, true, read_all);
    assert_true(strict.refused > loose.refused);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_column_altered_seven_ways)};
    return cmocka_run_group_tests(tests, NULL, dynamics_cleanup);
}
