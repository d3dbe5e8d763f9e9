/* A good file with random damage: solve answers or refuses, in good order. TRM_TEST_ROUNDS sets how often
   (scripts/test-long.sh: thousands, under the sanitizers). */
#include "cli/support.h"

#include "base/rng.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DEFAULT_ROUNDS = 25, FILE_ROOM = 4096, HEADER_LENGTH = 8 };

/* Cut, lengthen, or change up to 4 bytes, most often in the header; the new size. */
static size_t damage(struct rng *r, char *bytes, size_t size) {
    const uint32_t kind = rng_below(r, 8);
    if (kind == 0)
        return rng_below(r, (uint32_t)size);
    if (kind == 1)
        return size + 1 + rng_below(r, 16);
    const uint32_t header = HEADER_LENGTH + (uint32_t)(unsigned char)bytes[0];
    const uint32_t changes = 1 + rng_below(r, 4);
    for (uint32_t i = 0; i < changes; i++) {
        const uint32_t at = kind < 6 ? rng_below(r, header) : rng_below(r, (uint32_t)size);
        static const char likely[] = "0123456789[]{},:\"-\\ FW";
        bytes[at] = rng_below(r, 2) == 0 ? likely[rng_below(r, sizeof likely - 1)] : (char)rng_below(r, 256);
    }
    return size;
}

static void test_damaged_files(void **state) {
    static char good[FILE_ROOM], bytes[FILE_ROOM];
    char path[SUPPORT_PATH];
    const char *asked = getenv("TRM_TEST_ROUNDS");
    const unsigned long rounds = asked != NULL ? strtoul(asked, NULL, 10) : DEFAULT_ROUNDS;
    put_problem(*state, "in", 6, 3, ST_F32, 1);
    const size_t size = get_file(*state, "in", good, sizeof good);
    for (unsigned long i = 0; i < rounds; i++) {
        struct rng r = rng_stream(7, RNG_TEST, i, 0);
        struct run run;
        memset(bytes, 0, sizeof bytes);
        memcpy(bytes, good, size);
        support_put(support_path(path, state, "in"), bytes, damage(&r, bytes, size));
        RUN(&run, *state, "solve", "in", "--solver", "admm", "--radius", "0.1", "--output", "out",
            "--threads", "1");
        if (run.exit_status > 1 || run.err_lines > 3)
            print_error("round %lu: exit status %d, said: %s", i, run.exit_status, run.err);
        assert_in_range(run.exit_status, 0, 1);
        assert_in_range(run.err_lines, 1, 3);
        assert_int_equal(support_entries(*state), run.exit_status == 0 ? 2 : 1);
        if (run.exit_status == 0)
            assert_int_equal(remove(support_path(path, state, "out")), 0);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_damaged_files, support_folder_make, support_folder_remove)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
