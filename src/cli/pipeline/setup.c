#include "cli/pipeline/setup.h"

#include "cli/options/options.h"
#include "evaluation/settings.h"
#include "router/settings.h"

#include <string.h>

#define AT(field) offsetof(struct pipeline_setup, field)

/* The lists that stand for collect's solver and seed. */
static const struct setting of_collect[] = {
    {"solvers", NULL, SETTING_CHOICES, AT(solvers), "dual_ascent,admm,frank_wolfe",
     "spectral_clip|dual_ascent|quasi_newton|frank_wolfe|admm", "a run with each, in this order"},
    {"seeds", NULL, SETTING_COUNTS, AT(seeds), "42", SETTING_SEED_RANGE, "a run of every solver with each"},
};

static const struct setting of_online[] = {
    {"seeds", NULL, SETTING_COUNTS, AT(online_seeds), "42", SETTING_SEED_RANGE,
     "a run of every policy with each"},
    {"epochs", NULL, SETTING_COUNT, AT(online.settings.epochs), "30", "[1, 1000000]",
     "passes over the training images"},
};

static const struct setting of_run[] = {
    OPTION_THREADS(AT(threads)),
};

size_t pipeline_setup_parts(struct pipeline_setup *setup, struct settings parts[PIPELINE_PARTS]) {
    *setup = (struct pipeline_setup){.collect = {.settings = run_settings_open()},
                                     .train = trm_train_defaults(),
                                     .evaluate = trm_evaluation_defaults()};
    const struct settings all[PIPELINE_PARTS] = {
        {SETTINGS(of_collect), setup, "collect", 0},
        run_settings_table(&setup->collect.settings),
        collect_table(&setup->collect),
        train_settings_table(&setup->train),
        evaluation_settings_table(&setup->evaluate),
        {SETTINGS(of_online), setup, "online", 0},
        online_table(&setup->online),
        {SETTINGS(of_run), setup, "run", 0},
    };
    for (size_t i = 0; i < PIPELINE_PARTS; i++) {
        parts[i] = all[i];
        parts[i].without = SETTING_LINE;
    }
    parts[1].section = "collect";
    parts[1].without |= SETTING_SOLVER | SETTING_SEED;
    return PIPELINE_PARTS;
}

const char *pipeline_setup_check(struct pipeline_setup *setup, const char *until) {
    const bool compares = until == NULL || strcmp(until, "collect") != 0;
    struct run_settings settings;
    train_settings_complete(&setup->train);
    if (setup->collect.settings.optimizer != RUN_manifold_muon)
        return "collect.optimizer: what is compared are solvers of manifold_muon; train others with collect";
    if (compares && setup->solvers.count < 2)
        return "collect.solvers: the oracle compares solvers; give two at least";
    const char *wrong = trm_train_check(&setup->train);
    if (wrong == NULL)
        wrong = trm_evaluation_check(&setup->evaluate);
    for (size_t i = 0; i < setup->solvers.count && wrong == NULL; i++)
        wrong = pipeline_setup_settings(setup, setup->solvers.at[i], setup->seeds.at[0], 1, &settings);
    return wrong;
}

const char *pipeline_setup_settings(const struct pipeline_setup *setup, const char *solver, size_t seed,
                                    size_t threads, struct run_settings *settings) {
    *settings = setup->collect.settings;
    settings->solver = solver;
    settings->seed = seed;
    settings->threads = threads;
    run_settings_complete(settings);
    return run_settings_check(settings);
}
