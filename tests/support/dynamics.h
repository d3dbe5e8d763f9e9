#ifndef TRM_TESTS_SUPPORT_DYNAMICS_H
#define TRM_TESTS_SUPPORT_DYNAMICS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "trm.h"

/* A path in a fresh folder of this test's own; dynamics_cleanup(NULL) removes the folders of all. */
const char *dynamics_path(const char *name);
int dynamics_cleanup(void **state);

/* Settings of a run of 2 epochs with 10 steps each, every step recorded. */
struct trm_run_settings dynamics_settings(void);
/* Row `step` of such a run: every number is its own, and differs with salt. */
struct trm_step dynamics_step(size_t step, double salt);

/* A new store with one run (number 1); fails the test otherwise. */
struct trm_store *dynamics_store(const char *path);
void dynamics_insert(struct trm_store *store, int64_t run, size_t first, size_t end, double salt);
/* A branch state of three arms with two probes and two looks of H = 3, L = 5; every number is its own. */
struct trm_arms dynamics_arms(void);
struct trm_branch dynamics_branch(size_t step);
/* Number of rows that a query counts, by SQLite itself, not by the library. */
long long dynamics_count(const char *path, const char *sql);
/* Run SQL on a file behind the library's back. */
void dynamics_sql(const char *path, const char *sql);
/* The SQL that makes all tables of a file hold anything, as in one made by somebody else; SQLite sees it when the file is
   opened again. */
extern const char *const dynamics_loosen;

#endif
