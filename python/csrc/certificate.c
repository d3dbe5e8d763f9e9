#include "certificate.h"

#include "base/threads.h"
#include "muon/certificate.h"

#include <stdlib.h>

enum trm_status certificate_of(const struct muon_matrix *W, const struct muon_matrix *G,
                               const struct muon_matrix *A, const double *X, double radius, size_t k,
                               struct muon_info *info, struct trm_error *error) {
    double *const work = calloc(muon_certificate_work(W->rows, W->cols), sizeof *work);
    if (work == NULL)
        return trm_fail(error, TRM_NO_MEMORY, "out of memory for a %zu x %zu problem", W->rows, W->cols);
    const struct threads_before before = threads_enter(0);
    const bool found = muon_certify(W, G, A, X, radius, k, work, info);
    threads_leave(before);
    free(work);
    return found ? TRM_OK : trm_fail(error, TRM_NUMERIC, "a number of the certificate overflows");
}
