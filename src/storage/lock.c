#include "storage/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* The holder before may have removed the file between our opening and locking it: then it is another file now. */
static bool still_there(int descriptor, const char *path) {
    struct stat held, named;
    return fstat(descriptor, &held) == 0 && stat(path, &named) == 0 && held.st_ino == named.st_ino &&
           held.st_dev == named.st_dev;
}

enum trm_status lock_take(struct lock *lock, const char *path, const char *what, struct trm_error *error) {
    *lock = (struct lock){.descriptor = -1};
    for (;;) {
        const int descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
        if (descriptor < 0)
            return trm_fail(error, TRM_IO, "%s: cannot be made: %s; choose a folder that can be written",
                            path, strerror(errno));
        if (flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
            const int why = errno;
            close(descriptor);
            if (why == EWOULDBLOCK)
                return trm_fail(error, TRM_EXISTS,
                                "%s: another process is working on it; wait for it, or stop it", what);
            return trm_fail(error, TRM_IO, "%s: cannot be locked: %s", path, strerror(why));
        }
        if (still_there(descriptor, path)) {
            lock->descriptor = descriptor;
            lock->path = strdup(path); /* without it the file stays, which harms nothing */
            return TRM_OK;
        }
        close(descriptor);
    }
}

void lock_release(struct lock *lock) {
    if (lock->path == NULL && lock->descriptor <= 0)
        return;
    if (lock->path != NULL)
        unlink(lock->path); /* while it is held */
    close(lock->descriptor);
    free(lock->path);
    *lock = (struct lock){.descriptor = -1};
}
