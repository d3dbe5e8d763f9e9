"""What of the C headers Python calls. The C compiler fills in what `...` leaves open and checks the rest.

usage: declarations.py FILE    (writes the glue's C source)
"""
import sys

from cffi import FFI

SOLVERS = """
enum trm_status { TRM_OK, TRM_INVALID, TRM_NOT_FINITE, TRM_SHAPE, TRM_NOT_ORTHONORMAL, TRM_NO_MEMORY, TRM_NUMERIC,
                  TRM_IO, TRM_FORMAT, TRM_EXISTS, TRM_NOT_FOUND, TRM_DIVERGED, ... };
struct trm_error { enum trm_status status; char text[512]; };

const char *muon_version_text(void);

enum muon_dtype { MUON_F32, MUON_F64, ... };
struct muon_matrix { void *data; enum muon_dtype dtype; size_t rows, cols, row_stride, col_stride; ...; };

enum trm_status muon_project(struct muon_matrix *W, double *distance, struct trm_error *error);

const char *muon_solver_name(int id);
const char *muon_solver_summary(int id);
struct muon_options { double tol; size_t max_iter; size_t rank; double lr; double uncertified; ...; };
struct muon_options muon_options_default(int id);
int muon_solver_find(const char *name);

#define MUON_converged ...
#define MUON_stalled ...
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
enum trm_status certificate_of(const struct muon_matrix *W, const struct muon_matrix *G, const struct muon_matrix *A,
                               const double *X, double radius, size_t k, struct muon_info *info,
                               struct trm_error *error);
"""

OPTIMISER = """
struct muon_arm { int solver; struct muon_options options; ...; };
struct muon_sgd_options { struct muon_arm arms[16]; size_t arm_count; ...; };
struct muon_sgd_options muon_sgd_options_default(void);
struct muon_sgd_report { struct muon_info info; double orthogonality; ...; };

#define STEPS_LAST ...
struct stiefel_step;
struct steps_turn {
    struct stiefel_step *workspace;
    struct muon_matrix W, G;
    double *warm, *last;
    size_t arm;
    double radius, factor;
    bool constrained;
    double shrink, result;
};
struct stiefel_step *steps_create(size_t m, size_t n, const struct muon_sgd_options *options, struct trm_error *error);
void steps_destroy(struct stiefel_step *workspace);
enum trm_status steps_take(struct steps_turn *turns, size_t count, size_t *failed, struct trm_error *error);
enum trm_status steps_project(struct steps_turn *turn, struct trm_error *error);
void steps_drift(struct steps_turn *turn);
enum trm_status steps_gamma(struct steps_turn *turn, double *sigma, struct trm_error *error);
const struct muon_sgd_report *steps_report(const struct stiefel_step *workspace);

int omp_get_max_threads(void);
void omp_set_num_threads(int count);
"""

RECORDS = """
struct trm_arm { int solver; size_t budget; double radius_multiplier; ...; };
#define TRM_ARM_NAME ...
void trm_arm_name(const struct trm_arm *arm, char *name);
enum trm_status trm_arm_parse(const char *text, struct trm_arm *out, struct trm_error *error);

#define TRM_FEATURE_COUNT ...
#define TRM_FEATURE_VERSION ...
const char *trm_feature_name(int feature);
struct trm_training_state {
    double loss; const float *gradient; size_t gradient_count, batch_size; double sigma_max, sigma_min;
    bool has_last_update; double effective_rank; size_t n; double ortho_error;
    size_t epoch, epochs, epoch_step, steps_per_epoch; double width; ...;
};

struct trm_store;
enum trm_status trm_store_create(const char *path, bool overwrite, struct trm_store **out, struct trm_error *error);
enum trm_status trm_store_close(struct trm_store *store, struct trm_error *error);
enum trm_status trm_store_open(const char *path, int mode, struct trm_store **out, struct trm_error *error);
enum trm_status trm_store_commit(struct trm_store *store, struct trm_error *error);
struct trm_run_settings {
    const char *name, *solver, *model, *dataset, *fingerprint, *tracked, *program, *config;
    double width; uint64_t seed; size_t threads, epochs, batch_size, steps_per_epoch, record_every; ...;
};
struct trm_run_result { int status; bool has_test; double test_accuracy, test_loss; const char *message; ...; };
#define TRM_RUN_DONE ...
#define TRM_RUN_STOPPED ...
#define TRM_RUN_DIVERGED ...
#define TRM_STORE_READ ...
#define TRM_STORE_APPEND ...
enum trm_status trm_store_run_begin(struct trm_store *store, const struct trm_run_settings *settings, int64_t *run,
                                    struct trm_error *error);
struct trm_epoch { size_t epoch; double train_loss; bool has_test; double test_loss, test_accuracy, seconds,
                   max_ortho_error; ...; };
enum trm_status trm_store_epoch_insert(struct trm_store *store, int64_t run, const struct trm_epoch *row,
                                       struct trm_error *error);
struct trm_collector;
struct trm_collector_options { size_t record_every, commit_every; ...; };
struct trm_collector_options trm_collector_defaults(void);
enum trm_status trm_collector_create(struct trm_collector **out, struct trm_store *store, int64_t run,
                                     size_t gradient_count, const struct trm_collector_options *options,
                                     struct trm_error *error);
enum trm_status trm_collector_pre_step(struct trm_collector *collector, const struct trm_training_state *state,
                                       double *out, struct trm_error *error);
bool trm_collector_records(const struct trm_collector *collector);
struct trm_solve { const char *matrix; double gap; size_t iterations; double seconds, norm; size_t rank; ...; };
struct trm_step_outcome {
    bool has_next_loss, has_gap; double next_loss, gap; const char *solver; size_t iterations;
    double seconds, solve_seconds; const struct trm_solve *solves; size_t solve_count; ...;
};
enum trm_status trm_collector_post_step(struct trm_collector *collector, const struct trm_step_outcome *outcome,
                                        struct trm_error *error);
enum trm_status trm_collector_close(struct trm_collector *collector, const struct trm_run_result *result,
                                    struct trm_error *error);

struct trm_arm_names { size_t count; char name[...][...]; ...; };
struct trm_router_config { size_t cycles, arms; ...; };
struct trm_router_origin { struct trm_arm_names arms; uint64_t present; size_t samples, groups, epoch, epochs; double val_accuracy, val_loss; ...; };
struct trm_decision { int arm; double probability[...]; size_t cycles; ...; };
struct trm_router;
enum trm_status trm_router_load(const char *path, struct trm_router **out, struct trm_error *error);
void trm_router_destroy(struct trm_router *router);
const struct trm_router_config *trm_router_configuration(const struct trm_router *router);
const struct trm_router_origin *trm_router_origin(const struct trm_router *router);
size_t trm_router_parameter_count(const struct trm_router *router);
void trm_router_set_halting(struct trm_router *router, bool halting);
enum trm_status trm_router_forward(struct trm_router *router, const double *features, size_t batch, float *logits,
                                   float *all_solver_logits, float *halt, struct trm_error *error);
enum trm_status trm_router_decide(struct trm_router *router, const double *features, uint64_t allowed,
                                  struct trm_decision *out, struct trm_error *error);
enum trm_status trm_router_config_named(const char *name, struct trm_router_config *config, struct trm_error *error);
enum trm_status trm_router_create(struct trm_router **out, const struct trm_router_config *config, uint64_t seed,
                                  struct trm_error *error);
enum trm_status trm_router_save(const char *path, const struct trm_router *router, bool overwrite,
                                struct trm_error *error);
"""

SOURCE = """
#include "certificate.h"
#include "steps.h"
#include "trm.h"
#include <omp.h>
"""


def main() -> None:
    ffi = FFI()
    for part in (SOLVERS, OPTIMISER, RECORDS):
        ffi.cdef(part)
    ffi.set_source("trm_router._muon", SOURCE)
    ffi.emit_c_code(sys.argv[1])


if __name__ == "__main__":
    main()
