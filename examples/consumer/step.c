/* A step from W = I against G, 2 x 2: the tangent space holds the skew matrices only, so the best step of radius
   b is known, b (0 1; -1 0) or its negative. */
#include <trmrouter/muon.h>

#include <math.h>
#include <stdio.h>

int main(void) {
    double W[4] = {1, 0, 0, 1}, G[4] = {3, 1, -1, 2}, A[4];
    const struct muon_matrix w = muon_matrix_transposed_if_wide(W, MUON_F64, 2, 2);
    const struct muon_matrix g = muon_matrix_transposed_if_wide(G, MUON_F64, 2, 2);
    struct muon_matrix a = muon_matrix_transposed_if_wide(A, MUON_F64, 2, 2);
    struct muon_solver *solver;
    struct muon_info info;
    struct trm_error error;

    if (muon_version() != MUON_VERSION) {
        fprintf(stderr, "headers and library differ: the library is %s\n", muon_version_text());
        return 1;
    }
    if (muon_solver_create(&solver, "quasi_newton", 2, 2, NULL, &error) != TRM_OK) {
        fprintf(stderr, "%s\n", error.text);
        return 1;
    }
    if (muon_solver_solve(solver, &w, &g, 0.1, NULL, &a, NULL, &info) != TRM_OK) {
        fprintf(stderr, "%s\n", info.reason);
        return 1;
    }
    muon_solver_destroy(solver);
    printf("C, version %s: A = (%.3f %.3f; %.3f %.3f), gap %.0e\n", muon_version_text(), A[0], A[1], A[2],
           A[3], info.gap);
    return fabs(A[1] + 0.1) < 1e-6 && fabs(A[2] - 0.1) < 1e-6 ? 0 : 1;
}
