/* Progress on stderr: a bar with rate and time left on a terminal, elsewhere a plain line, at most one a minute and a
   per cent. Nothing with --quiet. */
#ifndef TRM_CLI_VIEWS_PROGRESS_H
#define TRM_CLI_VIEWS_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>

struct progress {
    char label[64];
    const char *unit;    /* of what is counted, e.g. "step"; not owned */
    size_t total, first; /* first: already done when it began (a resumed run) */
    double began, shown;
    size_t shown_done; /* what was done when a line was shown last */
    bool terminal, quiet;
};

/* Begin at `done` of `total`. quiet: show nothing at all. */
void progress_begin(struct progress *p, const char *label, const char *unit, size_t done, size_t total,
                    bool quiet);
/* Show `done` of total with a short note such as "loss 1.234"; cheap: draws at most ten times a second
   (a line a minute where stderr is no terminal). */
void progress_update(struct progress *p, size_t done, const char *note);
/* Clear the bar, if there is one, so that a line can be printed; the next update draws it again. */
void progress_clear(struct progress *p);

/* A duration in words of at most 8 characters ("4 s", "12 min", "1 h 05"), into text. */
const char *progress_duration(double seconds, char text[16]);

#endif
