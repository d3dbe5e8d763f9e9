/* Which version of the library this is: of these headers, and of the library that is loaded. The build reads
   the numbers from here. */
#ifndef TRM_MUON_VERSION_H
#define TRM_MUON_VERSION_H

#include "base/status.h"

#define MUON_VERSION_MAJOR 0
#define MUON_VERSION_MINOR 1
#define MUON_VERSION_PATCH 0

/* For `#if MUON_VERSION >= 1002` (version 0.1.2 is 1002). */
#define MUON_VERSION (MUON_VERSION_MAJOR * 1000000 + MUON_VERSION_MINOR * 1000 + MUON_VERSION_PATCH)

TRM_C_BEGIN

/* MUON_VERSION of the library that the program runs with. */
TRM_API int muon_version(void);
/* The same in words, "0.1.0"; a constant string. */
TRM_API const char *muon_version_text(void);

TRM_C_END

#endif
