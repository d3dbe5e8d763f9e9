/* The command that makes a run again. */
#include "report/page/page.h"
#include "report/page/table.h"
#include "report/strbuf.h"

#include "dynamics/settings.h"

#include <stdlib.h>
#include <string.h>

static bool is_default(const struct setting *row, const json_t *value, const char *text) {
    if (value == NULL || json_is_null(value) || (setting_kind(row) == SETTING_FLAG && !json_is_true(value)))
        return true;
    if (row->fallback == NULL)
        return false;
    return strcmp(text, row->fallback) == 0 ||
           (json_is_number(value) && strtod(row->fallback, NULL) == json_number_value(value));
}

void page_command(struct page *p, struct table *t, const struct report_run *run, size_t copy) {
    const struct settings part = run_settings_table(NULL);
    struct strbuf line = {.bytes = NULL};
    strbuf_addf(&line, "trm-router collect");
    for (size_t i = 0; i < part.count; i++) {
        const struct setting *const row = &part.rows[i];
        const json_t *const value = json_object_get(run->settings, row->name);
        char text[96];
        report_setting_text(run, row->name, text);
        if ((row->kind & (SETTING_FACT | SETTING_UNSTORED)) != 0 || is_default(row, value, text))
            continue;
        strbuf_addf(&line, " --%s", row->name);
        if (setting_kind(row) != SETTING_FLAG)
            strbuf_addf(&line, strpbrk(text, " '\"$") != NULL ? " '%s'" : " %s", text);
    }
    const size_t length = strlen(run->file), stem = length > 3 ? length - 3 : length;
    if (copy > 0)
        strbuf_addf(&line, " --output %.*s-%zu%s", (int)stem, run->file, copy, run->file + stem);
    else
        strbuf_addf(&line, " --output %s", run->file);
    p->failed = p->failed || line.failed;
    table_text(t, line.failed ? "" : line.bytes);
    strbuf_release(&line);
}
