#define _XOPEN_SOURCE 700 /* nftw */
#include "support/folders.h"

#include <dirent.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int support_folder_make(void **state) {
    char name[] = "/tmp/trm-test-XXXXXX";
    *state = mkdtemp(name) != NULL ? strdup(name) : NULL;
    return *state != NULL ? 0 : -1;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw) {
    (void)st, (void)type, (void)ftw;
    return remove(path);
}

int support_folder_remove(void **state) {
    const int result = nftw(*state, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    free(*state);
    return result;
}

const char *support_path(char path[SUPPORT_PATH], void **state, const char *name) {
    assert_true(snprintf(path, SUPPORT_PATH, "%s/%s", (const char *)*state, name) < SUPPORT_PATH);
    return path;
}

void support_put(const char *path, const void *bytes, size_t size) {
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, size, f), size);
    assert_int_equal(fclose(f), 0);
}

size_t support_entries(const char *folder) {
    DIR *d = opendir(folder);
    size_t count = 0;
    assert_non_null(d);
    for (const struct dirent *e; (e = readdir(d)) != NULL;)
        count += strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
    closedir(d);
    return count;
}
