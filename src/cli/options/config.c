#include "cli/options/config_set.h"
#include "cli/options/nearest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KEYS_MAX = 80 };

/* What a key holds. */
struct slot {
    char *texts[SETTING_LIST_MAX]; /* copies that the field points to */
    size_t text_count;
    char *value; /* in one spelling; NULL: the field keeps what it held */
    bool in_file, in_words;
    size_t line;
};

struct config {
    struct setting_bound keys[KEYS_MAX];
    struct slot slots[KEYS_MAX];
    size_t count;
    bool plan; /* a key of one value may have a list of alternatives */
};

size_t config_count(const struct config *config) {
    return config->count;
}

size_t config_find(const struct config *config, const char *section, size_t length, const char *name) {
    size_t i = 0;
    while (i < config->count && (strlen(config->keys[i].section) != length ||
                                 strncmp(config->keys[i].section, section, length) != 0 ||
                                 strcmp(config->keys[i].row->name, name) != 0))
        i++;
    return i;
}

bool config_has_section(const struct config *config, const char *section) {
    for (size_t i = 0; i < config->count; i++)
        if (strcmp(config->keys[i].section, section) == 0)
            return true;
    return false;
}

static bool spelt_before(const struct slot *slot, const char *text) {
    for (size_t i = 0; i + 1 < slot->text_count; i++)
        if (strcmp(slot->texts[i], text) == 0)
            return true;
    return false;
}

static void empty_slot(struct slot *slot) {
    for (size_t i = 0; i < slot->text_count; i++)
        free(slot->texts[i]);
    free(slot->value);
    slot->text_count = 0;
    slot->value = NULL;
}

/* The texts of a slot with ", " between. */
static char *join_texts(const struct slot *slot) {
    size_t room = 1;
    for (size_t i = 0; i < slot->text_count; i++)
        room += strlen(slot->texts[i]) + 2;
    char *const value = calloc(room, 1);
    for (size_t i = 0; i < slot->text_count && value != NULL; i++)
        snprintf(value + strlen(value), room - strlen(value), "%s%s", i == 0 ? "" : ", ", slot->texts[i]);
    return value;
}

/* A copy of one item, which the field may point to, in the slot, in the field, and in its one spelling. */
static enum trm_status store_item(struct config *config, size_t index, const char *where, const char *item,
                                  bool quoted, struct trm_error *error) {
    const struct setting_bound *const key = &config->keys[index];
    const enum setting_kind kind = setting_kind(key->row);
    const bool text = kind == SETTING_TEXT || kind == SETTING_CHOICE || kind == SETTING_CHOICES;
    struct slot *const slot = &config->slots[index];
    const size_t at = slot->text_count;
    char name[CONFIG_KEY_NAME], wanted[SETTING_DESCRIPTION], spelt[SETTING_SPELLING];
    char *copy = slot->texts[slot->text_count++] = strdup(item);
    if (copy == NULL)
        return trm_fail(error, TRM_NO_MEMORY, "out of memory for the configuration");
    char meant[NEAREST_NAME];
    const bool near = nearest_choice(copy, key->row, meant);
    setting_describe(key->row, wanted);
    if ((quoted && !text && kind != SETTING_ENUM) ||
        !setting_store(key, copy, setting_is_list(key->row) ? at : 0))
        return trm_fail(error, TRM_INVALID, "%s: %s cannot be %s'%.60s'%s%s%s%s give %s", where,
                        config_key_name(key, name), quoted ? "the text " : "", copy,
                        setting_is_list(key->row) ? " in its list" : "", near ? "; did you mean " : ":",
                        near ? meant : "", near ? "?" : "", wanted);
    setting_spell(key, setting_is_list(key->row) ? at : 0, spelt);
    if (spelt[0] != '\0' && strcmp(spelt, copy) != 0) { /* fields of such kinds do not point to it */
        free(copy);
        copy = slot->texts[at] = strdup(spelt);
        if (copy == NULL)
            return trm_fail(error, TRM_NO_MEMORY, "out of memory for the configuration");
    }
    return spelt_before(slot, copy) ? trm_fail(error, TRM_INVALID, "%s: %s holds %.60s twice; leave one out",
                                               where, config_key_name(key, name), copy)
                                    : TRM_OK;
}

static enum trm_status store(struct config *config, size_t index, const char *where,
                             const struct config_written *written, struct trm_error *error) {
    const struct setting_bound *const key = &config->keys[index];
    struct slot *const slot = &config->slots[index];
    const bool list = setting_is_list(key->row);
    char name[CONFIG_KEY_NAME], wanted[SETTING_DESCRIPTION];
    enum trm_status status = TRM_OK;
    setting_describe(key->row, wanted);
    const bool alternatives = config->plan && written->list;
    if ((written->list != list && !alternatives) || written->count == 0)
        return trm_fail(error, TRM_INVALID, "%s: %s cannot be %s: give %s", where, config_key_name(key, name),
                        written->count == 0 ? "empty"
                        : list              ? "a single value"
                                            : "a list",
                        wanted);
    empty_slot(slot);
    for (size_t i = 0; i < written->count && status == TRM_OK; i++)
        status = store_item(config, index, where, written->items[i], written->quoted[i], error);
    if (status != TRM_OK)
        return status;
    slot->value = join_texts(slot);
    return slot->value != NULL ? TRM_OK
                               : trm_fail(error, TRM_NO_MEMORY, "out of memory for the configuration");
}

enum trm_status config_set(struct config *config, size_t index, const struct config_place *place,
                           const struct config_written *written, struct trm_error *error) {
    struct slot *const slot = &config->slots[index];
    bool *const seen = place->line > 0 ? &slot->in_file : &slot->in_words;
    char name[CONFIG_KEY_NAME];
    config_key_name(&config->keys[index], name);
    if (*seen && place->line > 0)
        return trm_fail(error, TRM_INVALID, "%s: %s was given in line %zu already; give it once", place->text,
                        name, slot->line);
    if (*seen)
        return trm_fail(error, TRM_INVALID, "%s: %s is given twice; give it once", place->text, name);
    *seen = true;
    slot->line = place->line;
    return store(config, index, place->text, written, error);
}

/* "a, b" or "[a, b]" cut at its commas, in place; too many items leave count at 0. */
static void cut_list(char *text, struct config_written *written) {
    const size_t length = strlen(text);
    if (length >= 2 && text[0] == '[' && text[length - 1] == ']') {
        text[length - 1] = '\0';
        text++;
    }
    for (char *at = text; at != NULL;) {
        char *const comma = strchr(at, ',');
        if (comma != NULL)
            *comma = '\0';
        at += strspn(at, " ");
        for (size_t end = strlen(at); end > 0 && at[end - 1] == ' '; end--)
            at[end - 1] = '\0';
        if (written->count == SETTING_LIST_MAX) {
            written->count = 0;
            return;
        }
        written->items[written->count++] = at;
        at = comma != NULL ? comma + 1 : NULL;
    }
}

/* A value as it stands in a word or a fallback. */
static enum trm_status set_from_text(struct config *config, size_t index, const char *value,
                                     const struct config_place *place, struct trm_error *error) {
    struct config_written written = {.list = setting_is_list(config->keys[index].row)};
    char *const copy = strdup(value);
    if (copy == NULL)
        return trm_fail(error, TRM_NO_MEMORY, "out of memory for the configuration");
    if (written.list)
        cut_list(copy, &written);
    else
        written.items[written.count++] = copy;
    const enum trm_status status = place != NULL ? config_set(config, index, place, &written, error)
                                                 : store(config, index, "built in", &written, error);
    free(copy);
    return status;
}

static enum trm_status set_word(struct config *config, const char *word, struct trm_error *error) {
    struct config_place place = {.line = 0};
    char typed[CONFIG_KEY_NAME];
    const char *const equals = strchr(word, '=');
    snprintf(place.text, sizeof place.text, "%.100s", word);
    if (equals == NULL || equals == word)
        return trm_fail(error, TRM_INVALID, "%s: is no key=value; write, for example, %s.%s=%s", place.text,
                        config->keys[0].section, config->keys[0].row->name, "VALUE");
    snprintf(typed, sizeof typed, "%.*s",
             (int)(equals - word < CONFIG_KEY_NAME ? equals - word : CONFIG_KEY_NAME), word);
    const char *const dot = strchr(typed, '.');
    const size_t index =
        dot != NULL ? config_find(config, typed, (size_t)(dot - typed), dot + 1) : config->count;
    if (index == config->count)
        return config_unknown(config, &place, typed, error);
    return set_from_text(config, index, equals + 1, &place, error);
}

static enum trm_status set_fallbacks(struct config *config, struct trm_error *error) {
    enum trm_status status = TRM_OK;
    for (size_t i = 0; i < config->count && status == TRM_OK; i++) {
        const struct setting *const row = config->keys[i].row;
        const bool flag = setting_kind(row) == SETTING_FLAG;
        if (flag || setting_has_default(row))
            status = set_from_text(config, i, flag ? "false" : row->fallback, NULL, error);
    }
    return status;
}

static enum trm_status read_all(struct config **out, bool plan, const char *path,
                                const struct settings *parts, size_t part_count, const char *const *words,
                                size_t word_count, struct trm_error *error) {
    struct config *const config = calloc(1, sizeof *config);
    *out = NULL;
    if (config == NULL)
        return trm_fail(error, TRM_NO_MEMORY, "out of memory for the configuration");
    config->plan = plan;
    config->count = settings_bind(parts, part_count, config->keys, KEYS_MAX);
    enum trm_status status = set_fallbacks(config, error);
    if (status == TRM_OK && path != NULL)
        status = config_read_file(config, path, error);
    for (size_t i = 0; i < word_count && status == TRM_OK; i++)
        status = set_word(config, words[i], error);
    if (status == TRM_OK)
        *out = config;
    else
        config_free(config);
    return status;
}

enum trm_status config_read(struct config **out, const char *path, const struct settings *parts,
                            size_t part_count, const char *const *words, size_t word_count,
                            struct trm_error *error) {
    return read_all(out, false, path, parts, part_count, words, word_count, error);
}

enum trm_status config_read_plan(struct config **out, const char *path, const struct settings *parts,
                                 size_t part_count, struct trm_error *error) {
    return read_all(out, true, path, parts, part_count, NULL, 0, error);
}

size_t config_items(const struct config *config, size_t index, char *const **items) {
    *items = config->slots[index].texts;
    return config->slots[index].text_count;
}

void config_free(struct config *config) {
    if (config == NULL)
        return;
    for (size_t i = 0; i < config->count; i++)
        empty_slot(&config->slots[i]);
    free(config);
}

const char *config_value(const struct config *config, size_t index) {
    return config->slots[index].value;
}

const struct setting_bound *config_key_at(const struct config *config, size_t index) {
    return &config->keys[index];
}

bool config_given(const struct config *config, size_t index) {
    return config->slots[index].in_file || config->slots[index].in_words;
}
