/* Status codes and one-line errors, shared by every room. */
#ifndef TRM_BASE_STATUS_H
#define TRM_BASE_STATUS_H

#if defined(__GNUC__)
#define TRM_API __attribute__((visibility("default")))
#define TRM_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#else
#define TRM_API
#define TRM_PRINTF(fmt, args)
#endif

/* Around the declarations of a public header: C++ finds them under their C names. */
#ifdef __cplusplus
#define TRM_C_BEGIN extern "C" {
#define TRM_C_END }
#else
#define TRM_C_BEGIN
#define TRM_C_END
#endif

TRM_C_BEGIN

/* name, meaning: the one list from which the enum and its texts come. */
#define TRM_STATUS_LIST(X)                                                                                   \
    X(OK, "ok")                                                                                              \
    X(INVALID, "an argument or option has a value that is not allowed")                                      \
    X(NOT_FINITE, "input holds NaN or infinity")                                                             \
    X(SHAPE, "a shape does not fit")                                                                         \
    X(NOT_ORTHONORMAL, "the columns of W are not orthonormal")                                               \
    X(NO_MEMORY, "out of memory")                                                                            \
    X(NUMERIC, "a numerical routine failed")                                                                 \
    X(IO, "a file could not be read or written")                                                             \
    X(FORMAT, "a file is not what its format says")                                                          \
    X(EXISTS, "an output exists already")                                                                    \
    X(NOT_FOUND, "a name or file is not known")                                                              \
    X(DIVERGED, "the loss or a gradient is not finite")                                                      \
    X(STOPPED, "stopped on request")

enum trm_status {
#define X(name, text) TRM_##name,
    TRM_STATUS_LIST(X)
#undef X
};

/* Why a call failed, in one line for a person: which file or option, what is wrong, what to do.
   Functions that take one write it on failure only; NULL is allowed. */
struct trm_error {
    enum trm_status status;
    char text[512];
};

/* The meaning of a status, a constant string; never NULL. */
TRM_API const char *trm_status_text(enum trm_status status);

/* Fill *error (may be NULL) with a formatted line and return status, so that `return trm_fail(...)` reads
 * well. */
TRM_API enum trm_status trm_fail(struct trm_error *error, enum trm_status status, const char *format, ...)
    TRM_PRINTF(3, 4);

TRM_C_END

#endif
