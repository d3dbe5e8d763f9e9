/* The optimiser in a training loop: a layer with orthonormal columns is fitted to data of another one. The loss is
   |X (W - W*)|^2 / rows, its gradient 2 X'X (W - W*) / rows; W starts at random, is projected, and stays on the manifold.

   cc muon_sgd.c $(pkg-config --cflags --libs trmmuon) -lm -o muon_sgd && ./muon_sgd */
#include <muon.h>

#include <stdio.h>
#include <stdlib.h>

enum { ROWS = 200, M = 24, N = 8, STEPS = 60 };

static double uniform(void) {
    return (double)rand() / RAND_MAX - 0.5;
}

static float X[ROWS][M], W[M][N], target[M][N], grad[M][N];

/* Fills grad. */
static double loss(void) {
    double sum = 0.0;
    for (int j = 0; j < N; j++)
        for (int i = 0; i < M; i++)
            grad[i][j] = 0.0f;
    for (int r = 0; r < ROWS; r++)
        for (int j = 0; j < N; j++) {
            float residual = 0.0f;
            for (int i = 0; i < M; i++)
                residual += X[r][i] * (W[i][j] - target[i][j]);
            sum += (double)residual * (double)residual / ROWS;
            for (int i = 0; i < M; i++)
                grad[i][j] += 2.0f * residual * X[r][i] / ROWS;
        }
    return sum;
}

int main(void) {
    for (int i = 0; i < M; i++)
        for (int j = 0; j < N; j++) {
            W[i][j] = (float)uniform();
            target[i][j] = (float)uniform();
        }
    for (int r = 0; r < ROWS; r++)
        for (int i = 0; i < M; i++)
            X[r][i] = (float)uniform();
    struct trm_error error;
    struct muon_matrix best = muon_matrix_transposed_if_wide(target, MUON_F32, M, N);
    if (muon_project(&best, NULL, &error) != TRM_OK) {
        fprintf(stderr, "%s\n", error.text);
        return EXIT_FAILURE;
    }

    const struct muon_parameter layer = {.name = "layer",
                                         .value = &W[0][0],
                                         .grad = &grad[0][0],
                                         .count = M * N,
                                         .rows = M,
                                         .cols = N,
                                         .manifold = true};
    struct muon_sgd_options options = muon_sgd_options_default(); /* quasi_newton, momentum 0.9 */
    options.total_steps = STEPS; /* the radius falls linearly to 0 over them */
    struct muon_sgd *sgd;
    enum trm_status status = muon_sgd_create(&sgd, &layer, 1, &options, &error);
    if (status == TRM_OK)
        status = muon_sgd_project(sgd, &error);
    const double first = loss();
    for (int step = 0; status == TRM_OK && step < STEPS; step++) {
        loss();
        status = muon_sgd_accumulate(sgd, &error);
        if (status == TRM_OK)
            status = muon_sgd_update(sgd, 0, &error);
    }
    if (status != TRM_OK) {
        fprintf(stderr, "%s\n", error.text);
        muon_sgd_destroy(sgd);
        return EXIT_FAILURE;
    }
    const double last = loss();
    printf("loss %.4f at first, %.4f after %d steps; ||W'W - I||_F / sqrt(n) = %.1e, gap of the last step "
           "%.1e\n",
           first, last, STEPS, muon_sgd_drift(sgd, 0), muon_sgd_report(sgd, 0)->info.gap);
    muon_sgd_destroy(sgd);
    return last < 0.2 * first ? EXIT_SUCCESS : EXIT_FAILURE;
}
