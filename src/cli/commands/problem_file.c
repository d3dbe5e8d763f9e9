#include "cli/commands/problem_file.h"

static enum trm_status take_matrix(const struct st_file *file, const char *name,
                                   const struct st_tensor **tensor, struct muon_matrix *matrix,
                                   struct trm_error *error) {
    const struct st_tensor *t = st_find(file, name);
    const char *path = st_path(file);
    if (t == NULL)
        return trm_fail(error, TRM_NOT_FOUND, "%s: holds no tensor %s; W and G are needed", path, name);
    if (t->rank != 2)
        return trm_fail(error, TRM_SHAPE, "%s: %s has %zu dimension%s; give a matrix of 2", path, name,
                        t->rank, t->rank == 1 ? "" : "s");
    if (t->dtype != ST_F32 && t->dtype != ST_F64)
        return trm_fail(error, TRM_FORMAT, "%s: %s is %s; give F32 or F64", path, name,
                        st_dtype_name(t->dtype));
    if (t->count == 0)
        return trm_fail(error, TRM_SHAPE, "%s: %s is empty (%zu x %zu)", path, name, t->shape[0],
                        t->shape[1]);
    *matrix = muon_matrix_transposed_if_wide(t->data, t->dtype == ST_F32 ? MUON_F32 : MUON_F64, t->shape[0],
                                             t->shape[1]);
    *tensor = t;
    return TRM_OK;
}

enum trm_status problem_file_open(const char *path, struct problem_file *p, struct trm_error *error) {
    const struct st_tensor *w;
    *p = (struct problem_file){0};
    enum trm_status status = st_open(path, &p->file, error);
    if (status == TRM_OK)
        status = take_matrix(p->file, "W", &w, &p->W, error);
    if (status == TRM_OK)
        status = take_matrix(p->file, "G", &p->g, &p->G, error);
    if (status == TRM_OK && (w->shape[0] != p->g->shape[0] || w->shape[1] != p->g->shape[1]))
        status = trm_fail(error, TRM_SHAPE, "%s: W is %zu x %zu but G is %zu x %zu; give one shape", path,
                          w->shape[0], w->shape[1], p->g->shape[0], p->g->shape[1]);
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
    *p = (struct problem_file){0};
}
