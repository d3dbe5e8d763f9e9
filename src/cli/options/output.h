/* Before a command says anything: can its output be written? */
#ifndef TRM_CLI_OPTIONS_OUTPUT_H
#define TRM_CLI_OPTIONS_OUTPUT_H

#include <stdbool.h>

/* What is to be done where it is there already. */
struct output_ways {
    bool resumes; /* the command has --resume */
    bool resume, force;
};

/* One that is there is an error that names the ways on, unless it is one of them; so are both of them. A folder that
   will be made for it is said. OPTIONS_GO_ON, or the exit status. */
int output_settle(const char *path, struct output_ways ways);

#endif
