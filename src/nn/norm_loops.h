/* The passes over one strip: V channels of one image that lie side by side, as one vector a pixel.
   norm_kernels.c includes this once for each V. Bits do not depend on the instruction set: a vector that the processor
   lacks is made of smaller ones. No include guard. */

#define NAMED_(name, v) name##_##v
#define NAMED(name, v) NAMED_(name, v)
#define IN(name) NAMED(name, V)

typedef float IN(real) __attribute__((vector_size(4 * V)));
typedef int32_t IN(mask) __attribute__((vector_size(4 * V)));
typedef uint32_t IN(word) __attribute__((vector_size(4 * V)));
typedef uint16_t IN(half) __attribute__((vector_size(2 * V)));
typedef uint8_t IN(byte) __attribute__((vector_size(V)));

/* ---- memory ---- */

INLINE IN(real) IN(read)(const float *from) {
    IN(real) v;
    memcpy(&v, from, sizeof v);
    return v;
}

INLINE IN(real) IN(load)(const void *from, size_t at, bool bf16) {
    if (!bf16)
        return IN(read)((const float *)from + at);
    IN(half) h; /* bf16 is the upper half of a float */
    memcpy(&h, (const uint16_t *)from + at, sizeof h);
    return (IN(real))(__builtin_convertvector(h, IN(word)) << 16);
}

INLINE void IN(store)(void *to, size_t at, bool bf16, IN(real) v) {
    if (!bf16) {
        memcpy((float *)to + at, &v, sizeof v);
        return;
    }
    const IN(word) w = (IN(word))v, nan = (IN(word))(v != v);
    const IN(word) rounded = (w + 0x7fff + (w >> 16 & 1)) >> 16; /* to nearest, ties to even */
    const IN(half) h = __builtin_convertvector((nan & 0x7fff) | (~nan & rounded), IN(half));
    memcpy((uint16_t *)to + at, &h, sizeof h);
}

INLINE IN(mask) IN(load_index)(const uint8_t *index, size_t at) {
    IN(byte) b;
    memcpy(&b, index + at, sizeof b);
    return __builtin_convertvector(b, IN(mask));
}

INLINE IN(real) IN(where)(IN(mask) m, IN(real) v) { /* v where m, else 0 */
    return (IN(real))(m & (IN(mask))v);
}

/* ---- statistics ---- */

/* Mean and sum of squares about it, chunk by chunk, so that the second look at a chunk finds it in the nearest
   cache; joined as Chan, Golub & LeVeque 1979 do. */
INLINE void IN(statistics)(const struct strip *s, const void *x, bool bf16, struct moments to) {
    const size_t area = s->height * s->width, pitch = s->pitch;
    for (size_t begin = 0; begin < area; begin += CHUNK) {
        const size_t n = area - begin < CHUNK ? area - begin : CHUNK;
        IN(real) sum[4] = {0}, square[4] = {0};
        size_t i = 0;
        for (; i + 4 <= n; i += 4)
            for (size_t k = 0; k < 4; k++)
                sum[k] += IN(load)(x, (begin + i + k) * pitch, bf16);
        for (; i < n; i++)
            sum[0] += IN(load)(x, (begin + i) * pitch, bf16);
        const IN(real) mean = ((sum[0] + sum[1]) + (sum[2] + sum[3])) / (float)n;
        for (i = 0; i + 4 <= n; i += 4)
            for (size_t k = 0; k < 4; k++) {
                const IN(real) away = IN(load)(x, (begin + i + k) * pitch, bf16) - mean;
                square[k] += away * away;
            }
        for (; i < n; i++) {
            const IN(real) away = IN(load)(x, (begin + i) * pitch, bf16) - mean;
            square[0] += away * away;
        }
        const IN(real) squares = (square[0] + square[1]) + (square[2] + square[3]);
        moments_join(to, V, *to.count, (const float *)&mean, (const float *)&squares, (double)n);
        *to.count += (double)n;
    }
}

/* ---- forward ---- */

struct IN(affine) {
    IN(real) mean, scale, bias, g_mean, slope;
};

INLINE struct IN(affine) IN(affine_of)(const struct affine *a) {
    return (struct IN(affine)){IN(read)(a->mean), IN(read)(a->scale), IN(read)(a->bias), IN(read)(a->g_mean),
                               IN(read)(a->slope)};
}

/* gain (x - mean)/sigma + bias, before the ReLU */
INLINE IN(real) IN(normal)(IN(real) x, const struct IN(affine) * a) {
    return (x - a->mean) * a->scale + a->bias;
}

/* The larger of best and z, with its x and its place in the window; the first among equals. */
INLINE void IN(larger)(IN(real) * best, IN(real) * taken, IN(mask) * place, IN(real) z, IN(real) x,
                       int32_t k) {
    const IN(mask) more = z > *best;
    *best = (IN(real))((more & (IN(mask))z) | (~more & (IN(mask)) * best));
    *taken = (IN(real))((more & (IN(mask))x) | (~more & (IN(mask)) * taken));
    *place = (more & k) | (~more & *place);
}

INLINE void IN(maximum)(const struct strip *s, const struct IN(affine) * a, const void *x, void *y,
                        struct choice choice, bool bf16) {
    const size_t pitch = s->pitch, row = s->width * pitch;
    for (size_t i = 0; i < s->height / 2; i++)
        for (size_t j = 0; j < s->width / 2; j++) {
            const size_t corner = 2 * i * row + 2 * j * pitch, at = (i * (s->width / 2) + j) * pitch;
            const size_t others[3] = {corner + pitch, corner + row, corner + row + pitch};
            IN(real) taken = IN(load)(x, corner, bf16), best = IN(normal)(taken, a);
            IN(mask) place = {0};
            for (int32_t k = 1; k < 4; k++) {
                const IN(real) v = IN(load)(x, others[k - 1], bf16);
                IN(larger)(&best, &taken, &place, IN(normal)(v, a), v, k);
            }
            const IN(mask) alive = best > 0;
            IN(store)(y, at, bf16, IN(where)(alive, best));
            IN(store)(choice.taken, at, bf16, taken);
            const IN(byte) b = __builtin_convertvector((alive & place) | (~alive & NO_PLACE), IN(byte));
            memcpy(choice.index + at, &b, sizeof b);
        }
}

INLINE void IN(apply)(const struct strip *s, const struct IN(affine) * a, const void *x, void *y,
                      struct choice choice, bool bf16) {
    const size_t area = s->height * s->width, pitch = s->pitch;
    if (s->pool == NORM_MAX_POOL) {
        IN(maximum)(s, a, x, y, choice, bf16);
        return;
    }
    IN(real) sum[2] = {0};
    for (size_t i = 0; i < area; i++) {
        const IN(real) z = IN(normal)(IN(load)(x, i * pitch, bf16), a), positive = IN(where)(z > 0, z);
        if (s->pool == NORM_AVERAGE_POOL)
            sum[i % 2] += positive;
        else
            IN(store)(y, i * pitch, bf16, positive);
    }
    if (s->pool == NORM_AVERAGE_POOL) {
        const IN(real) mean = (sum[0] + sum[1]) / (float)area;
        memcpy(y, &mean, s->valid * sizeof(float));
    }
}

/* ---- backward; g is the gradient before the ReLU ---- */

/* All that there is of dy in a strip after global averaging, a pixel's part. */
INLINE IN(real) IN(spread)(const struct strip *s, const void *dy) {
    IN(real) v = {0};
    memcpy(&v, dy, s->valid * sizeof(float));
    return v / (float)(s->height * s->width);
}

/* sums[0] += g,  sums[1] += g (x - mean); only the x that was taken has a g. */
INLINE void IN(maximum_sums)(const struct strip *s, const struct IN(affine) * a, const void *dy,
                             struct choice choice, bool bf16, IN(real) sums[2]) {
    for (size_t i = 0; i < (s->height / 2) * (s->width / 2); i++) {
        const size_t at = i * s->pitch;
        const IN(mask) place = IN(load_index)(choice.index, at);
        const IN(real) g = IN(where)(place < NO_PLACE, IN(load)(dy, at, bf16));
        sums[0] += g;
        sums[1] += g * (IN(load)(choice.taken, at, bf16) - a->mean);
    }
}

INLINE void IN(sums)(const struct strip *s, const struct IN(affine) * a, const void *x, const void *dy,
                     struct choice choice, bool bf16, double *g_sum, double *gx_sum) {
    const size_t area = s->height * s->width, pitch = s->pitch;
    IN(real) sums[2] = {0};
    if (s->pool == NORM_MAX_POOL) {
        IN(maximum_sums)(s, a, dy, choice, bf16, sums);
    } else {
        const bool average = s->pool == NORM_AVERAGE_POOL;
        IN(real) d = {0};
        if (average)
            d = IN(spread)(s, dy);
        for (size_t i = 0; i < area; i++) {
            const IN(real) v = IN(load)(x, i * pitch, bf16);
            const IN(real) all = average ? d : IN(load)(dy, i * pitch, bf16);
            const IN(real) g = IN(where)(IN(normal)(v, a) > 0, all);
            sums[0] += g;
            sums[1] += g * (v - a->mean);
        }
    }
    for (size_t k = 0; k < V; k++) {
        g_sum[k] += (double)sums[0][k];
        gx_sum[k] += (double)sums[1][k];
    }
}

/* dx = scale (g - g_mean - (x - mean) slope) */
INLINE IN(real) IN(gradient)(IN(real) x, IN(real) g, const struct IN(affine) * a) {
    return a->scale * ((g - a->g_mean) - (x - a->mean) * a->slope);
}

INLINE void IN(pixel)(size_t at, const struct IN(affine) * a, const void *x, IN(real) g, void *dx,
                      bool bf16) {
    IN(store)(dx, at, bf16, IN(gradient)(IN(load)(x, at, bf16), g, a));
}

INLINE void IN(maximum_back)(const struct strip *s, const struct IN(affine) * a, const void *x,
                             const void *dy, struct choice choice, bool bf16, void *dx) {
    const size_t pitch = s->pitch, row = s->width * pitch;
    const IN(real) none = {0};
    for (size_t i = 0; i < s->height / 2; i++)
        for (size_t j = 0; j < s->width / 2; j++) {
            const size_t corner = 2 * i * row + 2 * j * pitch, at = (i * (s->width / 2) + j) * pitch;
            const IN(mask) place = IN(load_index)(choice.index, at);
            const IN(real) d = IN(load)(dy, at, bf16);
            IN(pixel)(corner, a, x, IN(where)(place == 0, d), dx, bf16);
            IN(pixel)(corner + pitch, a, x, IN(where)(place == 1, d), dx, bf16);
            IN(pixel)(corner + row, a, x, IN(where)(place == 2, d), dx, bf16);
            IN(pixel)(corner + row + pitch, a, x, IN(where)(place == 3, d), dx, bf16);
        }
    /* An odd last column or row is in no window. */
    for (size_t i = 0; s->width % 2 == 1 && i < s->height; i++)
        IN(pixel)(i * row + row - pitch, a, x, none, dx, bf16);
    for (size_t j = 0; s->height % 2 == 1 && j < s->width; j++)
        IN(pixel)((s->height - 1) * row + j * pitch, a, x, none, dx, bf16);
}

INLINE void IN(back)(const struct strip *s, const struct IN(affine) * a, const void *x, const void *dy,
                     struct choice choice, bool bf16, void *dx) {
    const size_t area = s->height * s->width, pitch = s->pitch;
    const bool average = s->pool == NORM_AVERAGE_POOL;
    if (s->pool == NORM_MAX_POOL) {
        IN(maximum_back)(s, a, x, dy, choice, bf16, dx);
        return;
    }
    IN(real) d = {0};
    if (average)
        d = IN(spread)(s, dy);
    for (size_t i = 0; i < area; i++) {
        const IN(real) all = average ? d : IN(load)(dy, i * pitch, bf16);
        const IN(real) z = IN(normal)(IN(load)(x, i * pitch, bf16), a);
        IN(pixel)(i * pitch, a, x, IN(where)(z > 0, all), dx, bf16);
    }
}

/* ---- what norm_kernels.c lists: one copy for floats and one for bf16 ---- */

TARGET_CLONES static void IN(strip_statistics)(const struct strip *s, const void *x, struct moments to) {
    s->bf16 ? IN(statistics)(s, x, true, to) : IN(statistics)(s, x, false, to);
}

TARGET_CLONES static void IN(strip_apply)(const struct strip *s, const struct affine *a, const void *x,
                                          void *y, struct choice choice) {
    const struct IN(affine) c = IN(affine_of)(a);
    s->bf16 ? IN(apply)(s, &c, x, y, choice, true) : IN(apply)(s, &c, x, y, choice, false);
}

TARGET_CLONES static void IN(strip_sums)(const struct strip *s, const struct affine *a, const void *x,
                                         const void *dy, struct choice choice, double *g_sum,
                                         double *gx_sum) {
    const struct IN(affine) c = IN(affine_of)(a);
    s->bf16 ? IN(sums)(s, &c, x, dy, choice, true, g_sum, gx_sum)
            : IN(sums)(s, &c, x, dy, choice, false, g_sum, gx_sum);
}

TARGET_CLONES static void IN(strip_back)(const struct strip *s, const struct affine *a, const void *x,
                                         const void *dy, struct choice choice, void *dx) {
    const struct IN(affine) c = IN(affine_of)(a);
    s->bf16 ? IN(back)(s, &c, x, dy, choice, true, dx) : IN(back)(s, &c, x, dy, choice, false, dx);
}

#undef IN
#undef NAMED
#undef NAMED_
#undef V
