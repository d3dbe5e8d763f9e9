/* The table of what a training step with each arm takes, measured alone: never from a run, which shares its machine. */
#include "oracle/dataset.h"

#include "storage/file.h"
#include "storage/json.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char format[] = "trm-router arm seconds 1";

enum { BYTES_LIMIT = 1 << 20 };

enum trm_status trm_arm_seconds_write(const char *path, const struct trm_arm_names *arms,
                                      const double *seconds, bool overwrite, struct trm_error *error) {
    json_t *o = json_object(), *table = json_object();
    json_put(&o, "format", json_string(format));
    for (size_t i = 0; i < arms->count; i++)
        json_put(&table, arms->name[i], json_real(seconds[i]));
    json_put(&o, "seconds", table);
    char *const text = json_finish(o, JSON_DOCUMENT);
    if (text == NULL)
        return trm_fail(error, TRM_NO_MEMORY, "%s: no memory for the table", path);
    const enum trm_status status = file_write(path, text, strlen(text), overwrite, error);
    free(text);
    return status;
}

enum trm_status trm_arm_seconds_read(const char *path, const struct trm_arm_names *arms, double *seconds,
                                     struct trm_error *error) {
    void *bytes;
    size_t size;
    enum trm_status status = file_read(path, BYTES_LIMIT, &bytes, &size, error);
    if (status != TRM_OK)
        return status;
    json_t *const o = json_loadb(bytes, size, JSON_REJECT_DUPLICATES, NULL);
    const char *const says = json_string_value(json_object_get(o, "format"));
    const json_t *const table = json_object_get(o, "seconds");
    if (says == NULL || strcmp(says, format) != 0 || !json_is_object(table))
        status = trm_fail(error, TRM_FORMAT,
                          "%s: is no table of seconds; make one with 'trm-router bench arms'", path);
    for (size_t i = 0; status == TRM_OK && i < arms->count; i++) {
        const json_t *const value = json_object_get(table, arms->name[i]);
        seconds[i] = json_number_value(value);
        if (!(seconds[i] > 0 && isfinite(seconds[i])))
            status =
                trm_fail(error, TRM_INVALID,
                         "%s: has no seconds above 0 for %s; measure it too with 'trm-router bench arms'",
                         path, arms->name[i]);
    }
    json_decref(o);
    free(bytes);
    return status;
}
