/* Batch norm, ReLU and pooling between the convolutions: norm.c works in the layout that the convolution
   before it gave. */
#include "nn/onednn_chain.h"

/* Layouts that norm.h knows, and how many channels lie together in each; 0: all of them. */
static const struct {
    dnnl_format_tag_t tag;
    size_t block;
} LAYOUTS[] = {{dnnl_aBcd16b, 16}, {dnnl_aBcd8b, 8}, {dnnl_acdb, 0}, {dnnl_abcd, 1}};

enum { LAYOUT_COUNT = sizeof LAYOUTS / sizeof *LAYOUTS, PLAIN = LAYOUT_COUNT - 1 };

/* Which of them src has in the chain's precision; where it has none, it is converted to the plain one. */
static dnnl_status_t known_layout(struct onednn_chain *c, struct layer *l, size_t *found) {
    dnnl_memory_desc_t desc;
    for (*found = 0; *found < LAYOUT_COUNT; ++*found) {
        TRY(dnnl_memory_desc_init_by_tag(&desc, 4, l->in, c->type, LAYOUTS[*found].tag));
        if (dnnl_memory_desc_equal(chain_layout(l->src), &desc))
            return dnnl_success;
    }
    *found = PLAIN;
    return chain_converted(c, IN_FORWARD, l->src, &desc, &l->src);
}

static void forward(const struct layer *l, enum program program) {
    const bool running = program == EVALUATE;
    norm_forward(l->norm, l->given.weight, running ? l->given.running_mean : NULL,
                 running ? l->given.running_variance : NULL, chain_data(l->src), chain_data(l->dst),
                 chain_data(l->choice));
}

static void backward(const struct layer *l, enum program program) {
    (void)program;
    norm_backward(l->norm, chain_data(l->src), chain_data(l->dst_gradient), chain_data(l->choice),
                  l->given.weight_gradient, chain_data(l->norm_gradient));
}

dnnl_status_t chain_norm_forward(struct onednn_chain *c, struct layer *l) {
    size_t found;
    TRY(known_layout(c, l, &found));
    const size_t channels = (size_t)l->in[1];
    const struct norm_shape shape = {.batch = (size_t)l->in[0],
                                     .channels = channels,
                                     .height = (size_t)l->in[2],
                                     .width = (size_t)l->in[3],
                                     .block = LAYOUTS[found].block > 0 ? LAYOUTS[found].block : channels,
                                     .bf16 = c->type == dnnl_bf16,
                                     .pool = l->given.pool};
    if (norm_create(&shape, &l->norm, NULL) != TRM_OK)
        return dnnl_out_of_memory;
    if (norm_choice_bytes(&shape) > 0)
        TRY(chain_bytes(c, norm_choice_bytes(&shape), &l->choice));
    if (l->dst == NULL && shape.pool == NORM_AVERAGE_POOL) {
        TRY(chain_plain_memory(c, 4, l->out, KEPT, NULL, &l->dst));
    } else if (l->dst == NULL) {
        dnnl_memory_desc_t desc;
        TRY(dnnl_memory_desc_init_by_tag(&desc, 4, l->out, c->type, LAYOUTS[found].tag));
        TRY(chain_memory(c, &desc, KEPT, NULL, &l->dst));
    }
    chain_append_own(c, IN_FORWARD, l, forward);
    return dnnl_success;
}

dnnl_status_t chain_norm_backward(struct onednn_chain *c, struct layer *l) {
    if (l->src_gradient != NULL)
        TRY(chain_target(c, l->src_gradient, chain_layout(l->src), &l->norm_gradient));
    chain_append_own(c, IN_BACKWARD, l, backward);
    return l->src_gradient != NULL ? chain_deliver(c, l->norm_gradient, l->src_gradient) : dnnl_success;
}
