#include "experiment/support_online.h"

#include "storage/file.h"

#include <math.h>
#include <string.h>

/* An untrained router that knows `present`; with one_opinion it sees nothing of the features. */
struct trm_router *online_router(unsigned present, bool one_opinion) {
    struct trm_router_config config;
    struct trm_router *router;
    assert_int_equal(trm_router_config_named("tiny", &config, NULL), TRM_OK);
    assert_int_equal(trm_router_create(&router, &config, 7, NULL), TRM_OK);
    struct trm_router_origin origin = *trm_router_origin(router);
    origin.present = present;
    trm_router_set_origin(router, &origin);
    for (size_t i = 0; one_opinion && i < trm_router_view_count(router); i++) {
        const struct trm_router_view *const view = trm_router_view(router, i);
        if (strcmp(view->name, "embed.weight") == 0)
            memset(trm_router_parameters(router) + view->offset, 0, view->count * sizeof(float));
    }
    return router;
}

const char *online_save_router(struct trm_router *router, const char *name, char path[64]) {
    assert_int_equal(trm_router_save(support_path_of(name, path), router, true, NULL), TRM_OK);
    trm_router_destroy(router);
    return path;
}

/* 10 steps in 2 epochs of a small network. */
struct online_request online_small(const char *output, const char *router) {
    struct online_request r = {.settings = run_settings_default("quasi_newton"),
                               .router = router,
                               .seeds = {42},
                               .seed_count = 1,
                               .interval = 1,
                               .target = NAN,
                               .output = output,
                               .program = "test",
                               .checkpoint_every = 3};
    support_make_small(&r.settings, "mlp", 0.125);
    return r;
}

static void on_step(void *context, const struct online_event *event) {
    support_interrupt(context, event->run, event->at->step);
}

static enum trm_status online(const void *request, struct interruption *interruption,
                              struct trm_error *error) {
    const struct online_watch watch = {interruption, NULL, on_step, support_asked_to_stop};
    struct online_summary summary = {0};
    const enum trm_status status = online_run(request, &watch, &summary, error);
    online_summary_free(&summary);
    return status;
}

int online_in_child(const struct online_request *request, struct interruption interruption,
                    char reason[512]) {
    return support_run(online, request, request->settings.threads, interruption, reason);
}

/* The router, chance, spectral_clip and admm, made once. */
const char *online_whole(char path[64], char router[64]) {
    char reason[512];
    support_path_of("whole.db", path);
    support_path_of("two.safetensors", router);
    if (file_exists(path))
        return path;
    online_save_router(online_router(1 << MUON_SOLVER_spectral_clip | 1 << MUON_SOLVER_admm, false),
                       "two.safetensors", router);
    struct online_request r = online_small(path, router);
    r.baselines = true;
    assert_int_equal(online_in_child(&r, (struct interruption){0}, reason), SUPPORT_DONE);
    return path;
}
