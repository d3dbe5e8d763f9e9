#include "storage/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* The holder before may have removed the file between our opening and locking it: then it is another file now. */
static bool still_there(int descriptor, const char *path) {
    struct stat held, named;
    return fstat(descriptor, &held) == 0 && stat(path, &named) == 0 && held.st_ino == named.st_ino &&
           held.st_dev == named.st_dev;
}

/* Who only looks whether it is held (lock_is_held) is gone by the second attempt. */
static int take(int descriptor) {
    if (flock(descriptor, LOCK_EX | LOCK_NB) == 0)
        return 0;
    nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
    return flock(descriptor, LOCK_EX | LOCK_NB);
}

bool lock_is_held(const char *path) {
    const int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        return false;
    const bool held = flock(descriptor, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
    close(descriptor);
    return held;
}

enum trm_status lock_take(struct lock *lock, const char *path, const char *what, struct trm_error *error) {
    *lock = (struct lock){.descriptor = -1};
    for (;;) {
        const int descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
        if (descriptor < 0)
            return trm_fail(error, TRM_IO, "%s: cannot be made: %s; choose a folder that can be written",
                            path, strerror(errno));
        if (take(descriptor) != 0) {
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
