/* What lies in a folder that holds no data set: things near it that people have, and what to do then. */
#include "data/source.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define BINARY_100 "cifar-100-binary.tar.gz from www.cs.toronto.edu/~kriz/cifar.html"
#define BINARY "cifar-10-binary.tar.gz from www.cs.toronto.edu/~kriz/cifar.html"

/* name: what is looked for in the folder, or the end of the name of a file that was given in its place. */
static const struct {
    const char *name, *means;
} traces[] = {
    {"cifar-10-batches-bin/data_batch_1.bin",
     "the files are in cifar-10-batches-bin in it; give that folder"},
    {"cifar-10-batches-py", "holds CIFAR-10's edition for Python, which is not read; fetch " BINARY},
    {"data_batch_1", "is CIFAR-10's edition for Python, which is not read; fetch " BINARY},
    {"cifar-100-binary/train.bin", "the files are in cifar-100-binary in it; give that folder"},
    {"train.bin", "holds CIFAR-100; give cifar100, or leave the name of the data set out"},
    {"cifar-100-python", "holds CIFAR-100's edition for Python, which is not read; fetch " BINARY_100},
    {"cifar-100-binary.tar.gz",
     "the data are in the archive still; unpack it with tar xzf, then give cifar-100-binary"},
    {"cifar-10-binary.tar.gz",
     "the data are in the archive still; unpack it with tar xzf, then give cifar-10-batches-bin"},
    {"cifar-10-python.tar.gz", "holds CIFAR-10's edition for Python, which is not read; fetch " BINARY},
};

static bool ends_in(const char *path, const char *name) {
    const size_t length = strlen(path), end = strlen(name);
    return length >= end && strcmp(path + length - end, name) == 0;
}

const char *source_hint(const char *dir) {
    char path[DATA_PATH];
    struct stat st;
    for (size_t i = 0; i < sizeof traces / sizeof *traces; i++)
        if (ends_in(dir, traces[i].name) ||
            (snprintf(path, sizeof path, "%s/%s", dir, traces[i].name) < DATA_PATH && stat(path, &st) == 0))
            return traces[i].means;
    return NULL;
}
