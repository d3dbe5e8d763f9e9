/* Whatever an earlier event file holds, it is cut back to whole frames, and stays so. */
#include "fuzz/support.h"

#include "base/status.h"
#include "report/tensorboard_earlier.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[64], event[128];

static void remove_folder(void) {
    unlink(event);
    rmdir(folder);
}

static long long length(void) {
    struct stat st;
    return stat(event, &st) == 0 ? (long long)st.st_size : -1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct trm_error error;
    if (folder[0] == '\0') {
        snprintf(folder, sizeof folder, "/dev/shm/trm-fuzz-XXXXXX");
        if (mkdtemp(folder) == NULL)
            abort();
        snprintf(event, sizeof event, "%s/" TENSORBOARD_PREFIX "1" TENSORBOARD_SUFFIX, folder);
        atexit(remove_folder);
    }
    FILE *const f = fopen(event, "wb");
    if (f == NULL || fwrite(data, 1, size, f) != size || fclose(f) != 0)
        abort();
    if (tensorboard_earlier(folder, 3, &error) != TRM_OK)
        abort();
    const long long once = length();
    if (once < 0 || once > (long long)size || tensorboard_earlier(folder, 3, &error) != TRM_OK ||
        length() != once)
        abort();
    return 0;
}
