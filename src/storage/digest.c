#include "storage/digest.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { CHUNK = 1 << 16 };

void digest_text(struct sha1_ctx *context, char text[DATA_DIGEST]) {
    static const char digits[] = "0123456789abcdef";
    uint8_t bytes[SHA1_DIGEST_SIZE];
    sha1_digest(context, sizeof bytes, bytes);
    for (size_t i = 0; i < sizeof bytes; i++) {
        text[2 * i] = digits[bytes[i] >> 4];
        text[2 * i + 1] = digits[bytes[i] & 15];
    }
    text[DATA_DIGEST - 1] = '\0';
}

bool digest_file(const char *path, char text[DATA_DIGEST]) {
    struct sha1_ctx context;
    uint8_t *chunk = malloc(CHUNK);
    gzFile f = gzopen(path, "rb");
    int got = -1;
    sha1_init(&context);
    if (chunk != NULL && f != NULL)
        while ((got = gzread(f, chunk, CHUNK)) > 0)
            sha1_update(&context, (size_t)got, chunk);
    const bool closed = f != NULL && gzclose_r(f) == Z_OK;
    free(chunk);
    digest_text(&context, text);
    if (got == 0 && closed)
        return true;
    text[0] = '\0';
    return false;
}

static void add_number(struct sha1_ctx *context, size_t number) {
    uint8_t bytes[8];
    for (unsigned i = 0; i < 8; i++)
        bytes[i] = (uint8_t)((uint64_t)number >> (8 * i) & 0xff);
    sha1_update(context, sizeof bytes, bytes);
}

void digest_set(const struct data_set *set, char text[DATA_DIGEST]) {
    struct sha1_ctx context;
    sha1_init(&context);
    sha1_update(&context, strlen(set->info.name) + 1, (const uint8_t *)set->info.name);
    for (int split = DATA_TRAIN; split <= DATA_TEST; split++) {
        const struct data_images *images = &set->images[split];
        add_number(&context, images->count);
        sha1_update(&context, images->count * DATA_IMAGE, images->pixels);
        sha1_update(&context, images->count, images->labels);
    }
    digest_text(&context, text);
}
