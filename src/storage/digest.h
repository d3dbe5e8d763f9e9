/* SHA-1, from nettle, as text: the one hash of everything that is compared by content. */
#ifndef TRM_STORAGE_DIGEST_H
#define TRM_STORAGE_DIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <nettle/sha1.h>

enum { DIGEST_TEXT = 2 * SHA1_DIGEST_SIZE + 1 }; /* characters of a digest in lower-case hex, and the 0 */

struct digest {
    struct sha1_ctx state;
};

struct digest digest_begin(void);
void digest_add(struct digest *digest, const void *bytes, size_t size);
void digest_add_number(struct digest *digest, uint64_t number); /* 8 bytes, lowest first, on every machine */
void digest_add_real(struct digest *digest, double value);      /* its bits, in the same way */
void digest_end(struct digest *digest, char text[DIGEST_TEXT]);

/* Of a file's content, uncompressed where it is compressed; false and "" where it cannot be read to its end. */
bool digest_file(const char *path, char text[DIGEST_TEXT]);

#endif
