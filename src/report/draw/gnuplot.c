#include "report/assets.h"
#include "report/plots.h"

#include "storage/file.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

enum { PICTURE_LIMIT = 64 * 1024 * 1024, COMPLAINT_LIMIT = 1024 * 1024 };

/* ending, how its file begins */
static const struct kind {
    const char *ending, *magic;
} kinds[] = {{"png", "\x89PNG\r\n\x1a\n"}, {"svg", "<?xml"}};

void plot_free(struct plot *plot) {
    strbuf_release(&plot->data);
}

/* ---- a folder of our own for script, data, picture and complaints */

static const char *const names[] = {"data.txt", "plot.gp", "picture", "complaints.txt"};
enum { DATA, SCRIPT, PICTURE, COMPLAINTS, NAMES };

struct workplace {
    char folder[512];
    char path[NAMES][544];
};

static void workplace_remove(const struct workplace *w) {
    for (int i = 0; i < NAMES; i++)
        (void)remove(w->path[i]);
    (void)rmdir(w->folder);
}

static enum trm_status workplace_make(struct workplace *w, struct trm_error *error) {
    const char *const set = getenv("TMPDIR");
    const char *const parent = set != NULL && *set != '\0' ? set : "/tmp";
    char folder[sizeof w->folder];
    const int length = snprintf(folder, sizeof folder, "%s/trm-report-XXXXXX", parent);
    if (length < 0 || (size_t)length >= sizeof folder)
        return trm_fail(error, TRM_IO, "%.200s...: the name of the temporary folder is too long", parent);
    if (mkdtemp(folder) == NULL)
        return trm_fail(error, TRM_IO,
                        "%s: no temporary folder can be made there (%s); set TMPDIR to another", parent,
                        strerror(errno));
    memcpy(w->folder, folder, sizeof folder);
    for (int i = 0; i < NAMES; i++)
        snprintf(w->path[i], sizeof w->path[i], "%s/%s", folder, names[i]);
    return TRM_OK;
}

static enum trm_status write_text(const char *path, const struct strbuf *text, struct trm_error *error) {
    FILE *const stream = fopen(path, "wb");
    const bool written = stream != NULL && fwrite(text->bytes, 1, text->size, stream) == text->size;
    if ((stream != NULL && fclose(stream) != 0) || !written)
        return trm_fail(error, TRM_IO, "%s: cannot be written: %s", path, strerror(errno));
    return TRM_OK;
}

/* ---- the child */

static enum trm_status spawn(const char *program, char *const *arguments, const char *complaints, int *ended,
                             struct trm_error *error) {
    posix_spawn_file_actions_t actions;
    pid_t child;
    int rc = posix_spawn_file_actions_init(&actions);
    if (rc != 0)
        return trm_fail(error, TRM_NO_MEMORY, "%s: cannot be started: %s", program, strerror(rc));
    rc = posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    if (rc == 0)
        rc = posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    if (rc == 0)
        rc = posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, complaints,
                                              O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (rc == 0)
        rc = posix_spawnp(&child, program, &actions, NULL, arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    if (rc != 0)
        return trm_fail(error, TRM_NOT_FOUND,
                        "%s: cannot be started (%s); pictures need gnuplot: install the package gnuplot-nox",
                        program, strerror(rc));
    while (waitpid(child, ended, 0) < 0)
        if (errno != EINTR)
            return trm_fail(error, TRM_IO, "%s: cannot be waited for: %s", program, strerror(errno));
    return TRM_OK;
}

enum trm_status gnuplot_check(const char *program, struct trm_error *error) {
    char *const arguments[] = {(char[]){"gnuplot"}, (char[]){"--version"}, NULL};
    int ended = 0;
    enum trm_status status = spawn(program, arguments, "/dev/null", &ended, error);
    if (status == TRM_OK && (!WIFEXITED(ended) || WEXITSTATUS(ended) != 0))
        status = trm_fail(error, TRM_NOT_FOUND,
                          "%s: does not run (--version fails); install the package gnuplot-nox", program);
    return status;
}

/* The line of gnuplot's complaint that says what is wrong: the last that is not empty. */
static void find_complaint(const char *path, char *line, size_t room) {
    void *data;
    size_t size;
    line[0] = '\0';
    if (file_read(path, COMPLAINT_LIMIT, &data, &size, NULL) != TRM_OK)
        return;
    for (char *save = NULL, *next = strtok_r(data, "\r\n", &save); next != NULL;
         next = strtok_r(NULL, "\r\n", &save))
        if (next[strspn(next, " \t^")] != '\0')
            snprintf(line, room, "%s", next + strspn(next, " \t"));
    free(data);
}

static enum trm_status run(const char *program, const struct workplace *w, struct trm_error *error) {
    char script[sizeof w->path[SCRIPT]], option[] = "-d", name[] = "gnuplot", why[256];
    char *const arguments[] = {name, option, script, NULL}; /* -d: not the user's own settings */
    int ended = 0;
    memcpy(script, w->path[SCRIPT], sizeof script);
    const enum trm_status status = spawn(program, arguments, w->path[COMPLAINTS], &ended, error);
    if (status != TRM_OK)
        return status;
    find_complaint(w->path[COMPLAINTS], why, sizeof why);
    if (WIFSIGNALED(ended))
        return trm_fail(error, TRM_IO, "%s was ended by signal %d", program, WTERMSIG(ended));
    if (!WIFEXITED(ended) || WEXITSTATUS(ended) != 0)
        return trm_fail(error, TRM_IO, "%s failed: %s", program, why[0] != '\0' ? why : "it did not say why");
    return TRM_OK;
}

/* ---- one kind after the other */

static enum trm_status write_script(const char *text, const struct kind *kind, const struct workplace *w,
                                    struct trm_error *error) {
    struct strbuf script = {.bytes = NULL};
    strbuf_addf(&script, "kind = '%s'\ndata = ", kind->ending);
    strbuf_add_quoted(&script, w->path[DATA]);
    strbuf_addf(&script, "\noutput = ");
    strbuf_add_quoted(&script, w->path[PICTURE]);
    strbuf_addf(&script, "\n%s%s\nunset output\n", asset("style.gp"), text);
    const enum trm_status status = script.failed
                                       ? trm_fail(error, TRM_NO_MEMORY, "no memory for a picture's script")
                                       : write_text(w->path[SCRIPT], &script, error);
    strbuf_release(&script);
    return status;
}

/* From the workplace to its place, when it is whole. */
static enum trm_status keep_picture(const char *program, const struct kind *kind, const struct workplace *w,
                                    const char *stem, struct trm_error *error) {
    struct strbuf path = {.bytes = NULL};
    void *data = NULL;
    size_t size;
    enum trm_status status = file_read(w->path[PICTURE], PICTURE_LIMIT, &data, &size, error);
    const bool whole = status == TRM_OK && size >= 64 && memcmp(data, kind->magic, strlen(kind->magic)) == 0;
    if (status == TRM_NOT_FOUND || (status == TRM_OK && !whole))
        status = trm_fail(error, TRM_IO, "%s left no picture of type %s", program, kind->ending);
    strbuf_addf(&path, "%s.%s", stem, kind->ending);
    if (status == TRM_OK && path.failed)
        status = trm_fail(error, TRM_NO_MEMORY, "no memory for a picture's name");
    if (status == TRM_OK)
        status = file_write(path.bytes, data, size, true, error);
    strbuf_release(&path);
    free(data);
    return status;
}

enum trm_status gnuplot_draw(const char *program, const struct plot *plot, const char *stem,
                             struct trm_error *error) {
    struct workplace w;
    if (plot->data.failed)
        return trm_fail(error, TRM_NO_MEMORY, "%s: no memory for its data", stem);
    enum trm_status status = workplace_make(&w, error);
    if (status != TRM_OK)
        return status;
    status = write_text(w.path[DATA], &plot->data, error);
    for (size_t i = 0; status == TRM_OK && i < sizeof kinds / sizeof *kinds; i++) {
        (void)remove(w.path[PICTURE]);
        status = write_script(plot->script, &kinds[i], &w, error);
        if (status == TRM_OK)
            status = run(program, &w, error);
        if (status == TRM_OK)
            status = keep_picture(program, &kinds[i], &w, stem, error);
    }
    workplace_remove(&w);
    return status;
}
