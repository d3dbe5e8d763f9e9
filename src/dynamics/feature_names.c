#include "trm.h"

const char *trm_feature_name(enum trm_feature feature) {
    static const char *const names[] = {
#define X(name, column, text) #column,
        TRM_FEATURE_LIST(X)
#undef X
    };
    return (unsigned)feature < TRM_FEATURE_COUNT ? names[feature] : NULL;
}

const char *trm_feature_text(enum trm_feature feature) {
    static const char *const texts[] = {
#define X(name, column, text) text,
        TRM_FEATURE_LIST(X)
#undef X
    };
    return (unsigned)feature < TRM_FEATURE_COUNT ? texts[feature] : NULL;
}
