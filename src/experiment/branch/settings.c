#include "experiment/branch/settings.h"

#include "storage/json.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#define AT(field) offsetof(struct branch_settings, field)
#define MATCH(name, column, text) #column "|"

static const struct setting table[] = {
    {"oracle", "WHICH", SETTING_ENUM | SETTING_IN(oracle), AT(oracle), "none", "none|branch",
     "branch: try every arm from the same state, put the state back, and go on"},
    {"branch-every", "N", SETTING_COUNT | SETTING_IN(oracle), AT(every), "25", "[1, 1e9]",
     "try the arms at every N-th step"},
    {"arms", "LIST", SETTING_TEXT | SETTING_IN(oracle), AT(arms_text), "(the five solvers)", NULL,
     "what is compared: SOLVER[@ITERATIONS][:MULTIPLIER of the radius], with commas between"},
    {"probes", "K", SETTING_COUNT | SETTING_IN(oracle), AT(probes), "8", "[1, 1024]",
     "fresh batches on which every arm is measured; held-out images where there are some"},
    {"match", "WHICH", SETTING_ENUM | SETTING_IN(oracle), AT(match), "none", TRM_MATCH_LIST(MATCH),
     "scale every arm's step to the same length, or to the same first-order decrease"},
    {"look-every", "N", SETTING_COUNT | SETTING_IN(oracle), AT(look_every), "(never)", "[1, 1e9]",
     "look ahead at every N-th of these states: hold the arm, anneal, measure on the held-out images"},
    {"hold", "H", SETTING_COUNT | SETTING_IN(oracle), AT(hold), "16", "[1, 1e6]",
     "steps of a look with its arm, radius and learning rates constant"},
    {"anneal", "L", SETTING_COUNT | SETTING_IN(oracle), AT(anneal), "48", "[0, 1e6]",
     "steps after them with the arm that the run goes on with, falling to 0"},
    {"look-repeats", "N", SETTING_COUNT | SETTING_IN(oracle), AT(look_repeats), "1", "[1, 16]",
     "looks at such a state, each with other coming batches"},
    {"look-check", NULL, SETTING_FLAG | SETTING_IN(oracle), AT(look_check), "", NULL,
     "look also with twice the annealing, and say whether the order of multipliers stays"},
    {"router", "FILE", SETTING_TEXT | SETTING_LINE | SETTING_IN(router), AT(router), "(none)", NULL,
     "go on with the arm that this router picks, in place of --solver"},
};

struct settings branch_settings_table(struct branch_settings *target) {
    return (struct settings){SETTINGS(table), target, "branch states", 0};
}

const char *branch_settings_complete(struct branch_settings *b, struct run_settings *run, char words[256]) {
    struct trm_error error = {0};
    if (b->oracle == BRANCH_ORACLE_NONE)
        return NULL;
    b->arms = trm_arms_default();
    if (b->arms_text != NULL && trm_arms_parse(b->arms_text, &b->arms, &error) != TRM_OK) {
        snprintf(words, 256, "--arms: %.240s", error.text);
        return words;
    }
    if (b->every % run->record_every != 0)
        return "--branch-every must be a multiple of --record-every: the features of a state are those of "
               "its row";
    if (b->look_every > 0 && b->match != TRM_MATCH_NONE)
        return "--match scales a single step and --look-every holds an arm as it is: give one of them";
    if (b->look_every > 0 && run->data.holdout == 0)
        return "--look-every needs held-out images to measure on: give --holdout 5000";
    run->arms = b->arms;
    return NULL;
}

char *branch_settings_json(const struct branch_settings *b, const char *config) {
    json_t *object = json_loads(config, 0, NULL), *branch = json_object();
    char arms[TRM_ARMS_MAX * TRM_ARM_NAME];
    trm_arms_name(&b->arms, arms);
    json_put(&branch, "every", json_integer((json_int_t)b->every));
    json_put(&branch, "arms", json_string(arms));
    json_put(&branch, "probes", json_integer((json_int_t)b->probes));
    json_put(&branch, "match", json_string(trm_match_name(b->match)));
    if (b->look_every > 0) {
        json_put(&branch, "look-every", json_integer((json_int_t)b->look_every));
        json_put(&branch, "hold", json_integer((json_int_t)b->hold));
        json_put(&branch, "anneal", json_integer((json_int_t)b->anneal));
        json_put(&branch, "look-repeats", json_integer((json_int_t)b->look_repeats));
        json_put(&branch, "look-check", json_boolean(b->look_check));
    }
    if (b->router != NULL)
        json_put(&branch, "router (SHA-1)", json_string(b->router_hash));
    json_put(&object, "branch", branch);
    char *const text = object != NULL ? json_whole(object, JSON_REAL_PRECISION(17)) : NULL;
    json_decref(object);
    return text;
}

size_t branch_settings_reach(const struct branch_settings *b) {
    return b->look_every > 0 ? b->hold + (b->look_check ? 2 : 1) * b->anneal : 0;
}
