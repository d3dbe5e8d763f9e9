/* Multinomial logistic regression by Newton's method: minimise  -sum_i log p(label_i | x_i) + |W|^2 / 2  over
   W (K x 12) and intercepts c (K), p = softmax(W x + c), over the K labels that occur in training. This is the
   objective of scikit-learn's LogisticRegression with its default C = 1. */
#include "evaluation/baselines.h"

#include "base/statistics.h"

#include <stdlib.h>
#include <string.h>

enum { INPUTS = TRM_FEATURE_COUNT + 1, MOST = TRM_ARMS_MOST * INPUTS, STEPS = 100 };

static const double DAMPING = 1e-9;   /* intercepts may shift together: the Hessian is singular there */
static const double TOLERANCE = 1e-9; /* of the gradient's largest entry, a sample */

struct logistic {
    size_t count;
    const double *x; /* (count, INPUTS), the last input is 1 */
    const int *label;
    size_t arms, size; /* size = arms * INPUTS */
    uint64_t seen;
    double theta[MOST]; /* (arms, INPUTS) */
    double gradient[MOST];
    double *hessian; /* (size, size) */
};

static void probabilities(const struct logistic *l, const double *theta, const double *x,
                          double p[TRM_ARMS_MOST]) {
    for (size_t k = 0; k < l->arms; k++) {
        p[k] = 0;
        for (size_t j = 0; j < INPUTS && (l->seen >> k & 1); j++)
            p[k] += theta[k * INPUTS + j] * x[j];
    }
    statistics_softmax(l->arms, p, l->seen);
}

static double objective(const struct logistic *l, const double *theta) {
    double value = 0, p[TRM_ARMS_MOST];
    for (size_t i = 0; i < l->count; i++) {
        probabilities(l, theta, l->x + i * INPUTS, p);
        value -= log(fmax(p[l->label[i]], 1e-300));
    }
    for (size_t k = 0; k < l->arms; k++)
        for (size_t j = 0; j < TRM_FEATURE_COUNT; j++)
            value += 0.5 * theta[k * INPUTS + j] * theta[k * INPUTS + j];
    return value;
}

/* Upper triangle by blocks: H_kl = sum_i p_k (delta_kl - p_l) x x', plus the penalty. */
static void derivatives(struct logistic *l) {
    const size_t size = l->size;
    double p[TRM_ARMS_MOST];
    memset(l->gradient, 0, sizeof l->gradient);
    memset(l->hessian, 0, size * size * sizeof *l->hessian);
    for (size_t a = 0; a < size; a++) {
        const bool weight = a % INPUTS < TRM_FEATURE_COUNT;
        l->gradient[a] = weight ? l->theta[a] : 0;
        l->hessian[a * size + a] = weight ? 1 : DAMPING * (double)l->count;
    }
    for (size_t i = 0; i < l->count; i++) {
        const double *const x = l->x + i * INPUTS;
        probabilities(l, l->theta, x, p);
        for (size_t k = 0; k < l->arms; k++) {
            const double residual = p[k] - (l->label[i] == (int)k);
            for (size_t j = 0; j < INPUTS; j++)
                l->gradient[k * INPUTS + j] += residual * x[j];
            for (size_t m = k; m < l->arms; m++) {
                const double weight = p[k] * ((k == m) - p[m]);
                for (size_t j = 0; weight != 0 && j < INPUTS; j++)
                    for (size_t h = 0; h < INPUTS; h++)
                        l->hessian[(k * INPUTS + j) * size + m * INPUTS + h] += weight * x[j] * x[h];
            }
        }
    }
}

static double largest(const double *v, size_t count) {
    double top = 0;
    for (size_t i = 0; i < count; i++)
        top = fmax(top, fabs(v[i]));
    return top;
}

/* x <- H^{-1} x by Cholesky's H = U'U on the upper triangle. By hand: LAPACK's last bits depend on the threads. */
static bool solve(size_t size, double *H, double *x) {
    for (size_t k = 0; k < size; k++) {
        double *const pivot = H + k * size;
        if (!(pivot[k] > 0))
            return false;
        const double root = sqrt(pivot[k]);
        for (size_t j = k; j < size; j++)
            pivot[j] /= root;
        for (size_t i = k + 1; i < size; i++)
            for (size_t j = i; j < size; j++)
                H[i * size + j] -= pivot[i] * pivot[j];
        x[k] /= pivot[k];
        for (size_t j = k + 1; j < size; j++)
            x[j] -= pivot[j] * x[k];
    }
    for (size_t k = size; k-- > 0;) {
        for (size_t j = k + 1; j < size; j++)
            x[k] -= H[k * size + j] * x[j];
        x[k] /= H[k * size + k];
    }
    return true;
}

/* Newton with backtracking; false where a factorisation fails. */
static bool fit(struct logistic *l) {
    double step[MOST], trial[MOST];
    const size_t size = l->size;
    double value = objective(l, l->theta);
    for (int round = 0; round < STEPS; round++) {
        derivatives(l);
        if (largest(l->gradient, size) <= TOLERANCE * (double)l->count)
            return true;
        memcpy(step, l->gradient, sizeof step);
        if (!solve(size, l->hessian, step))
            return false;
        double slope = 0, length = 1;
        for (size_t a = 0; a < size; a++)
            slope += l->gradient[a] * step[a];
        for (int halved = 0; halved <= 33; halved++, length *= 0.5) {
            for (size_t a = 0; a < size; a++)
                trial[a] = l->theta[a] - length * step[a];
            const double reached = objective(l, trial);
            if (reached <= value - 1e-4 * length * slope) {
                value = reached;
                memcpy(l->theta, trial, size * sizeof *trial);
                break;
            }
        }
        if (length <= 1e-10)
            return true; /* nothing more to gain in double */
    }
    return true;
}

static void predict(const struct partition *parts, const struct logistic *l, struct predictions *predicted) {
    double x[INPUTS], p[TRM_ARMS_MOST];
    for (size_t i = 0; i < parts->part[TRM_TEST].count; i++) {
        partition_features(parts, parts->part[TRM_TEST].at[i], x);
        x[TRM_FEATURE_COUNT] = 1;
        probabilities(l, l->theta, x, p);
        predicted->arm[i] = most_probable(p, l->seen);
        predicted->confidence[i] = p[predicted->arm[i]];
    }
}

enum trm_status baseline_logistic(const struct partition *parts, struct predictions *predicted,
                                  struct trm_error *error) {
    const struct partition_samples *const train = &parts->part[TRM_TRAIN];
    struct logistic *const l = calloc(1, sizeof *l);
    double *const x = calloc(train->count, INPUTS * sizeof *x);
    int *const label = calloc(train->count, sizeof *label);
    enum trm_status status = TRM_OK;
    if (l != NULL) {
        l->arms = parts->names.count;
        l->size = l->arms * INPUTS;
        l->hessian = calloc(l->size * l->size, sizeof *l->hessian);
    }
    if (l == NULL || l->hessian == NULL || x == NULL || label == NULL) {
        status = trm_fail(error, TRM_NO_MEMORY, "no memory for logistic regression");
        goto done;
    }
    for (size_t i = 0; i < train->count; i++) {
        if (!(parts->arms >> train->at[i]->label & 1))
            continue;
        double *const row = x + l->count * INPUTS;
        partition_features(parts, train->at[i], row);
        row[TRM_FEATURE_COUNT] = 1;
        label[l->count++] = train->at[i]->label;
    }
    l->x = x;
    l->label = label;
    l->seen = parts->seen & parts->arms;
    if (l->count == 0 || !fit(l))
        status = trm_fail(error, TRM_NUMERIC, "logistic regression failed on %zu training samples", l->count);
    else
        predict(parts, l, predicted);
    for (size_t k = 0; k < l->arms; k++)
        predicted->parameters += (l->seen >> k & 1) * (size_t)INPUTS;
done:
    if (l != NULL)
        free(l->hessian);
    free(l);
    free(x);
    free(label);
    return status;
}
