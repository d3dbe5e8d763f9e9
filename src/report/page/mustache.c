#include "report/page/mustache.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { DEPTH = 8, NAME_MAX = 64 };

/* The objects in which a name is looked for, the innermost last. */
struct scope {
    const json_t *object[DEPTH];
    int depth;
};

struct tag {
    char kind; /* '#', '^', '/', '{', or 0: a value */
    char name[NAME_MAX];
    const char *begin, *end; /* of the whole tag */
};

/* The next tag of a text that ends at `end`; false where there is none. */
static bool find_tag(const char *text, const char *end, struct tag *tag) {
    const char *const open = strstr(text, "{{");
    if (open == NULL || open >= end)
        return false;
    tag->begin = open;
    tag->kind = strchr("#^/{", open[2]) != NULL ? open[2] : '\0';
    const char *const name = open + 2 + (tag->kind != '\0'), *const close = strstr(name, "}}");
    if (close == NULL || (size_t)(close - name) >= sizeof tag->name)
        return false;
    memcpy(tag->name, name, (size_t)(close - name));
    tag->name[close - name] = '\0';
    tag->end = close + (tag->kind == '{' ? 3 : 2);
    return true;
}

static const json_t *look_up(const struct scope *scope, const char *name) {
    for (int i = scope->depth; i-- > 0;) {
        const json_t *const value = json_object_get(scope->object[i], name);
        if (value != NULL)
            return value;
    }
    return NULL;
}

static bool is_set(const json_t *value) {
    if (json_is_string(value))
        return json_string_length(value) > 0;
    if (json_is_number(value))
        return true;
    if (json_is_array(value))
        return json_array_size(value) > 0;
    return json_is_object(value) || json_is_true(value);
}

void mustache_number(struct strbuf *out, const char *format, double value) {
    char digits[64];
    if (!isfinite(value)) {
        strbuf_addf(out, "\u2013");
        return;
    }
    snprintf(digits, sizeof digits, format, value); /* the format is a template's own */
    const bool negative = digits[0] == '-',
               zero = strspn(digits, "-0.") == strlen(digits); /* no minus zero */
    strbuf_addf(out, "%s%s", negative && !zero ? "\u2212" : "", digits + negative);
}

static void add_value(struct strbuf *out, const struct scope *scope, struct tag *tag) {
    char *const format = strchr(tag->name, ' ');
    if (format != NULL)
        *format = '\0';
    const json_t *const value = look_up(scope, tag->name);
    if (format != NULL)
        mustache_number(out, format + 1, json_is_number(value) ? json_number_value(value) : NAN);
    else if (json_is_integer(value))
        strbuf_addf(out, "%lld", (long long)json_integer_value(value));
    else if (json_is_string(value) && tag->kind == '{')
        strbuf_add(out, json_string_value(value), json_string_length(value));
    else if (json_is_string(value))
        strbuf_add_html(out, json_string_value(value));
}

/* The tag that closes a section whose content begins at text. */
static bool find_close(const char *text, const char *end, const char *name, struct tag *close) {
    int open = 1;
    while (find_tag(text, end, close)) {
        if (strcmp(close->name, name) == 0)
            open += close->kind == '/' ? -1 : close->kind == '#' || close->kind == '^';
        if (open == 0)
            return true;
        text = close->end;
    }
    return false;
}

static bool fill(struct strbuf *out, const char *text, const char *end, struct scope *scope);

static bool fill_section(struct strbuf *out, const struct tag *tag, const struct tag *close,
                         struct scope *scope) {
    const json_t *const value = look_up(scope, tag->name);
    const bool is_list = json_is_array(value);
    if (is_set(value) != (tag->kind == '#'))
        return true;
    if (tag->kind == '^' || (!is_list && !json_is_object(value)))
        return fill(out, tag->end, close->begin, scope);
    bool good = scope->depth < DEPTH;
    for (size_t i = 0; good && i < (is_list ? json_array_size(value) : 1); i++) {
        scope->object[scope->depth++] = is_list ? json_array_get(value, i) : value;
        good = fill(out, tag->end, close->begin, scope);
        scope->depth--;
    }
    return good;
}

static bool fill(struct strbuf *out, const char *text, const char *end, struct scope *scope) {
    struct tag tag, close;
    while (find_tag(text, end, &tag)) {
        strbuf_add(out, text, (size_t)(tag.begin - text));
        text = tag.end;
        if (tag.kind == '#' || tag.kind == '^') {
            if (!find_close(tag.end, end, tag.name, &close) || !fill_section(out, &tag, &close, scope))
                return false;
            text = close.end;
        } else if (tag.kind == '/')
            return false;
        else
            add_value(out, scope, &tag);
    }
    strbuf_add(out, text, (size_t)(end - text));
    return !out->failed;
}

bool mustache(struct strbuf *out, const char *text, const json_t *values) {
    struct scope scope = {.object = {values}, .depth = 1};
    return fill(out, text, text + strlen(text), &scope);
}
