#include "experiment/matrices.h"

#include <stdio.h>
#include <string.h>

static bool is_weight(const struct nn_param *p) {
    return p->kind == NN_CONV_WEIGHT || p->kind == NN_LINEAR_WEIGHT;
}

/* Is name one of the words of list, which has commas between? */
static bool listed(const char *list, const char *name) {
    const size_t length = strlen(name);
    for (const char *word = list; word != NULL; word = strchr(word, ',') ? strchr(word, ',') + 1 : NULL)
        if (strncmp(word, name, length) == 0 && (word[length] == ',' || word[length] == '\0'))
            return true;
    return false;
}

static void append(char *text, size_t size, const char *name) {
    const size_t used = strlen(text);
    snprintf(text + used, size - used, "%s%s", used ? ", " : "", name);
}

/* Every word of choice must be the name of a weight. */
static enum trm_status check_names(const struct nn_model *model, const char *choice,
                                   struct trm_error *error) {
    char names[300] = "";
    for (size_t i = 0; i < nn_param_count(model); i++)
        if (is_weight(nn_param_at(model, i)))
            append(names, sizeof names, nn_param_at(model, i)->name);
    for (const char *word = choice; word != NULL; word = strchr(word, ',') ? strchr(word, ',') + 1 : NULL) {
        char name[NN_MAX_NAME + 1];
        snprintf(name, sizeof name, "%.*s", (int)strcspn(word, ","), word);
        const struct nn_param *const p = nn_param_find(model, name);
        if (p == NULL || !is_weight(p))
            return trm_fail(error, TRM_NOT_FOUND,
                            "--manifold: '%s' is no weight of this network: give hidden, all, or some of %s",
                            name, names);
    }
    return TRM_OK;
}

enum trm_status manifold_choose(const struct nn_model *model, const char *choice,
                                struct muon_parameter *parameters, struct trm_error *error) {
    const bool hidden = strcmp(choice, "hidden") == 0, all = strcmp(choice, "all") == 0;
    if (!hidden && !all) {
        const enum trm_status status = check_names(model, choice, error);
        if (status != TRM_OK)
            return status;
    }
    for (size_t i = 0; i < nn_param_count(model); i++) {
        const struct nn_param *const p = nn_param_at(model, i);
        parameters[i] = (struct muon_parameter){
            .name = p->name,
            .value = nn_params(model) + p->offset,
            .grad = nn_gradients(model) + p->offset,
            .count = p->count,
            .rows = p->rows,
            .cols = p->cols,
            .manifold = is_weight(p) && (all || (hidden ? !p->is_last_layer : listed(choice, p->name)))};
    }
    return TRM_OK;
}

enum trm_status manifold_tracked(const struct muon_parameter *parameters, size_t count, const char *name,
                                 size_t *index, struct trm_error *error) {
    char names[300] = "";
    size_t largest = 0;
    bool found = false;
    for (size_t i = 0; i < count; i++) {
        if (!parameters[i].manifold)
            continue;
        append(names, sizeof names, parameters[i].name);
        if (name != NULL ? strcmp(parameters[i].name, name) == 0 : parameters[i].count > largest) {
            largest = parameters[i].count;
            *index = i;
            found = true;
        }
    }
    if (names[0] == '\0')
        return trm_fail(error, TRM_INVALID,
                        "--manifold leaves no weight on the manifold: give all, or names of weights");
    if (!found)
        return trm_fail(error, TRM_NOT_FOUND, "--track: '%s' is not on the manifold: give one of %s", name,
                        names);
    return TRM_OK;
}
