"""What of muon.h Python calls. The C compiler fills in what `...` leaves open and checks the rest.

usage: declarations.py FILE    (writes the glue's C source)
"""
import sys

from cffi import FFI

DECLARATIONS = """
enum trm_status { TRM_OK, TRM_INVALID, TRM_NOT_FINITE, TRM_SHAPE, TRM_NOT_ORTHONORMAL, TRM_NO_MEMORY, TRM_NUMERIC,
                  TRM_NOT_FOUND, ... };
struct trm_error { enum trm_status status; char text[512]; };

const char *muon_version_text(void);

enum muon_dtype { MUON_F32, MUON_F64, ... };
struct muon_matrix { void *data; enum muon_dtype dtype; size_t rows, cols, row_stride, col_stride; ...; };

enum trm_status muon_project(struct muon_matrix *W, double *distance, struct trm_error *error);

const char *muon_solver_name(int id);
const char *muon_solver_summary(int id);
struct muon_options { double tol; size_t max_iter; size_t rank; double lr; ...; };
struct muon_options muon_options_default(int id);
int muon_solver_find(const char *name);

const char *muon_outcome_name(int outcome);
struct muon_info {
    int outcome; size_t iterations;
    double primal, dual, gap, gap_tangent, gap_full, tangency, norm, frobenius, nuclear, eff_rank;
    size_t rank; double seconds; char reason[160]; ...;
};
struct muon_solver;
enum trm_status muon_solver_create(struct muon_solver **out, const char *name, size_t m, size_t n,
                                   const struct muon_options *options, struct trm_error *error);
void muon_solver_destroy(struct muon_solver *solver);
enum trm_status muon_solver_solve(struct muon_solver *solver, const struct muon_matrix *W, const struct muon_matrix *G,
                                  double radius, const double *warm, struct muon_matrix *A, double *X,
                                  struct muon_info *info);

struct muon_sgd;
struct muon_sgd_report { struct muon_info info; double orthogonality; ...; };
struct muon_state { double *doubles; size_t count; ...; };
void muon_sgd_destroy(struct muon_sgd *sgd);
enum trm_status muon_sgd_project(struct muon_sgd *sgd, struct trm_error *error);
double muon_sgd_drift(struct muon_sgd *sgd, size_t index);
const struct muon_sgd_report *muon_sgd_report(const struct muon_sgd *sgd, size_t index);
struct muon_state muon_sgd_state(struct muon_sgd *sgd, size_t index);

struct steps_matrix {
    struct muon_sgd *sgd;
    double factor, *step, *warm, *last;
    struct trm_error error;
    enum trm_status status; ...;
};
enum trm_status steps_create(struct muon_sgd **out, const char *name, float *value, const float *direction, size_t rows,
                             size_t cols, int solver, const struct muon_options *options, double spectral_budget,
                             double weight_decay, struct trm_error *error);
enum trm_status steps_take(struct steps_matrix *matrices, size_t count);

int omp_get_max_threads(void);
void omp_set_num_threads(int count);
"""

SOURCE = """
#include "steps.h"
#include <omp.h>
"""


def main() -> None:
    ffi = FFI()
    ffi.cdef(DECLARATIONS)
    ffi.set_source("trm_router._muon", SOURCE)
    ffi.emit_c_code(sys.argv[1])


if __name__ == "__main__":
    main()
