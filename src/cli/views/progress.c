#include "cli/views/progress.h"
#include "base/clock.h"
#include "base/status.h"
#include "cli/diagnostics.h"
#include "cli/views/wrap.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BAR_WIDTH = 24, BAR_LEAST = 4, BAR_ENDS = 3, LINE_ROOM = 512 };
static const double every_terminal = 0.1, every_line = 60.0;

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
    quiet = quiet || diagnostics_quiet();
    *p = (struct progress){
        .unit = unit, .total = total, .first = done, .began = clock_seconds(), .quiet = quiet};
    snprintf(p->label, sizeof p->label, "%s", label);
    p->terminal = !quiet && stderr_is_terminal();
    p->shown = p->terminal ? -INFINITY : p->began; /* a bar at once, the first line after a while */
    p->shown_done = done;
}

static void append(char line[LINE_ROOM], const char *format, ...) TRM_PRINTF(2, 3);
static void append(char line[LINE_ROOM], const char *format, ...) {
    const size_t used = strlen(line);
    va_list args;
    va_start(args, format);
    vsnprintf(line + used, LINE_ROOM - used, format, args);
    va_end(args);
}

static void append_bar(char line[LINE_ROOM], double part, size_t width) {
    char bar[BAR_WIDTH + 1] = "";
    const size_t full = (size_t)(part * (double)width);
    for (size_t i = 0; i < width; i++)
        bar[i] = i < full ? '=' : i == full ? '>' : ' ';
    if (width > 0)
        append(line, " [%s]", bar);
}

/* What a line shows beside the label and the share that is done. */
struct shown {
    size_t bar, label; /* letters */
    bool left, count, rate;
};

/* "label [===>   ] 40 % 4/10 step, 2.1 step/s, 3 s left, loss 1.2" */
static void describe(const struct progress *p, size_t done, const char *note, struct shown shown,
                     char line[LINE_ROOM]) {
    char duration[16];
    const double seconds = clock_seconds() - p->began,
                 fresh = done > p->first ? (double)(done - p->first) : 0.0;
    const double part = done < p->total ? (double)done / (double)p->total : 1.0;
    const double rate = seconds > 0.0 ? fresh / seconds : 0.0;
    snprintf(line, LINE_ROOM, "%.*s", (int)shown.label, p->label);
    append_bar(line, part, shown.bar);
    append(line, " %.0f %%", floor(100.0 * part));
    if (shown.count)
        append(line, " %zu/%zu %s", done, p->total, p->unit);
    if (shown.rate && rate > 0.0)
        append(line, ", %.*f %s/s", rate < 9.95 ? 2 : 0, rate, p->unit);
    if (shown.left && rate > 0.0 && done < p->total)
        append(line, ", %s left", progress_duration((double)(p->total - done) / rate, duration));
    if (note != NULL && note[0] != '\0')
        append(line, ", %s", note);
}

/* On a terminal a line that is longer would wrap and could not be drawn over. The bar gives way first, then the rate,
   the count, the time that is left and letters of the label; the note stays as long as there is room for it. */
static void fit(const struct progress *p, size_t done, const char *note, char line[LINE_ROOM]) {
    const size_t columns = wrap_columns(STDERR_FILENO) - 1;
    struct shown shown = {0, sizeof p->label, true, true, true};
    describe(p, done, note, shown, line);
    for (int step = 0; step < 3 && strlen(line) > columns; step++) {
        shown.rate = false, shown.count = step < 1, shown.left = step < 2;
        describe(p, done, note, shown, line);
    }
    if (strlen(line) > columns) {
        const size_t over = strlen(line) - columns, label = strlen(p->label);
        shown.label = over < label ? label - over : 0;
        describe(p, done, note, shown, line);
    } else if (columns - strlen(line) >= BAR_LEAST + BAR_ENDS) {
        shown.bar = columns - strlen(line) - BAR_ENDS;
        shown.bar = shown.bar < BAR_WIDTH ? shown.bar : BAR_WIDTH;
        describe(p, done, note, shown, line);
    }
    if (strlen(line) > columns)
        line[columns] = '\0';
}

/* A line of a log is due when a minute has passed and a per cent was done, and at the end. */
static bool due(const struct progress *p, double now, size_t done) {
    if (p->terminal)
        return now - p->shown >= every_terminal;
    const bool hundredth = 100 * (double)(done - p->shown_done) >= (double)p->total || done >= p->total;
    return now - p->shown >= every_line && done >= p->shown_done && hundredth;
}

void progress_update(struct progress *p, size_t done, const char *note) {
    const double now = clock_seconds();
    const struct shown all = {0, sizeof p->label, true, true, true};
    char line[LINE_ROOM];
    if (p->quiet || !due(p, now, done))
        return;
    p->shown = now, p->shown_done = done;
    if (done > p->total) /* more than was said: it never reads 12/10 */
        p->total = done;
    if (p->terminal) {
        fit(p, done, note, line);
        fprintf(stderr, "\r%s\033[K", line);
        fflush(stderr);
    } else {
        describe(p, done, note, all, line);
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
