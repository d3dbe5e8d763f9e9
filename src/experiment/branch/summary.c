#include "experiment/branch/summary.h"

#include "base/statistics.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The difference of two arms' looks: with L, with 2L, and by what it moved from one to the other. */
struct pair {
    double sum[3], squares[3];
};

/* One pass over the states. */
struct sums {
    struct branch_summary *summary;
    const struct trm_arms *arms;
    double *ms; /* (arms + 1, room): solves of every arm, and the state's */
    size_t room, agreed;
    double look[TRM_ARMS_MAX], look_squares[TRM_ARMS_MAX]; /* of look − the arms' mean */
    struct pair pair[TRM_ARMS_MAX][TRM_ARMS_MAX];
    size_t checked;
};

static enum trm_status count(void *context, const struct trm_branch *branch) {
    (void)branch;
    ++*(size_t *)context;
    return TRM_OK;
}

static double mean_of(const double *values, size_t count) {
    double sum = 0.0;
    for (size_t i = 0; i < count; i++)
        sum += values[i];
    return sum / (double)count;
}

/* The arm with the smallest mean over these probes. */
static size_t best_of(const struct trm_branch *b, size_t first, size_t probes) {
    size_t best = 0;
    for (size_t arm = 1; arm < b->arm_count; arm++)
        if (mean_of(b->outcome[arm].probe_loss + first, probes) <
            mean_of(b->outcome[best].probe_loss + first, probes))
            best = arm;
    return best;
}

static void add_pair(struct pair *p, double once, double twice) {
    const double difference[3] = {once, twice, twice - once};
    for (size_t k = 0; k < 3; k++) {
        p->sum[k] += difference[k];
        p->squares[k] += difference[k] * difference[k];
    }
}

static void add_look(struct sums *s, const struct trm_branch *b) {
    double look[2][TRM_ARMS_MAX], all = 0.0;
    const bool doubled = b->outcome[0].look_doubled != NULL;
    for (size_t arm = 0; arm < b->arm_count; arm++) {
        look[0][arm] = mean_of(b->outcome[arm].look_loss, b->repeat_count);
        look[1][arm] = doubled ? mean_of(b->outcome[arm].look_doubled, b->repeat_count) : 0.0;
        all += look[0][arm] / (double)b->arm_count;
    }
    for (size_t arm = 0; arm < b->arm_count; arm++) {
        s->look[arm] += look[0][arm] - all;
        s->look_squares[arm] += (look[0][arm] - all) * (look[0][arm] - all);
        for (size_t other = 0; doubled && other < arm; other++)
            add_pair(&s->pair[arm][other], look[0][arm] - look[0][other], look[1][arm] - look[1][other]);
    }
    s->checked += doubled;
    s->summary->looks++;
    s->summary->hold = b->hold, s->summary->anneal = b->anneal;
}

static enum trm_status add(void *context, const struct trm_branch *b) {
    struct sums *const s = context;
    struct branch_summary *const out = s->summary;
    const size_t half = b->probe_count / 2;
    if (out->states == s->room)
        return TRM_FORMAT;
    const double before = mean_of(b->base_loss, b->probe_count);
    for (size_t arm = 0; arm < b->arm_count; arm++) {
        const struct trm_outcome *const o = &b->outcome[arm];
        out->arm[arm].next_change += o->next_loss;
        out->arm[arm].probe_change += mean_of(o->probe_loss, b->probe_count) - before;
        out->arm[arm].norm += o->scale * o->norm;
        out->arm[arm].rank += o->rank;
        s->ms[arm * s->room + out->states] = 1e3 * o->seconds;
    }
    s->ms[b->arm_count * s->room + out->states] = 1e3 * b->seconds;
    out->arm[best_of(b, 0, b->probe_count)].best += 1.0;
    if (half > 0)
        s->agreed += best_of(b, 0, half) == best_of(b, half, b->probe_count - half);
    if (b->repeat_count > 0)
        add_look(s, b);
    out->probes = b->probe_count;
    out->states++;
    return TRM_OK;
}

/* Losses before the step stand in the step's row. */
struct before {
    double sum;
    size_t *steps, count, next;
};

static enum trm_status keep_number(void *context, const struct trm_branch *b) {
    struct before *const before = context;
    before->steps[before->count++] = b->step;
    return TRM_OK;
}

static enum trm_status add_loss(void *context, const struct trm_step *row) {
    struct before *const before = context;
    if (before->next < before->count && before->steps[before->next] == row->step) {
        before->sum += row->loss;
        before->next++;
    }
    return TRM_OK;
}

static double error_of(double sum, double squares, size_t count) {
    const double n = (double)count, mean = sum / n;
    return count > 1 ? sqrt(fmax(squares / n - mean * mean, 0.0) / (n - 1.0)) : (double)NAN;
}

static bool is_pair(const struct trm_arm *a, const struct trm_arm *b) {
    const double low = fmin(a->radius_multiplier, b->radius_multiplier),
                 high = fmax(a->radius_multiplier, b->radius_multiplier);
    return a->solver == b->solver && a->budget == b->budget && low >= 0.25 && high <= 2.0;
}

/* Is it beyond two standard errors of its own? */
static bool is_seen(const struct pair *p, size_t k, size_t count) {
    return fabs(p->sum[k]) / (double)count > 2.0 * error_of(p->sum[k], p->squares[k], count);
}

/* A pair is turned where the order is another with 2L, and either the first order or the move is more than noise. */
static void check_pairs(const struct sums *s) {
    struct branch_summary *const out = s->summary;
    for (size_t arm = 0; s->checked > 0 && arm < out->arm_count; arm++)
        for (size_t other = 0; other < arm; other++) {
            if (!is_pair(&s->arms->at[arm], &s->arms->at[other]))
                continue;
            const struct pair *const p = &s->pair[arm][other];
            const double *const sum = p->sum;
            const bool decided = is_seen(p, 0, s->checked), moved = is_seen(p, 2, s->checked);
            out->pairs++;
            out->decided += decided, out->moved += moved;
            if (!(decided || moved) || sum[0] * sum[1] > 0.0)
                continue;
            out->turned++;
            memcpy(out->turned_pair[0], out->arm[sum[0] < 0.0 ? arm : other].name, TRM_ARM_NAME);
            memcpy(out->turned_pair[1], out->arm[sum[0] < 0.0 ? other : arm].name, TRM_ARM_NAME);
        }
}

static void divide(const struct sums *s, double loss_before) {
    struct branch_summary *const out = s->summary;
    const double n = (double)out->states;
    for (size_t arm = 0; arm < out->arm_count; arm++) {
        struct branch_arm_summary *const a = &out->arm[arm];
        a->next_change = (a->next_change - loss_before) / n;
        a->probe_change /= n, a->best /= n, a->norm /= n, a->rank /= n;
        a->ms = statistics_median(out->states, s->ms + arm * s->room);
        a->look = out->looks > 0 ? s->look[arm] / (double)out->looks : (double)NAN;
        a->look_error =
            out->looks > 0 ? error_of(s->look[arm], s->look_squares[arm], out->looks) : (double)NAN;
    }
    out->ms = statistics_median(out->states, s->ms + out->arm_count * s->room);
    out->agreement = out->probes > 1 ? (double)s->agreed / n : (double)NAN;
    check_pairs(s);
}

enum trm_status branch_summary_read(struct trm_store *store, int64_t run, struct branch_summary *out,
                                    struct trm_error *error) {
    struct trm_arms arms;
    *out = (struct branch_summary){.states = 0};
    size_t states = 0;
    enum trm_status status = trm_store_arms(store, run, &arms, NULL, error);
    if (status == TRM_OK)
        status = trm_store_branches(store, run, count, &states, error);
    if (status != TRM_OK || states == 0)
        return status;
    struct sums *const s = calloc(1, sizeof *s);
    double *const ms = calloc((arms.count + 1) * states, sizeof *ms);
    struct before before = {.steps = calloc(states, sizeof *before.steps)};
    if (s == NULL || ms == NULL || before.steps == NULL)
        status = trm_fail(error, TRM_NO_MEMORY, "out of memory for the summary");
    if (status == TRM_OK) {
        *s = (struct sums){.summary = out, .arms = &arms, .ms = ms, .room = states};
        out->arm_count = arms.count;
        for (size_t arm = 0; arm < arms.count; arm++)
            trm_arm_name(&arms.at[arm], out->arm[arm].name);
        status = trm_store_branches(store, run, add, s, error);
    }
    if (status == TRM_OK)
        status = trm_store_branches(store, run, keep_number, &before, error);
    if (status == TRM_OK)
        status = trm_store_steps(store, run, add_loss, &before, error);
    if (status == TRM_OK)
        divide(s, before.sum);
    free(s);
    free(ms);
    free(before.steps);
    return status;
}
