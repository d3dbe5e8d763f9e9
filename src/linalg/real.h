/* The number type of the inner algebra, which is written once and compiled twice: in double, and with LIN_FLOAT in
   float, where every name that leaves a file ends in _f. A struct of these headers is one of the two; none is passed
   from one to the other. */
#ifndef TRM_LINALG_REAL_H
#define TRM_LINALG_REAL_H

#include <float.h>

#ifdef LIN_FLOAT
typedef float real;
#define REAL_EPSILON ((double)FLT_EPSILON)
#define REAL_MAX_SQUARE                                                                                      \
    1e30 /* sums of squares up to here, and down to its inverse, neither over- nor underflow */
#define CBLAS(name) cblas_s##name
#define LAPACKE(name) LAPACKE_s##name##_work
#define lin_mul lin_mul_f
#define lin_mul_tn lin_mul_tn_f
#define lin_mul_nt lin_mul_nt_f
#define lin_gram_add lin_gram_add_f
#define lin_scale_columns lin_scale_columns_f
#define lin_sym lin_sym_f
#define lin_skew lin_skew_f
#define lin_tall_inner lin_tall_inner_f
#define lin_tall_gram lin_tall_gram_f
#define lin_tall_gram_lower lin_tall_gram_lower_f
#define lin_tall_product lin_tall_product_f
#define lin_tall_product_of lin_tall_product_of_f
#define lin_dot lin_dot_f
#define lin_norm lin_norm_f
#define lin_axpy lin_axpy_f
#define lin_scale lin_scale_f
#define lin_eig_work lin_eig_work_f
#define lin_eig lin_eig_f
#define lin_eig_values lin_eig_values_f
#define lin_largest_eigenvalue lin_largest_eigenvalue_f
#define lin_eig_function lin_eig_function_f
#define lin_right_singular_work lin_right_singular_work_f
#define lin_right_singular lin_right_singular_f
#define lin_qr_work lin_qr_work_f
#define lin_qr lin_qr_f
#define lin_polar_work lin_polar_work_f
#define lin_polar lin_polar_f
#define lin_inverse_sqrt_work lin_inverse_sqrt_work_f
#define lin_inverse_sqrt lin_inverse_sqrt_f
#else
typedef double real;
#define REAL_EPSILON DBL_EPSILON
#define REAL_MAX_SQUARE 1e200
#define CBLAS(name) cblas_d##name
#define LAPACKE(name) LAPACKE_d##name##_work
#endif

#endif
