#include "base/rng.h"
#include "support/folders.h"

#include <math.h>
#include <string.h>

static void expect_block(const uint32_t key[2], const uint32_t counter[4], const uint32_t expected[4]) {
    struct rng r = {.used = 4};
    memcpy(r.key, key, sizeof r.key);
    memcpy(r.counter, counter, sizeof r.counter);
    for (int i = 0; i < 4; i++)
        assert_int_equal(rng_u32(&r), expected[i]);
}

/* Known answers for philox4x32-10 from the authors' Random123 (kat_vectors). */
static void test_known_answers(void **state) {
    (void)state;
    expect_block((uint32_t[]){0, 0}, (uint32_t[]){0, 0, 0, 0},
                 (uint32_t[]){0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
    expect_block((uint32_t[]){0xffffffff, 0xffffffff},
                 (uint32_t[]){0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
                 (uint32_t[]){0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
    expect_block((uint32_t[]){0xa4093822, 0x299f31d0},
                 (uint32_t[]){0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
                 (uint32_t[]){0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

/* The second block is the one of counter + 1, with the carry into the next word. */
static void test_blocks_follow(void **state) {
    (void)state;
    struct rng r = {.key = {7, 9}, .counter = {0xffffffff, 3, 5, 6}, .used = 4};
    struct rng next = {.key = {7, 9}, .counter = {0, 4, 5, 6}, .used = 4};
    for (int i = 0; i < 4; i++)
        rng_u32(&r);
    for (int i = 0; i < 4; i++)
        assert_int_equal(rng_u32(&r), rng_u32(&next));
}

static void test_streams_differ(void **state) {
    (void)state;
    const struct {
        uint64_t seed;
        enum rng_purpose purpose;
        uint64_t a, b;
    } names[] = {{42, RNG_AUGMENT, 0, 0}, {43, RNG_AUGMENT, 0, 0}, {42 + (1ull << 32), RNG_AUGMENT, 0, 0},
                 {42, RNG_SHUFFLE, 0, 0}, {42, RNG_AUGMENT, 1, 0}, {42, RNG_AUGMENT, 0, 1}};
    enum { COUNT = sizeof names / sizeof *names };
    uint32_t first[COUNT];
    for (size_t i = 0; i < COUNT; i++) {
        struct rng r = rng_stream(names[i].seed, names[i].purpose, names[i].a, names[i].b);
        struct rng same = rng_stream(names[i].seed, names[i].purpose, names[i].a, names[i].b);
        first[i] = rng_u32(&r);
        assert_int_equal(first[i], rng_u32(&same));
        for (size_t j = 0; j < i; j++)
            assert_int_not_equal(first[i], first[j]);
    }
}

static void test_moments(void **state) {
    (void)state;
    enum { COUNT = 100000 };
    struct rng r = rng_stream(1, RNG_TEST, 0, 0);
    double mean = 0, square = 0, normal = 0, normal_square = 0;
    for (int i = 0; i < COUNT; i++) {
        const double u = rng_uniform(&r), z = rng_normal(&r);
        assert_true(u >= 0.0 && u < 1.0 && isfinite(z));
        mean += u / COUNT, square += u * u / COUNT;
        normal += z / COUNT, normal_square += z * z / COUNT;
    }
    /* Five standard errors each. */
    assert_true(fabs(mean - 0.5) < 5 * sqrt(1.0 / 12 / COUNT));
    assert_true(fabs(square - 1.0 / 3) < 5 * sqrt(4.0 / 45 / COUNT));
    assert_true(fabs(normal) < 5 * sqrt(1.0 / COUNT));
    assert_true(fabs(normal_square - 1.0) < 5 * sqrt(2.0 / COUNT));
}

static void test_below_is_even(void **state) {
    (void)state;
    enum { BOUND = 9, COUNT = 90000 };
    struct rng r = rng_stream(2, RNG_TEST, 0, 0);
    double seen[BOUND] = {0}, chi2 = 0;
    for (int i = 0; i < COUNT; i++) {
        const uint32_t x = rng_below(&r, BOUND);
        assert_true(x < BOUND);
        seen[x] += 1;
    }
    for (int i = 0; i < BOUND; i++)
        chi2 += (seen[i] - COUNT / BOUND) * (seen[i] - COUNT / BOUND) / (COUNT / BOUND);
    assert_true(chi2 < 30.0); /* 8 degrees of freedom: once in 5000 seeds */
    assert_int_equal(rng_below(&r, 1), 0);
}

static void test_permutation(void **state) {
    (void)state;
    enum { COUNT = 1000 };
    uint32_t order[COUNT];
    bool seen[COUNT] = {false};
    size_t fixed = 0;
    struct rng r = rng_stream(3, RNG_TEST, 0, 0);
    rng_permutation(&r, order, COUNT);
    for (uint32_t i = 0; i < COUNT; i++) {
        assert_true(order[i] < COUNT && !seen[order[i]]);
        seen[order[i]] = true;
        fixed += order[i] == i;
    }
    assert_true(fixed < 8); /* one on average */
    rng_permutation(&r, order, 0);
    rng_permutation(&r, order, 1);
    assert_int_equal(order[0], 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_answers),  cmocka_unit_test(test_blocks_follow),
        cmocka_unit_test(test_streams_differ), cmocka_unit_test(test_moments),
        cmocka_unit_test(test_below_is_even),  cmocka_unit_test(test_permutation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
