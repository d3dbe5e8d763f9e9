/* Retraction: for tangent A, (W + A)'(W + A) = I + A'A. The Gram matrix of W + A itself is formed, so that
   the drift of a float W does not grow: polar(W + A) = (W + A) Gram^{-1/2}; by a series where the step is short, as
   nearly all are. */
#include "muon/stiefel_step.h"

#include "base/statistics.h"
#include "linalg/linalg.h"
#include "muon/certificate.h"
#include "muon/float/retract.h"
#include "muon/matrix.h"

#include <cblas.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t polar_work(size_t m, size_t n) {
    return n + lin_polar_work(m, n);
}

static size_t work_doubles(size_t m, size_t n) {
    const size_t polar = polar_work(m, n), root = lin_inverse_sqrt_work(n), eig = lin_eig_work(n) + n;
    const size_t series = (muon_float_retract_work(m, n) + 1) / 2;
    const size_t larger = polar > root ? polar : root, largest = larger > eig ? larger : eig;
    return largest > series ? largest : series;
}

static void place(struct stiefel_step *step, struct muon_pool *pool) {
    const size_t m = step->m, n = step->n;
    step->A = muon_pool_take(pool, m * n);
    step->What = muon_pool_take(pool, m * n);
    step->warm = muon_pool_take(pool, n * n);
    step->Gram = muon_pool_take(pool, n * n);
    step->P = muon_pool_take(pool, n * n);
    step->work = muon_pool_take(pool, work_doubles(m, n));
}

enum trm_status stiefel_step_create(struct stiefel_step *step, struct muon_matrix W, struct muon_matrix G,
                                    const struct muon_sgd_options *options, struct trm_error *error) {
    const size_t m = W.rows, n = W.cols;
    step->m = m, step->n = n, step->W = W, step->G = G;
    step->warm_start = options->warm_start;
    if (muon_problem_create(&step->problem, m, n) != TRM_OK)
        return trm_fail(error, TRM_NO_MEMORY, "out of memory for a %zu x %zu weight", m, n);
    for (; step->arm_count < options->arm_count; step->arm_count++) {
        const struct muon_arm *const arm = &options->arms[step->arm_count];
        struct muon_options chosen = arm->options;
        step->lr[step->arm_count] = chosen.lr;
        if (chosen.rank > n) /* one k for layers of every width */
            chosen.rank = n;
        const enum trm_status status = muon_solver_create(
            &step->solvers[step->arm_count], muon_solver_name(arm->solver), m, n, &chosen, error);
        if (status != TRM_OK)
            return status;
    }
    struct muon_pool pool = {0};
    place(step, &pool);
    step->pool = pool.memory = calloc(pool.used, sizeof *pool.memory);
    if (step->pool == NULL)
        return trm_fail(error, TRM_NO_MEMORY, "out of memory for a %zu x %zu weight", m, n);
    pool.used = 0;
    place(step, &pool);
    return TRM_OK;
}

void stiefel_step_destroy(struct stiefel_step *step) {
    for (size_t i = 0; i < step->arm_count; i++)
        muon_solver_destroy(step->solvers[i]);
    muon_problem_destroy(step->problem);
    free(step->pool);
}

static void fail(struct stiefel_step *step, enum trm_status status, const char *reason) {
    step->status = status;
    snprintf(step->reason, sizeof step->reason, "%s", reason);
}

/* A <- its polar factor, *distance of which it was; A is overwritten also on failure. */
static enum trm_status polar(size_t m, size_t n, double *A, double *distance, double *work,
                             struct trm_error *error) {
    double *const sigma = work;
    if (!statistics_finite(m * n, A))
        return trm_fail(error, TRM_NOT_FINITE, "the weight holds NaN or infinity");
    if (!lin_polar(m, n, A, sigma, work + n))
        return trm_fail(error, TRM_NUMERIC, "the polar factor of the weight was not found");
    if (!(sigma[n - 1] > 2.3e-16 * (double)m * sigma[0]))
        return trm_fail(
            error, TRM_NOT_ORTHONORMAL,
            "the columns of the weight depend on one another: it has no nearest orthonormal matrix");
    double squares = 0.0; /* ||A - U||_F^2, U diag(sigma) V' = A and U V' = its polar factor */
    for (size_t i = 0; i < n; i++)
        squares += (sigma[i] - 1.0) * (sigma[i] - 1.0);
    *distance = sqrt(squares / (double)n);
    return TRM_OK;
}

enum trm_status muon_project(struct muon_matrix *W, double *distance, struct trm_error *error) {
    const size_t m = W->rows, n = W->cols;
    double ignored;
    if (W->data == NULL || n == 0 || m < n)
        return trm_fail(error, TRM_SHAPE,
                        "a weight of %zu x %zu cannot be projected: it needs data, and rows >= columns >= 1",
                        m, n);
    double *const A = calloc(m * n + polar_work(m, n), sizeof *A);
    if (A == NULL)
        return trm_fail(error, TRM_NO_MEMORY, "out of memory for a %zu x %zu weight", m, n);
    muon_matrix_read(W, A);
    const enum trm_status status = polar(m, n, A, distance != NULL ? distance : &ignored, A + m * n, error);
    if (status == TRM_OK)
        muon_matrix_write(A, W);
    free(A);
    return status;
}

void stiefel_step_project(struct stiefel_step *step) {
    muon_matrix_read(&step->W, step->What);
    struct trm_error error = {.text = ""};
    double distance;
    const enum trm_status status = polar(step->m, step->n, step->What, &distance, step->work, &error);
    if (status == TRM_OK)
        muon_matrix_write(step->What, &step->W);
    else
        fail(step, status, error.text);
}

void stiefel_step_load(struct stiefel_step *step, bool orthonormal) {
    char reason[160] = "";
    bool in_float = false;
    for (size_t i = 0; i < step->arm_count; i++)
        in_float = in_float || muon_solver_in_float(step->solvers[i]);
    step->status =
        in_float ? muon_problem_load_float(step->problem, &step->W, &step->G, reason, sizeof reason)
                 : muon_problem_load(step->problem, &step->W, &step->G, orthonormal, reason, sizeof reason);
    if (step->status != TRM_OK)
        fail(step, step->status, reason);
}

/* Gamma'Gamma = Omega'Omega + N; scaled back to G as it came */
void stiefel_step_gamma(struct stiefel_step *step, double *sigma) {
    const size_t n = step->n;
    char reason[160] = "";
    const enum trm_status status = muon_problem_widen(step->problem, reason, sizeof reason);
    if (status != TRM_OK) {
        fail(step, status, reason);
        return;
    }
    lin_gram_add(n, step->problem->reduction.Omega, step->problem->reduction.N, step->Gram);
    if (!lin_eig_values(n, step->Gram, step->P, step->work))
        fail(step, TRM_NUMERIC, "the spectrum of the gradient was not found");
    for (size_t i = 0; i < n; i++)
        sigma[i] = step->problem->scale * sqrt(fmax(step->P[n - 1 - i], 0.0));
}

void stiefel_step_solve(struct stiefel_step *step, size_t arm, double radius, double factor) {
    struct muon_matrix A = {.data = step->A,
                            .dtype = MUON_F64,
                            .rows = step->m,
                            .cols = step->n,
                            .row_stride = 1,
                            .col_stride = step->m};
    struct muon_info *const info = &step->report.info;
    muon_solver_set_lr(step->solvers[arm], step->lr[arm] * factor);
    muon_solver_set_turn(step->solvers[arm], step->last.solved);
    step->status = muon_solver_solve_loaded(step->solvers[arm], step->problem, radius,
                                            step->warm_start && step->last.solved != 0.0 ? step->warm : NULL,
                                            &A, NULL, info);
    if (step->status != TRM_OK) {
        fail(step, step->status, info->reason);
        return;
    }
    const double *const point = muon_solver_dual_point(step->solvers[arm]);
    if (point != NULL) /* else the other arms keep theirs */
        memcpy(step->warm, point, step->n * step->n * sizeof *step->warm);
    step->last.solved += 1.0;
    step->last.effective_rank = info->eff_rank;
}

void stiefel_step_measure(struct stiefel_step *step, double radius) {
    struct muon_info info = {.outcome = MUON_max_iter, .gap = NAN, .gap_tangent = NAN, .gap_full = NAN};
    const size_t n = step->n;
    double *const sigma = step->What; /* m n >= n places */
    if (!statistics_finite(step->m * n, step->A)) {
        fail(step, TRM_NOT_FINITE, "the step holds NaN or infinity");
        return;
    }
    lin_tall_gram(step->m, n, step->A, step->Gram);
    if (!lin_eig_values(n, step->Gram, step->P, step->work)) {
        fail(step, TRM_NUMERIC, "the spectrum of the step was not found");
        return;
    }
    for (size_t i = 0; i < n; i++)
        sigma[i] = sqrt(fmax(step->P[n - 1 - i], 0.0));
    muon_describe_step(n, sigma, radius, &info);
    step->report.info = info;
    step->last.solved = 1.0, step->last.effective_rank = info.eff_rank;
}

/* ||Gram - I||_F; P is scratch */
static double distance(const struct stiefel_step *step) {
    memcpy(step->P, step->Gram, step->n * step->n * sizeof *step->P);
    for (size_t i = 0; i < step->n; i++)
        step->P[i + i * step->n] -= 1.0;
    return lin_norm(step->n * step->n, step->P);
}

/* A <- What Gram^{-1/2} for Gram = What'What */
static bool orthonormalise(struct stiefel_step *step) {
    if (!lin_inverse_sqrt(step->n, step->Gram, step->P, step->work)) {
        fail(step, TRM_NUMERIC, "the weight lost full rank");
        return false;
    }
    lin_tall_product(step->m, step->n, 1.0, step->What, step->P, 0.0, step->A);
    return true;
}

void stiefel_step_retract(struct stiefel_step *step) {
    const size_t count = step->m * step->n;
    muon_matrix_read(&step->W, step->What);
    cblas_daxpy((blasint)count, 1.0, step->A, 1, step->What, 1); /* W + A */
    lin_tall_gram(step->m, step->n, step->What, step->Gram);
    step->report.orthogonality = step->last.orthogonality = distance(step);
    if (step->W.dtype == MUON_F32 && /* for a double W it is too coarse */
        muon_float_retract(step->m, step->n, step->Gram, step->What, (float *)(void *)step->work)) {
        muon_matrix_write(step->What, &step->W);
        return;
    }
    if (!orthonormalise(step))
        return;
    if (step->report.orthogonality > 1.0) { /* a long step: the Gram matrix lost digits, so once more */
        memcpy(step->What, step->A, count * sizeof *step->What);
        lin_tall_gram(step->m, step->n, step->What, step->Gram);
        if (!orthonormalise(step))
            return;
    }
    muon_matrix_write(step->A, &step->W);
}

void stiefel_step_add(struct stiefel_step *step, double shrink) {
    muon_matrix_read(&step->W, step->What);
    for (size_t i = 0; i < step->m * step->n; i++)
        step->What[i] = shrink * step->What[i] + step->A[i];
    lin_tall_gram(step->m, step->n, step->What, step->Gram);
    step->report.orthogonality = step->last.orthogonality = distance(step);
    muon_matrix_write(step->What, &step->W);
}

double stiefel_step_drift(struct stiefel_step *step) {
    muon_matrix_read(&step->W, step->What);
    lin_tall_gram(step->m, step->n, step->What, step->Gram);
    return distance(step) / sqrt((double)step->n);
}
