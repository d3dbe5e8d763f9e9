/* Momenta from real training, where their folder is at hand (TRM_INSTANCES_DIR, or shared/instances beside the
   project): what the solvers must reach on them. */
#include "support.h"

#include "storage/safetensors.h"

#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double radius = 0.1;
enum { most = 64 };

static struct {
    char name[64];
    struct support_problem p;
} instances[most];
static size_t count;

static const char *folder(void) {
    const char *const chosen = getenv("TRM_INSTANCES_DIR");
    return chosen != NULL ? chosen : INSTANCES_DIR;
}

/* Tall, doubles or floats as in the file. */
static struct support_problem load(const char *path) {
    struct st_file *file;
    struct trm_error error = {.text = ""};
    if (st_open(path, &file, &error) != TRM_OK)
        fail_msg("%s", error.text);
    const struct st_tensor *const W = st_find(file, "W"), *const G = st_find(file, "G");
    assert_true(W != NULL && G != NULL && W->rank == 2 && W->dtype == ST_F32 && G->dtype == ST_F32);
    const struct muon_matrix w = muon_matrix_transposed_if_wide(W->data, MUON_F32, W->shape[0], W->shape[1]),
                             g = muon_matrix_transposed_if_wide(G->data, MUON_F32, G->shape[0], G->shape[1]);
    double *const a = support_read(&w), *const b = support_read(&g);
    const struct support_problem p = support_problem_from(w.rows, w.cols, a, b, SUPPORT_F32_ROWS);
    free(a), free(b);
    st_close(file);
    return p;
}

static int load_all(void **state) {
    (void)state;
    DIR *const dir = opendir(folder());
    if (dir == NULL) {
        print_message("skipped: no folder %s\n", folder());
        return 0;
    }
    for (struct dirent *entry; (entry = readdir(dir)) != NULL && count < most;) {
        char path[1024];
        if (strstr(entry->d_name, ".safetensors") == NULL)
            continue;
        snprintf(path, sizeof path, "%s/%s", folder(), entry->d_name);
        snprintf(instances[count].name, sizeof instances[count].name, "%.60s", entry->d_name);
        instances[count++].p = load(path);
    }
    closedir(dir);
    return 0;
}

static int free_all(void **state) {
    (void)state;
    for (size_t i = 0; i < count; i++)
        support_problem_free(&instances[i].p);
    return 0;
}

static void at_most(double found, double limit, size_t i, int id, const char *what) {
    if (!(found <= limit))
        fail_msg("%s, %s: %s %g, allowed %g", instances[i].name, muon_solver_name(id), what, found, limit);
}

static void quasi_newton_reaches_1e6(void **state) {
    (void)state;
    if (count == 0)
        skip();
    const struct muon_options options = support_options(1e-6, 1000);
    for (size_t i = 0; i < count; i++) {
        const struct muon_info info = support_solve(&instances[i].p, "quasi_newton", &options, radius, NULL);
        at_most(info.gap, 1e-6, i, MUON_SOLVER_quasi_newton, "gap");
        support_check_info(&instances[i].p, radius, instances[i].p.n, &info);
    }
}

static void answers_reach_their_figures(void **state) {
    (void)state;
    if (count == 0)
        skip();
    for (size_t i = 0; i < count; i++)
        for (int id = 0; id < MUON_LABEL_COUNT; id++) {
            struct support_problem *const p = &instances[i].p;
            const size_t k = id != MUON_SOLVER_frank_wolfe ? p->n : p->n >= 4 ? p->n / 4 : 1;
            const struct muon_info info = support_solve(p, muon_solver_name(id), NULL, radius, NULL);
            at_most(info.norm, radius * (1 + 1e-6), i, id, "norm");
            at_most(info.tangency, 1e-6, i, id, "tangency");
            at_most(-info.gap, 1e-6, i, id, "negative gap");
            support_check_info(p, radius, k, &info);
            if (id == MUON_SOLVER_quasi_newton)
                at_most(info.gap, 1e-3, i, id, "gap");
            if (id == MUON_SOLVER_frank_wolfe) {
                at_most(info.gap, 0.1, i, id, "gap");
                at_most((double)info.rank, (double)(p->n / 2), i, id, "rank");
            }
            if (id == MUON_SOLVER_admm || (id == MUON_SOLVER_dual_ascent && p->m >= 2 * p->n))
                at_most(info.gap, 0.01, i, id, "gap"); /* the published versions end between 0.04 and 0.14 */
            else if (id == MUON_SOLVER_dual_ascent)
                at_most(info.gap, 0.04, i, id, "gap");
        }
}

/* -clip(lr Gamma, b), tangent, scaled by min(1, b / ||A||_2) */
static double *clipped(const struct support_problem *p, double lr) {
    const size_t m = p->m, n = p->n;
    double *const W = support_read(&p->W), *const Gamma = support_read(&p->G),
                  *const sigma = support_zeros(n);
    support_make_tangent(m, n, W, Gamma);
    for (size_t i = 0; i < m * n; i++)
        Gamma[i] *= lr;
    double *const A = support_svd_function(m, n, Gamma, support_clip, radius);
    for (int pass = 0; pass < 3; pass++)
        support_make_tangent(m, n, W, A);
    double *const U = support_copy(A, m * n);
    support_svd(m, n, U, sigma, NULL);
    for (size_t i = 0; i < m * n; i++)
        A[i] *= -fmin(1, radius / sigma[0]);
    free(W), free(Gamma), free(sigma), free(U);
    return A;
}

static void spectral_clip_is_its_formula(void **state) {
    (void)state;
    if (count == 0)
        skip();
    for (size_t i = 0; i < count; i++)
        for (int large = 0; large < 2; large++) { /* G as it is: some values clipped; times 50: nearly all */
            struct support_problem *const p = &instances[i].p;
            float *const G = p->G.data;
            for (size_t e = 0; e < p->m * p->n && large; e++)
                G[e] *= 50;
            support_solve(p, "spectral_clip", NULL, radius, NULL);
            double *const A = clipped(p, 0.1), *const found = support_read(&p->A);
            support_add(p->m * p->n, found, -1, A);
            at_most(sqrt(support_dot(p->m * p->n, found, found) / support_dot(p->m * p->n, A, A)), 1e-6, i,
                    MUON_SOLVER_spectral_clip, "distance from the formula");
            free(A), free(found);
            for (size_t e = 0; e < p->m * p->n && large; e++)
                G[e] /= 50;
        }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quasi_newton_reaches_1e6),
        cmocka_unit_test(answers_reach_their_figures),
        cmocka_unit_test(spectral_clip_is_its_formula),
    };
    return cmocka_run_group_tests(tests, load_all, free_all);
}
