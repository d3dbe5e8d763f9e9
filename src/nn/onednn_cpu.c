/* What oneDNN says about the processor and about itself. */
#include "nn/onednn.h"

#include <oneapi/dnnl/dnnl.h>

/* name in dnnl_cpu_isa_*, whether it has products of bf16 */
#define ISA_LIST(X)                                                                                          \
    X(sse41, false)                                                                                          \
    X(avx, false)                                                                                            \
    X(avx2, false)                                                                                           \
    X(avx2_vnni, false)                                                                                      \
    X(avx512_mic, false)                                                                                     \
    X(avx512_mic_4ops, false)                                                                                \
    X(avx512_core, false)                                                                                    \
    X(avx512_core_vnni, false)                                                                               \
    X(avx512_core_bf16, true)                                                                                \
    X(avx512_core_amx, true)

static const struct {
    int isa;
    const char *name;
    bool has_bf16;
} ISAS[] = {
#define X(name, bf16) {dnnl_cpu_isa_##name, #name, bf16},
    ISA_LIST(X)
#undef X
};

enum { ISA_COUNT = sizeof ISAS / sizeof *ISAS };

static size_t effective(void) {
    const int isa = (int)dnnl_get_effective_cpu_isa();
    size_t i = 0;
    while (i < ISA_COUNT && ISAS[i].isa != isa)
        i++;
    return i;
}

const char *onednn_instruction_set(void) {
    const size_t i = effective();
    return i < ISA_COUNT ? ISAS[i].name : "another";
}

bool onednn_has_bf16(void) {
    const size_t i = effective();
    return i < ISA_COUNT && ISAS[i].has_bf16;
}

#define TEXT_OF(x) #x
#define TEXT(x) TEXT_OF(x)

const char *onednn_version(void) {
    return "oneDNN " TEXT(DNNL_VERSION_MAJOR) "." TEXT(DNNL_VERSION_MINOR) "." TEXT(DNNL_VERSION_PATCH);
}
