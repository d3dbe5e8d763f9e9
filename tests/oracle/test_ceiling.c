/* The noise ceiling says noise on noise, and finds what was planted, at the rates that it states. */
#include "support/dynamics.h"

#include "base/rng.h"
#include "oracle/ceiling.h"

#include <math.h>
#include <stdlib.h>

enum { STATES = 60, ARMS = 5, RUNS = 3, SETS = 100 };

/* RUNS runs of STATES / RUNS states: change = common + better arm + noise, whose size differs between arms by a factor
   of two; effect: of arm 0 in the first half of each run, or else at random states, of arm 1 elsewhere. */
struct plan {
    double effect;
    bool by_phase;
};

static struct trm_sample samples[STATES];
static const struct trm_sample *at[STATES];

static void make(const struct plan *plan, uint64_t seed) {
    struct rng rng = rng_stream(seed, RNG_TEST, 5, 0);
    const size_t n = STATES / RUNS;
    for (size_t i = 0; i < STATES; i++) {
        struct trm_sample *const s = &samples[i];
        const bool first = plan->by_phase ? i % n < n / 2 : rng_uniform(&rng) < 0.5;
        const double common = rng_normal(&rng);
        *s = (struct trm_sample){.present = (1 << ARMS) - 1,
                                 .run = (int64_t)(i / n) + 1,
                                 .seed = i / n,
                                 .step = i % n,
                                 .epochs = 1,
                                 .steps_per_epoch = n,
                                 .position = i,
                                 .group = i / 5};
        at[i] = s;
        for (int a = 0; a < TRM_ARMS_MOST; a++) {
            for (size_t h = 0; h < 2; h++)
                s->half[h][a] = a >= ARMS
                                    ? NAN
                                    : common + 0.1 * a * (a > 1) - plan->effect * (a == (first ? 0 : 1)) +
                                          (0.5 + 0.1 * a) * rng_normal(&rng);
            s->change[a] = 0.5 * (s->half[0][a] + s->half[1][a]);
        }
    }
}

static void rates(const struct plan *plan, size_t *gap, size_t *agreement, size_t *phase) {
    static const struct trm_statistics of = {.oracle = TRM_ORACLE_PROBE, .halves = true};
    *gap = *agreement = *phase = 0;
    for (uint64_t seed = 0; seed < SETS; seed++) {
        struct trm_ceiling c;
        make(plan, seed);
        assert_int_equal(trm_ceiling_measure(at, STATES, &of, (1 << ARMS) - 1, -1, seed, &c, NULL), TRM_OK);
        assert_true(c.states == STATES && c.runs == RUNS);
        assert_true(fabs(c.single - c.oracle - c.gap) < 1e-12);
        *gap += c.gap_p <= 0.05;
        *agreement += c.agreement_p <= 0.05;
        *phase += c.phase_p <= 0.05;
    }
    print_message("effect %.1f: gap %zu, agreement %zu, phases %zu of %d\n", plan->effect, *gap, *agreement,
                  *phase, SETS);
}

/* 5 % of noise is called a gap; 12 of 100 would happen once in 400 times. */
static void noise_is_noise(void **state) {
    (void)state;
    size_t gap, agreement, phase;
    rates(&(struct plan){0, false}, &gap, &agreement, &phase);
    assert_true(gap <= 12 && phase <= 12);
}

static void what_is_planted_is_found(void **state) {
    (void)state;
    size_t gap, agreement, phase;
    rates(&(struct plan){1, false}, &gap, &agreement, &phase);
    assert_true(gap >= 90 && agreement >= 60 && phase <= 12);
    rates(&(struct plan){1, true}, &gap, &agreement, &phase);
    assert_true(gap >= 90 && phase >= 80);
}

/* By hand: the choice of one half is worth what the other says. */
static void the_oracle_is_valued_on_the_other_half(void **state) {
    (void)state;
    struct trm_sample s = {.present = 3, .change = {1, 2}, .half = {{0, 3}, {2, 1}}};
    assert_true(trm_sample_oracle(&s, 3) == 0.5 * (2 + 3));
    assert_true(trm_sample_oracle(&s, 2) == 0.5 * (3 + 1));
    s.half[0][0] = s.half[1][0] = NAN;
    assert_true(trm_sample_oracle(&s, 3) == 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(noise_is_noise),
        cmocka_unit_test(what_is_planted_is_found),
        cmocka_unit_test(the_oracle_is_valued_on_the_other_half),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
