/* Dividing a data set into training, validation and test so that no label of one part is known to another. */
#include "oracle/merge.h"

#include "base/rng.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

size_t dataset_block(size_t steps) {
    const size_t tenth = steps / 10;
    return tenth < 8 ? 8 : tenth > 100 ? 100 : tenth;
}

size_t dataset_guard(size_t block) {
    return block / 4 < 10 ? block / 4 : 10;
}

size_t dataset_groups(size_t steps, size_t block) {
    const size_t rounded = (steps + block / 2) / block;
    return rounded > 0 ? rounded : 1;
}

size_t dataset_group(const struct trm_statistics *st, size_t position) {
    const size_t group = position / st->block;
    return group < st->groups ? group : st->groups - 1;
}

/* Does no run before that of sample i have its seed? */
static bool first_of_seed(const struct trm_dataset *d, size_t i) {
    for (size_t k = 0; k < i; k++)
        if (d->samples[k].seed == d->samples[i].seed)
            return false;
    return true;
}

void dataset_count(struct trm_dataset *dataset) {
    struct trm_statistics *const st = &dataset->statistics;
    st->samples = dataset->count;
    st->feature_dim = TRM_FEATURE_COUNT;
    const bool shared = st->oracle == TRM_ORACLE_MERGE;
    int64_t first_run = 0; /* of the seed: its steps stand for all runs of that seed */
    for (size_t i = 0; i < dataset->count; i++) {
        const struct trm_sample *const s = &dataset->samples[i];
        st->counts[s->label]++;
        if (i == 0 || s->run != dataset->samples[i - 1].run)
            if (first_of_seed(dataset, i)) {
                first_run = s->run;
                st->seeds++;
            }
        if (shared && s->run != first_run)
            continue;
        st->steps_best[s->label]++;
        st->tied_steps += (s->tied & (s->tied - 1)) != 0;
    }
}

#define WORD(name, word, text) #word,
static const char *const kinds[] = {TRM_SPLIT_LIST(WORD) NULL}, *const oracles[] = {TRM_ORACLE_LIST(WORD)
                                                                                        NULL};

static int find(const char *const *words, const char *name) {
    for (int i = 0; words[i] != NULL; i++)
        if (strcmp(words[i], name) == 0)
            return i;
    return -1;
}

const char *trm_split_name(int kind) {
    return kind >= 0 && (size_t)kind < sizeof kinds / sizeof *kinds ? kinds[kind] : NULL;
}

int trm_split_find(const char *name) {
    return find(kinds, name);
}

const char *trm_oracle_name(int oracle) {
    return oracle >= 0 && (size_t)oracle < sizeof oracles / sizeof *oracles ? oracles[oracle] : NULL;
}

int trm_oracle_find(const char *name) {
    return find(oracles, name);
}

struct trm_split_options trm_split_defaults(void) {
    return (struct trm_split_options){
        .kind = TRM_SPLIT_GROUP, .test_share = 0.2, .val_share = 0.1, .seed = 42};
}

const char *trm_split_check(const struct trm_split_options *o) {
    if (trm_split_name((int)o->kind) == NULL)
        return "there is no such kind of split";
    if (o->room[0] != 0.0 || o->room[1] != 0.0)
        return "an option of the split is set that this version of the library does not know";
    if (!(o->test_share > 0 && o->test_share < 1))
        return "the test share must be above 0 and below 1: something to train on, and something to test on";
    if (!(o->val_share >= 0 && o->val_share < 1))
        return "the validation share must be at least 0 and below 1";
    if (!(o->test_share + o->val_share < 1))
        return "test and validation share must add up to less than 1, so that something is left to train on";
    return NULL;
}

static size_t share_of(double share, size_t units) {
    const size_t rounded = (size_t)floor(share * (double)units + 0.5);
    return share == 0 ? 0 : rounded == 0 ? 1 : rounded;
}

/* The part of each unit (a group, or a step), drawn by seed. */
static enum trm_status draw(const char *what, size_t units, const struct trm_split_options *o,
                            struct trm_split *split, unsigned char **parts, struct trm_error *error) {
    const size_t test = share_of(o->test_share, units), val = share_of(o->val_share, units);
    if (test + val >= units || units > UINT32_MAX)
        return trm_fail(
            error, TRM_INVALID,
            "%zu %s do not suffice for a test share of %g and a validation share of %g; collect more "
            "steps or choose smaller shares",
            units, what, o->test_share, o->val_share);
    uint32_t *const order = malloc(units * sizeof *order);
    *parts = calloc(units, 1);
    if (order == NULL || *parts == NULL) {
        free(order);
        return trm_fail(error, TRM_NO_MEMORY, "no memory to split %zu %s", units, what);
    }
    struct rng rng = rng_stream(o->seed, RNG_SPLIT, 0, 0);
    rng_permutation(&rng, order, (uint32_t)units);
    for (size_t i = 0; i < test; i++)
        (*parts)[order[i]] = TRM_TEST;
    for (size_t i = test; i < test + val; i++)
        (*parts)[order[i]] = TRM_VALIDATION;
    free(order);
    split->groups[TRM_TEST] = test;
    split->groups[TRM_VALIDATION] = val;
    split->groups[TRM_TRAIN] = units - test - val;
    return TRM_OK;
}

/* Does this block give way at its border to that one? The larger part does: training, then validation. */
static bool gives_way(unsigned char mine, unsigned char theirs) {
    return mine < theirs;
}

/* Is a sample of another block of the same run, to which this one gives way, `guard` steps away or less? */
static bool in_guard(const struct trm_dataset *d, const unsigned char *parts, size_t i) {
    const struct trm_sample *const s = &d->samples[i];
    for (size_t away = 1; away <= d->statistics.guard; away++) {
        const struct trm_sample *const before = away <= i ? s - away : s;
        const struct trm_sample *const after = i + away < d->count ? s + away : s;
        if ((before->run == s->run && gives_way(parts[s->group], parts[before->group])) ||
            (after->run == s->run && gives_way(parts[s->group], parts[after->group])))
            return true;
    }
    return false;
}

static void warn(const struct trm_split_options *o, const struct trm_statistics *st,
                 struct trm_split *split) {
    if (o->kind == TRM_SPLIT_STEP)
        snprintf(
            split->warning, sizeof split->warning,
            "steps are split at random: a test step has neighbours in the training part, with nearly the "
            "same features and loss, so that figures come out too good; use --split group for figures that "
            "hold");
    else if (split->groups[TRM_TEST] < 10)
        snprintf(split->warning, sizeof split->warning,
                 "only %zu test group%s of %zu steps: too few for confidence intervals; collect more steps",
                 split->groups[TRM_TEST], split->groups[TRM_TEST] == 1 ? "" : "s", st->block);
}

enum trm_status trm_dataset_split(const struct trm_dataset *dataset, const struct trm_split_options *options,
                                  struct trm_split *split, struct trm_error *error) {
    const struct trm_statistics *const st = &dataset->statistics;
    const char *const wrong = trm_split_check(options);
    const bool by_step = options->kind == TRM_SPLIT_STEP;
    unsigned char *parts = NULL;
    *split = (struct trm_split){.part = NULL};
    if (wrong != NULL)
        return trm_fail(error, TRM_INVALID, "%s", wrong);
    enum trm_status status = draw(by_step ? "steps" : "groups of steps", by_step ? st->steps : st->groups,
                                  options, split, &parts, error);
    if (status == TRM_OK && (split->part = malloc(dataset->count)) == NULL)
        status = trm_fail(error, TRM_NO_MEMORY, "no memory to split %zu samples", dataset->count);
    for (size_t i = 0; status == TRM_OK && i < dataset->count; i++) {
        const struct trm_sample *const s = &dataset->samples[i];
        split->part[i] = parts[by_step ? s->position : s->group];
        if (!by_step && in_guard(dataset, parts, i))
            split->part[i] = TRM_GUARD;
        split->samples[split->part[i]]++;
    }
    free(parts);
    if (status == TRM_OK)
        warn(options, st, split);
    else
        trm_split_free(split);
    return status;
}

void trm_split_free(struct trm_split *split) {
    free(split->part);
    *split = (struct trm_split){.part = NULL};
}

void trm_split_moments(const struct trm_dataset *dataset, const struct trm_split *split,
                       double mean[TRM_FEATURE_COUNT], double deviation[TRM_FEATURE_COUNT]) {
    for (int f = 0; f < TRM_FEATURE_COUNT; f++) {
        double n = 0, m = 0, square = 0; /* Welford's update */
        for (size_t i = 0; i < dataset->count; i++)
            if (split->part[i] == TRM_TRAIN) {
                const double x = dataset->samples[i].feature[f], away = x - m;
                m += away / ++n;
                square += away * (x - m);
            }
        const double d = n > 0 ? sqrt(square / n) : 0;
        mean[f] = m;
        deviation[f] = d < 1e-6 * fmax(1, fabs(m)) ? 0 : d;
    }
}
