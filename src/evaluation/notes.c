#include "evaluation/notes.h"

#include "evaluation/baselines.h"

#include <stdarg.h>
#include <stdio.h>

static void note(struct trm_evaluation *e, const char *format, ...) TRM_PRINTF(2, 3);

static void note(struct trm_evaluation *e, const char *format, ...) {
    if (e->note_count == sizeof e->notes / sizeof *e->notes)
        return;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(e->notes[e->note_count++], sizeof *e->notes, format, arguments);
    va_end(arguments);
}

/* Is anything but the oracle better than the best single arm, beyond its interval? */
static bool anything_gains(const struct trm_evaluation *e) {
    for (size_t i = 0; i + 1 < e->score_count; i++)
        if (e->scores[i].metric[TRM_METRIC_vs_single].low > 0)
            return true;
    return false;
}

void notes_write(const struct partition *parts, const struct trm_split *split, struct trm_evaluation *e) {
    uint64_t met = 0;
    size_t whole = 0; /* with an oracle as the others' */
    for (size_t i = 0; i < parts->part[TRM_TEST].count; i++)
        met |= UINT64_C(1) << parts->part[TRM_TEST].at[i]->label,
            whole += partition_has_oracle(parts, parts->part[TRM_TEST].at[i]);
    if (parts->kind == TRM_ORACLE_MERGE)
        note(
            e,
            "labels compare independent runs, each with its own weights, and the oracle is chosen and valued "
            "on one batch: its value is optimistic (winner's curse), and so is the gap to it");
    else if (!parts->halves)
        note(e,
             "the oracle %s has one value an arm, by which it is chosen and valued: it is optimistic "
             "(winner's curse)",
             trm_oracle_name((int)parts->kind));
    else
        note(e, "the oracle is chosen on one half of the values and valued on the other, both ways; labels "
                "are of all");
    if (parts->halves && whole < parts->part[TRM_TEST].count)
        note(
            e,
            "%zu of the %zu test samples have no second half: the oracle and the gap to it are of the others",
            parts->part[TRM_TEST].count - whole, parts->part[TRM_TEST].count);
    if (split->warning[0] != '\0' && !e->other_data)
        note(e, "%s", split->warning);
    if (e->other_data)
        note(e, "tested on all of another data set, of which the router and all that is trained saw nothing");
    if (e->groups < TRM_FEWEST_GROUPS)
        note(e, "no intervals: %zu test groups are too few for a bootstrap, which needs %d", e->groups,
             TRM_FEWEST_GROUPS);
    if (e->train_samples < TRM_FEWEST_SAMPLES)
        note(e, "only %zu samples to train on: what was learned from them says little", e->train_samples);
    const size_t epochs = baseline_network_epochs(parts);
    if (epochs < parts->options->baseline_epochs)
        note(e, "the two networks beside are trained for at most %zu epochs of %zu (--baseline-steps %zu)",
             epochs, parts->options->baseline_epochs, parts->options->baseline_steps);
    if (e->gap_within_noise)
        note(e,
             "the gap between the best single arm and the oracle is within noise: none to close (p = %.3f of "
             "a permutation test within %s)",
             e->gap_p, parts->halves ? "states" : "blocks");
    else if (e->resamples > 0 && !anything_gains(e))
        note(e,
             "nothing here is better than the best single arm beyond its interval, the step before included: "
             "the gap to the oracle may be noise alone");
    for (size_t arm = 0; arm < e->names.count; arm++)
        if ((e->arms & ~e->seen) >> arm & 1)
            note(e, "%s is the label of no training sample%s", e->names.name[arm],
                 met >> arm & 1 ? ", but of test samples: nothing could learn to choose it" : "");
}
