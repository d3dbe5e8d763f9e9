/* A temporary folder for a test, with helpers that stop the test where they fail. */
#ifndef TRM_TESTS_SUPPORT_FOLDERS_H
#define TRM_TESTS_SUPPORT_FOLDERS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { SUPPORT_PATH = 512 };

/* cmocka setup and teardown: *state is the folder's path (a char *); everything in it goes with it. */
int support_folder_make(void **state);
int support_folder_remove(void **state);

/* folder/name into path. */
const char *support_path(char path[SUPPORT_PATH], void **state, const char *name);
void support_put(const char *path, const void *bytes, size_t size);
/* Files and folders directly in a folder. */
size_t support_entries(const char *folder);

#endif
