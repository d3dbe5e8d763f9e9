/* What online refuses: options that would change the bits, routers that are not whole, runs that diverge. */
#include "experiment/support_online.h"

#include "storage/file.h"
#include "support/dynamics.h"

#include <math.h>
#include <string.h>
#include <unistd.h>

static void resume_refuses_what_would_change_the_bits(void **state) {
    (void)state;
    support_need_data();
    char path[64], router[64], other[64], reason[512];
    struct online_request r = online_small(online_whole(path, router), router);
    r.resume = true;
    const struct online_request good = r;
#define REFUSES(change, word)                                                                                \
    r = good;                                                                                                \
    change;                                                                                                  \
    assert_int_equal(online_in_child(&r, (struct interruption){0}, reason), TRM_INVALID);                    \
    assert_non_null(strstr(reason, word))
    REFUSES(r.interval = 2, "another interval");
    REFUSES(r.halt = true, "another halt");
    REFUSES(r.settings.sgd.spectral_budget = 0.2, "another spectral-budget");
    REFUSES((r.seeds[0] = 43, r.settings.batch_size = 16), "another");
    online_save_router(online_router(ONLINE_ALL, true), "other.safetensors", other);
    REFUSES(r.router = other, "another");
#undef REFUSES
    r = good;
    r.resume = false;
    assert_int_equal(online_in_child(&r, (struct interruption){0}, reason), TRM_EXISTS);
}

static void bad_routers_are_refused(void **state) {
    (void)state;
    support_need_data();
    char path[64], router[64], store[64], reason[512];
    struct online_request r =
        online_small(support_path_of("never.db", store), support_path_of("missing.safetensors", path));
    assert_int_equal(online_in_child(&r, (struct interruption){0}, reason), TRM_NOT_FOUND);
    assert_non_null(strstr(reason, path));
    r.router = online_save_router(online_router(ONLINE_ALL, false), "cut.safetensors", router);
    assert_int_equal(truncate(router, 5000), 0);
    assert_int_equal(online_in_child(&r, (struct interruption){0}, reason), TRM_FORMAT);
    assert_non_null(strstr(reason, "cut.safetensors"));
    assert_false(file_exists(store));
}

static void divergence_is_marked_and_said(void **state) {
    (void)state;
    support_need_data();
    char path[64], router[64], reason[512];
    struct online_request r =
        online_small(support_path_of("diverged.db", path),
                     online_save_router(online_router(ONLINE_ALL, true), "lost.safetensors", router));
    r.settings.sgd.lr = 1e30;
    assert_int_not_equal(online_in_child(&r, (struct interruption){0}, reason), TRM_OK);
    assert_non_null(strstr(reason, "diverged"));
    assert_null(strchr(reason, '\n'));
}

/* Only the run that diverged goes on with other steps, here from its beginning; the others are kept. */
static void diverged_run_goes_on_with_other_options(void **state) {
    (void)state;
    support_need_data();
    char whole[64], router[64], path[64], reason[512];
    online_whole(whole, router);
    struct online_request r = online_small(support_path_of("again.db", path), router);
    assert_int_equal(online_in_child(&r, (struct interruption){0}, reason), SUPPORT_DONE);
    dynamics_sql(path, "UPDATE run SET status = 'diverged', config = json_set(config, '$.\"lr-rest\"', 0.75) "
                       "WHERE solver = 'router'");
    r.resume = true;
    r.settings.sgd.lr = 0.75; /* the steps that it diverged with */
    assert_int_equal(online_in_child(&r, (struct interruption){0}, reason), TRM_FORMAT);
    assert_non_null(strstr(reason, "--resume with a smaller"));
    r.settings.sgd.lr = online_small(path, router).settings.sgd.lr;
    assert_int_equal(online_in_child(&r, (struct interruption){.run = 0, .kill_after = 4}, reason),
                     SUPPORT_KILLED);
    assert_int_equal(online_in_child(&r, (struct interruption){0}, reason), SUPPORT_DONE);
    struct online_summary a, b;
    assert_int_equal(online_summary_read(whole, NAN, &a, NULL), TRM_OK);
    assert_int_equal(online_summary_read(path, NAN, &b, NULL), TRM_OK);
    assert_string_equal(a.result[0].hash, b.result[0].hash);
    assert_int_equal(b.result[0].status, TRM_RUN_DONE);
    online_summary_free(&a);
    online_summary_free(&b);
}

static const char *said;

static void keep_notice(void *context, const struct online_event *event) {
    (void)context;
    if (event->notice != NULL)
        said = strstr(event->notice, "trained on runs of mlp of width 1 on mnist");
}

/* A router that was trained on other data is used, and that is said once. */
static void a_router_of_other_data_is_said(void **state) {
    (void)state;
    support_need_data();
    char path[64], router[64];
    struct trm_router *const of_others = online_router(ONLINE_ALL, true);
    struct trm_router_origin origin = *trm_router_origin(of_others);
    trm_features_about(origin.trained_on, "mlp", 1, "mnist", "fc1.weight", 128);
    trm_router_set_origin(of_others, &origin);
    struct online_request r = online_small(support_path_of("others.db", path),
                                           online_save_router(of_others, "others.safetensors", router));
    r.baselines = false;
    const struct online_watch watch = {.begun = keep_notice};
    struct online_summary summary;
    assert_int_equal(online_run(&r, &watch, &summary, NULL), TRM_OK);
    assert_non_null(said);
    online_summary_free(&summary);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(resume_refuses_what_would_change_the_bits),
        cmocka_unit_test(bad_routers_are_refused),
        cmocka_unit_test(divergence_is_marked_and_said),
        cmocka_unit_test(diverged_run_goes_on_with_other_options),
        cmocka_unit_test(a_router_of_other_data_is_said),
    };
    return cmocka_run_group_tests(tests, support_make_folder, support_remove_folder);
}
