#include "router/settings.h"

#define SIZE(name, width) #name "|"
#define LOSS(name, word, text) word "|"
#define SPLIT(name, word, text) #word "|"
#define AT(field) offsetof(struct trm_train_options, field)

static const struct setting table[] = {
    {"size", "NAME", SETTING_CHOICE | SETTING_IN(common), AT(size), "small", TRM_ROUTER_SIZE_LIST(SIZE),
     "of the network: 25,218, 99,586 or 395,778 parameters"},
    {"cycles", "T", SETTING_COUNT | SETTING_IN(router), AT(cycles), "(3)", "[1, 64]",
     "cycles of a decision, in place of the size's"},
    {"inner", "N", SETTING_COUNT | SETTING_IN(router), AT(inner), "(6)", "[1, 64]",
     "updates of the latent state in a cycle, in place of the size's"},
    {"without", "LIST", SETTING_TEXT | SETTING_IN(router), AT(without), "(none)", NULL,
     "features that the router does not see, with commas between"},
    {"epochs", "N", SETTING_COUNT | SETTING_IN(common), AT(epochs), "100", "[1, 1000000]",
     "passes over the training part"},
    {"batch-size", "N", SETTING_COUNT | SETTING_IN(optimiser), AT(batch_size), "64", "[1, 65536]",
     "samples a step"},
    {"lr", "R", SETTING_REAL | SETTING_IN(optimiser), AT(lr), "1e-4", "(0, 1]",
     "first learning rate; a cosine by epoch to min-lr"},
    {"min-lr", "R", SETTING_REAL | SETTING_IN(optimiser), AT(min_lr), "1e-6", "[0, 1]",
     "last learning rate; at most lr"},
    {"weight-decay", "D", SETTING_REAL | SETTING_IN(optimiser), AT(weight_decay), "0.1", "[0, 1]",
     "on matrices only"},
    {"clip", "C", SETTING_REAL | SETTING_IN(optimiser), AT(clip), "1", "(0, 1e100]",
     "largest norm of the gradient"},
    {"deep-supervision", NULL, SETTING_FLAG | SETTING_IN(common), AT(deep_supervision), "", NULL,
     "train the choice of every cycle, not of the last alone"},
    {"ema", NULL, SETTING_FLAG | SETTING_IN(optimiser), AT(ema), "", NULL,
     "keep averaged weights (decay 0.999 after a warm-up)"},
    {"loss", "NAME", SETTING_ENUM | SETTING_IN(optimiser), AT(loss), "cross-entropy", TRM_LOSS_LIST(LOSS),
     "towards the best solver, or towards softmax(-regret / tau)"},
    {"tau", "T", SETTING_REAL | SETTING_IN(optimiser), AT(tau), "0.01", "(0, 1e6]",
     "of the loss regret, in units of the loss"},
    {"seed", "N", SETTING_COUNT | SETTING_IN(common), AT(seed), "42", SETTING_SEED_RANGE,
     "of initial weights, order and split"},
    {"split", "KIND", SETTING_ENUM | SETTING_IN(oracle), AT(split.kind), "group", TRM_SPLIT_LIST(SPLIT),
     "blocks of steps, or single steps at random (neighbours leak)"},
    {"test-split", "SHARE", SETTING_REAL | SETTING_IN(oracle), AT(split.test_share), "0.2", "(0, 1)",
     "held out; evaluate uses this part only"},
    {"val-split", "SHARE", SETTING_REAL | SETTING_IN(oracle), AT(split.val_share), "0.1", "[0, 1)",
     "decides which epoch is kept; 0: the last"},
    {"split-seed", NULL, SETTING_COUNT | SETTING_FACT, AT(split.seed), "", NULL, NULL},
};

struct settings train_settings_table(struct trm_train_options *target) {
    return (struct settings){SETTINGS(table), target, "train", 0};
}

void train_settings_complete(struct trm_train_options *o) {
    o->split.seed = o->seed;
    if (o->min_lr > o->lr)
        o->min_lr = o->lr;
}
