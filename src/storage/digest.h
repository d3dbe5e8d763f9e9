/* SHA-1, from nettle, as text. */
#ifndef TRM_STORAGE_DIGEST_H
#define TRM_STORAGE_DIGEST_H

#include "data/data.h"

#include <nettle/sha1.h>

/* Finish context into lower-case hex. */
void digest_text(struct sha1_ctx *context, char text[DATA_DIGEST]);

/* Of a file's content, uncompressed where it is compressed; false where it cannot be read to its end. */
bool digest_file(const char *path, char text[DATA_DIGEST]);

/* Of a loaded data set: name, counts, pixels, labels. */
void digest_set(const struct data_set *set, char text[DATA_DIGEST]);

#endif
