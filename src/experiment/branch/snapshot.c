#include "experiment/branch/snapshot.h"

#include <stdlib.h>
#include <string.h>

/* One array of the state, and its copy. */
struct piece {
    void *at, *copy;
    size_t bytes;
};

struct snapshot {
    struct trainer *trainer;
    struct piece *pieces;
    size_t count;
    unsigned char *pool;
};

static void add(struct snapshot *s, void *at, size_t bytes) {
    s->pieces[s->count++] = (struct piece){.at = at, .bytes = bytes};
}

static void list(struct snapshot *s) {
    struct trainer *const t = s->trainer;
    add(s, nn_params(t->model), nn_param_floats(t->model) * sizeof(float));
    add(s, nn_gradients(t->model), nn_param_floats(t->model) * sizeof(float));
    add(s, nn_buffers(t->model), nn_buffer_floats(t->model) * sizeof(float));
    for (size_t i = 0; i < muon_sgd_state_count(t->sgd); i++) {
        const struct muon_state state = muon_sgd_state(t->sgd, i);
        if (state.floats != NULL)
            add(s, state.floats, state.count * sizeof(float));
        else
            add(s, state.doubles, state.count * sizeof(double));
    }
}

enum trm_status snapshot_create(struct snapshot **out, struct trainer *trainer, struct trm_error *error) {
    size_t bytes = 0;
    struct snapshot *const s = *out = calloc(1, sizeof *s);
    if (s == NULL)
        return trm_fail(error, TRM_NO_MEMORY, "out of memory for a state of the run");
    s->trainer = trainer;
    s->pieces = calloc(3 + muon_sgd_state_count(trainer->sgd), sizeof *s->pieces);
    if (s->pieces != NULL)
        list(s);
    for (size_t i = 0; i < s->count; i++)
        bytes += s->pieces[i].bytes;
    s->pool = malloc(bytes + 1);
    if (s->pieces == NULL || s->pool == NULL) {
        snapshot_destroy(s);
        *out = NULL;
        return trm_fail(error, TRM_NO_MEMORY, "out of memory for a state of the run");
    }
    bytes = 0;
    for (size_t i = 0; i < s->count; bytes += s->pieces[i++].bytes)
        s->pieces[i].copy = s->pool + bytes;
    return TRM_OK;
}

void snapshot_destroy(struct snapshot *s) {
    if (s == NULL)
        return;
    free(s->pieces);
    free(s->pool);
    free(s);
}

void snapshot_take(struct snapshot *s) {
    for (size_t i = 0; i < s->count; i++)
        if (s->pieces[i].bytes > 0)
            memcpy(s->pieces[i].copy, s->pieces[i].at, s->pieces[i].bytes);
}

enum trm_status snapshot_restore(const struct snapshot *s, bool advanced, struct trm_error *error) {
    for (size_t i = 0; i < s->count; i++)
        if (s->pieces[i].bytes > 0)
            memcpy(s->pieces[i].at, s->pieces[i].copy, s->pieces[i].bytes);
    return muon_sgd_again(s->trainer->sgd, advanced, error);
}
