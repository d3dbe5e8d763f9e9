#include "data/source.h"

#include <stdio.h>
#include <string.h>

static bool is_good(enum data_file_state state) {
    static const bool good[] = {
#define X(name, text, good) [DATA_FILE_##name] = good,
        DATA_FILE_LIST(X)
#undef X
    };
    return good[state];
}

void source_verify(const struct source *source, const char *dir, struct data_verification *out) {
    *out = (struct data_verification){.good = true};
    source_name(source, &out->info);
    snprintf(out->info.dir, sizeof out->info.dir, "%s", dir);
    size_t training = 0;
    for (size_t i = 0; i < source->file_count && i < DATA_MAX_FILES; i++) {
        const struct source_file *file = &source->files[i];
        char path[DATA_PATH];
        enum data_file_state state = source_look(file, dir, path);
        if (state == DATA_FILE_GOOD && !digest_file(path, out->files[i].actual))
            state = DATA_FILE_UNREADABLE;
        if (state == DATA_FILE_GOOD && file->sha1 == NULL)
            state = DATA_FILE_UNPUBLISHED;
        if (state == DATA_FILE_GOOD && strcmp(out->files[i].actual, file->sha1) != 0)
            state = DATA_FILE_DIFFERS;
        snprintf(out->files[i].name, sizeof out->files[i].name, "%s", strrchr(path, '/') + 1);
        out->files[i].state = state;
        out->files[i].expected = file->sha1;
        out->good = out->good && is_good(state);
        training += file->split == DATA_TRAIN && (state == DATA_FILE_GOOD || state == DATA_FILE_UNPUBLISHED);
        out->count++;
    }
    out->good = out->good && training > 0;
}

enum trm_status data_verify(const struct data_options *options, struct data_verification *out,
                            struct trm_error *error) {
    struct source_choice choice;
    *out = (struct data_verification){.count = 0};
    const enum trm_status status = source_choose(options, &choice, error);
    if (status == TRM_OK)
        source_verify(&choice.source, choice.dir, out);
    return status;
}
