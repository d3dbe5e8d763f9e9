/* Copies between the caller's matrix and columns without gaps. */
#ifndef TRM_MUON_MATRIX_H
#define TRM_MUON_MATRIX_H

#include "muon/muon.h"

void muon_matrix_read(const struct muon_matrix *from, double *out);
void muon_matrix_write(const double *in, struct muon_matrix *to);

void muon_matrix_read_float(const struct muon_matrix *from, double scale, float *out); /* over scale */
void muon_matrix_write_float(const float *in, double factor, struct muon_matrix *to);  /* times factor */

static inline double muon_matrix_element(const struct muon_matrix *a, size_t i, size_t j) {
    const size_t at = i * a->row_stride + j * a->col_stride;
    return a->dtype == MUON_F64 ? ((const double *)a->data)[at] : (double)((const float *)a->data)[at];
}

/* The sum of the squares of all elements. */
double muon_matrix_squares(const struct muon_matrix *matrix);

#endif
