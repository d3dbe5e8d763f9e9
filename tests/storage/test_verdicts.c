/* The reader takes and refuses what the reference library does (data/verdicts.txt, made by make_verdicts.py there). */
#include "storage/safetensors.h"
#include "support/folders.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LINE = 1024 };

/* %XX back to its character, in place. Returns the length. */
static size_t decode(char *text) {
    size_t length = 0;
    for (const char *c = text; *c != '\0' && *c != '\n'; length++) {
        char digits[3] = {0};
        if (*c == '%') {
            memcpy(digits, c + 1, 2);
            text[length] = (char)strtol(digits, NULL, 16);
            c += 3;
        } else {
            text[length] = *c++;
        }
    }
    return length;
}

static void put_file(const char *path, const char *header, size_t length, size_t data) {
    unsigned char bytes[8 + LINE + 256] = {0};
    assert_true(data <= 256 && length <= LINE);
    bytes[0] = (unsigned char)(length & 0xff);
    bytes[1] = (unsigned char)(length >> 8);
    memcpy(bytes + 8, header, length);
    support_put(path, bytes, 8 + length + data);
}

static void test_verdicts(void **state) {
    char line[LINE], path[SUPPORT_PATH];
    size_t tried = 0;
    FILE *const table = fopen(TEST_DATA_DIR "/verdicts.txt", "r");
    assert_non_null(table);
    support_path(path, state, "a");
    while (fgets(line, sizeof line, table) != NULL) {
        char verdict[16];
        size_t data;
        int begin = 0;
        struct st_file *file;
        struct trm_error error = {0};
        if (line[0] == '#')
            continue;
        assert_int_equal(sscanf(line, "%15s %zu%n", verdict, &data, &begin), 2);
        char *const header = line + begin + 1;
        put_file(path, header, decode(header), data);
        const bool taken = st_open(path, &file, &error) == TRM_OK;
        st_close(file);
        if (taken != (strcmp(verdict, "taken") == 0))
            fail_msg("the reference says %s, this %s: %s", verdict, taken ? "takes it" : error.text, header);
        tried++;
    }
    assert_int_equal(fclose(table), 0);
    assert_true(tried > 100);
}

/* What is not asked for is not read; what is no longer there is an error. */
static void test_parts(void **state) {
    char path[SUPPORT_PATH];
    struct st_file *file;
    struct trm_error error = {0};
    const float x[4] = {1, 2, 3, 4};
    const struct st_tensor tensors[2] = {{.name = "x", .dtype = ST_F32, .rank = 1, .shape = {4}, .data = x},
                                         {.name = "y", .dtype = ST_F32, .rank = 1, .shape = {4}, .data = x}};
    support_path(path, state, "parts");
    assert_int_equal(st_write(path, tensors, 2, NULL, 0, true, &error), TRM_OK);
    assert_int_equal(st_open_header(path, &file, &error), TRM_OK);
    assert_null(st_find(file, "x")->data);
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(truncate(path, st.st_size - 16), 0);
    assert_int_equal(st_load(file, st_index(file, "x"), &error), TRM_OK);
    assert_memory_equal(st_find(file, "x")->data, x, sizeof x);
    assert_null(st_find(file, "y")->data);
    assert_int_equal(st_load(file, st_index(file, "y"), &error), TRM_IO);
    assert_non_null(strstr(error.text, "changed while it was read"));
    assert_null(st_find(file, "y")->data);
    st_close(file);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_verdicts, support_folder_make, support_folder_remove),
        cmocka_unit_test_setup_teardown(test_parts, support_folder_make, support_folder_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
