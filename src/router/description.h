/* The metadata of a router's checkpoint: everything but the numbers of its network. */
#ifndef TRM_ROUTER_DESCRIPTION_H
#define TRM_ROUTER_DESCRIPTION_H

#include "router/router.h"

struct router_description {
    struct trm_router_config shape;
    struct trm_router_origin origin;
    double mean[TRM_FEATURE_COUNT], std[TRM_FEATURE_COUNT];
};

/* As JSON text, to be freed; NULL where memory is short or a text is no UTF-8. */
char *router_describe(const struct trm_router *router);
/* Back from the text of the file at path. TRM_FORMAT or TRM_SHAPE says in words what is not as this version writes
   it. */
enum trm_status router_description_read(const char *path, const char *text, struct router_description *d,
                                        struct trm_error *error);

#endif
