#include "storage/digest.h"

#include <string.h>

struct digest digest_begin(void) {
    struct digest digest;
    sha1_init(&digest.state);
    return digest;
}

void digest_add(struct digest *digest, const void *bytes, size_t size) {
    sha1_update(&digest->state, size, bytes);
}

void digest_add_number(struct digest *digest, uint64_t number) {
    uint8_t bytes[8];
    for (unsigned i = 0; i < 8; i++)
        bytes[i] = (uint8_t)(number >> (8 * i) & 0xff);
    digest_add(digest, bytes, sizeof bytes);
}

void digest_add_real(struct digest *digest, double value) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    digest_add_number(digest, bits);
}

void digest_end(struct digest *digest, char text[DIGEST_TEXT]) {
    static const char digits[] = "0123456789abcdef";
    uint8_t bytes[SHA1_DIGEST_SIZE];
    sha1_digest(&digest->state, sizeof bytes, bytes);
    for (size_t i = 0; i < sizeof bytes; i++) {
        text[2 * i] = digits[bytes[i] >> 4];
        text[2 * i + 1] = digits[bytes[i] & 15];
    }
    text[DIGEST_TEXT - 1] = '\0';
}
