/* Reading the runs of several stores, whatever is made of them. */
#include "oracle/merge.h"

#include "storage/file.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum trm_status merge_room(struct merge_run *run, struct trm_error *error) {
    if (run->count < run->room)
        return TRM_OK;
    const size_t room = run->room == 0 ? 1024 : 2 * run->room;
    struct merge_row *rows = realloc(run->rows, room * sizeof *rows);
    if (rows == NULL)
        return trm_fail(error, TRM_NO_MEMORY, "%s: no memory for its steps", run->path);
    run->rows = rows;
    run->room = room;
    return TRM_OK;
}

enum trm_status merge_check_row(const struct merge_run *run, const struct trm_step *row,
                                struct trm_error *error) {
    const char *wrong = !isfinite(row->loss)                              ? "loss"
                        : row->has_next_loss && !isfinite(row->next_loss) ? "next_loss"
                                                                          : NULL;
    for (unsigned f = 0; f < TRM_FEATURE_COUNT; f++)
        if (!isfinite(row->feature[f]))
            wrong = trm_feature_name((enum trm_feature)f);
    if (wrong != NULL)
        return trm_fail(error, TRM_NOT_FINITE, "%s: %s of step %zu is NaN or infinite; collect it again",
                        run->path, wrong, row->step);
    return TRM_OK;
}

void merge_keep(struct merge_run *run, const struct trm_step *row) {
    struct merge_row *const kept = &run->rows[run->count++];
    memcpy(kept->feature, row->feature, sizeof kept->feature);
    kept->loss = row->loss;
    kept->change = row->next_loss - row->loss;
    kept->step = row->step;
    kept->epoch = row->epoch;
}

static enum trm_status read_store(struct merge *merge, const char *path, merge_reader *read,
                                  struct trm_error *error) {
    struct trm_store *store;
    size_t count;
    enum trm_status status = trm_store_open(path, TRM_STORE_READ, &store, error);
    if (status != TRM_OK)
        return status;
    struct trm_run **const list = &merge->lists[merge->list_count++];
    status = trm_store_runs(store, list, &count, error);
    if (status == TRM_OK && count == 0)
        status = trm_fail(error, TRM_INVALID,
                          "%s: holds no run; collect one first, or, where its writer was killed, copy also "
                          "%s-wal, which holds its last rows",
                          path, path);
    if (status == TRM_OK) {
        struct merge_run *runs = realloc(merge->runs, (merge->run_count + count) * sizeof *runs);
        if (runs == NULL)
            status = trm_fail(error, TRM_NO_MEMORY, "%s: no memory for its %zu runs", path, count);
        else
            merge->runs = runs;
    }
    for (size_t i = 0; status == TRM_OK && i < count; i++) {
        struct merge_run *const run = &merge->runs[merge->run_count++];
        *run = (struct merge_run){.path = path, .info = &(*list)[i]};
        status = read(store, merge, run, error);
    }
    trm_store_close(store, NULL);
    return status;
}

void merge_release(struct merge *merge) {
    for (size_t i = 0; i < merge->run_count; i++) {
        free(merge->runs[i].rows);
        free(merge->runs[i].states);
    }
    for (size_t i = 0; i < merge->list_count; i++)
        free(merge->lists[i]);
    free(merge->runs);
    free(merge->lists);
}

/* Overwriting an input would lose it. */
static enum trm_status check_not_input(const char *output, const char *input, struct trm_error *error) {
    if (file_same(output, input))
        return trm_fail(error, TRM_INVALID,
                        "%s: is both input and output; leave it out of the inputs, where *.db takes it too, "
                        "or write to another file",
                        output);
    return TRM_OK;
}

enum trm_status merge_read(struct merge *merge, const char *const *inputs, size_t count, const char *output,
                           bool overwrite, merge_reader *read, struct trm_error *error) {
    enum trm_status status = TRM_OK;
    merge->lists = calloc(count + 1, sizeof *merge->lists);
    if (merge->lists == NULL)
        return trm_fail(error, TRM_NO_MEMORY, "no memory for %zu inputs", count);
    if (count == 0)
        status = trm_fail(error, TRM_INVALID, "no inputs: give the stores of at least two solvers");
    for (size_t i = 0; status == TRM_OK && i < count; i++)
        status = check_not_input(output, inputs[i], error);
    if (status == TRM_OK)
        status = file_check_output(output, overwrite, true, error);
    for (size_t i = 0; status == TRM_OK && i < count; i++)
        status = read_store(merge, inputs[i], read, error);
    return status;
}
