/* Of files. By itself, so that who hashes no file needs no zlib: the Python package. */
#include "storage/digest.h"

#include <stdlib.h>
#include <zlib.h>

enum { CHUNK = 1 << 16 };

bool digest_file(const char *path, char text[DIGEST_TEXT]) {
    struct digest digest = digest_begin();
    uint8_t *chunk = malloc(CHUNK);
    gzFile f = gzopen(path, "rb");
    int got = -1;
    if (chunk != NULL && f != NULL)
        while ((got = gzread(f, chunk, CHUNK)) > 0)
            digest_add(&digest, chunk, (size_t)got);
    const bool closed = f != NULL && gzclose_r(f) == Z_OK;
    free(chunk);
    digest_end(&digest, text);
    if (got == 0 && closed)
        return true;
    text[0] = '\0';
    return false;
}
