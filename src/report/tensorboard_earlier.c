/* Event files of earlier runs in the same folder. */
#include "report/tensorboard_earlier.h"

#include "storage/file.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HEAD = 12, TAIL = 4 }; /* of a frame: length and its checksum; the checksum of the event */
#define FILE_LIMIT ((size_t)1 << 30)

static uint64_t little(const unsigned char *bytes, size_t count) {
    uint64_t value = 0;
    for (size_t i = count; i-- > 0;)
        value = value << 8 | bytes[i];
    return value;
}

/* The next varint; *at stays within size. */
static uint64_t get_varint(const unsigned char *bytes, size_t size, size_t *at) {
    uint64_t value = 0;
    for (unsigned shift = 0; *at < size && shift < 64; shift += 7) {
        const unsigned char byte = bytes[(*at)++];
        value |= (uint64_t)(byte & 0x7F) << shift;
        if (byte < 0x80)
            break;
    }
    return value;
}

/* Event.step, field 2; 0 where the event has none. */
static uint64_t step_of(const unsigned char *event, size_t size) {
    for (size_t at = 0; at < size;) {
        const uint64_t key = get_varint(event, size, &at);
        switch (key & 7) {
        case 0: {
            const uint64_t value = get_varint(event, size, &at);
            if (key >> 3 == 2)
                return value;
            break;
        }
        case 1:
            at += 8;
            break;
        case 2: {
            const uint64_t length = get_varint(event, size, &at);
            at = length > size - at ? size : at + (size_t)length;
            break;
        }
        case 5:
            at += 4;
            break;
        default:
            return 0;
        }
    }
    return 0;
}

/* Keep the frames of steps up to `last`; a frame that a killed writer did not finish goes too. */
static enum trm_status trim(const char *path, uint64_t last, struct trm_error *error) {
    void *data;
    size_t size, kept = 0, at = 0;
    enum trm_status status = file_read(path, FILE_LIMIT, &data, &size, error);
    if (status != TRM_OK)
        return status;
    unsigned char *const bytes = data;
    while (size - at >= HEAD + TAIL && little(bytes + at, 8) <= size - at - HEAD - TAIL) {
        const size_t event = (size_t)little(bytes + at, 8), frame = HEAD + event + TAIL;
        if (step_of(bytes + at + HEAD, event) <= last) {
            memmove(bytes + kept, bytes + at, frame);
            kept += frame;
        }
        at += frame;
    }
    if (kept < size)
        status = file_write(path, bytes, kept, true, error);
    free(data);
    return status;
}

static enum trm_status cut_back(const char *path, int64_t last, struct trm_error *error) {
    if (last > 0)
        return trim(path, (uint64_t)last, error);
    if (remove(path) != 0 && errno != ENOENT)
        return trm_fail(error, TRM_IO, "%s: an earlier event file cannot be removed: %s", path,
                        strerror(errno));
    return TRM_OK;
}

static bool is_ours(const char *name) {
    return strncmp(name, TENSORBOARD_PREFIX, strlen(TENSORBOARD_PREFIX)) == 0 &&
           strstr(name, TENSORBOARD_SUFFIX) != NULL;
}

enum trm_status tensorboard_earlier(const char *folder, int64_t last, struct trm_error *error) {
    struct dirent **entries;
    const int count = scandir(folder, &entries, NULL, alphasort); /* all names first: files are replaced */
    if (count < 0)
        return trm_fail(error, TRM_IO, "%s: the folder cannot be read: %s", folder, strerror(errno));
    const size_t room = strlen(folder) + sizeof(((struct dirent *)0)->d_name) + 2;
    char *const path = malloc(room);
    enum trm_status status = path != NULL ? TRM_OK : trm_fail(error, TRM_NO_MEMORY, "%s: no memory", folder);
    for (int i = 0; i < count; i++) {
        if (status == TRM_OK && is_ours(entries[i]->d_name)) {
            snprintf(path, room, "%s/%s", folder, entries[i]->d_name);
            status = cut_back(path, last, error);
        }
        free(entries[i]);
    }
    free(entries);
    free(path);
    return status;
}
