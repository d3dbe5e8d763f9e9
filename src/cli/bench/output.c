#include "cli/bench/output.h"

#include "cli/views/print_json.h"
#include "cli/views/stop.h"

#include "storage/file.h"

#include <stdlib.h>
#include <string.h>

static enum trm_status path_of(const struct bench_output *o, const char *ending, struct strbuf *path,
                               struct trm_error *error) {
    *path = (struct strbuf){.bytes = NULL};
    strbuf_addf(path, "%s/%s%s", o->folder, o->stem, ending);
    return path->failed ? trm_fail(error, TRM_NO_MEMORY, "%s: no memory for its name", o->stem) : TRM_OK;
}

enum trm_status bench_output_check(const struct bench_output *o, struct trm_error *error) {
    static const char *const endings[] = {".png", ".svg", ".json"};
    if (o->folder == NULL)
        return TRM_OK;
    enum trm_status status = gnuplot_check(o->gnuplot, error);
    for (size_t i = 0; status == TRM_OK && i < sizeof endings / sizeof *endings; i++) {
        struct strbuf path;
        status = path_of(o, endings[i], &path, error);
        if (status == TRM_OK)
            status = file_check_output(path.bytes, o->force, true, error);
        strbuf_release(&path);
    }
    return status;
}

static enum trm_status write_document(const struct bench_output *o, const json_t *document,
                                      struct trm_error *error) {
    struct strbuf path;
    char *const text = print_json_text(json_deep_copy(document));
    enum trm_status status = path_of(o, ".json", &path, error);
    if (status == TRM_OK && text == NULL)
        status = trm_fail(error, TRM_NO_MEMORY, "%s: no memory for the document", path.bytes);
    if (status == TRM_OK)
        status = file_write(path.bytes, text, strlen(text), o->force, error);
    free(text);
    strbuf_release(&path);
    return status;
}

enum trm_status bench_output_write(const struct bench_output *o, const struct plot *plot,
                                   const json_t *document, struct trm_error *error) {
    struct strbuf stem;
    if (o->folder == NULL)
        return TRM_OK;
    if (document == NULL)
        return trm_fail(error, TRM_NO_MEMORY, "%s: no memory for its figures", o->stem);
    stop_catch(STOP_LATER); /* a signal must leave no half a file */
    enum trm_status status = path_of(o, "", &stem, error);
    if (status == TRM_OK)
        status = gnuplot_draw(o->gnuplot, plot, stem.bytes, error);
    if (status == TRM_OK)
        status = write_document(o, document, error);
    strbuf_release(&stem);
    return status;
}
