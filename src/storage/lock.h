/* One process at a time: an advisory lock on a file beside what is worked on. */
#ifndef TRM_STORAGE_LOCK_H
#define TRM_STORAGE_LOCK_H

#include "base/status.h"

#include <stdbool.h>

struct lock {
    int descriptor; /* -1: not held */
    char *path;
};

/* Take the lock at path, whose folder must be there. TRM_EXISTS where another process holds it: `what` names in the
   error what it is working on. It ends with the process, however that ends. On failure *lock is not held. */
enum trm_status lock_take(struct lock *lock, const char *path, const char *what, struct trm_error *error);
/* Remove the file and let go. A lock that is not held is fine. */
void lock_release(struct lock *lock);
/* Does a process hold the lock at path? To look takes it for a moment; lock_take waits that moment out. */
bool lock_is_held(const char *path);

#endif
