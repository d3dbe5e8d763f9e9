/* Times the update of libtrmmuon on the steps of bench/optimizer.py, from its file of raw numbers, and writes the weights
   that come out. usage: update INPUT OUTPUT

   INPUT: uint64 parameters, steps; per parameter uint64 rows, cols, manifold (cols 1 off the manifold) and its floats;
   then per step and parameter its gradient. double tol. Prints milliseconds of accumulate and update, one step a line. */
#include <muon.h>

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static void read_all(void *to, size_t size, size_t count, FILE *file) {
    if (fread(to, size, count, file) != count) {
        fprintf(stderr, "update: the input is short\n");
        exit(1);
    }
}

static double now(void) {
    struct timespec time;
    timespec_get(&time, TIME_UTC);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static void must(enum trm_status status, const struct trm_error *error) {
    if (status != TRM_OK) {
        fprintf(stderr, "update: %s\n", error->text);
        exit(1);
    }
}

int main(int argc, char **argv) {
    FILE *const in = argc == 3 ? fopen(argv[1], "rb") : NULL, *const out =
                                                                  argc == 3 ? fopen(argv[2], "wb") : NULL;
    if (in == NULL || out == NULL) {
        fprintf(stderr, "usage: update INPUT OUTPUT\n");
        return 2;
    }
    uint64_t head[2], shape[3];
    double tol;
    static struct muon_parameter parameters[64];
    static char names[64][16];
    read_all(&tol, sizeof tol, 1, in);
    read_all(head, sizeof *head, 2, in);
    const size_t count = head[0] <= 64 ? head[0] : 64;
    for (size_t i = 0; i < count; i++) {
        read_all(shape, sizeof *shape, 3, in);
        snprintf(names[i], sizeof names[i], "%zu", i);
        float *const value = calloc(shape[0] * shape[1], sizeof *value), *const grad =
                                                                             calloc(shape[0] * shape[1], 4);
        read_all(value, sizeof *value, shape[0] * shape[1], in);
        parameters[i] = (struct muon_parameter){names[i], value,    grad,         shape[0] * shape[1],
                                                shape[0], shape[1], shape[2] != 0};
    }
    struct muon_sgd_options options = muon_sgd_options_default();
    options.schedule = MUON_SCHEDULE_constant;
    options.lr = options.spectral_budget = 0.1; /* as bench/optimizer.py */
    options.total_steps = head[1];
    options.arms[0].options.tol = tol;
    struct trm_error error = {.text = ""};
    struct muon_sgd *sgd;
    must(muon_sgd_create(&sgd, parameters, count, &options, &error), &error);
    for (size_t step = 0; step < head[1]; step++) {
        for (size_t i = 0; i < count; i++)
            read_all((float *)(uintptr_t)parameters[i].grad, sizeof(float), parameters[i].count, in);
        const double began = now();
        must(muon_sgd_accumulate(sgd, &error), &error);
        must(muon_sgd_update(sgd, 0, &error), &error);
        printf("%.6f\n", 1e3 * (now() - began));
    }
    for (size_t i = 0; i < count; i++)
        fwrite(parameters[i].value, sizeof(float), parameters[i].count, out);
    muon_sgd_destroy(sgd);
    return fclose(out) != 0;
}
