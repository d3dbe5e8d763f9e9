/* The folder of a sweep: sweep.json, which names its runs, and a folder of each, where `run` works. */
#ifndef TRM_CLI_SWEEP_FOLDER_H
#define TRM_CLI_SWEEP_FOLDER_H

#include "cli/pipeline/record.h"
#include "cli/sweep/plan.h"

enum { SWEEP_PATH = 1024 };

struct sweep_folder {
    const char *path; /* not owned */
    char until[16];   /* last stage */
    char **names;     /* of the runs, in the order in which they are begun */
    double *costs;    /* of sweep_run */
    size_t count;
};

/* Make the folder of a plan at path: its runs' settings, sweep.json. A run whose settings are others than those that
   lie there begins again; *changed is their number. */
enum trm_status sweep_folder_write(const char *path, const struct sweep_plan *plan, size_t *changed,
                                   struct trm_error *error);
/* TRM_NOT_FOUND where there is no sweep. */
enum trm_status sweep_folder_read(struct sweep_folder *folder, const char *path, struct trm_error *error);
void sweep_folder_free(struct sweep_folder *folder);

/* How run `index` goes. */
void sweep_folder_state(const struct sweep_folder *folder, size_t index, struct run_record *record);

/* folder/name/file into path; "" for file: the folder of the run. */
enum trm_status sweep_folder_path(const struct sweep_folder *folder, size_t index, const char *file,
                                  char path[SWEEP_PATH], struct trm_error *error);

/* The command line of run `index` for a shell, from any folder, without its log: to be freed. NULL: no memory. */
char *sweep_folder_command(const struct sweep_folder *folder, size_t index);
/* The same with its output added to NAME/log. */
char *sweep_folder_logged_command(const struct sweep_folder *folder, size_t index);

/* text as one word of a shell: to be freed. */
char *sweep_shell_word(const char *text);

#endif
