/* AdamW (Loshchilov & Hutter 2019, arXiv 1711.05101, algorithm 2) over one flat vector of parameters, and the
   few other loops that training makes over such vectors. Sums are made in a fixed order. */
#ifndef TRM_ROUTER_ADAMW_H
#define TRM_ROUTER_ADAMW_H

#include <stddef.h>
#include <stdint.h>

/* One step, numbered from 1, on parameters p (count) with gradient g:
     p <- p (1 - lr decay);  m <- b1 m + (1 - b1) g;  v <- b2 v + (1 - b2) g^2;
     p <- p - lr (m / (1 - b1^step)) / (sqrt(v / (1 - b2^step)) + 1e-8),   b1 = 0.9, b2 = 0.95 */
void adamw_step(float *p, float *m, float *v, const float *g, size_t count, double lr, double decay,
                uint64_t step);

double vector_square(const float *a, size_t count); /* sum of squares */
void vector_add(float *sum, const float *other, size_t count);
void vector_scale(float *a, float factor, size_t count);
/* average <- keep average + (1 - keep) a */
void vector_average(float *average, const float *a, float keep, size_t count);

#endif
