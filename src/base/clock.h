#ifndef TRM_BASE_CLOCK_H
#define TRM_BASE_CLOCK_H

/* Seconds on a clock that never steps back; only differences mean something. */
double clock_seconds(void);

#endif
