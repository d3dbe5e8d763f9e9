#include "cli/views/progress.h"
#include "support/folders.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Send stderr to a file in the test's folder; *saved takes what it was. */
static void capture(void **state, int *saved) {
    char path[SUPPORT_PATH];
    fflush(stderr);
    *saved = dup(STDERR_FILENO);
    assert_non_null(freopen(support_path(path, state, "stderr"), "w", stderr));
}

/* Give stderr back and return what was written to it. */
static const char *captured(void **state, int saved, char text[4096]) {
    char path[SUPPORT_PATH];
    fflush(stderr);
    dup2(saved, STDERR_FILENO);
    close(saved);
    FILE *f = fopen(support_path(path, state, "stderr"), "r");
    assert_non_null(f);
    text[fread(text, 1, 4095, f)] = '\0';
    fclose(f);
    return text;
}

static void test_duration(void **state) {
    (void)state;
    const struct {
        double seconds;
        const char *text;
    } cases[] = {{0, "0 s"},
                 {4.4, "4 s"},
                 {59.7, "1 min"},
                 {725, "12 min"},
                 {3900, "1 h 05"},
                 {86399, "23 h 59"},
                 {3 * 86400 + 5 * 3600, "3 d 05 h"},
                 {40 * 86400.0, "40 d"},
                 {INFINITY, "9999 d"},
                 {NAN, "?"},
                 {-1, "?"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[16];
        assert_string_equal(progress_duration(cases[i].seconds, text), cases[i].text);
        assert_true(strlen(text) <= 8);
    }
}

/* Away from a terminal: no control characters, no line before its time, one line at the end. */
static void test_plain_lines(void **state) {
    int saved;
    char text[4096];
    struct progress p;
    capture(state, &saved);
    progress_begin(&p, "train", "step", 10, 40, false);
    for (size_t i = 10; i < 20; i++)
        progress_update(&p, i, "loss 1.5");
    progress_clear(&p);
    p.shown -= 61.0; /* a minute later */
    progress_update(&p, 20, "loss 1.25");
    p.shown -= 61.0;
    progress_update(&p, 40, NULL);
    p.shown -= 61.0;
    progress_update(&p, 41, NULL); /* one more than was said */
    captured(state, saved, text);
    assert_non_null(strstr(text, "train 50 % 20/40 step"));
    assert_non_null(strstr(text, "step/s"));
    assert_non_null(strstr(text, "left, loss 1.25\n"));
    assert_non_null(strstr(text, "train 100 % 40/40 step"));
    assert_non_null(strstr(text, "train 100 % 41/41 step"));
    assert_null(strstr(text, "loss 1.5"));
    assert_null(strpbrk(text, "\r\033"));
    size_t lines = 0;
    for (const char *c = text; *c != '\0'; c++)
        lines += *c == '\n';
    assert_int_equal(lines, 3);
}

/* A bar drawn at `done` of 4000 steps, on a terminal of so many columns. */
static const char *draw(void **state, const char *columns, const char *label, size_t done, const char *note,
                        char text[4096]) {
    struct progress p;
    int saved;
    setenv("COLUMNS", columns, 1);
    capture(state, &saved);
    progress_begin(&p, label, "step", 0, 4000, false);
    p.terminal = true;
    p.shown = -INFINITY;
    p.began -= 100.0;
    progress_update(&p, done, note);
    return captured(state, saved, text);
}

/* The bar gives way first, then the rate, the count and the time left, then the label; the loss stays. */
static void test_bar_fits(void **state) {
    char text[4096], label[64];
    assert_string_equal(
        draw(state, "100", "admm", 1000, "loss 1.2", text),
        "\radmm [======>                 ] 25 % 1000/4000 step, 10 step/s, 5 min left, loss 1.2\033[K");
    assert_string_equal(
        draw(state, "80", "admm", 1000, "loss 1.2", text),
        "\radmm [====>              ] 25 % 1000/4000 step, 10 step/s, 5 min left, loss 1.2\033[K");
    assert_string_equal(draw(state, "62", "admm", 1000, "loss 1.2", text),
                        "\radmm 25 % 1000/4000 step, 10 step/s, 5 min left, loss 1.2\033[K");
    assert_string_equal(draw(state, "48", "admm", 1000, "loss 1.2", text),
                        "\radmm 25 % 1000/4000 step, 5 min left, loss 1.2\033[K");
    assert_string_equal(draw(state, "33", "admm", 1000, "loss 1.2", text),
                        "\radmm 25 %, 5 min left, loss 1.2\033[K");
    assert_string_equal(draw(state, "22", "admm", 1000, "loss 1.2", text), "\radmm 25 %, loss 1.2\033[K");
    memset(label, 'l', sizeof label - 1);
    label[sizeof label - 1] = '\0';
    assert_string_equal(draw(state, "22", label, 1000, "loss 1.2", text),
                        "\rllllll 25 %, loss 1.2\033[K" + 0);
    assert_true(strcspn(draw(state, "20", "admm", 1, "a note that is much too long for it", text), "\033") <=
                20);
}

static void test_bar_is_cleared(void **state) {
    int saved;
    char text[4096];
    struct progress p;
    setenv("COLUMNS", "80", 1);
    capture(state, &saved);
    progress_begin(&p, "train", "step", 0, 4, false);
    p.terminal = true;
    p.shown = -INFINITY;
    progress_update(&p, 1, "begun");
    progress_update(&p, 2, "begun"); /* too soon after the last */
    progress_clear(&p);
    progress_update(&p, 4, "done"); /* at once, after the bar was cleared */
    captured(state, saved, text);
    assert_null(strstr(text, "2/4"));
    assert_non_null(strstr(text, "\r\033[K\rtrain [========================] 100 % 4/4 step"));
    assert_non_null(strstr(text, ", done\033[K"));
}

/* A log gets a line where a minute has passed and a per cent was done. */
static void test_log_is_short(void **state) {
    int saved;
    char text[4096];
    struct progress p;
    capture(state, &saved);
    progress_begin(&p, "train", "step", 0, 1000, false);
    p.shown -= 61.0;
    progress_update(&p, 9, NULL); /* less than a per cent */
    progress_update(&p, 10, NULL);
    progress_update(&p, 500, NULL); /* less than a minute */
    p.shown -= 61.0;
    progress_update(&p, 501, NULL);
    captured(state, saved, text);
    assert_memory_equal(text, "train 1 % 10/1000 step", 22);
    assert_non_null(strstr(text, "\ntrain 50 % 501/1000 step"));
    assert_null(strstr(text, "500/1000"));
    assert_null(strstr(text, " 9/1000"));
}

static void test_quiet_and_empty(void **state) {
    int saved;
    char text[4096];
    struct progress p;
    capture(state, &saved);
    progress_begin(&p, "train", "step", 0, 10, true);
    progress_update(&p, 5, "x");
    progress_clear(&p);
    assert_string_equal(captured(state, saved, text), "");
    capture(state, &saved);
    progress_begin(&p, "nothing", "step", 0, 0, false);
    p.shown -= 61.0;
    progress_update(&p, 0, NULL);
    assert_non_null(strstr(captured(state, saved, text), "nothing 100 % 0/0 step"));
}

int main(void) {
#define TEST(f) cmocka_unit_test_setup_teardown(f, support_folder_make, support_folder_remove)
    const struct CMUnitTest tests[] = {TEST(test_duration),     TEST(test_plain_lines),
                                       TEST(test_bar_fits),     TEST(test_bar_is_cleared),
                                       TEST(test_log_is_short), TEST(test_quiet_and_empty)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
