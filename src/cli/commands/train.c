/* train: a router from a data set. */
#include "cli/views/train.h"
#include "cli/message.h"
#include "cli/options/options.h"
#include "cli/views/machine.h"
#include "cli/views/stop.h"

#include <stdio.h>

struct request {
    struct trm_train_request train;
    const char *loss, *split;
    size_t seed, threads;
    bool json;
};

static int go(struct request *r) {
    struct trm_train_options *const o = &r->train.options;
    struct trm_error error = {0};
    struct trm_train_result result;
    struct train_view view;
    trm_loss_find(r->loss, &o->loss);
    o->split.kind = (enum trm_split_kind)trm_split_find(r->split);
    o->seed = o->split.seed = r->seed;
    o->min_lr = o->lr < o->min_lr ? o->lr : o->min_lr;
    const char *const wrong = trm_train_check(o);
    if (wrong != NULL)
        return cli_misuse("%s", wrong);
    machine_announce(machine_use_threads(r->threads));
    stop_catch(STOP_LATER);
    const struct trm_train_watch watch = train_view_begin(&view, &r->train);
    const enum trm_status status = trm_train(&r->train, &watch, &result, &error);
    train_view_end(&view);
    if (status != TRM_OK)
        return cli_fail("%s", error.text);
    return train_view_print(&view, &result, r->json);
}

int cmd_train(const struct command *self, int argc, char **argv) {
    struct request r = {.train.options = trm_train_defaults()};
    struct trm_train_options *const o = &r.train.options;
    const struct option table[] = {
        {"data", "FILE.db", OPTION_TEXT, &r.train.data, NULL, NULL, "the data set, made by prepare"},
        {"output", "FILE.safetensors", OPTION_TEXT, &r.train.output, NULL, NULL,
         "the router; its history and event files go beside it"},
        {"epochs", "N", OPTION_COUNT, &o->epochs, "100", "[1, 1000000]", "passes over the training part"},
        {"size", "NAME", OPTION_CHOICE, &o->size, "small", "tiny|small|base",
         "of the network: 25,218, 99,586 or 395,778 parameters"},
        {"deep-supervision", NULL, OPTION_FLAG, &o->deep_supervision, "", NULL,
         "train the choice of every cycle, not of the last alone"},
        {"ema", NULL, OPTION_FLAG, &o->ema, "", NULL, "keep averaged weights (decay 0.999 after a warm-up)"},
        {"loss", "NAME", OPTION_CHOICE, &r.loss, "cross-entropy", "cross-entropy|regret",
         "towards the best solver, or towards softmax(-regret / tau)"},
        {"tau", "T", OPTION_REAL, &o->tau, "0.01", "(0, 1e6]", "of --loss regret, in units of the loss"},
        {"batch-size", "N", OPTION_COUNT, &o->batch_size, "64", "[1, 65536]", "samples a step"},
        {"lr", "R", OPTION_REAL, &o->lr, "1e-4", "(0, 1]", "first learning rate; a cosine by epoch to 1e-6"},
        {"weight-decay", "D", OPTION_REAL, &o->weight_decay, "0.1", "[0, 1]", "on matrices only"},
        {"test-split", "SHARE", OPTION_REAL, &o->split.test_share, "0.2", "(0, 1)",
         "held out; evaluate uses this part only"},
        {"val-split", "SHARE", OPTION_REAL, &o->split.val_share, "0.1", "[0, 1)",
         "decides which epoch is kept; 0: the last"},
        {"split", "KIND", OPTION_CHOICE, &r.split, "group", "group|step",
         "blocks of steps, or single steps at random (neighbours leak)"},
        {"seed", "N", OPTION_COUNT, &r.seed, "42", "[0, 1e15]", "of initial weights, order and split"},
        {"resume", NULL, OPTION_FLAG, &r.train.resume, "", NULL,
         "go on with an interrupted training, to the same bits"},
        {"force", NULL, OPTION_FLAG, &r.train.force, "", NULL, "replace a router that is there"},
        {"threads", "N", OPTION_COUNT, &r.threads, "(all cores)", "[1, 1024]", "use N threads; same bits"},
        {"json", NULL, OPTION_FLAG, &r.json, "", NULL, "print one JSON object instead of a table"},
    };
    const int parsed = options_parse(self, table, sizeof table / sizeof *table, argc, argv, NULL);
    if (parsed != OPTIONS_GO_ON)
        return parsed;
    if (r.train.resume && r.train.force)
        return cli_misuse("--resume goes on with a training and --force replaces it: give one of them");
    return go(&r);
}
