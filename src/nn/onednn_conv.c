/* 3x3 convolutions, padding 1, no bias. */
#include "nn/onednn_chain.h"

enum { WINOGRAD_CHANNELS = 32 };

static const dnnl_dims_t ONE = {1, 1};

static void weight_shape(const struct layer *l, dnnl_dims_t dims) {
    dims[0] = l->out[1];
    dims[1] = l->in[1];
    dims[2] = dims[3] = 3;
}

static dnnl_status_t any_layout(const dnnl_dims_t dims, dnnl_data_type_t type, dnnl_memory_desc_t *out) {
    return dnnl_memory_desc_init_by_tag(out, 4, dims, type, dnnl_format_tag_any);
}

static dnnl_status_t describe_as(struct onednn_chain *c, const struct layer *l, dnnl_prop_kind_t pass,
                                 dnnl_alg_kind_t algorithm, dnnl_primitive_desc_t *out) {
    dnnl_dims_t shape;
    weight_shape(l, shape);
    dnnl_memory_desc_t src, weight, dst;
    TRY(any_layout(l->in, c->type, &src));
    TRY(any_layout(shape, pass == dnnl_backward_weights ? dnnl_f32 : c->type, &weight));
    TRY(any_layout(l->out, c->type, &dst));
    dnnl_convolution_desc_t desc;
    if (pass == dnnl_backward_weights)
        TRY(dnnl_convolution_backward_weights_desc_init(&desc, algorithm, &src, &weight, NULL, &dst, ONE, ONE,
                                                        ONE));
    else if (pass == dnnl_backward_data)
        TRY(dnnl_convolution_backward_data_desc_init(&desc, algorithm, &src, &weight, &dst, ONE, ONE, ONE));
    else
        TRY(dnnl_convolution_forward_desc_init(&desc, pass, algorithm, &src, &weight, NULL, &dst, ONE, ONE,
                                               ONE));
    return chain_describe(c, &desc, l->forward, out);
}

/* Winograd's F(4x4, 3x3) takes half the time of the direct convolution where there are channels enough, at an
   error of a few 1e-6 of the largest value. oneDNN has it for AVX-512 and float only; elsewhere the direct
   one. The choice hangs on shapes, precision and machine alone, never on a timing, so that runs repeat. */
static dnnl_status_t describe(struct onednn_chain *c, const struct layer *l, dnnl_prop_kind_t pass,
                              dnnl_primitive_desc_t *out) {
    const bool wide = l->in[1] >= WINOGRAD_CHANNELS && l->out[1] >= WINOGRAD_CHANNELS;
    if (wide && c->type == dnnl_f32 &&
        describe_as(c, l, pass, dnnl_convolution_winograd, out) == dnnl_success)
        return dnnl_success;
    return describe_as(c, l, pass, dnnl_convolution_direct, out);
}

dnnl_status_t chain_conv_forward(struct onednn_chain *c, struct layer *l) {
    TRY(describe(c, l, dnnl_forward_training, &l->forward));
    dnnl_dims_t shape;
    weight_shape(l, shape);
    dnnl_memory_t plain;
    TRY(chain_plain_memory(c, 4, shape, CALLER, l->given.weight, &plain));
    TRY(chain_converted(c, IN_FORWARD, l->src, chain_query(l->forward, dnnl_query_src_md), &l->src));
    TRY(chain_converted(c, IN_FORWARD, plain, chain_query(l->forward, dnnl_query_weights_md), &l->weight));
    TRY(chain_memory(c, chain_query(l->forward, dnnl_query_dst_md), KEPT, NULL, &l->dst));
    const arg args[] = {{DNNL_ARG_SRC, l->src}, {DNNL_ARG_WEIGHTS, l->weight}, {DNNL_ARG_DST, l->dst}};
    return chain_append(c, IN_FORWARD, l->forward, args, 3);
}

static dnnl_status_t backward_weight(struct onednn_chain *c, struct layer *l) {
    dnnl_primitive_desc_t description;
    TRY(describe(c, l, dnnl_backward_weights, &description));
    dnnl_dims_t shape;
    weight_shape(l, shape);
    dnnl_memory_t plain, src, dst_gradient, gradient;
    TRY(chain_plain_memory(c, 4, shape, CALLER, l->given.weight_gradient, &plain));
    TRY(chain_converted(c, IN_BACKWARD, l->src, chain_query(description, dnnl_query_src_md), &src));
    TRY(chain_converted(c, IN_BACKWARD, l->dst_gradient, chain_query(description, dnnl_query_diff_dst_md),
                        &dst_gradient));
    TRY(chain_target(c, plain, chain_query(description, dnnl_query_diff_weights_md), &gradient));
    const arg args[] = {
        {DNNL_ARG_SRC, src}, {DNNL_ARG_DIFF_DST, dst_gradient}, {DNNL_ARG_DIFF_WEIGHTS, gradient}};
    TRY(chain_append(c, IN_BACKWARD, description, args, 3));
    return chain_deliver(c, gradient, plain);
}

static dnnl_status_t backward_data(struct onednn_chain *c, struct layer *l) {
    dnnl_primitive_desc_t description;
    TRY(describe(c, l, dnnl_backward_data, &description));
    dnnl_memory_t weight, dst_gradient, gradient;
    TRY(chain_converted(c, IN_BACKWARD, l->weight, chain_query(description, dnnl_query_weights_md), &weight));
    TRY(chain_converted(c, IN_BACKWARD, l->dst_gradient, chain_query(description, dnnl_query_diff_dst_md),
                        &dst_gradient));
    TRY(chain_target(c, l->src_gradient, chain_query(description, dnnl_query_diff_src_md), &gradient));
    const arg args[] = {
        {DNNL_ARG_WEIGHTS, weight}, {DNNL_ARG_DIFF_DST, dst_gradient}, {DNNL_ARG_DIFF_SRC, gradient}};
    TRY(chain_append(c, IN_BACKWARD, description, args, 3));
    return chain_deliver(c, gradient, l->src_gradient);
}

dnnl_status_t chain_conv_backward(struct onednn_chain *c, struct layer *l) {
    TRY(backward_weight(c, l));
    return l->src_gradient != NULL ? backward_data(c, l) : dnnl_success;
}
