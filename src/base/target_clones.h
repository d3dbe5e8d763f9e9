/* A function with this before it is compiled for three instruction sets, and the widest that the machine has
   is picked when the program starts. No order of operations changes. */
#ifndef TRM_BASE_TARGET_CLONES_H
#define TRM_BASE_TARGET_CLONES_H

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define TARGET_CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define TARGET_CLONES
#endif

#endif
