#define _GNU_SOURCE /* renameat2 */
#include "storage/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TEMPORARY_TRIES = 1000, TEMPORARY_ROOM = 64 };

bool file_exists(const char *path) {
    struct stat st;
    return lstat(path, &st) == 0;
}

/* The folder that path lies in, as a fresh string ("." for a bare name). */
static char *parent_of(const char *path) {
    const char *slash = strrchr(path, '/');
    if (slash == NULL)
        return strdup(".");
    return strndup(path, slash == path ? 1 : (size_t)(slash - path));
}

/* mkdir -p */
static enum trm_status make_folders(const char *folder, struct trm_error *error) {
    char *part = strdup(folder);
    if (part == NULL)
        return trm_fail(error, TRM_NO_MEMORY, "%s: no memory for its name", folder);
    enum trm_status status = TRM_OK;
    for (size_t i = 1; status == TRM_OK && i <= strlen(folder); i++) {
        if (folder[i] != '/' && folder[i] != '\0')
            continue;
        part[i] = '\0';
        if (mkdir(part, 0777) != 0 && errno != EEXIST)
            status = trm_fail(error, TRM_IO, "%s: the folder cannot be made: %s", part, strerror(errno));
        part[i] = folder[i];
    }
    free(part);
    return status;
}

static enum trm_status check_folder(const char *path, const char *folder, struct trm_error *error) {
    struct stat st;
    if (stat(folder, &st) != 0)
        return trm_fail(error, TRM_IO, "%s: its folder %s is not there (%s); make it, or write elsewhere",
                        path, folder, strerror(errno));
    if (!S_ISDIR(st.st_mode))
        return trm_fail(error, TRM_IO, "%s: %s is not a folder; write elsewhere", path, folder);
    if (access(folder, W_OK | X_OK) != 0)
        return trm_fail(error, TRM_IO, "%s: its folder %s cannot be written to (%s); write elsewhere", path,
                        folder, strerror(errno));
    return TRM_OK;
}

/* An output may be absent or a regular file. A device is refused: renaming onto it would replace it. */
static enum trm_status check_target(const char *path, struct trm_error *error) {
    const size_t length = strlen(path);
    struct stat st;
    if (length == 0)
        return trm_fail(error, TRM_INVALID, "the name of an output file is empty; give one");
    if (path[length - 1] == '/' || (stat(path, &st) == 0 && S_ISDIR(st.st_mode)))
        return trm_fail(error, TRM_INVALID, "%s: is a folder; name a file in it", path);
    if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
        return trm_fail(error, TRM_INVALID, "%s: is not a regular file; write elsewhere", path);
    return TRM_OK;
}

enum trm_status file_check_name(const char *path, struct trm_error *error) {
    enum { ROOM = 255 - 24 }; /* what file systems allow, less the ending of a temporary file */
    const char *const slash = strrchr(path, '/');
    const size_t length = strlen(slash != NULL ? slash + 1 : path);
    return length <= ROOM
               ? TRM_OK
               : trm_fail(error, TRM_INVALID,
                          "%s: the name has %zu bytes, at most %d can be written; choose a shorter one", path,
                          length, ROOM);
}

enum trm_status file_check_output(const char *path, bool overwrite, bool make_parents,
                                  struct trm_error *error) {
    enum trm_status status = check_target(path, error);
    if (status == TRM_OK)
        status = file_check_name(path, error);
    if (status != TRM_OK)
        return status;
    if (!overwrite && file_exists(path))
        return trm_fail(error, TRM_EXISTS,
                        "%s: exists already; choose another name, or --force to replace it", path);
    char *folder = parent_of(path);
    if (folder == NULL)
        return trm_fail(error, TRM_NO_MEMORY, "%s: no memory for its name", path);
    if (make_parents && !file_exists(folder))
        status = make_folders(folder, error);
    if (status == TRM_OK)
        status = check_folder(path, folder, error);
    free(folder);
    return status;
}

/* <path>.tmp-<process>-<try>; not mkstemp, whose files only their owner can read. */
static void name_temporary(struct file_writer *w, size_t room, int attempt) {
    snprintf(w->temporary, room, "%s.tmp-%ld-%d", w->path, (long)getpid(), attempt);
}

/* A file without a name, which comes later by /proc (open(2), O_TMPFILE); -1 where there is no such thing. */
static int open_nameless(const char *path) {
    char *const folder = parent_of(path);
    const bool can = folder != NULL && access("/proc/self/fd", X_OK) == 0;
    const int fd = can ? open(folder, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0666) : -1;
    free(folder);
    return fd;
}

static enum trm_status open_temporary(struct file_writer *w, struct trm_error *error) {
    const size_t room = strlen(w->path) + TEMPORARY_ROOM;
    w->temporary = malloc(room);
    if (w->temporary == NULL)
        return trm_fail(error, TRM_NO_MEMORY, "%s: no memory for its name", w->path);
    int fd = open_nameless(w->path);
    w->named = fd < 0;
    for (int i = 0; fd < 0 && i < TEMPORARY_TRIES; i++) {
        name_temporary(w, room, i);
        fd = open(w->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (fd < 0 && errno != EEXIST)
            break;
    }
    if (fd < 0) {
        w->named = false;
        return trm_fail(error, TRM_IO, "%s: cannot be written: %s", w->path, strerror(errno));
    }
    w->stream = fdopen(fd, "wb");
    if (w->stream != NULL)
        return TRM_OK;
    close(fd);
    if (w->named)
        unlink(w->temporary);
    return trm_fail(error, TRM_NO_MEMORY, "%s: no memory to write it", w->path);
}

enum trm_status file_begin(struct file_writer *w, const char *path, struct trm_error *error) {
    *w = (struct file_writer){0};
    enum trm_status status = check_target(path, error);
    if (status != TRM_OK)
        return status;
    /* What a link points to is written, not the link. */
    struct stat st;
    const bool linked = lstat(path, &st) == 0 && S_ISLNK(st.st_mode);
    w->path = linked ? realpath(path, NULL) : strdup(path);
    if (w->path == NULL && linked)
        return trm_fail(error, TRM_IO, "%s: is a link to nothing; remove it, or write elsewhere", path);
    if (w->path == NULL)
        return trm_fail(error, TRM_NO_MEMORY, "%s: no memory for its name", path);
    status = open_temporary(w, error);
    if (status != TRM_OK) {
        free(w->path);
        free(w->temporary);
        *w = (struct file_writer){0};
    }
    return status;
}

void file_abandon(struct file_writer *w) {
    if (w->stream != NULL)
        fclose(w->stream);
    if (w->named)
        unlink(w->temporary);
    free(w->path);
    free(w->temporary);
    *w = (struct file_writer){0};
}

/* Give the temporary file its name, refusing in the same atomic step to replace a file; 0 or -1 and errno. */
static int rename_new(const char *from, const char *to) {
    if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
        return 0;
    if (errno != EINVAL && errno != ENOSYS) /* NFS, for one, knows links but not this flag */
        return -1;
    if (link(from, to) != 0)
        return -1;
    return unlink(from);
}

/* The same for a file without a name: at once where no file may be replaced, else by way of a temporary one. */
static int give_name(struct file_writer *w, bool overwrite) {
    char file[64];
    if (w->named)
        return (overwrite ? rename : rename_new)(w->temporary, w->path);
    snprintf(file, sizeof file, "/proc/self/fd/%d", fileno(w->stream));
    if (!overwrite)
        return linkat(AT_FDCWD, file, AT_FDCWD, w->path, AT_SYMLINK_FOLLOW);
    int rc = -1;
    errno = EEXIST;
    for (int i = 0; rc != 0 && errno == EEXIST && i < TEMPORARY_TRIES; i++) {
        name_temporary(w, strlen(w->path) + TEMPORARY_ROOM, i);
        rc = linkat(AT_FDCWD, file, AT_FDCWD, w->temporary, AT_SYMLINK_FOLLOW);
    }
    if (rc != 0)
        return -1;
    w->named = true;
    return rename(w->temporary, w->path);
}

static int sync_folder(const char *path) {
    char *folder = parent_of(path);
    if (folder == NULL)
        return -1;
    const int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    free(folder);
    if (fd < 0)
        return errno == EACCES ? 0 : -1; /* a folder that may be written to but not listed */
    const int result = fsync(fd) != 0 && errno != EINVAL && errno != EROFS ? -1 : 0;
    close(fd);
    return result;
}

enum trm_status file_commit(struct file_writer *w, bool overwrite, struct trm_error *error) {
    enum trm_status status = TRM_OK;
    const bool failed = ferror(w->stream) != 0;
    if (failed || fflush(w->stream) != 0 || fsync(fileno(w->stream)) != 0)
        status = trm_fail(error, TRM_IO, "%s: cannot be written: %s; is the disk full?", w->path,
                          failed ? "a write failed" : strerror(errno));
    if (status == TRM_OK && give_name(w, overwrite) != 0) {
        status = errno == EEXIST
                     ? trm_fail(error, TRM_EXISTS,
                                "%s: exists already; choose another name, or --force to replace it", w->path)
                     : trm_fail(error, TRM_IO, "%s: cannot take its name: %s", w->path, strerror(errno));
    } else if (status == TRM_OK) {
        w->named = false;
        if (sync_folder(w->path) != 0)
            status =
                trm_fail(error, TRM_IO, "%s: written, but its folder could not be flushed to disk", w->path);
    }
    file_abandon(w);
    return status;
}

enum trm_status file_write(const char *path, const void *bytes, size_t size, bool overwrite,
                           struct trm_error *error) {
    struct file_writer w;
    const enum trm_status status = file_begin(&w, path, error);
    if (status != TRM_OK)
        return status;
    (void)fwrite(bytes, 1, size, w.stream); /* file_commit reports what failed */
    return file_commit(&w, overwrite, error);
}

void file_remove_temporaries(const char *path) {
    char *const folder = parent_of(path);
    const char *const slash = strrchr(path, '/');
    const char *const name = slash != NULL ? slash + 1 : path;
    const size_t length = strlen(name);
    DIR *const entries = folder != NULL ? opendir(folder) : NULL;
    for (const struct dirent *e; entries != NULL && (e = readdir(entries)) != NULL;)
        if (strncmp(e->d_name, name, length) == 0 && strncmp(e->d_name + length, ".tmp-", 5) == 0)
            unlinkat(dirfd(entries), e->d_name, 0);
    if (entries != NULL)
        closedir(entries);
    free(folder);
}

bool file_is_temporary(const char *path) {
    static const char digits[] = "0123456789";
    const char *mark = NULL; /* the last ".tmp-" */
    for (const char *next = path; (next = strstr(next, ".tmp-")) != NULL; next++)
        mark = next;
    if (mark == NULL)
        return false;
    const char *const process = mark + 5, *const dash = process + strspn(process, digits);
    const char *const end = dash + 1 + (*dash == '-' ? strspn(dash + 1, digits) : 0);
    return dash > process && *dash == '-' && end > dash + 1 && *end == '\0';
}

bool file_same(const char *a, const char *b) {
    struct stat one, other;
    return stat(a, &one) == 0 && stat(b, &other) == 0 && one.st_dev == other.st_dev &&
           one.st_ino == other.st_ino;
}

bool file_is_sqlite(const char *path, uint32_t *application) {
    enum { HEAD = 100, APPLICATION = 68 };
    unsigned char head[HEAD] = {0};
    FILE *const stream = fopen(path, "rb");
    const size_t got = stream != NULL ? fread(head, 1, sizeof head, stream) : 0;
    if (stream != NULL)
        fclose(stream);
    *application = 0;
    for (int i = 0; i < 4; i++)
        *application = *application << 8 | head[APPLICATION + i];
    return got == sizeof head && memcmp(head, "SQLite format 3", 16) == 0;
}
