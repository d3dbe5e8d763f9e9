/* Every metric and interval, computed a second time by brute force. */
#include "evaluation/support.h"

#include "base/rng.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- the second route: a list of samples, those of a group that is drawn twice listed twice */

struct chosen {
    const struct trm_sample *s;
    const struct trm_sample *before; /* the sample one step before, NULL where not in the test part */
    int arm, arm_before;
    double sure;
};

struct list {
    struct chosen *at;
    size_t count;
};

static int by_value(const void *a, const void *b) {
    return (*(const double *)a > *(const double *)b) - (*(const double *)a < *(const double *)b);
}

static double mean_change(const struct list *l, int arm) { /* arm -1: of the choice, -2: oracle, -3: random */
    double sum = 0;
    for (size_t i = 0; i < l->count; i++) {
        const struct chosen *const c = &l->at[i];
        double mean = 0;
        for (int k = 0; k < TRM_ARMS; k++)
            mean += c->s->change[k] / 5;
        sum += arm == -3 ? mean : c->s->change[arm == -1 ? c->arm : arm == -2 ? c->s->label : arm];
    }
    return sum / (double)l->count;
}

/* F1 from precision and recall. */
static double f1(const struct list *l) {
    double sum = 0, classes = 0;
    for (int k = 0; k < TRM_ARMS; k++) {
        double both = 0, chosen = 0, labelled = 0;
        for (size_t i = 0; i < l->count; i++) {
            both += l->at[i].arm == k && l->at[i].s->label == k;
            chosen += l->at[i].arm == k;
            labelled += l->at[i].s->label == k;
        }
        if (chosen + labelled == 0)
            continue;
        const double precision = chosen > 0 ? both / chosen : 0, recall = labelled > 0 ? both / labelled : 0;
        sum += both > 0 ? 2 * precision * recall / (precision + recall) : 0;
        classes++;
    }
    return sum / classes;
}

static double calibration(const struct list *l) {
    double error = 0;
    for (int bin = 0; bin < 10; bin++) {
        double sure = 0, right = 0, count = 0;
        for (size_t i = 0; i < l->count; i++)
            if (l->at[i].sure >= bin / 10.0 && (l->at[i].sure < (bin + 1) / 10.0 || bin == 9)) {
                sure += l->at[i].sure;
                right += l->at[i].arm == l->at[i].s->label;
                count++;
            }
        if (count > 0)
            error += count / (double)l->count * fabs(right / count - sure / count);
    }
    return error;
}

static void brute(const struct list *l, int single, double value[TRM_METRICS + TRM_ARMS]) {
    const double n = (double)l->count, own = mean_change(l, -1), oracle = mean_change(l, -2);
    const double random = mean_change(l, -3), admm = mean_change(l, 4), best = mean_change(l, single);
    double right = 0, pairs = 0, switched = 0, *regret = malloc(l->count * sizeof *regret),
           share[TRM_ARMS] = {0};
    assert_non_null(regret);
    for (size_t i = 0; i < l->count; i++) {
        const struct chosen *const c = &l->at[i];
        right += c->arm == c->s->label;
        regret[i] = c->s->change[c->arm] - c->s->change[c->s->label];
        pairs += c->before != NULL;
        switched += c->before != NULL && c->arm != c->arm_before;
        share[c->arm] += 1 / n;
    }
    qsort(regret, l->count, sizeof *regret, by_value);
    const double all[TRM_METRICS + TRM_ARMS] = {right / n,
                                                right / n,
                                                own,
                                                100 * (random - own) / fabs(random),
                                                100 * (admm - own) / fabs(admm),
                                                100 * (best - own) / fabs(best),
                                                (best - own) / (best - oracle),
                                                own - oracle,
                                                regret[(size_t)ceil(0.95 * n - 1e-9) - 1],
                                                f1(l),
                                                calibration(l),
                                                switched / pairs,
                                                share[0],
                                                share[1],
                                                share[2],
                                                share[3],
                                                share[4]};
    memcpy(value, all, sizeof all);
    free(regret);
}

/* The test part with the policy's choices. */
static struct list choose_all(const struct trm_dataset *d, const struct trm_split *split) {
    size_t count;
    const struct trm_sample *const s = trm_dataset_samples(d, &count);
    struct list l = {calloc(count, sizeof *l.at), 0};
    assert_non_null(l.at);
    for (size_t i = 0; i < count; i++) {
        if (split->part[i] != TRM_TEST)
            continue;
        struct chosen *const c = &l.at[l.count++];
        double p[TRM_ARMS_MOST];
        c->s = &s[i];
        assert_int_equal(support_decide(NULL, s[i].feature, 31, &c->arm, p, NULL), TRM_OK);
        c->sure = p[c->arm];
        if (i > 0 && s[i].step > 0 && split->part[i - 1] == TRM_TEST) {
            c->before = &s[i - 1];
            support_decide(NULL, s[i - 1].feature, 31, &c->arm_before, p, NULL);
        }
    }
    return l;
}

static int best_of_training(const struct trm_dataset *d, const struct trm_split *split) {
    size_t count;
    const struct trm_sample *const s = trm_dataset_samples(d, &count);
    double sum[TRM_ARMS] = {0};
    int best = 0;
    for (size_t i = 0; i < count; i++)
        for (int k = 0; k < TRM_ARMS && split->part[i] == TRM_TRAIN; k++)
            sum[k] += s[i].change[k];
    for (int k = 1; k < TRM_ARMS; k++)
        best = sum[k] < sum[best] ? k : best;
    return best;
}

/* Resample b of the evaluation: test groups in the order in which they first occur, drawn by its stream. */
static struct list resample(const struct list *all, size_t b) {
    size_t groups[64], count = 0;
    for (size_t i = 0; i < all->count; i++) {
        size_t g = 0;
        while (g < count && groups[g] != all->at[i].s->group)
            g++;
        if (g == count)
            groups[count++] = all->at[i].s->group;
    }
    struct list l = {calloc(all->count * count, sizeof *l.at), 0};
    assert_non_null(l.at);
    struct rng rng = rng_stream(42, RNG_SPLIT, 1, b);
    for (size_t k = 0; k < count; k++) {
        const size_t group = groups[rng_below(&rng, (uint32_t)count)];
        for (size_t i = 0; i < all->count; i++)
            if (all->at[i].s->group == group)
                l.at[l.count++] = all->at[i];
    }
    return l;
}

static void expect(const char *name, double got, double want) {
    if (!(fabs(got - want) <= 1e-9 * (1 + fabs(want))))
        fail_msg("%s: %.15g, by brute force %.15g", name, got, want);
}

static double quantile(double *sorted, size_t count, double share) {
    const double place = share * (double)(count - 1);
    const size_t k = (size_t)place;
    return sorted[k] + (place - (double)k) * (k + 1 < count ? sorted[k + 1] - sorted[k] : 0);
}

static void metrics_are_those_of_brute_force(void **state) {
    (void)state;
    enum { B = 60, V = TRM_METRICS + TRM_ARMS };
    struct trm_dataset *const d = runs_dataset("brute.db", 31, 1, 20, 100);
    const struct trm_split_options split_options = {TRM_SPLIT_GROUP, 0.5, 0.1, 3, {0.0}};
    const struct trm_evaluation_options options = support_quick();
    struct trm_split split;
    struct trm_evaluation e;
    static double value[V], drawn[V][B];
    assert_int_equal(trm_dataset_split(d, &split_options, &split, NULL), TRM_OK);
    assert_int_equal(trm_evaluate_policy(&support_policy, d, &split_options, &options, &e, NULL), TRM_OK);
    struct list all = choose_all(d, &split);
    const int single = best_of_training(d, &split);
    assert_true(e.samples == all.count && e.groups == 10 && e.best_single == single && e.arms == 31 &&
                e.seen == 31);
    brute(&all, single, value);
    for (size_t b = 0; b < B; b++) {
        double one[V];
        struct list l = resample(&all, b);
        brute(&l, single, one);
        for (size_t v = 0; v < V; v++)
            drawn[v][b] = one[v];
        free(l.at);
    }
    for (size_t v = 0; v < V; v++) {
        const struct trm_interval *const got =
            v < TRM_METRICS ? &e.scores[0].metric[v] : &e.scores[0].share[v - TRM_METRICS];
        const char *const name = v < TRM_METRICS ? trm_metric_name((int)v) : "share";
        qsort(drawn[v], B, sizeof drawn[v][0], by_value);
        expect(name, got->value, value[v]);
        expect(name, got->low, quantile(drawn[v], B, 0.025));
        expect(name, got->high, quantile(drawn[v], B, 0.975));
    }
    static size_t confusion[TRM_ARMS_MOST][TRM_ARMS_MOST];
    for (size_t i = 0; i < all.count; i++)
        confusion[all.at[i].s->label][all.at[i].arm]++;
    assert_memory_equal(confusion, e.scores[0].confusion, sizeof confusion);
    expect("oracle", e.oracle.value, mean_change(&all, -2));
    expect("random", e.random.value, mean_change(&all, -3));
    expect("admm", e.admm.value, mean_change(&all, 4));
    expect("gap", e.gap.value, mean_change(&all, single) - mean_change(&all, -2));
    free(all.at);
    trm_split_free(&split);
    trm_evaluation_free(&e);
    trm_dataset_free(d);
}

/* The same pointer is the same data, too. */
static void data_to_test_on_must_be_other_data_of_the_same_arms(void **state) {
    (void)state;
    struct trm_dataset *const d = runs_dataset("own.db", 31, 1, 6, 100), *const fewer = runs_dataset(
                                                                             "fewer.db", 1u << 1 | 1u << 3, 9,
                                                                             2, 50);
    const struct trm_split_options split = trm_split_defaults();
    const struct trm_dataset *const refused[] = {d, fewer};
    static const char *const words[] = {"were trained on or validated with", "has other arms"};
    for (size_t i = 0; i < 2; i++) {
        struct trm_evaluation_options options = support_quick();
        struct trm_evaluation e;
        struct trm_error error;
        options.test_data = refused[i];
        assert_int_equal(trm_evaluate_policy(&support_policy, d, &split, &options, &e, &error), TRM_INVALID);
        assert_non_null(strstr(error.text, words[i]));
        assert_true(e.scores == NULL);
    }
    trm_dataset_free(d);
    trm_dataset_free(fewer);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(metrics_are_those_of_brute_force),
        cmocka_unit_test(data_to_test_on_must_be_other_data_of_the_same_arms),
    };
    return cmocka_run_group_tests(tests, NULL, dynamics_cleanup);
}
