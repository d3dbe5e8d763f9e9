/* A configuration as YAML. */
#include "cli/options/config_set.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* In double quotes, as YAML and JSON have them. */
static void print_quoted(FILE *f, const char *text) {
    fputc('"', f);
    for (const char *c = text; *c != '\0'; c++)
        if (*c == '"' || *c == '\\')
            fprintf(f, "\\%c", *c);
        else if (iscntrl((unsigned char)*c))
            fprintf(f, "\\x%02x", (unsigned)(unsigned char)*c);
        else
            fputc(*c, f);
    fputc('"', f);
}

static void print_key(FILE *f, const struct config *config, size_t index) {
    const struct setting *const key = config_key_at(config, index)->row;
    const char *const value = config_value(config, index);
    const bool list = setting_is_list(key);
    if (value == NULL) {
        fprintf(f, "  # %s: %s\n", key->name, key->fallback[0] != '\0' ? key->fallback : "(not given)");
        return;
    }
    fprintf(f, "  %s: %s", key->name, list ? "[" : "");
    if (setting_kind(key) == SETTING_TEXT)
        print_quoted(f, value);
    else
        fputs(value, f);
    fprintf(f, "%s\n", list ? "]" : "");
}

char *config_yaml(const struct config *config) {
    char *text = NULL;
    size_t size;
    FILE *const f = open_memstream(&text, &size);
    if (f == NULL)
        return NULL;
    for (size_t i = 0; i < config_count(config); i++) {
        const char *const section = config_key_at(config, i)->section;
        if (i == 0 || strcmp(section, config_key_at(config, i - 1)->section) != 0) {
            bool any = false; /* a section whose keys all lack a value is a comment too */
            for (size_t k = i; k < config_count(config); k++)
                any = any || (strcmp(section, config_key_at(config, k)->section) == 0 &&
                              config_value(config, k) != NULL);
            fprintf(f, "%s%s:\n", any ? "" : "# ", section);
        }
        print_key(f, config, i);
    }
    const bool failed = ferror(f) != 0;
    if (fclose(f) == 0 && !failed)
        return text;
    free(text);
    return NULL;
}
