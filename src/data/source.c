#include "data/source.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool ends_in(const char *name, const char *end) {
    const size_t length = strlen(name), tail = strlen(end);
    return length > tail && strcmp(name + length - tail, end) == 0;
}

/* ".gz" is tried only where the plain file is not there. */
static bool find(const struct source_file *file, const char *dir, char path[DATA_PATH], struct stat *st,
                 bool *compressed) {
    const char *const endings[] = {"", ".gz"};
    const bool packed =
        file->kind == SOURCE_IDX_PADDED || file->kind == SOURCE_IDX_GREY || file->kind == SOURCE_IDX_LABELS;
    const int forms = packed ? 2 : 1;
    for (int i = 0; i < forms; i++) {
        *compressed = packed && (i == 1 || ends_in(file->name, ".gz")); /* data.yaml may name it whole */
        if (snprintf(path, DATA_PATH, "%s/%s%s", dir, file->name, endings[i]) >= DATA_PATH)
            continue; /* the folder alone was short enough, or this was said before */
        if (stat(path, st) == 0)
            return true;
    }
    snprintf(path, DATA_PATH, "%s/%s", dir, file->name);
    return false;
}

enum data_file_state source_look(const struct source_file *file, const char *dir, char path[DATA_PATH]) {
    struct stat st;
    bool compressed;
    if (!find(file, dir, path, &st, &compressed))
        return file->optional ? DATA_FILE_ABSENT : DATA_FILE_MISSING;
    if (!S_ISREG(st.st_mode) || access(path, R_OK) != 0)
        return DATA_FILE_UNREADABLE;
    const size_t bytes = source_bytes(file);
    if (compressed || bytes == 0 ? st.st_size == 0 : (size_t)st.st_size != bytes)
        return DATA_FILE_SIZE;
    return DATA_FILE_GOOD;
}

static bool holds_any(const struct source *source, const char *dir) {
    for (size_t i = 0; i < source->file_count; i++) {
        char path[DATA_PATH];
        struct stat st;
        bool compressed;
        if (find(&source->files[i], dir, path, &st, &compressed))
            return true;
    }
    return false;
}

/* "data_batch_1.bin ... test_batch.bin": the files of a data set in few words. */
static const char *files_text(const struct source *source, char text[128]) {
    snprintf(text, 128, "%s ... %s", source->files[0].name, source->files[source->file_count - 1].name);
    return text;
}

static enum trm_status check_folder(const struct source *source, const char *dir, struct trm_error *error) {
    struct stat st;
    if (dir[0] == '\0')
        return trm_fail(error, TRM_INVALID, "the data folder's name is empty; give one, or leave it out");
    if (strlen(dir) >= DATA_PATH - 64)
        return trm_fail(error, TRM_INVALID, "the data folder's name is too long; use a shorter one");
    const bool there = stat(dir, &st) == 0;
    if (there && S_ISDIR(st.st_mode))
        return TRM_OK;
    if (source != NULL && source->package_dir != NULL && strcmp(dir, source->package_dir) == 0)
        return trm_fail(error, TRM_NOT_FOUND,
                        "%s: no such folder; install the package %s, or give a data folder", dir,
                        source->package);
    const int why = errno;
    const char *const hint = there ? source_hint(dir) : NULL;
    return trm_fail(error, there ? TRM_INVALID : TRM_NOT_FOUND, "%s: %s; %s", dir,
                    there ? "is no folder" : strerror(why),
                    hint != NULL ? hint : "give the folder that holds the data set");
}

static const struct source *by_name(const char *name, struct trm_error *error) {
    char known[128] = "";
    for (size_t i = 0; i < data_known(); i++) {
        if (strcmp(name, data_name(i)) == 0)
            return source_at(i);
        snprintf(known + strlen(known), sizeof known - strlen(known), "%s%s", i > 0 ? ", " : "",
                 data_name(i));
    }
    trm_fail(error, TRM_NOT_FOUND, "data set \"%s\" is not known; use one of %s", name, known);
    return NULL;
}

/* The one known data set that has files in dir; *source is NULL where none has. */
static enum trm_status by_files(const char *dir, const struct source **source, struct trm_error *error) {
    *source = NULL;
    for (size_t i = 0; i < data_known(); i++) {
        const struct source *s = source_at(i);
        if (!holds_any(s, dir))
            continue;
        if (*source != NULL)
            return trm_fail(error, TRM_INVALID, "%s: holds files of both %s and %s; name the data set", dir,
                            (*source)->name, s->name);
        *source = s;
    }
    return TRM_OK;
}

static enum trm_status nothing_in(const char *dir, struct trm_error *error) {
    char expected[512] = "", files[128];
    const char *const hint = source_hint(dir);
    for (size_t i = 0; i < data_known(); i++)
        snprintf(expected + strlen(expected), sizeof expected - strlen(expected), "%s%s (%s)",
                 i > 0 ? " or " : "", source_at(i)->name, files_text(source_at(i), files));
    if (hint != NULL)
        return trm_fail(error, TRM_NOT_FOUND, "%s: %s", dir, hint);
    return trm_fail(
        error, TRM_NOT_FOUND,
        "%s: holds no known data set; give a folder with the files of %s, or own images in a safetensors "
        "file",
        dir, expected);
}

/* What lies in dir: named own images, a known data set, one file of own images. */
static enum trm_status choose_by_folder(const char *dir, struct source_choice *choice,
                                        struct trm_error *error) {
    const struct source *known = NULL;
    bool found;
    enum trm_status status = own_find(dir, false, choice, &found, error);
    if (status != TRM_OK || found)
        return status;
    status = check_folder(NULL, dir, error);
    if (status == TRM_OK)
        status = by_files(dir, &known, error);
    if (status == TRM_OK && known == NULL) {
        status = own_find(dir, true, choice, &found, error);
        return status != TRM_OK || found ? status : nothing_in(dir, error);
    }
    if (status == TRM_OK) {
        choice->source = *known;
        snprintf(choice->dir, sizeof choice->dir, "%s", dir);
    }
    return status;
}

enum trm_status source_choose(const struct data_options *options, struct source_choice *choice,
                              struct trm_error *error) {
    char files[128];
    const struct source *source = NULL;
    const char *dir = options->dir;
    if (options->name != NULL && (source = by_name(options->name, error)) == NULL)
        return TRM_NOT_FOUND;
    if (source == NULL && dir != NULL)
        return choose_by_folder(dir, choice, error);
    for (size_t i = 0; source == NULL; i++) /* the table has a data set with a package */
        if (source_at(i)->package_dir != NULL)
            source = source_at(i);
    if (dir == NULL)
        dir = source->package_dir;
    if (dir == NULL)
        return trm_fail(error, TRM_NOT_FOUND, "%s: no package has it; give the folder with its files %s (%s)",
                        source->name, files_text(source, files), source->origin);
    const enum trm_status status = check_folder(source, dir, error);
    choice->source = *source;
    snprintf(choice->dir, sizeof choice->dir, "%s", dir);
    return status;
}

static enum trm_status check_file(const struct source *source, const struct source_file *file,
                                  const char *dir, struct data_info *info, struct trm_error *error) {
    char path[DATA_PATH];
    switch (source_look(file, dir, path)) {
    case DATA_FILE_MISSING:
        return trm_fail(error, TRM_NOT_FOUND,
                        "%s: missing; %s needs it, give a folder that has all its files", path,
                        source->title);
    case DATA_FILE_SIZE:
        return trm_fail(error, TRM_FORMAT, "%s: should have %zu bytes of data; fetch it again", path,
                        source_bytes(file));
    case DATA_FILE_UNREADABLE:
        return trm_fail(error, TRM_IO, "%s: is no regular file that can be read; see what it is", path);
    case DATA_FILE_GOOD:
        if (file->kind != SOURCE_IDX_LABELS)
            *(file->split == DATA_TRAIN ? &info->train : &info->test) += file->images;
        break;
    default:
        break;
    }
    return TRM_OK;
}

/* The images that are there become those that are asked for. */
static enum trm_status limit(const struct data_options *options, struct data_info *info,
                             struct trm_error *error) {
    if (options->holdout >= info->train && options->holdout > 0)
        return trm_fail(
            error, TRM_INVALID,
            "--holdout %zu leaves none of the %zu training images in %s to train with; give fewer",
            options->holdout, info->train, info->dir);
    info->held = options->holdout;
    info->train -= info->held;
    if (options->train_limit > info->train)
        return trm_fail(error, TRM_INVALID,
                        "--train-limit %zu is more than the %zu training images in %s%s; give at most that",
                        options->train_limit, info->train, info->dir,
                        info->held > 0 ? " that are not held out" : "");
    if (options->train_limit > 0)
        info->train = options->train_limit;
    return TRM_OK;
}

void source_name(const struct source *source, struct data_info *info) {
    snprintf(info->name, sizeof info->name, "%s", source->name);
    snprintf(info->title, sizeof info->title, "%s", source->title);
}

enum trm_status source_check(const struct source *source, const char *dir, const struct data_options *options,
                             struct data_info *info, struct trm_error *error) {
    char files[128];
    *info = (struct data_info){.shape = source->shape};
    source_name(source, info);
    enum trm_status status = check_folder(source, dir, error);
    const char *const hint = status == TRM_OK && !holds_any(source, dir) ? source_hint(dir) : NULL;
    if (hint != NULL)
        return trm_fail(error, TRM_NOT_FOUND, "%s: %s", dir, hint);
    for (size_t i = 0; status == TRM_OK && i < source->file_count; i++)
        status = check_file(source, &source->files[i], dir, info, error);
    if (status != TRM_OK)
        return status;
    snprintf(info->dir, sizeof info->dir, "%s", dir);
    if (info->train == 0)
        return trm_fail(error, TRM_NOT_FOUND,
                        "%s: holds no training file of %s; give a folder that has its files %s", dir,
                        source->title, files_text(source, files));
    return limit(options, info, error);
}

enum trm_status data_check(const struct data_options *options, struct data_info *info,
                           struct trm_error *error) {
    struct source_choice choice;
    *info = (struct data_info){.train = 0};
    const enum trm_status status = source_choose(options, &choice, error);
    return status != TRM_OK ? status : source_check(&choice.source, choice.dir, options, info, error);
}

void data_list(size_t index, const char *dir, struct data_listing *listing) {
    const struct data_options options = {.name = data_name(index), .dir = dir};
    struct trm_error error;
    *listing = (struct data_listing){0};
    listing->found = data_check(&options, &listing->info, &error) == TRM_OK;
    source_name(source_at(index), &listing->info);
    if (!listing->found)
        snprintf(listing->problem, sizeof listing->problem, "%s", error.text);
}
