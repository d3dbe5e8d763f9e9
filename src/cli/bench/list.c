#include "cli/bench/list.h"

#include "cli/options/value.h"

#include <string.h>

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
    while (text != NULL) {
        if (count == BENCH_LIST_MAX || !next_word(&text, word, sizeof word) ||
            !value_real(word, range, &values[count]))
            return 0;
        if (count > 0 &&
            (values[count] == values[count - 1] || (values[count] > values[count - 1]) != ascending))
            return 0;
        count++;
    }
    return count;
}

size_t bench_list_counts(const char *text, const char *range, size_t values[BENCH_LIST_MAX]) {
    size_t count = 0;
    char word[64];
    while (text != NULL) {
        if (count == BENCH_LIST_MAX || !next_word(&text, word, sizeof word) ||
            !value_count(word, range, &values[count]))
            return 0;
        if (count > 0 && values[count] <= values[count - 1])
            return 0;
        count++;
    }
    return count;
}
