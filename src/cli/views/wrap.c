#include "cli/views/wrap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { USUAL = 80, LEAST = 20, MOST = 10000 };

size_t wrap_columns(int fd) {
    struct winsize size;
    if (isatty(fd) && ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return size.ws_col;
    const char *const said = getenv("COLUMNS");
    const long columns = said != NULL ? strtol(said, NULL, 10) : 0;
    return columns > 0 && columns < MOST ? (size_t)columns : USUAL;
}

size_t wrap_width(void) {
    const size_t columns = wrap_columns(STDOUT_FILENO);
    return columns > LEAST ? columns : LEAST;
}

/* Letters, not bytes, of UTF-8. */
static size_t letters(const char *text, size_t bytes) {
    size_t count = 0;
    for (size_t i = 0; i < bytes; i++)
        count += ((unsigned char)text[i] & 0xC0) != 0x80;
    return count;
}

void wrap_print(const char *text, size_t used, size_t indent) {
    wrap_to(stdout, wrap_width(), text, used, indent);
}

void wrap_to(FILE *f, size_t room, const char *text, size_t used, size_t indent) {
    size_t at = used;
    while (*text != '\0') {
        const size_t blanks = strspn(text, " "), bytes = strcspn(text + blanks, " \n"),
                     word = letters(text + blanks, bytes);
        if (at > indent && at + blanks + word > room) {
            fprintf(f, "\n%*s", (int)indent, "");
            at = indent;
        } else {
            fprintf(f, "%*s", (int)blanks, "");
            at += blanks;
        }
        fprintf(f, "%.*s", (int)bytes, text + blanks);
        at += word;
        text += blanks + bytes;
        if (*text == '\n') {
            fprintf(f, "\n%*s", text[1] != '\0' ? (int)indent : 0, "");
            at = indent, text++;
        }
    }
    fprintf(f, "\n");
}

bool wrap_colour(int fd) {
    const char *const kind = getenv("TERM"), *const none = getenv("NO_COLOR");
    return isatty(fd) && kind != NULL && strcmp(kind, "dumb") != 0 && (none == NULL || *none == '\0');
}

void wrap_heading(const char *title) {
    const bool bold = wrap_colour(STDOUT_FILENO);
    printf("%s%s:%s\n", bold ? "\033[1m" : "", title, bold ? "\033[0m" : "");
}
