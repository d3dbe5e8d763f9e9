/* Lists of numbers in options: "1e-1,1e-2,1e-3". */
#ifndef TRM_CLI_BENCH_LIST_H
#define TRM_CLI_BENCH_LIST_H

#include <stdbool.h>
#include <stddef.h>

enum { BENCH_LIST_MAX = 16 };

/* Numbers with commas between, each within the range (as base/value.h has it) and above the one before
   (ascending) or below it. How many; 0 where text is no such list of 1 ... BENCH_LIST_MAX. */
size_t bench_list_reals(const char *text, const char *range, bool ascending, double values[BENCH_LIST_MAX]);
size_t bench_list_counts(const char *text, const char *range, size_t values[BENCH_LIST_MAX]); /* ascending */

#endif
