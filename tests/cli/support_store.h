/* Stores of runs that are made up. */
#ifndef TRM_TESTS_CLI_SUPPORT_STORE_H
#define TRM_TESTS_CLI_SUPPORT_STORE_H

#include "cli/support.h"

enum { STORE_STEPS = 120 };

/* A finished run of 2 epochs with 60 steps as folder/name; `best` of three steps in a row is the one that this
   solver wins, and feature 0 says which. */
void put_store(void **state, const char *name, const char *solver, size_t best);

/* A quarter of such a run, still going on. */
void put_unfinished_store(void **state, const char *name, const char *solver);

/* Run SQL on a file behind the program's back. */
void change_store(void **state, const char *name, const char *sql);

#endif
