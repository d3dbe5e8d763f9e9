#include "muon/matrix.h"

#include <string.h>

struct muon_matrix muon_matrix_transposed_if_wide(const void *data, enum muon_dtype dtype, size_t out,
                                                  size_t in) {
    struct muon_matrix view = {.dtype = dtype, .rows = out, .cols = in, .row_stride = in, .col_stride = 1};
    memcpy(&view.data, &data, sizeof data); /* a view may be an output; inputs are never written through it */
    if (out < in) {
        view.rows = in, view.cols = out;
        view.row_stride = 1, view.col_stride = in;
    }
    return view;
}

/* For every element of a matrix, its index `at` in the caller's memory and `to` in columns without gaps: along
   columns that lie together, else by tiles, so that neither side touches a line an element. */
enum { TILE = 16 };
#define FOR_ELEMENTS(matrix, at, to)                                                                         \
    for (size_t tile_ = (matrix)->row_stride == 1 ? (matrix)->rows : TILE, tj_ = 0; tj_ < (matrix)->cols;    \
         tj_ += TILE)                                                                                        \
        for (size_t ti_ = 0; ti_ < (matrix)->rows; ti_ += tile_)                                             \
            for (size_t j_ = tj_; j_ < tj_ + TILE && j_ < (matrix)->cols; j_++)                              \
                for (size_t i_ = ti_, end_ = ti_ + tile_ < (matrix)->rows ? ti_ + tile_ : (matrix)->rows,    \
                            step_ = (matrix)->row_stride, at = ti_ * step_ + j_ * (matrix)->col_stride,      \
                            to = ti_ + j_ * (matrix)->rows;                                                  \
                     i_ < end_; i_++, at += step_, to++)

void muon_matrix_read(const struct muon_matrix *from, double *out) {
    const float *const floats = from->data;
    const double *const doubles = from->data;
    if (from->dtype == MUON_F32)
        FOR_ELEMENTS(from, at, to)
    out[to] = (double)floats[at];
    else FOR_ELEMENTS(from, at, to) out[to] = doubles[at];
}

void muon_matrix_write(const double *in, struct muon_matrix *to) {
    float *const floats = to->data;
    double *const doubles = to->data;
    if (to->dtype == MUON_F32)
        FOR_ELEMENTS(to, at, from)
    floats[at] = (float)in[from];
    else FOR_ELEMENTS(to, at, from) doubles[at] = in[from];
}

void muon_matrix_read_float(const struct muon_matrix *from, double scale, float *out) {
    const float *const floats = from->data;
    const double *const doubles = from->data;
    const double factor = 1.0 / scale;
    if (from->dtype == MUON_F32)
        FOR_ELEMENTS(from, at, to)
    out[to] = (float)(factor * (double)floats[at]);
    else FOR_ELEMENTS(from, at, to) out[to] = (float)(factor * doubles[at]);
}

void muon_matrix_write_float(const float *in, double factor, struct muon_matrix *to) {
    float *const floats = to->data;
    double *const doubles = to->data;
    if (to->dtype == MUON_F32)
        FOR_ELEMENTS(to, at, from)
    floats[at] = (float)(factor * (double)in[from]);
    else FOR_ELEMENTS(to, at, from) doubles[at] = factor * (double)in[from];
}

double muon_matrix_squares(const struct muon_matrix *matrix) {
    enum { sums = 8 }; /* side by side: one would wait for itself */
    const float *const floats = matrix->data;
    const double *const doubles = matrix->data;
    double sum[sums] = {0}, total = 0.0;
    for (size_t j = 0; j < matrix->cols; j++) {
        const size_t at = j * matrix->col_stride, step = matrix->row_stride;
        size_t i = 0;
        for (; i + sums <= matrix->rows; i += sums)
            for (size_t k = 0; k < sums; k++) {
                const size_t e = at + (i + k) * step;
                const double x = matrix->dtype == MUON_F32 ? (double)floats[e] : doubles[e];
                sum[k] += x * x;
            }
        for (; i < matrix->rows; i++) {
            const double x = muon_matrix_element(matrix, i, j);
            total += x * x;
        }
    }
    for (size_t k = 0; k < sums; k++)
        total += sum[k];
    return total;
}
