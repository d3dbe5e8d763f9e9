#include "cli/sweep/combinations.h"

#include "base/rng.h"

#include <stdlib.h>

enum { SHUFFLED_MAX = 1000000 }; /* above, numbers are drawn and the few that come twice drawn again */

/* Does the method choose among its values? */
static bool is_chosen(const struct sweep_axis *axis) {
    return !axis->whole && !axis->every && axis->count > 1;
}

static bool is_every(const struct sweep_axis *axis) {
    return axis->every;
}

bool sweep_axis_differs(const struct sweep_axis *axis) {
    return !axis->whole && axis->count > 1;
}

static enum trm_status too_many(const struct sweep_axes *axes, struct trm_error *error) {
    return trm_fail(error, TRM_INVALID,
                    "%s: comes to more than %d runs; give fewer values, or sweep.method: random", axes->path,
                    SWEEP_RUNS_MAX);
}

/* The number of combinations of the axes that `counts` takes; what does not fit 32 bits is UINT32_MAX. */
static size_t grid_size(const struct sweep_axes *axes, bool (*counts)(const struct sweep_axis *axis)) {
    size_t size = 1;
    for (size_t i = 0; i < axes->count && size < UINT32_MAX; i++)
        size *= counts(&axes->at[i]) ? axes->at[i].count : 1;
    return size < UINT32_MAX ? size : UINT32_MAX;
}

/* Combination `index` of that grid; the last axis changes first. */
static void place(const struct sweep_axes *axes, bool (*counts)(const struct sweep_axis *axis), size_t index,
                  size_t *places) {
    for (size_t i = axes->count; i-- > 0;)
        if (counts(&axes->at[i])) {
            places[i] = index % axes->at[i].count;
            index /= axes->at[i].count;
        }
}

/* Of zip: the length that the lists have in common. */
static enum trm_status common_length(const struct sweep_axes *axes, size_t *length, struct trm_error *error) {
    const struct sweep_axis *first = NULL;
    for (size_t i = 0; i < axes->count; i++) {
        const struct sweep_axis *const axis = &axes->at[i];
        if (!is_chosen(axis))
            continue;
        if (first != NULL && axis->count != first->count)
            return trm_fail(
                error, TRM_INVALID,
                "%s: sweep.method zip takes one value of each key at a time, but %s.%s has %zu and "
                "%s.%s has %zu",
                axes->path, first->key->section, first->key->row->name, first->count, axis->key->section,
                axis->key->row->name, axis->count);
        first = axis;
    }
    *length = first != NULL ? first->count : 1;
    return TRM_OK;
}

static bool holds(const uint32_t *numbers, size_t count, uint32_t number) {
    for (size_t i = 0; i < count; i++)
        if (numbers[i] == number)
            return true;
    return false;
}

/* `draws` different numbers below `size`, each set as likely as another. NULL: no memory. */
static uint32_t *draw(size_t size, size_t draws, size_t seed) {
    struct rng rng = rng_stream(seed, RNG_SWEEP, 0, 0);
    uint32_t *const numbers = malloc((size <= SHUFFLED_MAX ? size : draws) * sizeof *numbers);
    if (numbers == NULL)
        return NULL;
    if (size <= SHUFFLED_MAX)
        rng_permutation(&rng, numbers, (uint32_t)size);
    else
        for (size_t i = 0; i < draws; i++)
            do
                numbers[i] = rng_below(&rng, (uint32_t)size);
            while (holds(numbers, i, numbers[i]));
    return numbers;
}

static enum trm_status check_draws(const struct sweep_axes *axes, size_t size, struct trm_error *error) {
    if (size < axes->draws)
        return trm_fail(
            error, TRM_INVALID,
            "%s: sweep.draws is %zu, but there are %zu combinations; draw fewer, or take the grid",
            axes->path, axes->draws, size);
    return TRM_OK;
}

/* The combinations of the keys that the method chooses for: their number, and of random which of the grid. */
static enum trm_status choose(const struct sweep_axes *axes, size_t *count, uint32_t **drawn,
                              struct trm_error *error) {
    enum trm_status status = TRM_OK;
    const size_t size = grid_size(axes, is_chosen);
    *drawn = NULL;
    *count = size;
    if (axes->method == SWEEP_ZIP)
        return common_length(axes, count, error);
    if (axes->method == SWEEP_RANDOM) {
        *count = axes->draws;
        status = check_draws(axes, size, error);
        if (status == TRM_OK && (*drawn = draw(size, axes->draws, axes->seed)) == NULL)
            status = trm_fail(error, TRM_NO_MEMORY, "%s: no memory for its runs", axes->path);
    }
    return status;
}

enum trm_status sweep_combine(const struct sweep_axes *axes, size_t **places, size_t *count,
                              struct trm_error *error) {
    size_t combinations;
    uint32_t *drawn;
    const size_t each = grid_size(axes, is_every);
    enum trm_status status = choose(axes, &combinations, &drawn, error);
    *places = NULL;
    if (status == TRM_OK && (combinations > SWEEP_RUNS_MAX || each > SWEEP_RUNS_MAX / combinations))
        status = too_many(axes, error);
    if (status == TRM_OK &&
        (*places = calloc(combinations * each * axes->count + 1, sizeof **places)) == NULL)
        status = trm_fail(error, TRM_NO_MEMORY, "%s: no memory for its runs", axes->path);
    *count = status == TRM_OK ? combinations * each : 0;
    for (size_t i = 0; i < *count; i++) {
        size_t *const row = *places + i * axes->count;
        const size_t chosen = i / each;
        if (axes->method != SWEEP_ZIP)
            place(axes, is_chosen, drawn != NULL ? drawn[chosen] : chosen, row);
        for (size_t a = 0; a < axes->count && axes->method == SWEEP_ZIP; a++)
            row[a] = is_chosen(&axes->at[a]) ? chosen : 0;
        place(axes, is_every, i % each, row);
    }
    free(drawn);
    return status;
}
