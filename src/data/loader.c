/* Batches made ahead of their use. Batches have tickets 0, 1, 2 ... from where the loader was started; ticket
   t goes to slot t mod slots. Threads take the next ticket as soon as its slot is free: below released +
   slots, where all tickets below `released` were used up by the caller. The caller waits for its ticket's
   slot, so the order in which batches come never depends on the threads. */
#include "data/batch.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_THREADS = 16, MAX_AHEAD = 16, ALIGNMENT = 64, MAX_SAMPLES = 1 << 28 /* rng_stream's */ };

struct slot {
    struct data_batch batch;
    bool ready;
    enum trm_status status;
    struct trm_error error;
};

struct worker {
    struct data_loader *loader;
    pthread_t thread;
    uint32_t *order; /* of the epoch order_epoch */
    size_t order_epoch;
};

struct data_loader {
    struct batch_plan plan;
    struct slot *slots;
    struct worker *workers; /* the first serves the caller where options.threads is 0 */
    size_t slot_count, worker_count, threads;
    pthread_mutex_t mutex;
    pthread_cond_t work, done;
    /* Under the mutex from here on. */
    size_t epoch, step;            /* of ticket 0 */
    size_t taken, given, released; /* tickets: next to make, next to give, first not used up */
    size_t busy;                   /* threads that make a batch now */
    bool running, stop;
};

struct data_loader_options data_loader_defaults(enum data_split split) {
    const bool train = split == DATA_TRAIN;
    return (struct data_loader_options){.split = split,
                                        .batch_size = 128,
                                        .seed = 42,
                                        .shuffle = train,
                                        .augment = train,
                                        .keep_last = !train,
                                        .threads = 1,
                                        .ahead = 2};
}

const char *data_loader_check(const struct data_loader_options *options, size_t images) {
    if ((unsigned)options->split >= DATA_SPLITS)
        return "split must be train, test or held";
    if (images == 0 || images >= MAX_SAMPLES)
        return "a split must have 1 to 2^28 - 1 images";
    if (options->batch_size == 0)
        return "batch_size must be at least 1";
    if (options->batch_size > images)
        return "batch_size must not be more than there are images";
    if (options->threads > MAX_THREADS)
        return "threads must be 0 to 16";
    if (options->ahead == 0 || options->ahead > MAX_AHEAD)
        return "ahead must be 1 to 16";
    return NULL;
}

/* Make one ticket's batch, outside the mutex. */
static void make(struct worker *w, size_t ticket, size_t epoch, size_t step) {
    struct data_loader *l = w->loader;
    struct slot *slot = &l->slots[ticket % l->slot_count];
    const size_t at = step + ticket;
    epoch += at / l->plan.steps;
    if (epoch > UINT32_MAX) {
        slot->status = trm_fail(&slot->error, TRM_INVALID,
                                "epoch %zu: random numbers end at epoch 2^32 - 1; stop there", epoch);
        return;
    }
    if (w->order_epoch != epoch)
        batch_order(&l->plan, epoch, w->order);
    w->order_epoch = epoch;
    batch_fill(&l->plan, w->order, epoch, at % l->plan.steps, &slot->batch);
    slot->status = TRM_OK;
}

static void *work(void *argument) {
    struct worker *w = argument;
    struct data_loader *l = w->loader;
    pthread_mutex_lock(&l->mutex);
    while (!l->stop) {
        if (!l->running || l->taken >= l->released + l->slot_count) {
            pthread_cond_wait(&l->work, &l->mutex);
            continue;
        }
        const size_t ticket = l->taken++, epoch = l->epoch, step = l->step;
        l->busy++;
        pthread_mutex_unlock(&l->mutex);
        make(w, ticket, epoch, step);
        pthread_mutex_lock(&l->mutex);
        l->slots[ticket % l->slot_count].ready = true;
        l->busy--;
        pthread_cond_broadcast(&l->done);
    }
    pthread_mutex_unlock(&l->mutex);
    return NULL;
}

static bool allocate(struct data_loader *l) {
    const size_t size = l->plan.options.batch_size;
    const size_t bytes = size * data_image(&l->plan.shape) * sizeof(float);
    l->slots = calloc(l->slot_count, sizeof *l->slots);
    l->workers = calloc(l->worker_count, sizeof *l->workers);
    if (l->slots == NULL || l->workers == NULL)
        return false;
    for (size_t i = 0; i < l->slot_count; i++) {
        struct data_batch *b = &l->slots[i].batch;
        b->x = aligned_alloc(ALIGNMENT, (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT);
        b->labels = malloc(size * sizeof *b->labels);
        b->samples = malloc(size * sizeof *b->samples);
        if (b->x == NULL || b->labels == NULL || b->samples == NULL)
            return false;
    }
    for (size_t i = 0; i < l->worker_count; i++) {
        l->workers[i] = (struct worker){.loader = l, .order_epoch = SIZE_MAX};
        l->workers[i].order = malloc(l->plan.images->count * sizeof *l->workers[i].order);
        if (l->workers[i].order == NULL)
            return false;
    }
    return true;
}

/* Signals are for the program's own threads. */
static bool start_threads(struct data_loader *l) {
    sigset_t all, before;
    int failed = 0;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    while (failed == 0 && l->threads < l->plan.options.threads) {
        struct worker *w = &l->workers[l->threads];
        failed = pthread_create(&w->thread, NULL, work, w);
        l->threads += failed == 0;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return failed == 0;
}

enum trm_status data_loader_create(struct data_loader **out, const struct data_set *set,
                                   const struct data_loader_options *options, struct trm_error *error) {
    *out = NULL;
    const unsigned split = (unsigned)options->split;
    const char *reason = data_loader_check(options, split < DATA_SPLITS ? set->images[split].count : 0);
    if (reason != NULL)
        return trm_fail(error, TRM_INVALID, "%s batches of %s: %s", split == DATA_TEST ? "test" : "training",
                        set->info.name, reason);
    struct data_loader *l = calloc(1, sizeof *l);
    if (l == NULL)
        return trm_fail(error, TRM_NO_MEMORY, "no memory for batches; free some");
    pthread_mutex_init(&l->mutex, NULL);
    pthread_cond_init(&l->work, NULL);
    pthread_cond_init(&l->done, NULL);
    batch_plan(&l->plan, set, options);
    l->slot_count = options->threads > 0 ? options->ahead + 1 : 1; /* and the one that the caller holds */
    l->worker_count = options->threads > 0 ? options->threads : 1;
    enum trm_status status = TRM_OK;
    if (!allocate(l))
        status = trm_fail(error, TRM_NO_MEMORY, "no memory for batches of %zu; use smaller ones",
                          options->batch_size);
    else if (!start_threads(l))
        status = trm_fail(error, TRM_NO_MEMORY, "no thread to prepare batches could be started; use fewer");
    if (status != TRM_OK) {
        data_loader_destroy(l);
        return status;
    }
    *out = l;
    return TRM_OK;
}

size_t data_loader_steps(const struct data_loader *loader) {
    return loader->plan.steps;
}

enum trm_status data_loader_start(struct data_loader *l, size_t epoch, size_t step, struct trm_error *error) {
    if (epoch > UINT32_MAX || step > l->plan.steps)
        return trm_fail(error, TRM_INVALID,
                        "no batch at epoch %zu, step %zu: epochs have %zu steps; start elsewhere", epoch,
                        step, l->plan.steps);
    pthread_mutex_lock(&l->mutex);
    l->running = false;
    while (l->busy > 0)
        pthread_cond_wait(&l->done, &l->mutex);
    for (size_t i = 0; i < l->slot_count; i++)
        l->slots[i].ready = false;
    l->taken = l->given = l->released = 0;
    l->epoch = epoch;
    l->step = step;
    l->running = true;
    pthread_cond_broadcast(&l->work);
    pthread_mutex_unlock(&l->mutex);
    return TRM_OK;
}

enum trm_status data_loader_next(struct data_loader *l, const struct data_batch **batch,
                                 struct trm_error *error) {
    struct slot *slot = &l->slots[l->given % l->slot_count]; /* only this thread changes given */
    *batch = NULL;
    if (l->threads == 0) {
        make(&l->workers[0], l->given, l->epoch, l->step);
    } else {
        pthread_mutex_lock(&l->mutex);
        l->running = true;
        l->released = l->given;
        pthread_cond_broadcast(&l->work);
        while (!slot->ready)
            pthread_cond_wait(&l->done, &l->mutex);
        pthread_mutex_unlock(&l->mutex);
    }
    if (slot->status != TRM_OK)
        return trm_fail(error, slot->status, "%s", slot->error.text);
    slot->ready = false; /* its next ticket is not taken before this one is released */
    l->given++;
    *batch = &slot->batch;
    return TRM_OK;
}

void data_loader_destroy(struct data_loader *l) {
    if (l == NULL)
        return;
    pthread_mutex_lock(&l->mutex);
    l->stop = true;
    pthread_cond_broadcast(&l->work);
    pthread_mutex_unlock(&l->mutex);
    for (size_t i = 0; i < l->threads; i++)
        pthread_join(l->workers[i].thread, NULL);
    for (size_t i = 0; l->slots != NULL && i < l->slot_count; i++) {
        free(l->slots[i].batch.x);
        free(l->slots[i].batch.labels);
        free(l->slots[i].batch.samples);
    }
    for (size_t i = 0; l->workers != NULL && i < l->worker_count; i++)
        free(l->workers[i].order);
    free(l->slots);
    free(l->workers);
    pthread_cond_destroy(&l->done);
    pthread_cond_destroy(&l->work);
    pthread_mutex_destroy(&l->mutex);
    free(l);
}
