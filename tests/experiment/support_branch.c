#include "experiment/support_branch.h"

#include "storage/safetensors.h"

#include <string.h>

struct collect_request branch_small(const char *output, const char *arms) {
    struct collect_request r = collect_small(output);
    char words[256];
    r.settings.data.holdout = 96;
    r.branch = (struct branch_settings){.oracle = arms != NULL ? BRANCH_ORACLE_BRANCH : BRANCH_ORACLE_NONE,
                                        .every = 1,
                                        .arms_text = arms,
                                        .probes = 2,
                                        .look_repeats = 1,
                                        .hold = 1};
    assert_null(branch_settings_complete(&r.branch, &r.settings, words));
    return r;
}

void branch_run(const struct collect_request *request) {
    char reason[512];
    if (collect_in_child(request, (struct interruption){0}, reason) != SUPPORT_DONE)
        fail_msg("%s", reason);
}

static struct st_file *weights_of(const char *output) {
    char path[1024];
    struct st_file *file;
    collect_path(output, ".weights.safetensors", path);
    assert_int_equal(st_open(path, &file, NULL), TRM_OK);
    return file;
}

void branch_assert_same_run(const char *a, const char *b) {
    static const char *const names[] = {"conv1.weight", "conv3.weight", "bn2.bias", "bn3.running_var",
                                        "fc.weight"};
    char hash[2][TRM_HASH_TEXT];
    for (int i = 0; i < 2; i++) {
        struct trm_store *store;
        assert_int_equal(trm_store_open(i == 0 ? a : b, TRM_STORE_READ, &store, NULL), TRM_OK);
        assert_int_equal(trm_store_hash(store, 1, hash[i], NULL), TRM_OK);
        trm_store_close(store, NULL);
    }
    assert_string_equal(hash[0], hash[1]);
    struct st_file *const x = weights_of(a), *const y = weights_of(b);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const struct st_tensor *const p = st_find(x, names[i]), *const q = st_find(y, names[i]);
        assert_true(p != NULL && q != NULL && p->count == q->count);
        assert_memory_equal(p->data, q->data, p->count * sizeof(float));
    }
    st_close(x);
    st_close(y);
}

static enum trm_status keep(void *context, const struct trm_branch *b) {
    struct branch_states *const states = context;
    struct branch_state *const s = &states->at[states->count++];
    assert_true(states->count <= BRANCH_STATES && b->arm_count <= BRANCH_ARMS);
    assert_true(b->probe_count <= BRANCH_NUMBERS && b->repeat_count <= BRANCH_NUMBERS);
    *s = (struct branch_state){.step = b->step,
                               .arms = b->arm_count,
                               .probes = b->probe_count,
                               .repeats = b->repeat_count,
                               .hold = b->hold,
                               .anneal = b->anneal};
    memcpy(s->seed, b->probe_seed, b->probe_count * sizeof *s->seed);
    memcpy(s->base, b->base_loss, b->probe_count * sizeof *s->base);
    for (size_t i = 0; i < b->arm_count; i++) {
        const struct trm_outcome *const o = &b->outcome[i];
        s->arm[i].is = *o;
        memcpy(s->arm[i].probe, o->probe_loss, b->probe_count * sizeof(double));
        memcpy(s->arm[i].look, o->look_loss, b->repeat_count * sizeof(double));
        if (o->look_doubled != NULL)
            memcpy(s->arm[i].doubled, o->look_doubled, b->repeat_count * sizeof(double));
        memcpy(s->arm[i].cosine, o->cosine, i * sizeof(double));
        s->arm[i].is.seconds = 0.0;
        s->arm[i].is.probe_loss = s->arm[i].is.look_loss = s->arm[i].is.look_doubled = s->arm[i].is.cosine =
            NULL;
    }
    return TRM_OK;
}

static enum trm_status keep_step(void *context, const struct trm_step *row) {
    ((struct branch_states *)context)->step[row->step] = *row;
    return TRM_OK;
}

static enum trm_status keep_epoch(void *context, const struct trm_epoch *row) {
    ((struct branch_states *)context)->held_loss[row->epoch] = row->held_loss;
    return TRM_OK;
}

void branch_read(const char *path, struct branch_states *states) {
    struct trm_store *store;
    memset(states, 0, sizeof *states); /* padding, too: they are compared */
    assert_int_equal(trm_store_open(path, TRM_STORE_READ, &store, NULL), TRM_OK);
    assert_int_equal(trm_store_branches(store, 1, keep, states, NULL), TRM_OK);
    assert_int_equal(trm_store_steps(store, 1, keep_step, states, NULL), TRM_OK);
    assert_int_equal(trm_store_epochs(store, 1, keep_epoch, states, NULL), TRM_OK);
    trm_store_close(store, NULL);
}

void branch_assert_same(const struct branch_states *a, const struct branch_states *b) {
    assert_int_equal(a->count, b->count);
    for (size_t i = 0; i < a->count; i++) {
        const struct branch_state *const x = &a->at[i], *const y = &b->at[i];
        assert_true(x->step == y->step && x->arms == y->arms && x->repeats == y->repeats);
        assert_memory_equal(x->seed, y->seed, sizeof x->seed);
        assert_memory_equal(x->base, y->base, sizeof x->base);
        for (size_t arm = 0; arm < x->arms; arm++) {
            const struct trm_outcome *const o = &x->arm[arm].is, *const p = &y->arm[arm].is;
            assert_true(o->chosen == p->chosen && o->next_loss == p->next_loss &&
                        o->decrease == p->decrease && o->norm == p->norm && o->scale == p->scale &&
                        o->rank == p->rank && o->gap == p->gap && o->iterations == p->iterations);
            assert_memory_equal(x->arm[arm].probe, y->arm[arm].probe, sizeof x->arm[arm].probe);
            assert_memory_equal(x->arm[arm].look, y->arm[arm].look, sizeof x->arm[arm].look);
            assert_memory_equal(x->arm[arm].doubled, y->arm[arm].doubled, sizeof x->arm[arm].doubled);
            assert_memory_equal(x->arm[arm].cosine, y->arm[arm].cosine, sizeof x->arm[arm].cosine);
        }
    }
}
