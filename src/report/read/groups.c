#include "report/read/groups.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void report_groups_free(struct report_groups *groups) {
    free(groups->at);
    *groups = (struct report_groups){.at = NULL};
}

/* ---- order */

static int by_setting(const void *a, const void *b) {
    const struct report_run *const x = a, *const y = b;
    const int order = strcmp(x->setting, y->setting);
    if (order != 0)
        return order;
    return x->seed != y->seed ? (x->seed > y->seed) - (x->seed < y->seed) : strcmp(x->file, y->file);
}

static double mean_accuracy(const struct report_group *group) {
    return group->fact[RUN_FACT_accuracy].count > 0 ? group->fact[RUN_FACT_accuracy].mean : -1.0;
}

static int by_accuracy(const void *a, const void *b) {
    const struct report_group *const x = a, *const y = b;
    const double d = mean_accuracy(y) - mean_accuracy(x);
    if (d != 0)
        return d > 0 ? 1 : -1;
    const int policy = report_policy_find(x->run->solver), other = report_policy_find(y->run->solver);
    return policy != other ? policy - other : strcmp(x->run->setting, y->run->setting);
}

static struct report_spread spread_of(const struct report_group *group, size_t fact) {
    struct report_spread s = {.mean = NAN, .low = NAN, .high = NAN};
    double sum = 0;
    for (size_t i = 0; i < group->count; i++) {
        const double value = group->run[i].fact[fact];
        if (group->run[i].status != TRM_RUN_DONE || !isfinite(value))
            continue;
        sum += value;
        s.count++;
        s.low = fmin(s.low, value), s.high = fmax(s.high, value);
    }
    if (s.count > 0)
        s.mean = sum / (double)s.count;
    return s;
}

static void find_groups(struct report_groups *groups, const struct report_runs *runs) {
    for (size_t i = 0; i < runs->count; i++) {
        if (i == 0 || strcmp(runs->at[i].setting, runs->at[i - 1].setting) != 0)
            groups->at[groups->count++] = (struct report_group){.run = &runs->at[i]};
        struct report_group *const group = &groups->at[groups->count - 1];
        group->count++;
        group->done += runs->at[i].status == TRM_RUN_DONE;
    }
    for (size_t g = 0; g < groups->count; g++)
        for (size_t fact = 0; fact < RUN_FACTS; fact++)
            groups->at[g].fact[fact] = spread_of(&groups->at[g], fact);
    qsort(groups->at, groups->count, sizeof *groups->at, by_accuracy);
}

/* Put the runs in the order of the groups, that each has its own one after the other. */
static bool order_runs(struct report_groups *groups, struct report_runs *runs) {
    struct report_run *const sorted = calloc(runs->count, sizeof *sorted);
    size_t at = 0;
    if (sorted == NULL)
        return false;
    for (size_t g = 0; g < groups->count; g++) {
        memcpy(sorted + at, groups->at[g].run, groups->at[g].count * sizeof *sorted);
        groups->at[g].run = runs->at + at;
        at += groups->at[g].count;
    }
    memcpy(runs->at, sorted, runs->count * sizeof *sorted);
    free(sorted);
    return true;
}

/* ---- what differs */

static bool same(const struct report_group *a, const struct report_group *b, const char *key) {
    const json_t *const x = json_object_get(a->run->settings, key), *const y = json_object_get(
                                                                        b->run->settings, key);
    return x == y || (x != NULL && y != NULL && json_equal(x, y));
}

static bool known(const struct report_groups *groups, const char *key) {
    for (size_t i = 0; i < groups->keys; i++)
        if (strcmp(groups->key[i].name, key) == 0)
            return true;
    return false;
}

static void find_key(struct report_groups *groups, const char *key) {
    bool differs = false, by_solver = true;
    for (size_t a = 0; a < groups->count; a++) {
        differs = differs || !same(&groups->at[0], &groups->at[a], key);
        for (size_t b = 0; b < a && by_solver; b++)
            by_solver = strcmp(groups->at[a].run->solver, groups->at[b].run->solver) != 0 ||
                        same(&groups->at[a], &groups->at[b], key);
    }
    if (differs && groups->keys < REPORT_KEYS)
        groups->key[groups->keys++] = (struct report_key){key, by_solver};
}

/* "total steps" follows from the others. */
static void find_keys(struct report_groups *groups) {
    for (size_t g = 0; g < groups->count; g++) {
        const char *key;
        json_t *value;
        json_object_foreach(groups->at[g].run->settings, key,
                            value) if (strcmp(key, "solver") != 0 && strcmp(key, "total steps") != 0 &&
                                       !report_setting_is_free(key) && !known(groups, key))
            find_key(groups, key);
    }
}

/* ---- names and colours */

static void name_group(const struct report_groups *groups, struct report_group *group) {
    char value[96];
    size_t length = (size_t)snprintf(group->name, sizeof group->name, "%s", group->run->solver);
    for (size_t i = 0; i < groups->keys && length < sizeof group->name; i++)
        if (!groups->key[i].by_solver)
            length += (size_t)snprintf(group->name + length, sizeof group->name - length, ", %s %s",
                                       groups->key[i].name,
                                       report_setting_text(group->run, groups->key[i].name, value));
}

/* The solver's colour; where there is one solver only, a colour each. false: out of memory */
static bool colour_groups(struct report_groups *groups) {
    const char **const names = calloc(groups->count + 1, sizeof *names);
    int *const policy = calloc(groups->count + 1, sizeof *policy);
    const bool room = names != NULL && policy != NULL;
    bool one = true;
    size_t of_policy[REPORT_POLICIES] = {0};
    for (size_t g = 0; room && g < groups->count; g++) {
        names[g] = groups->at[g].run->solver;
        one = one && strcmp(names[g], names[0]) == 0;
    }
    if (room)
        report_policies_of(names, groups->count, policy);
    for (size_t g = 0; room && g < groups->count; g++) {
        struct report_group *const group = &groups->at[g];
        group->policy = one ? (int)(((size_t)policy[g] + g) % REPORT_POLICIES) : policy[g];
        group->ordinal = of_policy[group->policy]++;
        name_group(groups, group);
    }
    free(names);
    free(policy);
    return room;
}

enum trm_status report_groups_make(struct report_groups *groups, struct report_runs *runs,
                                   struct trm_error *error) {
    *groups = (struct report_groups){.at = calloc(runs->count + 1, sizeof *groups->at)};
    if (groups->at == NULL)
        return trm_fail(error, TRM_NO_MEMORY, "no memory for the groups of %zu runs", runs->count);
    if (runs->count == 0)
        return TRM_OK;
    qsort(runs->at, runs->count, sizeof *runs->at, by_setting);
    find_groups(groups, runs);
    const bool ordered = order_runs(groups, runs);
    if (ordered)
        find_keys(groups);
    if (!ordered || !colour_groups(groups)) {
        report_groups_free(groups);
        return trm_fail(error, TRM_NO_MEMORY, "no memory for the groups of %zu runs", runs->count);
    }
    return TRM_OK;
}
