#include "muon/muon.h"

#include <math.h>
#include <string.h>

static const char *const names[] = {
#define X(name) #name,
    MUON_SCHEDULE_LIST(X)
#undef X
};

int muon_schedule_find(const char *name) {
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i], name) == 0)
            return (int)i;
    return -1;
}

const char *muon_schedule_name(int schedule) {
    return schedule >= 0 && (size_t)schedule < sizeof names / sizeof *names ? names[schedule] : NULL;
}

double muon_schedule_factor(enum muon_schedule schedule, size_t step, size_t total, size_t warmup) {
    if (step < warmup)
        return (double)(step + 1) / (double)(warmup + 1);
    if (step >= total)
        return schedule == MUON_SCHEDULE_constant ? 1.0 : 0.0;
    const double done = (double)(step - warmup) / (double)(total - warmup);
    switch (schedule) {
    case MUON_SCHEDULE_linear:
        return 1.0 - done;
    case MUON_SCHEDULE_cosine:
        return 0.5 * (1.0 + cos(3.14159265358979323846 * done));
    case MUON_SCHEDULE_constant:
        break;
    }
    return 1.0;
}
