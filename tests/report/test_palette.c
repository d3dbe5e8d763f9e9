/* Colours can be told apart on their ground and from one another, also by colour-blind readers. */
#include "report/support.h"

#include "report/read/runs.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Machado, Oliveira and Fernandes 2009, severity 1, for linear RGB: nobody's, prot-, deuter-, tritanopia. */
static const double sight[4][3][3] = {
    {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}},
    {{0.152286, 1.052583, -0.204868}, {0.114503, 0.786281, 0.099216}, {-0.003882, -0.048116, 1.051998}},
    {{0.367322, 0.860646, -0.227968}, {0.280085, 0.672501, 0.047413}, {-0.011820, 0.042940, 0.968881}},
    {{1.255528, -0.076749, -0.178779}, {-0.078411, 0.930809, 0.147602}, {0.004733, 0.691367, 0.303900}}};

static void linear(const char *hex, double rgb[3]) {
    for (int i = 0; i < 3; i++) {
        const char two[3] = {hex[1 + 2 * i], hex[2 + 2 * i], '\0'};
        const double c = (double)strtol(two, NULL, 16) / 255.0;
        rgb[i] = c <= 0.04045 ? c / 12.92 : pow((c + 0.055) / 1.055, 2.4);
    }
}

/* WCAG 2. */
static double contrast(const char *a, const char *b) {
    double x[3], y[3];
    linear(a, x), linear(b, y);
    const double p = 0.2126 * x[0] + 0.7152 * x[1] + 0.0722 * x[2] + 0.05,
                 q = 0.2126 * y[0] + 0.7152 * y[1] + 0.0722 * y[2] + 0.05;
    return fmax(p, q) / fmin(p, q);
}

static double cube(double t) {
    return t > 0.008856 ? cbrt(t) : 7.787 * t + 16.0 / 116.0;
}

static void lab(const char *hex, int eye, double out[3]) {
    double rgb[3], seen[3];
    linear(hex, rgb);
    for (int i = 0; i < 3; i++) {
        seen[i] = 0;
        for (int k = 0; k < 3; k++)
            seen[i] += sight[eye][i][k] * rgb[k];
        seen[i] = fmin(fmax(seen[i], 0.0), 1.0);
    }
    const double x = cube((0.4124 * seen[0] + 0.3576 * seen[1] + 0.1805 * seen[2]) / 0.9505),
                 y = cube(0.2126 * seen[0] + 0.7152 * seen[1] + 0.0722 * seen[2]),
                 z = cube((0.0193 * seen[0] + 0.1192 * seen[1] + 0.9505 * seen[2]) / 1.089);
    out[0] = 116 * y - 16, out[1] = 500 * (x - y), out[2] = 200 * (y - z);
}

static void test_colours(void **state) {
    static const char *const ground[] = {"#ffffff", "#16181d"};
    (void)state;
    for (int dark = 0; dark < 2; dark++)
        for (int i = 0; i < REPORT_POLICIES; i++) {
            char own[8], other[8];
            report_policy_colour(i, dark, own);
            assert_int_equal(strlen(own), 7);
            if (contrast(own, ground[dark]) < 3.0)
                fail_msg("%s on %s: contrast %.2f", own, ground[dark], contrast(own, ground[dark]));
            for (int k = 0; k < i; k++)
                for (int eye = 0; eye < 4; eye++) {
                    double a[3], b[3];
                    report_policy_colour(k, dark, other);
                    lab(own, eye, a), lab(other, eye, b);
                    const double far = hypot(hypot(a[0] - b[0], a[1] - b[1]), a[2] - b[2]);
                    if (far < 20.0)
                        fail_msg("%s and %s: %.1f apart for eye %d", own, other, far, eye);
                }
        }
}

static void test_marks(void **state) {
    (void)state;
    for (int i = 0; i < REPORT_POLICIES; i++) {
        for (int k = 0; k < i; k++)
            assert_int_not_equal(report_policy_mark(i, 0), report_policy_mark(k, 0));
        for (size_t n = 1; n < 8; n++)
            assert_int_not_equal(report_policy_mark(i, n), report_policy_mark(i, n - 1));
    }
}

static void expect_looks(const char *const *names, size_t count, const char *const *words) {
    int policy[16];
    report_policies_of(names, count, policy);
    for (size_t i = 0; i < count; i++)
        assert_string_equal(report_policy_word(policy[i]), words[i]);
}

static void test_unknown_names_look_different(void **state) {
    (void)state;
    static const char *const arms[] = {"quasi_newton:0.5", "quasi_newton",   "frank_wolfe@10:2",
                                       "quasi_newton:2",   "quasi_newton:4", "quasi_newton:0.5"};
    static const char *const looks[] = {"other",         "quasi_newton", "frank_wolfe",
                                        "spectral_clip", "dual_ascent",  "other"};
    expect_looks(arms, 6, looks);
    static const char *const opponents[] = {"two_phase", "router", "exp3", "random", "admm"};
    static const char *const theirs[] = {"spectral_clip", "router", "other", "random", "admm"};
    expect_looks(opponents, 5, theirs);
    static const char *const turned[] = {"exp3", "admm", "random", "two_phase", "router"};
    static const char *const same[] = {"other", "admm", "random", "spectral_clip", "router"};
    expect_looks(turned, 5, same);
    static const char *const many[] = {"g", "f", "e", "d", "c", "b", "a"};
    static const char *const most[] = {"other",       "admm",          "frank_wolfe", "quasi_newton",
                                       "dual_ascent", "spectral_clip", "other"};
    expect_looks(many, 7, most);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_colours), cmocka_unit_test(test_marks),
                                       cmocka_unit_test(test_unknown_names_look_different)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
