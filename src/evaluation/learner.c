/* With r a reward in units of the deviation of all rewards so far, around their mean:

       exp3            p_a = (1 - g) w_a / sum w + g / K;   w_a <- w_a exp(g x / (K p_a)),   x = logistic(r), g = 0.1
       linucb          theta_a = A_a^-1 b_a;   largest theta_a's + alpha (s' A_a^-1 s)^1/2;   A_a <- A_a + s s', b_a <-
       b_a + r s discounted_ucb  largest S_a / N_a + 2 (1 - progress) (ln N / N_a)^1/2;   N, S <- 0.99 N, 0.99 S, then
       the own + 1, + r

   s: features in units of their deviations so far, cut to +-5, and 1. discounted_ucb: Garivier & Moulines 2011; that
   exploration falls with progress is DOIT's, whose Gaussian processes are left out. */
#include "evaluation/learner.h"

#include "base/rng.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 64, INPUTS = TRM_FEATURE_COUNT + 1 };

static const double EXPLORATION = 0.1, ALPHA = 1, DISCOUNT = 0.99, BONUS = 2;

static const char *const names[] = {
#define X(name, word, text) #word,
    TRM_LEARNER_LIST(X)
#undef X
};

const char *trm_learner_name(int kind) {
    return kind >= 0 && kind < TRM_LEARNERS ? names[kind] : NULL;
}

/* Mean and deviation of what came so far. */
struct running {
    double count, mean, square, smallest;
};

static void see(struct running *r, double x) {
    const double away = x - r->mean;
    r->smallest = r->count == 0 ? x : fmin(r->smallest, x);
    r->mean += away / ++r->count;
    r->square += away * (x - r->mean);
}

static double in_deviations(const struct running *r, double x) {
    const double deviation = r->count > 1 ? sqrt(r->square / r->count) : 0;
    return deviation > 1e-12 * fabs(r->mean) ? fmax(-5, fmin(5, (x - r->mean) / deviation)) : 0;
}

struct arm {
    double log_weight, probability;            /* exp3 */
    double inverse[INPUTS][INPUTS], b[INPUTS]; /* linucb: of A, symmetric */
    double count, sum;                         /* discounted_ucb */
};

struct trm_learner {
    enum trm_learner_kind kind;
    size_t arms;
    int number[MOST]; /* (arms) that the caller knows them by */
    struct rng rng;   /* before its first draw */
    double input[INPUTS], progress;
    size_t chosen;
    /* what it knows between a reward and the next choice, doubles without gaps: trm_learner_state */
    double draws;
    struct running reward, feature[TRM_FEATURE_COUNT];
    struct arm arm[]; /* (arms) */
};

enum trm_status trm_learner_create(struct trm_learner **out, enum trm_learner_kind kind, uint64_t allowed,
                                   uint64_t seed, struct trm_error *error) {
    size_t arms = 0;
    for (int a = 0; a < MOST; a++)
        arms += allowed >> a & 1;
    *out = NULL;
    if (arms == 0 || trm_learner_name((int)kind) == NULL)
        return trm_fail(error, TRM_INVALID,
                        "a learner needs an arm to choose, and to be of a kind that there is");
    struct trm_learner *const l = calloc(1, sizeof *l + arms * sizeof *l->arm);
    if (l == NULL)
        return trm_fail(error, TRM_NO_MEMORY, "no memory for a learner of %zu arms", arms);
    l->kind = kind;
    l->rng = rng_stream(seed, RNG_ROUTER, 5, (uint64_t)kind);
    for (int a = 0; a < MOST; a++)
        if (allowed >> a & 1) {
            struct arm *const one = &l->arm[l->arms];
            for (size_t i = 0; i < INPUTS; i++)
                one->inverse[i][i] = 1;
            l->number[l->arms++] = a;
        }
    *out = l;
    return TRM_OK;
}

void trm_learner_destroy(struct trm_learner *learner) {
    free(learner);
}

double *trm_learner_state(struct trm_learner *learner, size_t *count) {
    const size_t from = offsetof(struct trm_learner, draws);
    *count =
        (offsetof(struct trm_learner, arm) - from + learner->arms * sizeof *learner->arm) / sizeof(double);
    return (double *)(void *)((char *)learner + from);
}

/* The next number of the stream, whose blocks hold two. */
static double next_draw(struct trm_learner *l) {
    const uint64_t before = (uint64_t)fmax(0, fmin(l->draws, 0x1p53));
    struct rng rng = l->rng;
    rng.counter[0] = (uint32_t)(before / 2), rng.counter[1] = (uint32_t)(before / 2 >> 32);
    if (before % 2 == 1)
        rng_uniform(&rng);
    l->draws = (double)(before + 1);
    return rng_uniform(&rng);
}

static size_t choose_exp3(struct trm_learner *l) {
    double largest = -HUGE_VAL, sum = 0, draw = next_draw(l);
    for (size_t a = 0; a < l->arms; a++)
        largest = fmax(largest, l->arm[a].log_weight);
    for (size_t a = 0; a < l->arms; a++)
        sum += exp(l->arm[a].log_weight - largest);
    for (size_t a = 0; a < l->arms; a++)
        l->arm[a].probability =
            (1 - EXPLORATION) * exp(l->arm[a].log_weight - largest) / sum + EXPLORATION / (double)l->arms;
    size_t chosen = 0;
    while (chosen + 1 < l->arms && (draw -= l->arm[chosen].probability) >= 0)
        chosen++;
    return chosen;
}

/* v <- A^-1 s; returns s'v. */
static double through(const struct arm *arm, const double *s, double *v) {
    double product = 0;
    for (size_t i = 0; i < INPUTS; i++) {
        v[i] = 0;
        for (size_t j = 0; j < INPUTS; j++)
            v[i] += arm->inverse[i][j] * s[j];
        product += s[i] * v[i];
    }
    return product;
}

static double upper_linear(const struct trm_learner *l, const struct arm *arm) {
    double v[INPUTS], expected = 0;
    const double variance = through(arm, l->input, v);
    for (size_t i = 0; i < INPUTS; i++)
        expected += v[i] * arm->b[i];
    return expected + ALPHA * sqrt(fmax(0, variance));
}

static double upper_discounted(const struct trm_learner *l, const struct arm *arm) {
    double all = 0;
    for (size_t a = 0; a < l->arms; a++)
        all += l->arm[a].count;
    return arm->count > 0
               ? arm->sum / arm->count + BONUS * (1 - l->progress) * sqrt(log(fmax(1, all)) / arm->count)
               : HUGE_VAL; /* each is tried once */
}

int trm_learner_choose(struct trm_learner *l, const double feature[TRM_FEATURE_COUNT], double progress) {
    for (size_t f = 0; f < TRM_FEATURE_COUNT; f++) {
        see(&l->feature[f], feature[f]);
        l->input[f] = in_deviations(&l->feature[f], feature[f]);
    }
    l->input[TRM_FEATURE_COUNT] = 1;
    l->progress = progress;
    if (l->kind == TRM_LEARNER_EXP3)
        return l->number[l->chosen = choose_exp3(l)];
    double best = -HUGE_VAL;
    l->chosen = 0;
    for (size_t a = 0; a < l->arms; a++) {
        const double upper =
            l->kind == TRM_LEARNER_LINUCB ? upper_linear(l, &l->arm[a]) : upper_discounted(l, &l->arm[a]);
        if (upper > best)
            best = upper, l->chosen = a;
    }
    return l->number[l->chosen];
}

/* Sherman and Morrison: (A + s s')^-1 = A^-1 - v v' / (1 + s'v),  v = A^-1 s */
static void learn_linear(struct arm *arm, const double *s, double reward) {
    double v[INPUTS];
    const double divisor = 1 + through(arm, s, v);
    for (size_t i = 0; i < INPUTS; i++) {
        for (size_t j = 0; j < INPUTS; j++)
            arm->inverse[i][j] -= v[i] * v[j] / divisor;
        arm->b[i] += reward * s[i];
    }
}

void trm_learner_reward(struct trm_learner *l, double reward) {
    struct arm *const arm = &l->arm[l->chosen];
    const double value = isfinite(reward) ? reward : l->reward.smallest;
    see(&l->reward, value);
    const double r = in_deviations(&l->reward, value);
    if (l->kind == TRM_LEARNER_EXP3)
        arm->log_weight += EXPLORATION / (1 + exp(-r)) / ((double)l->arms * arm->probability);
    if (l->kind == TRM_LEARNER_LINUCB)
        learn_linear(arm, l->input, r);
    if (l->kind != TRM_LEARNER_DISCOUNTED)
        return;
    for (size_t a = 0; a < l->arms; a++)
        l->arm[a].count *= DISCOUNT, l->arm[a].sum *= DISCOUNT;
    arm->count += 1, arm->sum += r;
}
