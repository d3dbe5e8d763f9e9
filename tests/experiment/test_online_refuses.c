/* What online refuses: options that would change the bits, routers that are not whole, runs that diverge. */
#include "experiment/support_online.h"

#include "storage/file.h"

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

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(resume_refuses_what_would_change_the_bits),
        cmocka_unit_test(bad_routers_are_refused),
        cmocka_unit_test(divergence_is_marked_and_said),
    };
    return cmocka_run_group_tests(tests, support_make_folder, support_remove_folder);
}
