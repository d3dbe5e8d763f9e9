#include "report/strbuf.h"

#include <nettle/base64.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Room for `more` bytes and the 0 behind them. */
static bool make_room(struct strbuf *text, size_t more) {
    if (text->failed)
        return false;
    if (more > SIZE_MAX / 4 - text->size) {
        text->failed = true;
        return false;
    }
    const size_t need = text->size + more + 1;
    if (need <= text->room)
        return true;
    const size_t room = need < 512 ? 1024 : 2 * need;
    char *const bytes = realloc(text->bytes, room);
    if (bytes == NULL) {
        text->failed = true;
        return false;
    }
    text->bytes = bytes;
    text->room = room;
    return true;
}

void strbuf_add(struct strbuf *text, const char *bytes, size_t size) {
    if (!make_room(text, size))
        return;
    memcpy(text->bytes + text->size, bytes, size);
    text->size += size;
    text->bytes[text->size] = '\0';
}

void strbuf_addf(struct strbuf *text, const char *format, ...) {
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    const int length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (length < 0)
        text->failed = true;
    else if (make_room(text, (size_t)length)) {
        vsnprintf(text->bytes + text->size, (size_t)length + 1, format, again);
        text->size += (size_t)length;
    }
    va_end(again);
}

/* Length of the UTF-8 character at s, as RFC 3629 allows them; 0 where there is none. */
static size_t utf8_length(const char *s) {
    const unsigned char *const u = (const unsigned char *)s;
    const size_t length = u[0] < 0x80   ? 1
                          : u[0] < 0xC2 ? 0
                          : u[0] < 0xE0 ? 2
                          : u[0] < 0xF0 ? 3
                          : u[0] < 0xF5 ? 4
                                        : 0;
    for (size_t i = 1; i < length; i++)
        if ((u[i] & 0xC0) != 0x80)
            return 0;
    const bool overlong = (u[0] == 0xE0 && u[1] < 0xA0) || (u[0] == 0xF0 && u[1] < 0x90);
    const bool surrogate = u[0] == 0xED && u[1] > 0x9F, beyond = u[0] == 0xF4 && u[1] > 0x8F;
    return length > 1 && (overlong || surrogate || beyond) ? 0 : length;
}

static const char *html_entity(char c) {
    switch (c) {
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '&':
        return "&amp;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

static const char *quoted_escape(char c) {
    return c == '\'' ? "''" : NULL;
}

static const char *field_escape(char c) {
    return c == '"' ? "'" : NULL;
}

static void put_escaped(struct strbuf *text, const char *s, const char *(*escape)(char)) {
    while (*s != '\0') {
        const size_t length = utf8_length(s);
        const char *const special = escape(*s);
        if (length == 0 || (unsigned char)*s < 0x20 || *s == 0x7F)
            strbuf_add(text, "?", 1);
        else if (special != NULL)
            strbuf_add(text, special, strlen(special));
        else
            strbuf_add(text, s, length);
        s += length > 0 ? length : 1;
    }
}

void strbuf_add_html(struct strbuf *text, const char *untrusted) {
    put_escaped(text, untrusted, html_entity);
}

void strbuf_add_field(struct strbuf *text, const char *untrusted) {
    put_escaped(text, untrusted, field_escape);
}

void strbuf_add_quoted(struct strbuf *text, const char *untrusted) {
    strbuf_add(text, "'", 1);
    put_escaped(text, untrusted, quoted_escape);
    strbuf_add(text, "'", 1);
}

void strbuf_add_base64(struct strbuf *text, const void *bytes, size_t size) {
    if (!make_room(text, BASE64_ENCODE_RAW_LENGTH(size)))
        return;
    base64_encode_raw(text->bytes + text->size, size, bytes);
    text->size += BASE64_ENCODE_RAW_LENGTH(size);
    text->bytes[text->size] = '\0';
}

void strbuf_release(struct strbuf *text) {
    free(text->bytes);
    *text = (struct strbuf){.bytes = NULL};
}
