#include "muon/answer.h"

#include "linalg/linalg.h"
#include "muon/certificate.h"
#include "muon/certificate_float.h"
#include "muon/matrix.h"
#include "muon/primal_step.h"

#include <math.h>

double muon_answer_target(const struct muon_solver *s) {
    return 0.8 * s->options.tol;
}

/* X = scale (X' - sym(S)), of (D) */
void muon_answer_X(struct muon_solver *s, double scale, const double *S) {
    for (size_t i = 0; i < s->n * s->n; i++)
        s->X[i] = scale * (s->search.r.X_best[i] - S[i]);
    lin_sym(s->n,
            s->X); /* X_best is symmetric to rounding only: some kernels of BLAS sum V D V' in two orders */
}

/* -<G, A> */
static double primal_value(const struct muon_matrix *G, const struct muon_matrix *A) {
    double sum = 0.0;
    for (size_t j = 0; j < G->cols; j++)
        for (size_t i = 0; i < G->rows; i++)
            sum -= muon_matrix_element(G, i, j) * muon_matrix_element(A, i, j);
    return sum;
}

/* A float rounds A off the tangent space, and p = -<G, A> then owes <X, W'A> = <W X, A> to that: much of it where X is
   large beside what is tangent of G. Elements move to the float next to them, in turn, until nothing is owed. */
static void round_without_debt(struct muon_solver *s, struct muon_matrix *A) {
    const struct muon_problem *const p = s->search.r.problem;
    float *const a = A->data;
    double debt = 0.0;
    lin_tall_product(s->m, s->n, 1.0, p->W, s->X, 0.0, s->A); /* W X */
    for (size_t j = 0; j < s->n; j++)
        for (size_t i = 0; i < s->m; i++)
            debt += s->A[i + j * s->m] * muon_matrix_element(A, i, j);
    for (size_t j = 0; j < s->n; j++)
        for (size_t i = 0; i < s->m; i++) {
            float *const element = &a[i * A->row_stride + j * A->col_stride];
            const double weight = s->A[i + j * s->m];
            const float next = nextafterf(*element, weight * debt > 0.0 ? -INFINITY : INFINITY);
            const double change = weight * ((double)next - (double)*element);
            if (fabs(debt + change) < fabs(debt)) {
                *element = next;
                debt += change;
            }
        }
}

/* Does A owe its rounding more than a tenth of tol, or enough to lift p above d? */
static bool owes_too_much(const struct muon_solver *s, const struct muon_matrix *A,
                          const struct muon_info *info) {
    return A->dtype == MUON_F32 &&
           (fabs(info->gap_tangent - info->gap) > 0.1 * s->options.tol || info->gap < -0x1p-24);
}

bool muon_answer_certify(struct muon_solver *s, struct muon_matrix *A, struct muon_info *info) {
    const struct muon_problem *const p = s->search.r.problem;
    if (s->certifying) {
        const double radius = s->search.r.radius;
        const size_t k = s->search.r.k;
        if (!muon_certify(&p->W_given, &p->G_given, A, s->X, radius, k, s->certificate_work, info))
            return false;
        if (s->id == MUON_SOLVER_muon || !owes_too_much(s, A, info))
            return true;
        round_without_debt(s, A);
        return muon_certify(&p->W_given, &p->G_given, A, s->X, radius, k, s->certificate_work, info);
    }
    info->primal = primal_value(&p->G_given, A);
    info->dual = info->gap = info->gap_tangent = info->gap_full = NAN;
    info->tangency = NAN;
    muon_describe_step(s->n, s->sigma, s->search.r.radius, info);
    return isfinite(info->primal);
}

struct muon_float_bound muon_answer_bound(struct muon_solver *s) {
    const struct muon_reduced *const r = &s->search.r;
    if (!s->certifying || r->k != s->n)
        return (struct muon_float_bound){INFINITY, INFINITY};
    return muon_float_bound(&r->problem->W_given, &r->problem->G_given, s->X,
                            muon_float_search_basis(s->in_float), s->certificate_work);
}

bool muon_answer_certify_float(struct muon_solver *s, struct muon_float_bound bound,
                               const struct muon_matrix *A, struct muon_info *info) {
    return muon_certify_float(A, s->X, bound, s->sigma, s->search.r.radius, s->options.tol,
                              s->certificate_work, info) &&
           !owes_too_much(s, A, info);
}

/* X of the best X', then A from the best B and C, then the certificate. */
bool muon_answer_conclude(struct muon_solver *s, struct muon_matrix *A, struct muon_info *info) {
    const struct muon_reduced *const r = &s->search.r;
    muon_answer_X(s, r->problem->scale, r->reduction->S);
    if (!muon_primal_step(r->problem, r->reduction, r->B_best, r->C_best, r->k, r->unscaled, r->radius, s->A,
                          s->sigma, s->step_work))
        return false;
    muon_matrix_write(s->A, A);
    return muon_answer_certify(s, A, info);
}

bool muon_answer_is_good(const struct muon_solver *s, const struct muon_info *info) {
    if (!s->certifying)
        return s->loop_gap <= muon_answer_target(s);
    return fmax(info->gap, info->gap_tangent) <= s->options.tol;
}
