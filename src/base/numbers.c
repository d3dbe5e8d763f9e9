#include "base/numbers.h"

locale_t numbers_begin(void) {
    return uselocale(newlocale(LC_ALL_MASK, "C", (locale_t)0)); /* which is constant: nothing to free */
}

void numbers_end(locale_t before) {
    uselocale(before);
}
