/* Whatever a router's file holds, it is refused or the router decides. */
#include "fuzz/support.h"

#include "router/router.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const double features[TRM_FEATURE_COUNT] = {0};
    struct trm_router *router;
    struct trm_decision decision;
    struct trm_error error;
    if (trm_router_load(fuzz_file(data, size), &router, &error) != TRM_OK)
        return 0;
    if (trm_router_parameter_count(router) < 1 << 20)
        (void)trm_router_decide(router, features, 31, &decision, &error);
    trm_router_destroy(router);
    return 0;
}
