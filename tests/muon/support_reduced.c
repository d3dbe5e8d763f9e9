#include "support_reduced.h"

#include "linalg/linalg.h"
#include "muon/inner/repair.h"

#include <math.h>
#include <stdlib.h>

struct support_fixture support_fixture_make(uint64_t seed, size_t m, size_t n) {
    struct support_fixture f = {.p = support_problem_random(seed, m, n, SUPPORT_F64_ROWS)};
    char reason[160] = "";
    assert_int_equal(muon_problem_create(&f.problem, m, n), TRM_OK);
    assert_int_equal(muon_problem_load(f.problem, &f.p.W, &f.p.G, true, reason, sizeof reason), TRM_OK);
    f.W = support_read(&f.p.W), f.G = support_read(&f.p.G);
    const double norm = sqrt(support_dot(m * n, f.G, f.G));
    assert_true(fabs(f.problem->scale - norm) < 1e-13 * norm);
    for (size_t i = 0; i < m * n; i++)
        f.G[i] /= norm;
    const size_t eig = lin_eig_work(n), repair = muon_repair_doubles(n),
                 stack = muon_reduced_stack_doubles(n);
    f.pool = support_zeros(10 * n * n + 2 * n + eig + repair + stack + m * n);
    double *next = f.pool, **const squares[] = {&f.r.X,      &f.r.M, &f.r.V, &f.r.X_best, &f.r.B_best,
                                                &f.r.C_best, &f.r.B, &f.r.C, &f.r.H,      &f.r.T};
    for (size_t i = 0; i < sizeof squares / sizeof *squares; i++, next += n * n)
        *squares[i] = next;
    f.r.lambda = next, f.r.sigma = next + n, f.r.eig_work = next + 2 * n;
    f.r.repair = f.r.eig_work + eig, f.stack = f.r.repair + repair, f.r.scratch_mn = f.stack + stack;
    f.r.problem = f.problem, f.r.reduction = &f.problem->reduction, f.r.m = m, f.r.n = n, f.r.k = n,
    f.r.radius = SUPPORT_RADIUS, f.r.dual = INFINITY, f.r.target_gap = 1e-3;
    return f;
}

void support_fixture_free(struct support_fixture *f) {
    assert_false(f->r.failed);
    muon_problem_destroy(f->problem);
    support_problem_free(&f->p);
    free(f->W), free(f->G), free(f->pool);
}

/* W B + Gp C by loops, Gp = G - W W'G. */
double *support_full(const struct support_fixture *f, const double *B, const double *C) {
    const size_t m = f->p.m, n = f->p.n;
    double *const S = support_mul_tn(n, m, n, f->W, f->G), *const WS = support_mul(m, n, n, f->W, S);
    double *const Gp = support_copy(f->G, m * n);
    support_add(m * n, Gp, -1, WS);
    double *const A = support_mul(m, n, n, f->W, B), *const GpC = support_mul(m, n, n, Gp, C);
    support_add(m * n, A, 1, GpC);
    free(S), free(WS), free(Gp), free(GpC);
    return A;
}
