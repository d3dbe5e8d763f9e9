#include "base/status.h"

#include "base/numbers.h"

#include <stdarg.h>
#include <stdio.h>

const char *trm_status_text(enum trm_status status) {
    static const char *const texts[] = {
#define X(name, text) [TRM_##name] = text,
        TRM_STATUS_LIST(X)
#undef X
    };
    const unsigned index = (unsigned)status;
    return index < sizeof texts / sizeof *texts ? texts[index] : "unknown status";
}

enum trm_status trm_fail(struct trm_error *error, enum trm_status status, const char *format, ...) {
    if (error != NULL) {
        va_list args;
        const locale_t before = numbers_begin();
        va_start(args, format);
        error->status = status;
        vsnprintf(error->text, sizeof error->text, format, args);
        va_end(args);
        numbers_end(before);
        for (char *c = error->text; *c != '\0'; c++) /* what a path or a damaged file brought along */
            if ((unsigned char)*c < ' ' || *c == '\x7f')
                *c = '?';
    }
    return status;
}
