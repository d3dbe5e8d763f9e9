/* The twelve features of one training step.

   The noise scale (McCandlish et al. 2018, eq. 2.9) is tr Σ / |G|², with G the true gradient and Σ the
   covariance of one sample's gradient. A batch of B has covariance C = Σ/B. The bias-corrected average ĝ of k
   gradients with decay β weighs them by w_i = (1−β) β^{k−1−i} / (1−β^k); it has mean G and covariance v_k C with
       v_k = Σ w_i² = (1−β)/(1+β) · (1+β^k)/(1−β^k)                  v_1 = 1, v_∞ = (1−β)/(1+β)
   and g_t is independent of ĝ_{t−1}, which holds t gradients. So at every step, the first ones included,
       E‖g_t − ĝ_{t−1}‖² = (1 + v_t) tr C          noise_t  = ‖g_t − ĝ_{t−1}‖² / (1 + v_t)   estimates tr C
       E‖ĝ_t‖²           = |G|² + v_{t+1} tr C     signal_t = ‖ĝ_t‖² − v_{t+1} noise_t       estimates |G|²
   Their averages start with the same step and share one decay, so the ratio needs no bias correction of theirs.

     text   ĝ_t                      avg noise_t   avg signal_t   β^{t+1} after step t
     here   average / (1 − power)    NOISE         SIGNAL         POWER */
#include "trm.h"

#include "base/numbers.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double BETA = 0.9;   /* of the gradient's average */
static const double DECAY = 0.99; /* of NOISE and SIGNAL */
static const double LOSS_FLOOR = 1e-8, LOG_FLOOR = 1e-12;

enum { HALF_WINDOW = 5, WINDOW = 2 * HALF_WINDOW };
enum { VERSION, STEPS, POWER, NOISE, SIGNAL, LOSSES, SCALARS = LOSSES + WINDOW };
_Static_assert((int)SCALARS == (int)TRM_FEATURES_SCALARS, "trm.h states the number of scalars");

struct trm_features {
    size_t count;
    double scalars[SCALARS]; /* at LOSSES the last 10 losses, the newest at the end */
    float *average;          /* (count) m_t = β m_{t−1} + (1−β) g_t, m_{−1} = 0 */
    float *next;             /* (count) m of the step being looked at; swapped in when that succeeded */
};

enum trm_status trm_features_create(struct trm_features **out, size_t gradient_count,
                                    struct trm_error *error) {
    *out = NULL;
    if (gradient_count == 0)
        return trm_fail(error, TRM_INVALID, "features: the gradient has no elements");
    struct trm_features *f = calloc(1, sizeof *f);
    if (f == NULL)
        goto fail;
    f->count = gradient_count;
    f->scalars[VERSION] = TRM_FEATURE_VERSION;
    f->scalars[POWER] = 1;
    f->average = calloc(gradient_count, sizeof *f->average);
    f->next = calloc(gradient_count, sizeof *f->next);
    if (f->average == NULL || f->next == NULL)
        goto fail;
    *out = f;
    return TRM_OK;
fail:
    trm_features_destroy(f);
    return trm_fail(error, TRM_NO_MEMORY, "features: no memory for a gradient of %zu elements",
                    gradient_count);
}

void trm_features_destroy(struct trm_features *features) {
    if (features == NULL)
        return;
    free(features->average);
    free(features->next);
    free(features);
}

static enum trm_status check_state(const struct trm_features *f, const struct trm_training_state *s,
                                   struct trm_error *error) {
    if (s->gradient_count != f->count)
        return trm_fail(error, TRM_SHAPE, "features: a gradient of %zu elements, %zu expected",
                        s->gradient_count, f->count);
    if (!isfinite(s->loss))
        return trm_fail(error, TRM_DIVERGED, "the loss is %g; lower the learning rate or the radius",
                        s->loss);
    if (!isfinite(s->sigma_max) || !isfinite(s->sigma_min) || !isfinite(s->width))
        return trm_fail(error, TRM_NOT_FINITE,
                        "features: a singular value of the momentum or the width is not finite");
    if (s->sigma_min < 0 || s->sigma_max < s->sigma_min)
        return trm_fail(error, TRM_INVALID, "features: singular values %g (largest) and %g (smallest)",
                        s->sigma_max, s->sigma_min);
    if (s->width <= 0 || s->batch_size == 0 || s->epochs == 0 || s->steps_per_epoch == 0)
        return trm_fail(error, TRM_INVALID,
                        "features: width, batch size, epochs and steps per epoch must be positive");
    if (!s->has_last_update)
        return TRM_OK;
    if (!isfinite(s->effective_rank) || !isfinite(s->ortho_error))
        return trm_fail(error, TRM_NOT_FINITE,
                        "features: the last update's rank or orthonormality is not finite");
    if (s->effective_rank < 0 || s->ortho_error < 0 || s->n == 0)
        return trm_fail(error, TRM_INVALID,
                        "features: effective rank %g of %zu, distance from orthonormality %g",
                        s->effective_rank, s->n, s->ortho_error);
    return TRM_OK;
}

struct sums {
    double gradient, difference, average; /* Σ g_t², Σ (g_t − ĝ_{t−1})², Σ m_t² */
};

enum { LANES = 8 }; /* partial sums, so that the loop has vectors and one fixed order on every machine */

/* next ← β average + (1−β) g and the three sums, in one pass; correction = 1/(1 − β^t) makes ĝ_{t−1} of
 * average. */
static struct sums gradient_pass(const float *restrict g, const float *restrict average, float *restrict next,
                                 size_t count, double correction) {
    const float beta = (float)BETA, rest = (float)(1 - BETA);
    double a[LANES] = {0}, b[LANES] = {0}, c[LANES] = {0};
    size_t i = 0;
    for (; i + LANES <= count; i += LANES)
        for (size_t k = 0; k < LANES; k++) {
            const float m = beta * average[i + k] + rest * g[i + k];
            const double d = g[i + k] - correction * average[i + k];
            next[i + k] = m;
            a[k] += (double)g[i + k] * g[i + k];
            b[k] += d * d;
            c[k] += (double)m * m;
        }
    for (size_t k = 0; i < count; i++, k++) {
        const float m = beta * average[i] + rest * g[i];
        const double d = g[i] - correction * average[i];
        next[i] = m;
        a[k] += (double)g[i] * g[i];
        b[k] += d * d;
        c[k] += (double)m * m;
    }
    struct sums s = {0, 0, 0};
    for (size_t k = 0; k < LANES; k++) {
        s.gradient += a[k];
        s.difference += b[k];
        s.average += c[k];
    }
    return s;
}

/* v_k, from power = β^k */
static double average_variance(double power) {
    return (1 - BETA) / (1 + BETA) * (1 + power) / (1 - power);
}

/* Where noise hides the signal its estimate may be below 0: the scale is then as large as it can be said. */
static double gns_proxy(const double *scalars, size_t batch_size) {
    const double s = scalars[NOISE];
    const double ratio = s > 0 ? (double)batch_size * s / fmax(scalars[SIGNAL], 1e-12 * s) : 0;
    return log(fmin(fmax(ratio, 1e-3), 1e9));
}

static double mean(const double *x, size_t count) {
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += x[i];
    return sum / (double)count;
}

static double loss_trend(const double *losses) { /* (WINDOW) */
    const double before = mean(losses, HALF_WINDOW), last = mean(losses + HALF_WINDOW, HALF_WINDOW);
    return (last - before) / fmax(before, LOSS_FLOOR);
}

static double loss_stability(const double *losses, size_t count) {
    const double m = mean(losses, count);
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += (losses[i] - m) * (losses[i] - m);
    return log(sqrt(sum / (double)count) / fmax(m, LOSS_FLOOR) + 1e-8);
}

static double log_condition(double largest, double smallest) {
    return largest > 0 ? log(largest / fmax(smallest, 1e-7 * largest)) : 0;
}

/* The state after this step from the one before it. */
static void advance(double s[SCALARS], const struct sums *sums, double loss) {
    const double before = s[POWER], power = before * BETA;
    if (s[STEPS] > 0) {
        const double g_hat = sums->average / ((1 - power) * (1 - power)); /* ‖ĝ_t‖² */
        const double noise = sums->difference / (1 + average_variance(before));
        s[NOISE] = DECAY * s[NOISE] + (1 - DECAY) * noise;
        s[SIGNAL] = DECAY * s[SIGNAL] + (1 - DECAY) * (g_hat - average_variance(power) * noise);
    }
    s[STEPS] += 1;
    s[POWER] = power;
    memmove(s + LOSSES, s + LOSSES + 1, (WINDOW - 1) * sizeof *s);
    s[SCALARS - 1] = loss;
}

static void fill(double feature[TRM_FEATURE_COUNT], const double s[SCALARS],
                 const struct trm_training_state *state, double gradient_norm) {
    const size_t known = s[STEPS] < WINDOW ? (size_t)s[STEPS] : WINDOW;
    const bool last = state->has_last_update;
    feature[TRM_FEATURE_LOG_LOSS] = log(fmax(state->loss, LOSS_FLOOR));
    feature[TRM_FEATURE_LOSS_TREND] = known == WINDOW ? loss_trend(s + LOSSES) : 0;
    feature[TRM_FEATURE_LOG_GRAD_NORM] = log(gradient_norm + LOG_FLOOR);
    feature[TRM_FEATURE_GNS_PROXY] = s[STEPS] > 1 ? gns_proxy(s, state->batch_size) : 0;
    feature[TRM_FEATURE_TOP_SV] = log(state->sigma_max + LOG_FLOOR);
    feature[TRM_FEATURE_EFF_RANK] = last ? state->effective_rank / (double)state->n : 1;
    feature[TRM_FEATURE_LOG_COND] = log_condition(state->sigma_max, state->sigma_min);
    feature[TRM_FEATURE_LOG_ORTHO_ERR] = log((last ? state->ortho_error : 0) + LOG_FLOOR);
    feature[TRM_FEATURE_EPOCH_PROGRESS] = (double)state->epoch / (double)state->epochs;
    feature[TRM_FEATURE_STEP_PROGRESS] = (double)state->epoch_step / (double)state->steps_per_epoch;
    feature[TRM_FEATURE_LOG_WIDTH] = log(state->width);
    feature[TRM_FEATURE_LOSS_STABILITY] = loss_stability(s + SCALARS - known, known);
}

enum trm_status trm_features_pre_step(struct trm_features *features, const struct trm_training_state *state,
                                      double out[TRM_FEATURE_COUNT], double *gradient_norm,
                                      struct trm_error *error) {
    struct trm_features *f = features;
    const enum trm_status status = check_state(f, state, error);
    if (status != TRM_OK)
        return status;
    double scalars[SCALARS], feature[TRM_FEATURE_COUNT];
    memcpy(scalars, f->scalars, sizeof scalars);
    const double correction = scalars[STEPS] > 0 ? 1 / (1 - scalars[POWER]) : 0;
    const struct sums sums = gradient_pass(state->gradient, f->average, f->next, f->count, correction);
    if (!isfinite(sums.gradient))
        return trm_fail(error, TRM_DIVERGED,
                        "the gradient is not finite; lower the learning rate or the radius");

    advance(scalars, &sums, state->loss);
    fill(feature, scalars, state, sqrt(sums.gradient));
    for (unsigned i = 0; i < TRM_FEATURE_COUNT; i++)
        if (!isfinite(feature[i]))
            return trm_fail(error, TRM_DIVERGED, "feature %s overflows at loss %g",
                            trm_feature_name((enum trm_feature)i), state->loss);

    float *const previous = f->average;
    f->average = f->next;
    f->next = previous;
    memcpy(f->scalars, scalars, sizeof scalars);
    memcpy(out, feature, sizeof feature);
    if (gradient_norm != NULL)
        *gradient_norm = sqrt(sums.gradient);
    return TRM_OK;
}

void trm_features_save(const struct trm_features *features, struct trm_features_state *state) {
    state->scalars = features->scalars;
    state->average = features->average;
    state->gradient_count = features->count;
}

enum trm_status trm_features_restore(struct trm_features *features, const struct trm_features_state *state,
                                     struct trm_error *error) {
    const double *s = state->scalars;
    if (state->gradient_count != features->count)
        return trm_fail(error, TRM_SHAPE, "features: a saved average of %zu elements, %zu expected",
                        state->gradient_count, features->count);
    if (s[VERSION] != TRM_FEATURE_VERSION)
        return trm_fail(error, TRM_FORMAT, "features: saved as version %g, this program computes version %d",
                        s[VERSION], TRM_FEATURE_VERSION);
    bool finite = true;
    for (size_t i = 0; i < SCALARS; i++)
        finite = finite && isfinite(s[i]);
    for (size_t i = 0; i < features->count; i++)
        finite = finite && isfinite(state->average[i]);
    if (!finite)
        return trm_fail(error, TRM_NOT_FINITE, "features: the saved state holds a number that is not finite");
    if (s[STEPS] < 0 || s[POWER] < 0 || s[POWER] > 1 || (s[STEPS] > 0 && s[POWER] == 1))
        return trm_fail(error, TRM_FORMAT, "features: the saved state holds %g steps with β^steps = %g",
                        s[STEPS], s[POWER]);
    memcpy(features->scalars, s, sizeof features->scalars);
    memcpy(features->average, state->average, features->count * sizeof *features->average);
    return TRM_OK;
}

const char *trm_feature_name(enum trm_feature feature) {
    static const char *const names[] = {
#define X(name, column, text) #column,
        TRM_FEATURE_LIST(X)
#undef X
    };
    return (unsigned)feature < TRM_FEATURE_COUNT ? names[feature] : NULL;
}

void trm_features_about(char text[TRM_ABOUT_TEXT], const char *model, double width, const char *dataset,
                        const char *tracked, size_t batch_size) {
    const locale_t before = numbers_begin();
    snprintf(text, TRM_ABOUT_TEXT, "%.40s of width %.4g on %.40s, %.60s, batches of %zu", model, width,
             dataset, tracked, batch_size);
    numbers_end(before);
}
