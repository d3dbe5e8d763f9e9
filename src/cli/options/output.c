#include "cli/options/output.h"

#include "cli/diagnostics.h"
#include "cli/options/options.h"
#include "storage/file.h"

#include <string.h>
#include <sys/stat.h>

int output_settle(const char *path, struct output_ways ways) {
    const char *const slash = strrchr(path, '/');
    char folder[1024];
    struct stat about;
    const bool is_folder = stat(path, &about) == 0 && S_ISDIR(about.st_mode); /* which is another error */
    if (ways.resume && ways.force)
        return cli_misuse("--resume goes on with what is there and --force replaces it: give one of them");
    if (!ways.resume && !ways.force && !is_folder && file_exists(path))
        return cli_fail("%s: exists already; %s--force replaces it, --output names another", path,
                        ways.resumes ? "--resume goes on with it, " : "");
    if (slash == NULL || slash == path || (size_t)(slash - path) >= sizeof folder)
        return OPTIONS_GO_ON;
    memcpy(folder, path, (size_t)(slash - path));
    folder[slash - path] = '\0';
    if (!file_exists(folder))
        cli_say("the folder %s is not there; it is made", folder);
    return OPTIONS_GO_ON;
}
