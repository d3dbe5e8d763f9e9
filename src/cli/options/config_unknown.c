/* What was probably meant by a key that is not known. */
#include "cli/options/config_set.h"

#include "cli/options/nearest.h"

#include <stdio.h>
#include <string.h>

const char *config_key_name(const struct setting_bound *key, char name[CONFIG_KEY_NAME]) {
    snprintf(name, CONFIG_KEY_NAME, "%s.%s", key->section, key->row->name);
    return name;
}

static const char *section_at(const void *config, size_t index) {
    return config_key_at(config, index)->section;
}

/* The key, or section, that was probably meant, into nearest; "" where none is near. A name without its section
   is nearly right. */
static void find_meant(const struct config *config, const char *typed, char nearest[CONFIG_KEY_NAME]) {
    char name[CONFIG_KEY_NAME];
    const char *const dot = strchr(typed, '.'), *const tail = dot != NULL ? dot + 1 : typed;
    size_t smallest = NEAREST_EDITS + 1;
    nearest[0] = '\0';
    for (size_t i = 0; i < config_count(config); i++) {
        const char *const bare = config_key_at(config, i)->row->name;
        const size_t whole = nearest_distance(typed, config_key_name(config_key_at(config, i), name));
        size_t distance = nearest_distance(typed, bare) + 1;
        bool near = strcmp(typed, bare) == 0 || nearest_enough(distance, typed, bare);
        if (whole <= distance) {
            distance = whole;
            near = nearest_enough(whole, tail, bare); /* a section makes no word nearer */
        }
        if (!near || distance >= smallest)
            continue;
        smallest = distance;
        snprintf(nearest, CONFIG_KEY_NAME, "%s", name);
    }
    const char *const section =
        strchr(typed, '.') == NULL ? nearest_name(typed, section_at, config, config_count(config)) : NULL;
    if (section != NULL && nearest_distance(typed, section) <= smallest)
        snprintf(nearest, CONFIG_KEY_NAME, "%s", section);
}

enum trm_status config_unknown(const struct config *config, const struct config_place *place,
                               const char *typed, struct trm_error *error) {
    char meant[CONFIG_KEY_NAME];
    find_meant(config, typed, meant);
    return trm_fail(error, TRM_INVALID, "%s: unknown key '%.80s'; %s%s%s", place->text, typed,
                    meant[0] != '\0' ? "did you mean " : "`trm-router run` writes all keys to ",
                    meant[0] != '\0' ? meant : "RESULTS/run.yaml", meant[0] != '\0' ? "?" : "");
}
