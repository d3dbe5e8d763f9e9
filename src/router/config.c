#include "router/router.h"

#include <string.h>

static const struct {
    const char *name;
    size_t width;
} sizes[] = {
#define X(name, width) {#name, width},
    TRM_ROUTER_SIZE_LIST(X)
#undef X
};

static struct trm_router_config of_width(size_t width) {
    return (struct trm_router_config){.features = TRM_FEATURE_COUNT,
                                      .width = width,
                                      .hidden = 4 * width,
                                      .blocks = 2,
                                      .inner = 6,
                                      .cycles = 3,
                                      .arms = TRM_ARMS};
}

enum trm_status trm_router_config_named(const char *name, struct trm_router_config *config,
                                        struct trm_error *error) {
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        if (strcmp(name, sizes[i].name) == 0) {
            *config = of_width(sizes[i].width);
            return TRM_OK;
        }
    return trm_fail(error, TRM_NOT_FOUND, "'%.40s' is no size of a router: there are tiny, small and base",
                    name);
}

const char *trm_router_config_name(const struct trm_router_config *c) {
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        const struct trm_router_config n = of_width(sizes[i].width);
        if (c->features == n.features && c->width == n.width && c->hidden == n.hidden &&
            c->blocks == n.blocks && c->inner == n.inner && c->cycles == n.cycles)
            return sizes[i].name;
    }
    return NULL;
}

static bool within(size_t value, size_t most) {
    return value >= 1 && value <= most;
}

const char *trm_router_config_check(const struct trm_router_config *c) {
    if (c->features != TRM_FEATURE_COUNT)
        return "its features are not the twelve of this version";
    if (c->arms < 2 || c->arms > TRM_ARMS_MOST)
        return "its head has not 2 to 64 rows, one an arm";
    if (!within(c->width, 4096) || !within(c->hidden, 16384) || !within(c->blocks, 16))
        return "width is not in 1 ... 4096, hidden not in 1 ... 16384, or blocks not in 1 ... 16";
    if (!within(c->inner, 64) || !within(c->cycles, 64))
        return "inner or cycles is not in 1 ... 64";
    return NULL;
}
