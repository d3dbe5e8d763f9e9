/* One step of Manifold Muon on a random layer: how far, and in which direction, at most how far from the
   best.

   cc solve_one.c $(pkg-config --cflags --libs trmmuon) -lm -o solve_one && ./solve_one */
#include <muon.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { M = 128, N = 64 };

static double uniform(void) {
    return (double)rand() / RAND_MAX - 0.5;
}

/* Make the columns of W orthonormal: Gram and Schmidt, each column twice. */
static void orthonormalise(double W[M][N]) {
    for (int j = 0; j < N; j++)
        for (int pass = 0; pass < 2; pass++) {
            double square = 0;
            for (int k = 0; k < j; k++) {
                double dot = 0;
                for (int i = 0; i < M; i++)
                    dot += W[i][j] * W[i][k];
                for (int i = 0; i < M; i++)
                    W[i][j] -= dot * W[i][k];
            }
            for (int i = 0; i < M; i++)
                square += W[i][j] * W[i][j];
            for (int i = 0; i < M; i++)
                W[i][j] /= sqrt(square);
        }
}

int main(void) {
    static double W[M][N], G[M][N], A[M][N], X[N][N];
    for (int i = 0; i < M; i++)
        for (int j = 0; j < N; j++) {
            W[i][j] = uniform();
            G[i][j] = uniform();
        }
    orthonormalise(W);

    const struct muon_matrix w = muon_matrix_transposed_if_wide(W, MUON_F64, M, N),
                             g = muon_matrix_transposed_if_wide(G, MUON_F64, M, N);
    struct muon_matrix a = muon_matrix_transposed_if_wide(A, MUON_F64, M, N);
    struct muon_solver *solver;
    struct muon_info info;
    struct trm_error error;
    if (muon_solver_create(&solver, "quasi_newton", M, N, NULL, &error) != TRM_OK) {
        fprintf(stderr, "%s\n", error.text);
        return EXIT_FAILURE;
    }
    const enum trm_status status = muon_solver_solve(solver, &w, &g, 0.1, NULL, &a, &X[0][0], &info);
    muon_solver_destroy(solver);
    if (status != TRM_OK) {
        fprintf(stderr, "%s\n", info.reason);
        return EXIT_FAILURE;
    }
    printf("%s after %zu iterations: the step lowers the loss by %.6f to first order,\n"
           "and no step of this length can lower it by more than %.6f (relative gap %.1e).\n"
           "Largest singular value of the step %.6f, distance from the tangent space %.1e.\n",
           muon_outcome_name(info.outcome), info.iterations, info.primal, info.dual, info.gap, info.norm,
           info.tangency);
    return info.outcome == MUON_converged ? EXIT_SUCCESS : EXIT_FAILURE;
}
