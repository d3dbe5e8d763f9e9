/* A chart once: its curves as JSON, which the page embeds and its script draws, and from which the text for gnuplot is
   made. A chart has views (of which the page shows one, a picture all or some), axes that each point has a place on,
   and curves, which belong to a view; a point is its places, its value, and the ends of its band.

   The plot is
     title, note ("-": none)
     views     name, label (of y), log (y is logarithmic), xlog, first, last (curves, from 0; last < first: none),
     points (of all) curves    name, policy, mark, dash, band (it has one)
     ticks     view, place, text; of an axis that has names in place of numbers
     a table a curve: a column an axis, by its name; y, low, high
   Curves that are hidden at first are not in the plot. */
#ifndef TRM_REPORT_DRAW_CHART_H
#define TRM_REPORT_DRAW_CHART_H

#include "report/plots.h"

#include <jansson.h>

struct chart {
    json_t *json;
    bool failed; /* no memory */
};

/* axes: names with commas between. */
void chart_begin(struct chart *chart, const char *title, const char *axes);
void chart_free(struct chart *chart);
void chart_note(struct chart *chart, const char *note); /* what its reader must know, in a sentence */
size_t chart_views(const struct chart *chart);
bool chart_is_empty(const struct chart *chart); /* no curve has a point */

/* A view; its number. label: of y. */
size_t chart_view(struct chart *chart, const char *name, const char *label, bool logarithmic);
void chart_log_axis(struct chart *chart, size_t view);
/* Places on its axis have names, in the order of the calls: 0, 1, ... */
void chart_tick(struct chart *chart, size_t view, const char *text);

/* A curve of a view, or NULL after a failure. Curves of a view are added one after the other. */
json_t *chart_curve(struct chart *chart, size_t view, const char *name, int policy, size_t ordinal);
/* At first it is not shown. Or: it is one run of the curve of that name, shown with it when asked for. */
void chart_curve_hide(struct chart *chart, json_t *curve);
void chart_curve_single(struct chart *chart, json_t *curve, const char *of);
/* x: a place an axis. NAN: none; low and high NAN: no band. */
void chart_point(struct chart *chart, json_t *curve, const double *x, double y, double low, double high);

/* Add its tables to a plot. */
void chart_plot(const struct chart *chart, struct plot *plot);
/* Its JSON for the inside of a script element, to be freed; NULL where there is no memory. */
char *chart_text(const struct chart *chart);

#endif
