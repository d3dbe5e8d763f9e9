/* Option structs that can grow. Their first member is their size as the caller was compiled with it, set by their
   _default function; members that a later version adds come at the end. */
#ifndef TRM_BASE_OPTIONS_H
#define TRM_BASE_OPTIONS_H

#include <stddef.h>

/* The default: as much of `own` (size bytes, the library's) as the caller's struct of given_size bytes holds, zeros
   where it holds more. The first member of both becomes that size. */
void options_give(void *given, size_t given_size, const void *own, size_t size);

/* Into `own` (size bytes, filled with the defaults) what a caller gives; first: the size that the struct had in the
   first version. NULL, or the reason in words: the _default function was not called, or a member is set that this
   version does not know. */
const char *options_take(void *own, size_t size, size_t first, const void *given);

#endif
