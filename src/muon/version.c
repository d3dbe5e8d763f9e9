#include "muon/version.h"

#define TEXT(number) #number
#define WORDS(major, minor, patch) TEXT(major) "." TEXT(minor) "." TEXT(patch)

int muon_version(void) {
    return MUON_VERSION;
}

const char *muon_version_text(void) {
    return WORDS(MUON_VERSION_MAJOR, MUON_VERSION_MINOR, MUON_VERSION_PATCH);
}
