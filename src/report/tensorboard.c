#include "report/tensorboard.h"

#include "report/crc32c.h"
#include "report/tensorboard_earlier.h"
#include "storage/file.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MESSAGE_MAX = TENSORBOARD_TAG_MAX + 64, FRAME_BYTES = 16, NAME_TRIES = 1000 };

struct tensorboard {
    FILE *stream;
    char *path;
};

/* ---- protocol buffers: a key is field number << 3 | wire type */

enum wire { WIRE_VARINT = 0, WIRE_64 = 1, WIRE_BYTES = 2, WIRE_32 = 5 };

struct message {
    unsigned char bytes[MESSAGE_MAX];
    size_t size;
};

static void put_little(struct message *m, uint64_t value, size_t bytes) {
    for (size_t i = 0; i < bytes; i++)
        m->bytes[m->size++] = (unsigned char)(value >> 8 * i);
}

static void put_varint(struct message *m, uint64_t value) {
    for (; value >= 0x80; value >>= 7)
        m->bytes[m->size++] = (unsigned char)(value | 0x80);
    m->bytes[m->size++] = (unsigned char)value;
}

static void put_key(struct message *m, unsigned field, enum wire wire) {
    put_varint(m, field << 3 | (unsigned)wire);
}

static void put_double(struct message *m, unsigned field, double value) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    put_key(m, field, WIRE_64);
    put_little(m, bits, sizeof bits);
}

static void put_float(struct message *m, unsigned field, float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    put_key(m, field, WIRE_32);
    put_little(m, bits, sizeof bits);
}

static void put_bytes(struct message *m, unsigned field, const void *bytes, size_t size) {
    put_key(m, field, WIRE_BYTES);
    put_varint(m, size);
    memcpy(m->bytes + m->size, bytes, size);
    m->size += size;
}

/* Event { double wall_time = 1; int64 step = 2; string file_version = 3; Summary summary = 5; }
   Summary { repeated Value value = 1; }   Value { string tag = 1; float simple_value = 2; } */
enum { EVENT_WALL_TIME = 1, EVENT_STEP, EVENT_FILE_VERSION, EVENT_SUMMARY = 5 };
enum { SUMMARY_VALUE = 1, VALUE_TAG = 1, VALUE_SIMPLE = 2 };

static void make_version(struct message *event, double wall_time) {
    static const char version[] = "brain.Event:2";
    put_double(event, EVENT_WALL_TIME, wall_time);
    put_bytes(event, EVENT_FILE_VERSION, version, strlen(version));
}

static void make_scalar(struct message *event, const char *tag, int64_t step, double wall_time,
                        double value) {
    struct message inner = {.size = 0}, summary = {.size = 0};
    put_bytes(&inner, VALUE_TAG, tag, strlen(tag));
    put_float(&inner, VALUE_SIMPLE, (float)value);
    put_bytes(&summary, SUMMARY_VALUE, inner.bytes, inner.size);
    put_double(event, EVENT_WALL_TIME, wall_time);
    if (step != 0) { /* proto3 leaves zeros out */
        put_key(event, EVENT_STEP, WIRE_VARINT);
        put_varint(event, (uint64_t)step);
    }
    put_bytes(event, EVENT_SUMMARY, summary.bytes, summary.size);
}

/* ---- frames */

/* A checksum of bytes that hold checksums is weak: TFRecord rotates it and adds a constant. */
static uint32_t masked(const void *bytes, size_t size) {
    const uint32_t crc = crc32c(bytes, size);
    return (crc >> 15 | crc << 17) + 0xA282EAD8;
}

static enum trm_status write_record(struct tensorboard *log, const struct message *event,
                                    struct trm_error *error) {
    unsigned char frame[MESSAGE_MAX + FRAME_BYTES];
    struct message head = {.size = 0}, tail = {.size = 0};
    put_little(&head, event->size, 8);
    put_little(&head, masked(head.bytes, 8), 4);
    put_little(&tail, masked(event->bytes, event->size), 4);
    memcpy(frame, head.bytes, head.size);
    memcpy(frame + head.size, event->bytes, event->size);
    memcpy(frame + head.size + event->size, tail.bytes, tail.size);
    const size_t size = head.size + event->size + tail.size;
    if (fwrite(frame, 1, size, log->stream) != size || fflush(log->stream) != 0)
        return trm_fail(error, TRM_IO, "%s: cannot be written: %s", log->path, strerror(errno));
    return TRM_OK;
}

/* ---- files */

/* A name that is not there yet: two runs may begin within one second. */
static enum trm_status create_file(struct tensorboard *log, const char *folder, double wall_time,
                                   struct trm_error *error) {
    const size_t room = strlen(folder) + 80;
    log->path = malloc(room);
    if (log->path == NULL)
        return trm_fail(error, TRM_NO_MEMORY, "%s: no memory for its event file", folder);
    snprintf(log->path, room, "%s/" TENSORBOARD_PREFIX "%010lld" TENSORBOARD_SUFFIX, folder,
             (long long)wall_time);
    const size_t length = strlen(log->path);
    for (int try = 1; try <= NAME_TRIES; try++) {
        log->stream = fopen(log->path, "wbx");
        if (log->stream != NULL)
            return TRM_OK;
        if (errno != EEXIST)
            break;
        snprintf(log->path + length, room - length, ".%d", try);
    }
    return trm_fail(error, TRM_IO, "%s: cannot be made: %s", log->path, strerror(errno));
}

static enum trm_status check_time(double wall_time, struct trm_error *error) {
    if (wall_time >= 0 && wall_time <= 1e11)
        return TRM_OK;
    return trm_fail(error, TRM_INVALID, "a wall time of %g s is not within [0, 1e11]", wall_time);
}

enum trm_status tensorboard_open(struct tensorboard **out, const char *folder, double wall_time, int64_t last,
                                 struct trm_error *error) {
    *out = NULL;
    struct tensorboard *const log = calloc(1, sizeof *log);
    const size_t room = strlen(folder) + 16;
    char *const inside = malloc(room);
    enum trm_status status = check_time(wall_time, error);
    if (log == NULL || inside == NULL)
        status = trm_fail(error, TRM_NO_MEMORY, "%s: no memory for its event file", folder);
    if (status == TRM_OK) {
        snprintf(inside, room, "%s/" TENSORBOARD_PREFIX, folder);
        status = file_check_output(inside, true, true, error);
    }
    if (status == TRM_OK)
        status = tensorboard_earlier(folder, last, error);
    if (status == TRM_OK)
        status = create_file(log, folder, wall_time, error);
    if (status == TRM_OK) {
        struct message event = {.size = 0};
        make_version(&event, wall_time);
        status = write_record(log, &event, error);
    }
    free(inside);
    if (status == TRM_OK)
        *out = log;
    else
        (void)tensorboard_close(log, NULL);
    return status;
}

enum trm_status tensorboard_scalar(struct tensorboard *log, const char *tag, int64_t step, double wall_time,
                                   double value, struct trm_error *error) {
    const size_t length = strlen(tag);
    if (length == 0 || length > TENSORBOARD_TAG_MAX || step < 0)
        return trm_fail(error, TRM_INVALID, "%s: a scalar needs a tag of 1 to %d bytes and a step from 0 on",
                        log->path, TENSORBOARD_TAG_MAX);
    const enum trm_status status = check_time(wall_time, error);
    if (status != TRM_OK)
        return status;
    struct message event = {.size = 0};
    make_scalar(&event, tag, step, wall_time, value);
    return write_record(log, &event, error);
}

enum trm_status tensorboard_close(struct tensorboard *log, struct trm_error *error) {
    if (log == NULL)
        return TRM_OK;
    enum trm_status status = TRM_OK;
    if (log->stream != NULL && fclose(log->stream) != 0)
        status = trm_fail(error, TRM_IO, "%s: cannot be written: %s", log->path, strerror(errno));
    free(log->path);
    free(log);
    return status;
}
