/* The evaluation, computed a second time by brute force, and what it says at its edges. */
#include "support/runs.h"

#include "base/rng.h"
#include "evaluation/evaluation.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Right by the rule but where feature 0 is below 0.3; 0.55 to 0.95 sure of it. */
static enum trm_status decide(void *context, const double x[TRM_FEATURE_COUNT], unsigned allowed, int *arm,
                              double p[TRM_ARMS], struct trm_error *error) {
    (void)context;
    (void)error;
    *arm = x[7] > 0.8 ? 4 : x[7] < 0.5 ? (x[2] < 0.25 ? 0 : 1) : (x[2] < 0.6 ? 2 : 3);
    if (x[0] < 0.3)
        *arm = (*arm + 1) % 5;
    while (!(allowed >> *arm & 1))
        *arm = (*arm + 1) % 5;
    for (int k = 0; k < TRM_ARMS; k++)
        p[k] = k == *arm ? 0.55 + 0.4 * x[1] : (0.45 - 0.4 * x[1]) / 4;
    return TRM_OK;
}

static const struct trm_policy fake = {.name = "fake", .decide = decide, .arms = 31};

static struct trm_evaluation_options quick(void) {
    struct trm_evaluation_options o = trm_evaluation_defaults();
    o.resamples = 60;
    o.baseline_epochs = 0;
    return o;
}

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
        double p[TRM_ARMS];
        c->s = &s[i];
        assert_int_equal(decide(NULL, s[i].feature, 31, &c->arm, p, NULL), TRM_OK);
        c->sure = p[c->arm];
        if (i > 0 && s[i].step > 0 && split->part[i - 1] == TRM_TEST) {
            c->before = &s[i - 1];
            decide(NULL, s[i - 1].feature, 31, &c->arm_before, p, NULL);
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
    struct trm_dataset *const d = runs_dataset("brute.db", 31, 2, 4, 100);
    const struct trm_split_options split_options = {TRM_SPLIT_GROUP, 0.5, 0.1, 3};
    const struct trm_evaluation_options options = quick();
    struct trm_split split;
    struct trm_evaluation e;
    static double value[V], drawn[V][B];
    assert_int_equal(trm_dataset_split(d, &split_options, &split, NULL), TRM_OK);
    assert_int_equal(trm_evaluate_policy(&fake, d, &split_options, &options, &e, NULL), TRM_OK);
    struct list all = choose_all(d, &split);
    const int single = best_of_training(d, &split);
    assert_true(e.samples == all.count && e.groups == 5 && e.best_single == single && e.arms == 31 &&
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
    size_t confusion[TRM_ARMS][TRM_ARMS] = {{0}};
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

static const struct trm_score *find(const struct trm_evaluation *e, const char *name) {
    for (size_t i = 0; i < e->score_count; i++)
        if (strcmp(e->scores[i].name, name) == 0)
            return &e->scores[i];
    fail_msg("no policy %s", name);
    return NULL;
}

static double of(const struct trm_evaluation *e, const char *name, enum trm_metric metric) {
    return find(e, name)->metric[metric].value;
}

static void baselines_stand_where_they_must(void **state) {
    (void)state;
    struct trm_dataset *const d = runs_dataset("base.db", 31, 1, 6, 100);
    const struct trm_split_options split = trm_split_defaults();
    struct trm_evaluation_options options = quick();
    struct trm_policy policy = fake;
    struct trm_evaluation e;
    policy.parameters = 2000;
    policy.computation = 5000;
    policy.layers = 5;
    options.baseline_epochs = 100;
    assert_int_equal(trm_evaluate_policy(&policy, d, &split, &options, &e, NULL), TRM_OK);
    assert_int_equal(e.score_count, 14);
    assert_string_equal(e.scores[0].name, "fake");
    assert_true(of(&e, "oracle", TRM_METRIC_agreement) == 1 && of(&e, "oracle", TRM_METRIC_gap_closed) == 1);
    assert_true(of(&e, "oracle", TRM_METRIC_regret) == 0 && of(&e, "oracle", TRM_METRIC_regret_p95) == 0);
    assert_true(of(&e, "best single arm", TRM_METRIC_gap_closed) == 0);
    assert_true(of(&e, "best single arm", TRM_METRIC_vs_single) == 0);
    assert_true(of(&e, "always admm", TRM_METRIC_vs_admm) == 0 &&
                of(&e, "always admm", TRM_METRIC_switches) == 0);
    assert_true(find(&e, "always frank_wolfe")->share[3].value == 1);
    assert_true(fabs(of(&e, "random", TRM_METRIC_agreement) - 0.2) < 0.1);
    assert_true(isnan(of(&e, "random", TRM_METRIC_calibration)));
    assert_true(of(&e, "logistic regression", TRM_METRIC_agreement) >
                of(&e, "best single arm", TRM_METRIC_agreement));
    assert_true(of(&e, "logistic regression", TRM_METRIC_gap_closed) > 0.3);
    assert_true(of(&e, "mlp", TRM_METRIC_gap_closed) > 0.3 &&
                of(&e, "feed-forward", TRM_METRIC_gap_closed) > 0.3);
    assert_true(fabs((double)find(&e, "mlp")->parameters - 2000) < 100);
    assert_false(e.gap_within_noise);
    trm_evaluation_free(&e);
    trm_dataset_free(d);
}

static void the_same_call_gives_the_same_json(void **state) {
    (void)state;
    struct trm_dataset *const d = runs_dataset("json.db", 1u << 1 | 1u << 3, 1, 2, 50);
    const struct trm_split_options split = {TRM_SPLIT_STEP, 0.2, 0.1, 1};
    const struct trm_evaluation_options options = quick();
    struct trm_evaluation e;
    char *text[2];
    for (int k = 0; k < 2; k++) {
        assert_int_equal(trm_evaluate_policy(&fake, d, &split, &options, &e, NULL), TRM_OK);
        text[k] = trm_evaluation_json(&e);
        assert_non_null(text[k]);
        trm_evaluation_free(&e);
    }
    assert_string_equal(text[0], text[1]);
    assert_non_null(strstr(text[0], "\"change_admm\": {\n      \"value\": null"));
    assert_non_null(strstr(text[0], "neighbours"));
    assert_null(strstr(text[0], "microsecond"));
    assert_int_equal(text[0][strlen(text[0]) - 1], '\n');
    free(text[0]);
    free(text[1]);
    trm_dataset_free(d);
}

static double equal(int arm, uint64_t seed, size_t step) {
    (void)arm;
    (void)seed;
    (void)step;
    return -0.5;
}

static void no_gap_is_called_none_to_close(void **state) {
    (void)state;
    char paths[2][160], output[160];
    for (int k = 0; k < 2; k++) {
        const struct trm_run_settings s = runs_settings(k == 0 ? "admm" : "dual_ascent", 1);
        snprintf(paths[k], sizeof paths[k], "%s", dynamics_path(k == 0 ? "e0.db" : "e1.db"));
        runs_store(paths[k], &s, equal);
        dynamics_sql(paths[k], "UPDATE step SET loss = 1, next_loss = 0.5");
    }
    const char *const inputs[] = {paths[0], paths[1]};
    snprintf(output, sizeof output, "%s", dynamics_path("equal.db"));
    struct trm_dataset *d;
    struct trm_evaluation e;
    const struct trm_split_options split = trm_split_defaults();
    const struct trm_evaluation_options options = quick();
    assert_int_equal(trm_merge_runs(inputs, 2, output, true, NULL, NULL), TRM_OK);
    assert_int_equal(trm_dataset_open(output, &d, NULL), TRM_OK);
    assert_int_equal(trm_evaluate_policy(&fake, d, &split, &options, &e, NULL), TRM_OK);
    assert_true(e.gap_within_noise && isnan(e.scores[0].metric[TRM_METRIC_gap_closed].value));
    assert_true(e.scores[0].metric[TRM_METRIC_agreement_tied].value == 1);
    bool said = false;
    for (size_t i = 0; i < e.note_count; i++)
        said = said || strstr(e.notes[i], "none to close") != NULL;
    assert_true(said);
    trm_evaluation_free(&e);
    trm_dataset_free(d);
}

static bool stop_now(void *context) {
    return ++*(int *)context > 3;
}

static enum trm_status choose_forbidden(void *context, const double x[TRM_FEATURE_COUNT], unsigned allowed,
                                        int *arm, double p[TRM_ARMS], struct trm_error *error) {
    (void)context, (void)x, (void)p, (void)error;
    *arm = allowed & 1 ? 7 : 0;
    return TRM_OK;
}

static void wrong_requests_are_refused(void **state) {
    (void)state;
    struct trm_dataset *const d = runs_dataset("wrong.db", 1u << 1 | 1u << 3, 1, 2, 50);
    const struct trm_split_options split = trm_split_defaults();
    struct trm_evaluation_options options = quick();
    struct trm_policy policy = fake;
    struct trm_evaluation e;
    struct trm_error error = {0};
    int asked = 0;
    options.test_split = 0.3;
    assert_int_equal(trm_evaluate_policy(&fake, d, &split, &options, &e, &error), TRM_INVALID);
    assert_true(strstr(error.text, "0.3") != NULL && strstr(error.text, "0.2") != NULL);
    options.test_split = 1;
    assert_int_equal(trm_evaluate_policy(&fake, d, &split, &options, &e, &error), TRM_INVALID);
    assert_non_null(strstr(error.text, "below 1"));
    options = quick();
    policy.arms = 1u << 0;
    assert_int_equal(trm_evaluate_policy(&policy, d, &split, &options, &e, &error), TRM_INVALID);
    assert_non_null(strstr(error.text, "none of the solvers"));
    policy = fake;
    policy.decide = choose_forbidden;
    assert_int_equal(trm_evaluate_policy(&policy, d, &split, &options, &e, &error), TRM_INVALID);
    assert_non_null(strstr(error.text, "not offered"));
    options.context = &asked;
    options.stop = stop_now;
    assert_int_equal(trm_evaluate_policy(&fake, d, &split, &options, &e, &error), TRM_STOPPED);
    assert_true(e.scores == NULL && e.score_count == 0);
    trm_dataset_free(d);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(metrics_are_those_of_brute_force),
        cmocka_unit_test(baselines_stand_where_they_must),
        cmocka_unit_test(the_same_call_gives_the_same_json),
        cmocka_unit_test(no_gap_is_called_none_to_close),
        cmocka_unit_test(wrong_requests_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, dynamics_cleanup);
}
