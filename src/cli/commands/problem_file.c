#include "cli/commands/problem_file.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SHAPE_TEXT = 96 };

/* "64 x 32 x 3 x 3", as much of it as there is room for */
static const char *shape_text(const struct st_tensor *t, char text[SHAPE_TEXT]) {
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < t->rank && used + 24 < SHAPE_TEXT; i++)
        used += (size_t)snprintf(text + used, SHAPE_TEXT - used, "%s%zu", i > 0 ? " x " : "", t->shape[i]);
    return text;
}

/* The names in a file, as many as fit a line. */
static enum trm_status no_tensor(const struct st_file *file, const char *option, const char *name,
                                 struct trm_error *error) {
    char names[160] = "nothing";
    size_t used = 0;
    for (size_t i = 0; i < st_tensor_count(file); i++) {
        const char *const one = st_tensor_at(file, i)->name;
        if (used + strlen(one) + 8 > sizeof names) {
            snprintf(names + used, sizeof names - used, ", ...");
            break;
        }
        used += (size_t)snprintf(names + used, sizeof names - used, "%s%s", used > 0 ? ", " : "", one);
    }
    return trm_fail(error, TRM_NOT_FOUND, "%s: holds no tensor %.64s but %s; name one with --%s",
                    st_path(file), name, names, option);
}

static enum trm_status find_tensor(struct st_file *file, const char *option, const char *name,
                                   const struct st_tensor **tensor, struct trm_error *error) {
    const size_t index = st_index(file, name);
    const struct st_tensor *const t = *tensor = st_tensor_at(file, index);
    const char *const path = st_path(file);
    if (t == NULL)
        return no_tensor(file, option, name, error);
    if (t->rank < 2)
        return trm_fail(error, TRM_SHAPE, "%s: %s has %zu dimension%s; a weight has 2 or more", path, name,
                        t->rank, t->rank == 1 ? "" : "s");
    if (t->dtype != ST_F32 && t->dtype != ST_F64 && t->dtype != ST_BF16 && t->dtype != ST_F16)
        return trm_fail(error, TRM_FORMAT, "%s: %s is %s; give F64, F32, BF16 or F16", path, name,
                        st_dtype_name(t->dtype));
    char shape[SHAPE_TEXT];
    if (t->count == 0)
        return trm_fail(error, TRM_SHAPE, "%s: %s is empty (%s)", path, name, shape_text(t, shape));
    return st_load(file, index, error);
}

static float from_bf16(uint16_t half) {
    const uint32_t bits = (uint32_t)half << 16;
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static float from_f16(uint16_t half) {
    const int exponent = half >> 10 & 31, fraction = half & 1023;
    const float sign = half >> 15 ? -1.0f : 1.0f;
    if (exponent == 31)
        return fraction != 0 ? NAN : sign * INFINITY;
    return sign *
           (exponent == 0 ? ldexpf((float)fraction, -24) : ldexpf((float)(fraction + 1024), exponent - 25));
}

static double element(const struct st_tensor *t, size_t i) {
    switch (t->dtype) {
    case ST_F64:
        return ((const double *)t->data)[i];
    case ST_F32:
        return (double)((const float *)t->data)[i];
    case ST_BF16:
        return (double)from_bf16(((const uint16_t *)t->data)[i]);
    default:
        return (double)from_f16(((const uint16_t *)t->data)[i]);
    }
}

/* The matrix of a tensor, in its own bytes where that is F32 or F64; else, and where `in_double`, in fresh ones. */
static enum trm_status take_matrix(const struct problem_file *p, const struct st_tensor *t, bool in_double,
                                   void **own, struct muon_matrix *matrix, struct trm_error *error) {
    const bool stored = t->dtype == ST_F64 || (t->dtype == ST_F32 && !in_double);
    const enum muon_dtype dtype = t->dtype == ST_F64 || in_double ? MUON_F64 : MUON_F32;
    if (!stored || in_double) {
        const size_t size = dtype == MUON_F64 ? sizeof(double) : sizeof(float);
        if ((*own = calloc(t->count, size)) == NULL)
            return trm_fail(error, TRM_NO_MEMORY, "%s: no memory for %s; free some", st_path(p->file),
                            t->name);
        for (size_t i = 0; i < t->count; i++)
            if (dtype == MUON_F64)
                ((double *)*own)[i] = element(t, i);
            else
                ((float *)*own)[i] = (float)element(t, i);
    }
    *matrix = muon_matrix_transposed_if_wide(*own != NULL ? *own : t->data, dtype, p->out, p->in);
    return TRM_OK;
}

static enum trm_status same_shape(const struct problem_file *p, const struct problem_choice *choice,
                                  const struct st_tensor *w, struct trm_error *error) {
    char a[SHAPE_TEXT], b[SHAPE_TEXT];
    if (w->rank == p->g->rank && memcmp(w->shape, p->g->shape, w->rank * sizeof *w->shape) == 0)
        return TRM_OK;
    return trm_fail(error, TRM_SHAPE, "%s: %s is %s but %s is %s; give one shape", st_path(p->file),
                    choice->weight, shape_text(w, a), choice->grad, shape_text(p->g, b));
}

static enum trm_status project(struct problem_file *p, const char *name, struct trm_error *error) {
    struct trm_error why;
    const enum trm_status status = muon_project(&p->W, &p->distance, &why);
    return status == TRM_OK ? TRM_OK
                            : trm_fail(error, status, "%s: %s: %s", st_path(p->file), name, why.text);
}

enum trm_status problem_file_open(const char *path, const struct problem_choice *choice,
                                  struct problem_file *p, struct trm_error *error) {
    const struct st_tensor *w;
    *p = (struct problem_file){0};
    enum trm_status status = st_open_header(path, &p->file, error);
    if (status == TRM_OK)
        status = find_tensor(p->file, "weight", choice->weight, &w, error);
    if (status == TRM_OK)
        status = find_tensor(p->file, "grad", choice->grad, &p->g, error);
    if (status == TRM_OK)
        status = same_shape(p, choice, w, error);
    if (status == TRM_OK) {
        p->out = w->shape[0], p->in = w->count / w->shape[0];
        p->answer = p->g->dtype == ST_F64 ? ST_F64 : ST_F32;
        status = take_matrix(p, w, choice->project, &p->own[0], &p->W, error);
    }
    if (status == TRM_OK)
        status = take_matrix(p, p->g, false, &p->own[1], &p->G, error);
    if (status == TRM_OK && choice->project)
        status = project(p, choice->weight, error);
    if (status != TRM_OK) {
        problem_file_close(p);
        return status;
    }
    p->m = p->W.rows;
    p->n = p->W.cols;
    return TRM_OK;
}

void problem_file_close(struct problem_file *p) {
    st_close(p->file);
    free(p->own[0]);
    free(p->own[1]);
    *p = (struct problem_file){0};
}
