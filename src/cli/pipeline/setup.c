#include "cli/pipeline/setup.h"

#include "muon/muon.h"

#include <assert.h>
#include <string.h>

#define SEED_RANGE "[0, 9007199254740992]"

static const char *label_at(size_t index) {
    return index < MUON_LABEL_COUNT ? muon_solver_name((int)index) : NULL;
}

/* Options of collect that are no keys: lists stand for the first two, arms have fixed budgets, and threads
   belong to the whole run. */
static bool is_key(const char *option) {
    static const char *const others[] = {"solver", "seed", "tol", "max-iter", "rank", "threads"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (strcmp(option, others[i]) == 0)
            return false;
    return true;
}

static struct config_key key_of(const struct option *option) {
    static const enum config_kind kinds[] = {
        [OPTION_FLAG] = CONFIG_FLAG, [OPTION_ON_OFF] = CONFIG_FLAG, [OPTION_COUNT] = CONFIG_COUNT,
        [OPTION_REAL] = CONFIG_REAL, [OPTION_TEXT] = CONFIG_TEXT,   [OPTION_CHOICE] = CONFIG_CHOICE};
    const char *const fallback = option->kind == OPTION_FLAG ? "false" : option->fallback;
    return (struct config_key){"collect", option->name,  kinds[option->kind], option->target,
                               fallback,  option->range, option->help};
}

/* The keys of collect: the options of a training run, and lists of solvers and seeds. */
static size_t collect_keys(struct run_setup *s, struct config_key *keys) {
    struct option options[RUN_OPTION_COUNT];
    size_t count = 0;
    keys[count++] = (struct config_key){"collect",
                                        "solvers",
                                        CONFIG_CHOICES,
                                        &s->solvers,
                                        "dual_ascent,admm,frank_wolfe",
                                        choices_join(s->labels, label_at),
                                        "a run with each, in this order"};
    keys[count++] = (struct config_key){
        "collect", "seeds", CONFIG_COUNTS, &s->seeds, "42", SEED_RANGE, "a run of every solver with each"};
    run_options_table(&s->training, options);
    for (size_t i = 0; i < RUN_OPTION_COUNT; i++)
        if (is_key(options[i].name))
            keys[count++] = key_of(&options[i]);
    keys[count++] = (struct config_key){"collect",
                                        "checkpoint-every",
                                        CONFIG_COUNT,
                                        &s->checkpoint_every,
                                        "200",
                                        "[1, 1000000000000]",
                                        "steps between checkpoints"};
    return count;
}

static size_t router_keys(struct run_setup *s, struct config_key *keys) {
#define SIZE(name, width) #name "|"
#define LOSS(name, word, text) word "|"
#define SPLIT(name, word, text) #word "|"
    const struct config_key table[] = {
        {"train", "size", CONFIG_CHOICE, &s->train.size, "small", TRM_ROUTER_SIZE_LIST(SIZE),
         "width of the router"},
        {"train", "epochs", CONFIG_COUNT, &s->train.epochs, "100", "[1, 1000000]", "passes over the samples"},
        {"train", "batch-size", CONFIG_COUNT, &s->train.batch_size, "64", "[1, 65536]", "samples in a step"},
        {"train", "lr", CONFIG_REAL, &s->train.lr, "1e-4", "(0, 1e3]", "learning rate at the beginning"},
        {"train", "min-lr", CONFIG_REAL, &s->train.min_lr, "1e-6", "[0, 1e3]",
         "and at the end of the cosine"},
        {"train", "weight-decay", CONFIG_REAL, &s->train.weight_decay, "0.1", "[0, 1e3]", "on matrices"},
        {"train", "clip", CONFIG_REAL, &s->train.clip, "1", "(0, 1e100]", "largest norm of the gradient"},
        {"train", "deep-supervision", CONFIG_FLAG, &s->train.deep_supervision, "true", NULL,
         "mean loss over all cycles"},
        {"train", "ema", CONFIG_FLAG, &s->train.ema, "false", NULL, "validate and keep averaged weights"},
        {"train", "loss", CONFIG_CHOICE, &s->loss, "cross-entropy", TRM_LOSS_LIST(LOSS), "what is minimised"},
        {"train", "tau", CONFIG_REAL, &s->train.tau, "0.01", "(0, 1e100]", "temperature of the regret loss"},
        {"train", "seed", CONFIG_COUNT, &s->train_seed, "42", SEED_RANGE, "of weights, order and split"},
        {"train", "split", CONFIG_CHOICE, &s->split, "group", TRM_SPLIT_LIST(SPLIT),
         "how samples are divided"},
        {"train", "test-split", CONFIG_REAL, &s->train.split.test_share, "0.2", "(0, 1)",
         "share kept for evaluation"},
        {"train", "val-split", CONFIG_REAL, &s->train.split.val_share, "0.1", "[0, 1)",
         "share that chooses the epoch to keep"},
        {"evaluate", "resamples", CONFIG_COUNT, &s->evaluate.resamples, "1000", "[0, 100000]",
         "of the bootstrap; 0: no intervals"},
        {"evaluate", "baseline-epochs", CONFIG_COUNT, &s->evaluate.baseline_epochs, "100", "[0, 10000]",
         "at most, of the networks beside; 0 leaves them out"},
        {"evaluate", "seed", CONFIG_COUNT, &s->evaluate_seed, "42", SEED_RANGE,
         "of the bootstrap and the baselines"},
    };
    memcpy(keys, table, sizeof table);
    return sizeof table / sizeof *table;
}

static size_t online_keys(struct run_setup *s, struct config_key *keys) {
    const struct config_key table[] = {
        {"online", "seeds", CONFIG_COUNTS, &s->online_seeds, "42", SEED_RANGE,
         "a run of every policy with each"},
        {"online", "epochs", CONFIG_COUNT, &s->online_epochs, "30", "[1, 1000000]",
         "passes over the training images"},
        {"online", "interval", CONFIG_COUNT, &s->interval, "1", "[1, 1000000]", "steps between choices"},
        {"online", "halt", CONFIG_FLAG, &s->halt, "false", NULL, "stop thinking early by the halting head"},
        {"online", "baselines", CONFIG_FLAG, &s->baselines, "true", NULL,
         "also random choice and every fixed solver"},
        {"run", "threads", CONFIG_COUNT, &s->threads, "(all cores)", "[1, 1024]", "use N threads"},
    };
    memcpy(keys, table, sizeof table);
    return sizeof table / sizeof *table;
}

size_t run_setup_keys(struct run_setup *setup, struct config_key keys[RUN_KEYS_MAX]) {
    static_assert(RUN_OPTION_COUNT + 32 <= RUN_KEYS_MAX, "room for every key");
    *setup = (struct run_setup){.train = trm_train_defaults(), .evaluate = trm_evaluation_defaults()};
    setup->training.settings = run_settings_default(muon_solver_name(0));
    size_t count = collect_keys(setup, keys);
    count += router_keys(setup, keys + count);
    count += online_keys(setup, keys + count);
    return count;
}

const char *run_setup_check(struct run_setup *setup) {
    struct run_settings settings;
    trm_loss_find(setup->loss, &setup->train.loss);
    setup->train.split.kind = (enum trm_split_kind)trm_split_find(setup->split);
    if (setup->train.min_lr > setup->train.lr)
        setup->train.min_lr = setup->train.lr;
    setup->train.seed = setup->train.split.seed = setup->train_seed;
    setup->evaluate.seed = setup->evaluate_seed;
    if (setup->solvers.count < 2)
        return "collect.solvers: the oracle compares solvers; give two at least";
    const char *wrong = trm_train_check(&setup->train);
    if (wrong == NULL)
        wrong = trm_evaluation_check(&setup->evaluate);
    for (size_t i = 0; i < setup->solvers.count && wrong == NULL; i++)
        wrong = run_setup_settings(setup, setup->solvers.at[i], setup->seeds.at[0], 1, &settings);
    return wrong;
}

const char *run_setup_settings(const struct run_setup *setup, const char *solver, size_t seed, size_t threads,
                               struct run_settings *settings) {
    struct run_options options = setup->training;
    options.solver.name = solver;
    options.seed = seed;
    return run_options_settings(&options, threads, settings);
}
