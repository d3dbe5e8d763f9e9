/* Whatever a configuration file holds, it is refused, or its YAML means the same again. */
#include "fuzz/support.h"

#include "cli/options/config.h"
#include "cli/pipeline/setup.h"

#include <stdlib.h>
#include <string.h>

static struct config *read(const uint8_t *data, size_t size) {
    struct pipeline_setup setup;
    struct settings parts[PIPELINE_PARTS];
    struct config *config;
    struct trm_error error;
    const size_t count = pipeline_setup_parts(&setup, parts);
    if (config_read(&config, fuzz_file(data, size), parts, count, NULL, 0, &error) != TRM_OK)
        return NULL;
    (void)pipeline_setup_check(&setup, NULL);
    return config;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct config *const config = read(data, size);
    if (config == NULL)
        return 0;
    char *const yaml = config_yaml(config);
    struct config *const again = read((const uint8_t *)yaml, strlen(yaml));
    char *const same = again != NULL ? config_yaml(again) : NULL;
    if (same == NULL || strcmp(yaml, same) != 0)
        abort();
    free(yaml);
    free(same);
    config_free(config);
    config_free(again);
    return 0;
}
