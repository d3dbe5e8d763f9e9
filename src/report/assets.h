/* The scripts, the page and its style, as text inside the program (cmake/embed.cmake). */
#ifndef TRM_REPORT_ASSETS_H
#define TRM_REPORT_ASSETS_H

/* The whole text of a file of draw/ or page/ by its name without folder, "style.gp"; NULL: there is none. */
const char *asset(const char *name);

#endif
