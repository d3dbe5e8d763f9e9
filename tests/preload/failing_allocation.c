/* LD_PRELOAD: the allocation number FAIL_AT since main began fails, once. Counted are those that the program's own code
   asks for; with FAIL_ALL=1 also those of every library. How many there were is written to the file FAIL_COUNT. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

extern void *__libc_malloc(size_t), *__libc_calloc(size_t, size_t), *__libc_realloc(void *, size_t),
    *__libc_memalign(size_t, size_t);

static atomic_long count;
static long at = -1;
static bool on, all;
static uintptr_t first, last; /* of the program's code */
static int (*real_main)(int, char **, char **);

static int find_program(struct dl_phdr_info *info, size_t size, void *context) {
    (void)size, (void)context;
    for (int i = 0; i < info->dlpi_phnum; i++)
        if (info->dlpi_phdr[i].p_type == PT_LOAD && (info->dlpi_phdr[i].p_flags & PF_X) != 0) {
            first = info->dlpi_addr + info->dlpi_phdr[i].p_vaddr;
            last = first + info->dlpi_phdr[i].p_memsz;
        }
    return 1; /* the program comes first */
}

static bool fails(const void *caller) {
    if (!on || (!all && ((uintptr_t)caller < first || (uintptr_t)caller >= last)))
        return false;
    if (atomic_fetch_add(&count, 1) + 1 != at)
        return false;
    errno = ENOMEM;
    return true;
}

#define FAILS fails(__builtin_return_address(0))

void *malloc(size_t size) {
    return FAILS ? NULL : __libc_malloc(size);
}
void *calloc(size_t number, size_t size) {
    return FAILS ? NULL : __libc_calloc(number, size);
}
void *realloc(void *old, size_t size) {
    return FAILS ? NULL : __libc_realloc(old, size);
}
void *aligned_alloc(size_t alignment, size_t size) {
    return FAILS ? NULL : __libc_memalign(alignment, size);
}
void *memalign(size_t alignment, size_t size) {
    return FAILS ? NULL : __libc_memalign(alignment, size);
}
int posix_memalign(void **out, size_t alignment, size_t size) {
    if (FAILS)
        return ENOMEM;
    *out = __libc_memalign(alignment, size);
    return *out != NULL ? 0 : ENOMEM;
}

static void report(void) {
    on = false;
    const char *const name = getenv("FAIL_COUNT");
    FILE *const file = name != NULL ? fopen(name, "w") : NULL;
    if (file != NULL) {
        fprintf(file, "%ld", atomic_load(&count));
        fclose(file);
    }
}

static int begin(int argc, char **argv, char **environment) {
    const char *const number = getenv("FAIL_AT");
    if (number != NULL)
        at = strtol(number, NULL, 10);
    all = getenv("FAIL_ALL") != NULL;
    dl_iterate_phdr(find_program, NULL);
    atexit(report);
    on = true;
    return real_main(argc, argv, environment);
}

int __libc_start_main(int (*main)(int, char **, char **), int argc, char **argv, void (*init)(void),
                      void (*fini)(void), void (*rtld_fini)(void), void *stack) {
    int (*real)(int (*)(int, char **, char **), int, char **, void (*)(void), void (*)(void), void (*)(void),
                void *) = NULL;
    *(void **)&real = dlsym(RTLD_NEXT, "__libc_start_main");
    real_main = main;
    return real(begin, argc, argv, init, fini, rtld_fini, stack);
}
