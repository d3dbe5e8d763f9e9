#include "storage/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ALIGNMENT = 64 };

static enum trm_status check_kind(int fd, const char *path, size_t *size, struct trm_error *error) {
    struct stat st;
    if (fstat(fd, &st) != 0)
        return trm_fail(error, TRM_IO, "%s: cannot be read: %s", path, strerror(errno));
    if (S_ISDIR(st.st_mode))
        return trm_fail(error, TRM_IO, "%s: is a folder; name a file in it", path);
    if (!S_ISREG(st.st_mode))
        return trm_fail(error, TRM_IO, "%s: is not a regular file; name one", path);
    *size = (size_t)st.st_size;
    return TRM_OK;
}

enum trm_status file_open(const char *path, int *fd, size_t *size, struct trm_error *error) {
    *size = 0;
    *fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* O_NONBLOCK: a pipe must not hang us */
    if (*fd < 0 && (errno == ENOENT || errno == ENOTDIR))
        return trm_fail(error, TRM_NOT_FOUND, "%s: no such file; check the name", path);
    if (*fd < 0)
        return trm_fail(error, TRM_IO, "%s: cannot be opened: %s", path, strerror(errno));
    const enum trm_status status = check_kind(*fd, path, size, error);
    if (status != TRM_OK) {
        close(*fd);
        *fd = -1;
    }
    return status;
}

static enum trm_status changed(const char *path, struct trm_error *error) {
    return trm_fail(error, TRM_IO, "%s: changed while it was read; try again when nobody writes to it", path);
}

enum trm_status file_read_part(int fd, const char *path, size_t offset, size_t bytes, void **data,
                               struct trm_error *error) {
    char *const buffer =
        bytes <= SIZE_MAX / 2 ? aligned_alloc(ALIGNMENT, (bytes / ALIGNMENT + 1) * ALIGNMENT) : NULL;
    *data = NULL;
    if (buffer == NULL)
        return trm_fail(error, TRM_NO_MEMORY, "%s: no memory for %zu bytes of it; free some", path, bytes);
    size_t done = 0;
    while (done < bytes) {
        const ssize_t got = pread(fd, buffer + done, bytes - done, (off_t)(offset + done));
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0) {
            const int why = errno;
            free(buffer);
            return got == 0 ? changed(path, error)
                            : trm_fail(error, TRM_IO, "%s: cannot be read: %s", path, strerror(why));
        }
        done += (size_t)got;
    }
    buffer[bytes] = '\0';
    *data = buffer;
    return TRM_OK;
}

enum trm_status file_read(const char *path, size_t limit, void **data, size_t *size,
                          struct trm_error *error) {
    int fd;
    size_t bytes, after = 0;
    *data = NULL;
    *size = 0;
    enum trm_status status = file_open(path, &fd, &bytes, error);
    if (status != TRM_OK)
        return status;
    if (bytes > limit)
        status = trm_fail(error, TRM_FORMAT, "%s: has %zu bytes, more than the %zu that such a file may have",
                          path, bytes, limit);
    if (status == TRM_OK)
        status = file_read_part(fd, path, 0, bytes, data, error);
    if (status == TRM_OK && (check_kind(fd, path, &after, NULL) != TRM_OK || after != bytes)) {
        free(*data);
        *data = NULL;
        status = changed(path, error);
    }
    close(fd);
    *size = status == TRM_OK ? bytes : 0;
    return status;
}
