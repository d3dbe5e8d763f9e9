/* Reading a data set: what is refused, in words. */
#include "support/runs.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static char good[160], bad[160];

static void copy(const char *from, const char *to, long bytes) {
    FILE *const in = fopen(from, "rb"), *const out = fopen(to, "wb");
    assert_true(in != NULL && out != NULL);
    for (int c; bytes-- != 0 && (c = fgetc(in)) != EOF;)
        fputc(c, out);
    fclose(in);
    fclose(out);
}

static void refuse(const char *path, enum trm_status expected, const char *words) {
    struct trm_dataset *dataset;
    struct trm_error error = {0};
    const enum trm_status status = trm_dataset_open(path, &dataset, &error);
    if (status != expected || strstr(error.text, words) == NULL)
        fail_msg("status %d, wanted %d with '%s': %s", (int)status, (int)expected, words, error.text);
    assert_null(dataset);
    assert_null(strchr(error.text, '\n'));
}

static int make(void **state) {
    (void)state;
    snprintf(good, sizeof good, "%s", dynamics_path("good.db"));
    snprintf(bad, sizeof bad, "%s", dynamics_path("bad.db"));
    trm_dataset_free(runs_dataset("good.db", 1u << 1 | 1u << 4, 1, 2, 50));
    dynamics_sql(good, dynamics_loosen); /* which would refuse some of the changes */
    return 0;
}

static void changed_values_are_refused(void **state) {
    (void)state;
    static const struct {
        const char *sql;
        enum trm_status status;
        const char *words;
    } cases[] = {
        {"DELETE FROM sample", TRM_INVALID, "the data set is empty"},
        {"UPDATE sample SET top_sv = 9e999 WHERE run_id = 1 AND step = 5", TRM_NOT_FINITE,
         "top_sv of sample 5"},
        {"UPDATE sample SET eff_rank = 'NaN' WHERE run_id = 2 AND step = 5", TRM_NOT_FINITE,
         "eff_rank of sample 105"},
        {"UPDATE sample SET loss = x'00' WHERE step = 0", TRM_NOT_FINITE, "loss of sample 0"},
        {"UPDATE sample SET change_admm = NULL, label = 'dual_ascent', tied = 2", TRM_INVALID,
         "one solver alone"},
        {"UPDATE sample SET change_admm = NULL WHERE step = 7", TRM_FORMAT, "has other solvers"},
        {"UPDATE sample SET label = 'frank_wolfe' WHERE step = 7", TRM_FORMAT, "no solver of the data"},
        {"UPDATE sample SET label = 'nobody' WHERE step = 7", TRM_FORMAT, "no solver of the data"},
        {"UPDATE sample SET label = 'muon' WHERE step = 7", TRM_FORMAT, "no solver of the data"},
        {"UPDATE sample SET change_admm = -9, change_dual_ascent = -8, label = 'dual_ascent'", TRM_FORMAT,
         "not the best solver"},
        {"UPDATE sample SET tied = 31 WHERE step = 7", TRM_FORMAT, "equally good"},
        {"UPDATE sample SET group_id = 999999999 WHERE step = 7", TRM_FORMAT, "wrong group"},
        {"UPDATE sample SET position = -1 WHERE step = 7", TRM_FORMAT, "position of sample 7"},
        {"UPDATE sample SET epoch = 40 WHERE step = 7", TRM_FORMAT, "not in its epoch"},
        {"UPDATE run SET steps_per_epoch = 0", TRM_FORMAT, "not in its epoch"},
        {"UPDATE meta SET value = 0 WHERE key = 'block'", TRM_FORMAT, "numbers of steps, runs"},
        {"UPDATE meta SET value = 'x' WHERE key = 'steps'", TRM_FORMAT, "value of row 0"},
        {"UPDATE meta SET value = 9 WHERE key = 'feature_version'", TRM_FORMAT, "features are of version 9"},
        {"DELETE FROM run WHERE id = 2", TRM_FORMAT, "runs that are not there"},
        {"PRAGMA user_version = 12", TRM_FORMAT, "data set of version 12"},
        {"PRAGMA application_id = 1", TRM_FORMAT, "is no data set"},
        {"DROP VIEW samples; DROP VIEW oracle_by_epoch; DROP TABLE sample", TRM_FORMAT, "no such table"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        copy(good, bad, -1);
        dynamics_sql(bad, cases[i].sql);
        refuse(bad, cases[i].status, cases[i].words);
    }
}

static void other_files_are_refused(void **state) {
    (void)state;
    refuse(dynamics_path("absent.db"), TRM_NOT_FOUND, "absent.db");
    refuse("/tmp", TRM_IO, "/tmp");
    refuse(dynamics_path("run-1-4.db"), TRM_FORMAT, "is no data set"); /* a store */
    static const long sizes[] = {0, 1, 50, 100, 512, 4096, 5000, 20000};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        copy(good, bad, sizes[i]);
        refuse(bad, TRM_FORMAT, bad);
    }
}

/* Every single byte of the first pages may be wrong: an error or a data set, never a crash. */
static void damaged_bytes_never_crash(void **state) {
    (void)state;
    for (long at = 0; at < 40000; at += 97) {
        copy(good, bad, -1);
        FILE *const file = fopen(bad, "r+b");
        assert_non_null(file);
        fseek(file, at, SEEK_SET);
        const int was = fgetc(file);
        fseek(file, at, SEEK_SET);
        fputc(was ^ 0x55, file);
        fclose(file);
        struct trm_dataset *dataset;
        struct trm_error error = {0};
        if (trm_dataset_open(bad, &dataset, &error) != TRM_OK)
            assert_true(dataset == NULL && error.text[0] != '\0');
        trm_dataset_free(dataset);
    }
}

static void a_copy_reads_the_same(void **state) {
    (void)state;
    struct trm_dataset *a, *b;
    size_t count, other;
    copy(good, bad, -1);
    assert_int_equal(trm_dataset_open(good, &a, NULL), TRM_OK);
    assert_int_equal(trm_dataset_open(bad, &b, NULL), TRM_OK);
    const struct trm_sample *const s = trm_dataset_samples(a, &count), *const t =
                                                                           trm_dataset_samples(b, &other);
    assert_true(count == 200 && other == 200);
    assert_memory_equal(s, t, count * sizeof *s);
    trm_dataset_free(a);
    trm_dataset_free(b);
    trm_dataset_free(NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_copy_reads_the_same),
        cmocka_unit_test(changed_values_are_refused),
        cmocka_unit_test(other_files_are_refused),
        cmocka_unit_test(damaged_bytes_never_crash),
    };
    return cmocka_run_group_tests(tests, make, dynamics_cleanup);
}
