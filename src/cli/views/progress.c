#include "cli/views/progress.h"
#include "base/clock.h"
#include "base/status.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { BAR_WIDTH = 24, LINE_ROOM = 512 };
static const double every_terminal = 0.1, every_line = 5.0;

const char *progress_duration(double seconds, char text[16]) {
    const double most = 9999.0 * 86400.0;
    if (!(seconds >= 0.0)) {
        snprintf(text, 16, "?");
        return text;
    }
    const unsigned s = (unsigned)lround(fmin(seconds, most)), minutes = s / 60, hours = s / 3600,
                   days = s / 86400;
    if (minutes < 1)
        snprintf(text, 16, "%u s", s);
    else if (hours < 1)
        snprintf(text, 16, "%u min", minutes);
    else if (days < 1)
        snprintf(text, 16, "%u h %02u", hours, minutes % 60);
    else if (days < 10)
        snprintf(text, 16, "%u d %02u h", days, hours % 24);
    else
        snprintf(text, 16, "%u d", days);
    return text;
}

static bool stderr_is_terminal(void) {
    const char *kind = getenv("TERM");
    return isatty(STDERR_FILENO) && kind != NULL && strcmp(kind, "dumb") != 0;
}

void progress_begin(struct progress *p, const char *label, const char *unit, size_t done, size_t total,
                    bool quiet) {
    *p = (struct progress){
        .unit = unit, .total = total, .first = done, .began = clock_seconds(), .quiet = quiet};
    snprintf(p->label, sizeof p->label, "%s", label);
    p->terminal = !quiet && stderr_is_terminal();
    p->shown = p->terminal ? -INFINITY : p->began; /* a bar at once, the first line after a while */
}

static void append(char line[LINE_ROOM], const char *format, ...) TRM_PRINTF(2, 3);
static void append(char line[LINE_ROOM], const char *format, ...) {
    const size_t used = strlen(line);
    va_list args;
    va_start(args, format);
    vsnprintf(line + used, LINE_ROOM - used, format, args);
    va_end(args);
}

static void append_bar(char line[LINE_ROOM], double part) {
    char bar[BAR_WIDTH + 1] = "";
    const int full = (int)(part * BAR_WIDTH);
    for (int i = 0; i < BAR_WIDTH; i++)
        bar[i] = i < full ? '=' : i == full ? '>' : ' ';
    append(line, " [%s]", bar);
}

/* "label [===>   ] 40 % 4/10 step, 2.1 step/s, 3 s left, note"; the bar only on a terminal. */
static void describe(const struct progress *p, size_t done, const char *note, char line[LINE_ROOM]) {
    char duration[16];
    const double seconds = clock_seconds() - p->began,
                 fresh = done > p->first ? (double)(done - p->first) : 0.0;
    const double part = done < p->total ? (double)done / (double)p->total : 1.0;
    const double rate = seconds > 0.0 ? fresh / seconds : 0.0;
    snprintf(line, LINE_ROOM, "%s", p->label);
    if (p->terminal)
        append_bar(line, part);
    append(line, " %.0f %% %zu/%zu %s", floor(100.0 * part), done, p->total, p->unit);
    if (rate > 0.0)
        append(line, ", %.*f %s/s", rate < 10.0 ? 2 : 0, rate, p->unit);
    if (rate > 0.0 && done < p->total)
        append(line, ", %s left", progress_duration((double)(p->total - done) / rate, duration));
    if (note != NULL && note[0] != '\0')
        append(line, ", %s", note);
}

/* A line longer than the terminal would wrap and could not be drawn over. */
static void cut_to_terminal(char *line) {
    struct winsize size;
    const bool known = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1;
    const size_t columns = known ? (size_t)size.ws_col - 1 : 79;
    if (strlen(line) > columns)
        line[columns] = '\0';
}

void progress_update(struct progress *p, size_t done, const char *note) {
    const double now = clock_seconds();
    char line[LINE_ROOM];
    if (p->quiet || now - p->shown < (p->terminal ? every_terminal : every_line))
        return;
    p->shown = now;
    if (done > p->total) /* more than was said: it never reads 12/10 */
        p->total = done;
    describe(p, done, note, line);
    if (p->terminal) {
        cut_to_terminal(line);
        fprintf(stderr, "\r%s\033[K", line);
        fflush(stderr);
    } else {
        fprintf(stderr, "%s\n", line);
    }
}

void progress_clear(struct progress *p) {
    if (p->quiet || !p->terminal)
        return;
    fputs("\r\033[K", stderr);
    fflush(stderr);
    p->shown = -INFINITY;
}
