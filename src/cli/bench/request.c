#include "cli/bench/request.h"

#include "cli/diagnostics.h"
#include "cli/views/stop.h"
#include "storage/value.h"

#include <string.h>

int bench_parse(const struct command *self, const struct setting *table, size_t count, void *target, int argc,
                char **argv) {
    const int parsed = options_parse_table(self, table, count, target, argc, argv);
    if (parsed == OPTIONS_GO_ON)
        stop_catch(STOP_AT_ONCE);
    return parsed;
}

int gap_parse(const struct command *self, const struct setting *table, size_t count, void *target, int argc,
              char **argv, struct gap_request *request) {
    const int parsed = bench_parse(self, table, count, target, argc, argv);
    if (parsed != OPTIONS_GO_ON)
        return parsed;
    request->tol_count = bench_list_reals(request->tol_text, "(0, 1)", false, request->tol);
    return request->tol_count > 0
               ? OPTIONS_GO_ON
               : cli_misuse("--tol '%s' is not allowed: give 1 to %d numbers in (0, 1) with commas between, "
                            "each below the one before",
                            request->tol_text, BENCH_LIST_MAX);
}

/* The next word up to a comma or the end, and whether it fits. *text is NULL after the last. */
static bool next_word(const char **text, char *word, size_t room) {
    const size_t length = strcspn(*text, ",");
    if (length >= room)
        return false;
    memcpy(word, *text, length);
    word[length] = '\0';
    *text = (*text)[length] == ',' ? *text + length + 1 : NULL;
    return true;
}

size_t bench_list_reals(const char *text, const char *range, bool ascending, double values[BENCH_LIST_MAX]) {
    size_t count = 0;
    char word[64];
    for (; text != NULL; count++)
        if (count == BENCH_LIST_MAX || !next_word(&text, word, sizeof word) ||
            !value_real(word, range, &values[count]) ||
            (count > 0 &&
             (values[count] == values[count - 1] || (values[count] > values[count - 1]) != ascending)))
            return 0;
    return count;
}

size_t bench_list_counts(const char *text, const char *range, size_t values[BENCH_LIST_MAX]) {
    double reals[BENCH_LIST_MAX];
    const char *const digits = "0123456789,";
    const size_t count =
        strspn(text, digits) == strlen(text) ? bench_list_reals(text, range, true, reals) : 0;
    for (size_t i = 0; i < count; i++)
        values[i] = (size_t)reals[i];
    return count;
}
