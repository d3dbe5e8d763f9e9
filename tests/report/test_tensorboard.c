/* Event files: known checksums, the bytes of a committed file, its records read back by another route. */
#include "support/folders.h"

#include "report/crc32c.h"
#include "report/tensorboard.h"
#include "storage/file.h"

#include <dirent.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* RFC 3720, appendix B.4, and the check value of the catalogue of CRCs. */
static void test_checksums(void **state) {
    (void)state;
    unsigned char bytes[32];
    assert_int_equal(crc32c("", 0), 0);
    assert_int_equal(crc32c("123456789", 9), 0xE3069283);
    memset(bytes, 0, sizeof bytes);
    assert_int_equal(crc32c(bytes, sizeof bytes), 0x8A9136AA);
    memset(bytes, 0xFF, sizeof bytes);
    assert_int_equal(crc32c(bytes, sizeof bytes), 0x62A8AB43);
    for (unsigned char i = 0; i < 32; i++)
        bytes[i] = i;
    assert_int_equal(crc32c(bytes, sizeof bytes), 0x46DD794E);
    for (unsigned char i = 0; i < 32; i++)
        bytes[i] = (unsigned char)(31 - i);
    assert_int_equal(crc32c(bytes, sizeof bytes), 0x113FDB5C);
}

static void write_log(const char *folder, double began, int64_t last) {
    struct tensorboard *log;
    assert_int_equal(tensorboard_open(&log, folder, began, last, NULL), TRM_OK);
    assert_int_equal(tensorboard_scalar(log, "train/loss", 0, began + 0.5, 1.609375, NULL), TRM_OK);
    assert_int_equal(tensorboard_scalar(log, "train/loss", 300, began + 1.0, -0.1, NULL), TRM_OK);
    assert_int_equal(tensorboard_scalar(log, "validation/accuracy", 2147483648, began + 1.5, NAN, NULL),
                     TRM_OK);
    assert_int_equal(tensorboard_close(log, NULL), TRM_OK);
}

/* data/make_events.py wrote the same four events with TensorBoard's own writer and protocol buffers. */
static void test_reference(void **state) {
    char folder[SUPPORT_PATH], path[SUPPORT_PATH + 64];
    void *made, *reference;
    size_t size, reference_size;
    write_log(support_path(folder, state, "log.tb"), 1700000000.25, 0);
    snprintf(path, sizeof path, "%s/events.out.tfevents.1700000000.trm-router", folder);
    assert_int_equal(file_read(path, 4096, &made, &size, NULL), TRM_OK);
    assert_int_equal(file_read(TEST_DATA_DIR "/events.bin", 4096, &reference, &reference_size, NULL), TRM_OK);
    assert_int_equal(size, reference_size);
    assert_memory_equal(made, reference, size);
    free(made);
    free(reference);
}

static uint64_t little(const unsigned char *bytes, size_t count) {
    uint64_t value = 0;
    for (size_t i = count; i-- > 0;)
        value = value << 8 | bytes[i];
    return value;
}

/* Every frame's checksums hold, and the frames fill the file. */
static void test_frames(void **state) {
    char folder[SUPPORT_PATH], path[SUPPORT_PATH + 64];
    void *data;
    size_t size, at = 0, records = 0;
    write_log(support_path(folder, state, "log.tb"), 7.0, 0);
    snprintf(path, sizeof path, "%s/events.out.tfevents.0000000007.trm-router", folder);
    assert_int_equal(file_read(path, 4096, &data, &size, NULL), TRM_OK);
    const unsigned char *const bytes = data;
    while (at < size) {
        assert_true(size - at > 16);
        const uint64_t length = little(bytes + at, 8);
        assert_true(length <= size - at - 16);
        const size_t parts[2][3] = {{at, 8, at + 8}, {at + 12, (size_t)length, at + 12 + (size_t)length}};
        for (int i = 0; i < 2; i++) {
            const uint32_t crc = crc32c(bytes + parts[i][0], parts[i][1]);
            const uint32_t stored = (uint32_t)little(bytes + parts[i][2], 4) - 0xA282EAD8;
            assert_int_equal(stored >> 17 | stored << 15, crc);
        }
        at += 16 + (size_t)length;
        records++;
    }
    assert_int_equal(records, 4);
    free(data);
}

/* A second run within the second gets a file of its own; replace removes ours and nothing else. */
static void test_files(void **state) {
    char folder[SUPPORT_PATH], path[SUPPORT_PATH + 64];
    write_log(support_path(folder, state, "deep/log.tb"), 7.0, 0);
    write_log(folder, 7.0, INT64_MAX);
    assert_int_equal(support_entries(folder), 2);
    snprintf(path, sizeof path, "%s/events.out.tfevents.5.elsewhere", folder);
    support_put(path, "x", 1);
    write_log(folder, 8.0, 0);
    assert_int_equal(support_entries(folder), 2);
    assert_true(file_exists(path));
}

/* How often `word` stands in the event files that are there. */
static size_t count_events(const char *const paths[2], const char *word) {
    size_t found = 0;
    for (int i = 0; i < 2; i++) {
        void *data;
        size_t size;
        assert_int_equal(file_read(paths[i], 4096, &data, &size, NULL), TRM_OK);
        for (size_t at = 0; at + strlen(word) <= size; at++)
            found += memcmp((char *)data + at, word, strlen(word)) == 0;
        free(data);
    }
    return found;
}

/* Killed after epoch 5 with a frame half written, resumed from the state of epoch 3: every epoch is there once. */
static void test_resumed(void **state) {
    char folder[SUPPORT_PATH], path[2][SUPPORT_PATH + 64];
    const char *const paths[] = {path[0], path[1]};
    struct tensorboard *log;
    support_path(folder, state, "log.tb");
    for (int i = 0; i < 2; i++) {
        assert_int_equal(tensorboard_open(&log, folder, 100.0 + i, i == 0 ? 0 : 3, NULL), TRM_OK);
        snprintf(path[i], sizeof path[i], "%s/events.out.tfevents.0000000%d.trm-router", folder, 100 + i);
        for (int64_t epoch = i == 0 ? 1 : 4; epoch <= 5 + i; epoch++) {
            char tag[16];
            snprintf(tag, sizeof tag, "loss/%d", (int)epoch);
            assert_int_equal(tensorboard_scalar(log, tag, epoch, 100.0, 1.0, NULL), TRM_OK);
        }
        assert_int_equal(tensorboard_close(log, NULL), TRM_OK);
        if (i == 0) {
            FILE *const torn = fopen(path[0], "ab");
            fwrite("\x20\0\0\0\0\0\0\0torn", 1, 12, torn);
            fclose(torn);
        }
    }
    for (int epoch = 1; epoch <= 6; epoch++) {
        char tag[24];
        snprintf(tag, sizeof tag, "loss/%d", epoch);
        assert_int_equal(count_events(paths, tag), 1);
    }
    assert_int_equal(count_events(paths, "torn"), 0);
    assert_int_equal(count_events(paths, "brain.Event:2"), 2);
}

static void test_refusals(void **state) {
    char folder[SUPPORT_PATH], tag[TENSORBOARD_TAG_MAX + 2];
    struct tensorboard *log;
    struct trm_error error;
    support_path(folder, state, "log.tb");
    assert_int_equal(tensorboard_open(&log, folder, NAN, 0, &error), TRM_INVALID);
    assert_null(log);
    assert_int_equal(tensorboard_open(&log, folder, -1, 0, &error), TRM_INVALID);
    assert_int_equal(tensorboard_open(&log, folder, 1, 0, &error), TRM_OK);
    memset(tag, 'a', sizeof tag);
    tag[TENSORBOARD_TAG_MAX + 1] = '\0';
    assert_int_equal(tensorboard_scalar(log, tag, 0, 1, 0, &error), TRM_INVALID);
    tag[TENSORBOARD_TAG_MAX] = '\0';
    assert_int_equal(tensorboard_scalar(log, tag, INT64_MAX, 1e11, 1e300, &error), TRM_OK);
    assert_int_equal(tensorboard_scalar(log, "", 0, 1, 0, &error), TRM_INVALID);
    assert_int_equal(tensorboard_scalar(log, "a", -1, 1, 0, &error), TRM_INVALID);
    assert_int_equal(tensorboard_scalar(log, "a", 1, INFINITY, 0, &error), TRM_INVALID);
    assert_int_equal(tensorboard_close(log, &error), TRM_OK);
    assert_int_equal(tensorboard_close(NULL, NULL), TRM_OK);
    support_put(support_path(folder, state, "file"), "x", 1);
    assert_int_equal(tensorboard_open(&log, folder, 1, 0, &error), TRM_IO);
    assert_non_null(strstr(error.text, "file"));
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, support_folder_make, support_folder_remove)

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_checksums), IN_FOLDER(test_reference),
                                       IN_FOLDER(test_frames),           IN_FOLDER(test_files),
                                       IN_FOLDER(test_resumed),          IN_FOLDER(test_refusals)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
