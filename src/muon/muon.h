/* Manifold Muon: steepest descent in the spectral norm with weights on the Stiefel manifold.

   The inner problem, for W (m x n, m >= n, W'W = I), momentum G (m x n) and radius b > 0 (Bernstein 2025):

       (P)  minimise <G, A>   subject to  ||A||_2 <= b,  W'A + A'W = 0
       (D)  minimise d(X) = b ||G + W X||_*   over symmetric X (n x n)

   Every answer comes with a certificate: the relative duality gap (d - p) / d with p = -<G, A>, computed from W, G, A
   and X by code that shares nothing with the solvers: in double, or with d bounded from above in float (tol >= 1e-3).

   Nothing here prints, exits or holds global state. An object may be used by one thread at a time. Only *_create
   allocates. Calls use the OpenMP threads that the caller's regions would get, however few (OMP_THREAD_LIMIT,
   OMP_DYNAMIC); one for a single solve of 192 columns and fewer, of 512 to a tol of 1e-3 and more. A child made by fork
   after the first such call has one thread, also for other OpenMP code: the runtime's threads are the parent's, and a
   region that waits for them would wait for ever. */
#ifndef TRM_MUON_H
#define TRM_MUON_H

#include "base/status.h"
#include "muon/version.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

TRM_C_BEGIN

/* ---- Matrices of the caller ---- */

enum muon_dtype { MUON_F32, MUON_F64 };

/* A rows x cols matrix in the caller's memory; element (i, j) lies at data[i * row_stride + j * col_stride]. */
struct muon_matrix {
    void *data; /* never written through where the matrix is an input */
    enum muon_dtype dtype;
    size_t rows, cols;
    size_t row_stride, col_stride; /* in elements */
};

/* A row-major out x in weight (a convolution (out, in, kh, kw) is out x (in kh kw)) as the problem wants it:
   rows >= cols, that is, transposed where it is wide. */
TRM_API struct muon_matrix muon_matrix_transposed_if_wide(const void *data, enum muon_dtype dtype, size_t out,
                                                          size_t in);

/* Replace W (rows >= cols) by its polar factor, the nearest matrix with orthonormal columns in every unitarily
   invariant norm (Higham 2008, theorem 8.4), computed in double and rounded once to W's type: for weights that were
   orthonormal before they were trained or stored in few bits. *distance (may be NULL) gets ||W - polar(W)||_F /
   sqrt(cols), |s - 1| for W'W = s^2 I. Allocates and frees its workspace. Refuses NaN and infinity (TRM_NOT_FINITE),
   other shapes (TRM_SHAPE) and columns that are linearly dependent (TRM_NOT_ORTHONORMAL); W is then untouched. */
TRM_API enum trm_status muon_project(struct muon_matrix *W, double *distance, struct trm_error *error);

/* ---- Solvers ---- */

/* id, default tol, default max_iter, in one line what it does. The first five are the labels of the router,
   in label order; the others are controls. */
#define MUON_SOLVER_LIST(X)                                                                                  \
    X(spectral_clip, 1e-2, 1, "clipped Riemannian gradient, one shot (Cesista 2025)")                        \
    X(dual_ascent, 1e-2, 100, "subgradient steps on the dual (Bernstein 2025)")                              \
    X(quasi_newton, 1e-4, 100, "accelerated fixed point and Newton on the smoothed dual (Su 2025)")          \
    X(frank_wolfe, 5e-2, 20, "low-rank conditional gradients (Yurtsever et al. 2019)")                       \
    X(admm, 1e-2, 50, "splitting with singular value thresholding (Buchanan 2025)")                          \
    X(msign_tangent, 1e-2, 1, "control: -b msign of the Riemannian gradient, repaired, one shot")            \
    X(muon, 1e-2, 1, "control: plain Muon, -b msign(G), no manifold")

enum muon_solver_id {
#define X(name, tol, max_iter, text) MUON_SOLVER_##name,
    MUON_SOLVER_LIST(X)
#undef X
        MUON_SOLVER_COUNT
};

enum { MUON_LABEL_COUNT = 5 }; /* solvers that are labels of the router: ids 0 ... 4 */

TRM_API int muon_solver_find(const char *name); /* the id of a name, -1 if there is none */
/* The name of an id, and what it does in one line; NULL where there is no such id. */
TRM_API const char *muon_solver_name(int id);
TRM_API const char *muon_solver_summary(int id);

/* Options begin with their size, so that later versions can add some: muon_options_default and
   muon_sgd_options_default set it, and what was not begun with them is refused. */
struct muon_options {
    size_t size;     /* of this struct, as the caller was compiled with it */
    double tol;      /* stop when the certified relative gap is at most this; in (0, 1); default by solver */
    size_t max_iter; /* 1 ... 1,000,000 iterations; default by solver */
    size_t rank;     /* frank_wolfe: k in ||A||_* <= k b, 1 ... n; 0 = max(1, n / 4) (default) */
    double lr;       /* spectral_clip: lr in A = -clip(lr Gamma, b); > 0; default 0.1 */
    double uncertified; /* solves in a row without certificate: 0 (default), K - 1 for every K-th, INFINITY */
    double room[2];     /* for options of later versions, since arms hold this struct; 0 */
};

/* The first `size` bytes of the defaults; for muon_options_default, which is compiled into the caller. */
TRM_API void muon_options_init(struct muon_options *options, size_t size, int id);
static inline struct muon_options muon_options_default(int id) {
    struct muon_options options;
    muon_options_init(&options, sizeof options, id);
    return options;
}
/* NULL where the options are allowed for a problem of n columns, else the reason in words (a constant string). */
TRM_API const char *muon_options_check(const struct muon_options *options, size_t n);

/* How a solve ended. */
#define MUON_OUTCOME_LIST(X)                                                                                 \
    X(failed, "no answer: see the status and reason")                                                        \
    X(converged, "the certified gap is at most tol")                                                         \
    X(max_iter, "the iterations were used up")                                                               \
    X(stalled, "nothing improved any more")                                                                  \
    X(zero, "the gradient has no tangent part beyond its rounding: A = 0 is optimal")                        \
    X(uncertified, "the search ended at tol by its own account; the certificate was not asked for")

enum muon_outcome {
#define X(name, text) MUON_##name,
    MUON_OUTCOME_LIST(X)
#undef X
};

TRM_API const char *muon_outcome_name(enum muon_outcome outcome);

/* What a solve found, recomputed from the stored W, G, A and X (certificate; without one, or with one in float, norms
   and ranks are of the singular values by which A was scaled). Filled on every return. A step
   that its own rounding turns uphill is replaced by A = 0, so primal >= 0; where rounding alone makes a gap negative,
   it is the one of gap_tangent, and 0 where that is negative, too. Uncertified: dual, gaps and tangency are NaN. */
struct muon_info {
    enum muon_outcome outcome;
    size_t iterations;
    double primal;      /* p = -<G, A> */
    double dual;        /* d, or a bound above it; of frank_wolfe b sum of the k largest sigma(G + WX) */
    double gap;         /* (dual - primal) / dual, 0 where the outcome is zero */
    double gap_tangent; /* (dual + <G + W X, A>) / dual, without A's rounding; `converged` needs it, too */
    double gap_full;    /* the gap of (P): differs from gap for frank_wolfe only */
    double tangency;    /* ||W'A + A'W||_F / b */
    double norm;        /* ||A||_2, of a solve in float 1e-4 of it too small at worst */
    double frobenius;   /* ||A||_F */
    double nuclear;     /* ||A||_* */
    double eff_rank; /* exp(entropy of normalised singular values) of A (Roy & Vetterli 2007); 0 for A = 0 */
    size_t rank;     /* singular values of A above 1e-3 b */
    double seconds;
    char reason[160]; /* why, where the solve failed */
};

/* A solver with its workspace for m x n problems. */
struct muon_solver;

/* Create solver `name` for m >= n >= 1. options NULL: the defaults. On failure *out is NULL and *error (may be NULL)
   says why; an unknown name is answered with the list of names. Many problems at once: muon/stack.h. */
TRM_API enum trm_status muon_solver_create(struct muon_solver **out, const char *name, size_t m, size_t n,
                                           const struct muon_options *options, struct trm_error *error);
TRM_API void muon_solver_destroy(struct muon_solver *solver); /* NULL is fine */

/* Solve (P). W, G: m x n inputs, never written. A: m x n output of any dtype, must not alias W or G. X: n x
   n, of (D), symmetric, may be NULL. warm: an n x n X to start from, or NULL; may be the same memory as X.
   Allocates nothing. Refuses non-finite input, radius not in (0, 1e100], NULL data, other shapes, and
   ||W'W - I||_F / sqrt(n) > 1e-3, with a status and info->reason, which names s where W'W = s^2 I (muon_project mends
   both); A and X are then untouched. Where a number overflows or LAPACK fails (TRM_NUMERIC), A may hold anything. */
TRM_API enum trm_status muon_solver_solve(struct muon_solver *solver, const struct muon_matrix *W,
                                          const struct muon_matrix *G, double radius, const double *warm,
                                          struct muon_matrix *A, double *X, struct muon_info *info);

/* ---- MuonSGD ---- */

/* Learning rate and radius over the steps of a run: factor 1 falling to 0, staying 1, or half a cosine. */
#define MUON_SCHEDULE_LIST(X) X(linear) X(constant) X(cosine)

enum muon_schedule {
#define X(name) MUON_SCHEDULE_##name,
    MUON_SCHEDULE_LIST(X)
#undef X
};

TRM_API int muon_schedule_find(const char *name); /* -1 if there is none */
TRM_API const char *muon_schedule_name(int schedule);
/* The factor at step (0 ... total - 1): a linear rise over the warmup steps, then the schedule. */
TRM_API double muon_schedule_factor(enum muon_schedule schedule, size_t step, size_t total, size_t warmup);

/* One tensor of a network, in the caller's memory. */
struct muon_parameter {
    const char *name;  /* unlike every other; kept by reference */
    float *value;      /* count floats, updated */
    const float *grad; /* count floats; NULL: the parameter stays as it is, its momentum, too */
    size_t count;
    size_t rows, cols; /* row-major out x in; used where on the manifold */
    bool manifold;     /* step by the inner problem and polar retraction; else by SGD */
};

enum { MUON_MAX_ARMS = 16 };

/* An arm: a solver with its budget. Its lr (spectral_clip's) follows the schedule as the radius does. */
struct muon_arm {
    int solver; /* id */
    struct muon_options options;
};

/* PyTorch's names and meanings. */
struct muon_sgd_options {
    size_t size;                 /* of this struct, as the caller was compiled with it */
    double lr;                   /* of parameters off the manifold; >= 0; default 0.1 */
    double momentum;             /* [0, 1); default 0.9 */
    double weight_decay;         /* >= 0, off the manifold only; default 5e-4 */
    bool nesterov;               /* default false */
    bool warm_start;             /* begin a solve where the last one of that matrix ended; default true */
    double spectral_budget;      /* radius of a step before the schedule; > 0; default 0.1 */
    enum muon_schedule schedule; /* default linear */
    size_t total_steps;          /* of the run; >= 1; default 1 */
    size_t warmup_steps;         /* default 0 */
    struct muon_arm arms[MUON_MAX_ARMS]; /* arms to choose from; default quasi_newton */
    size_t arm_count;                    /* 1 ... MUON_MAX_ARMS */
};

/* As muon_options_init. */
TRM_API void muon_sgd_options_init(struct muon_sgd_options *options, size_t size);
static inline struct muon_sgd_options muon_sgd_options_default(void) {
    struct muon_sgd_options options;
    muon_sgd_options_init(&options, sizeof options);
    return options;
}
/* NULL, or the reason in words. */
TRM_API const char *muon_sgd_options_check(const struct muon_sgd_options *options);

/* What the last update did to one parameter on the manifold. */
struct muon_sgd_report {
    struct muon_info info;
    double orthogonality; /* ||W^'W^ - I||_F of W^ = W + A, before retraction */
};

/* Momentum, schedule, inner solves and retraction. A step is
       buf <- momentum buf + grad;   on the manifold: A = solver(W, buf, radius), W <- polar(W + A);
       elsewhere: W <- W - lr buf (with weight decay in grad),
   radius and learning rates times the schedule. The control `muon` is off the manifold:
   W <- (1 - radius weight_decay) W + A. Bits do not depend on the number of OpenMP threads. */
struct muon_sgd;

/* parameters: copied, their names, values and gradients by reference. Refuses NULL among them, and two of one name (the
   saved state goes by names). Projects nothing: see muon_sgd_project. */
TRM_API enum trm_status muon_sgd_create(struct muon_sgd **out, const struct muon_parameter *parameters,
                                        size_t count, const struct muon_sgd_options *options,
                                        struct trm_error *error);
TRM_API void muon_sgd_destroy(struct muon_sgd *sgd); /* NULL is fine */

/* From the next step on the gradient of parameter `index` lies here, or there is none (NULL: see muon_parameter).
   Between the halves of a step it undoes the first. */
TRM_API void muon_sgd_set_grad(struct muon_sgd *sgd, size_t index, const float *grad);
/* Replace every weight on the manifold by its polar factor: once, after initialisation. */
TRM_API enum trm_status muon_sgd_project(struct muon_sgd *sgd, struct trm_error *error);
/* First half of a step, where there is a gradient: the momentum that this step will use, and its inner problems.
   Refuses gradients that are not finite (TRM_NOT_FINITE), on and off the manifold, before anything is changed. */
TRM_API enum trm_status muon_sgd_accumulate(struct muon_sgd *sgd, struct trm_error *error);
/* Between the halves, where there is a gradient: singular values of Gamma of parameter `index` (rank n of sigma,
   descending; 0 values where it is not on the manifold). Returns n. */
TRM_API size_t muon_sgd_gamma(struct muon_sgd *sgd, size_t index, double *sigma);
/* Second half, once after each first half: solve with arm `arm`, retract, update everything, count the step. */
TRM_API enum trm_status muon_sgd_update(struct muon_sgd *sgd, size_t arm, struct trm_error *error);
/* The same with this factor (0 ... 1e100) of radius and learning rates in place of the schedule's; at 0 weights on
   the manifold stay as they are. TRM_INVALID, with nothing changed, for another number and without a first half. */
TRM_API enum trm_status muon_sgd_update_by(struct muon_sgd *sgd, size_t arm, double factor,
                                           struct trm_error *error);

/* The second half in pieces, for one who tries several arms from one state and goes back:
       muon_sgd_solve; A = muon_sgd_step(...) is read or scaled; muon_sgd_finish; values, gradients and muon_sgd_state
       are put back as they were between the halves; muon_sgd_again; and so on, at last muon_sgd_update. */
TRM_API double muon_sgd_factor(const struct muon_sgd *sgd); /* the schedule's, of the next step */
/* A of every matrix; radius and spectral_clip's lr times factor and multiplier, with a product in (0, 1e100]. */
TRM_API enum trm_status muon_sgd_solve(struct muon_sgd *sgd, size_t arm, double factor, double multiplier,
                                       struct trm_error *error);
/* That A, m x n with m >= n, for muon_sgd_finish to take and overwrite; data NULL for a parameter off the manifold. */
TRM_API struct muon_matrix muon_sgd_step(const struct muon_sgd *sgd, size_t index);
/* Retract, and update the others with the learning rate times factor; multiplier as in the solve. */
TRM_API enum trm_status muon_sgd_finish(struct muon_sgd *sgd, double factor, double multiplier,
                                        struct trm_error *error);
/* In place of a solve and muon_sgd_finish, for other rules: A is what the caller has written into muon_sgd_step of
   every matrix, from muon_sgd_momentum (m x n alike, floats, not to be written; with nesterov gradient + momentum buf).
   A report then has the spectrum of A, and NAN as its gap. TRM_NOT_FINITE where A is not finite: the step is lost. */
TRM_API enum trm_status muon_sgd_update_with(struct muon_sgd *sgd, double factor, struct trm_error *error);
TRM_API struct muon_matrix muon_sgd_momentum(const struct muon_sgd *sgd, size_t index);
/* Between the halves again; reload: another first half was done since. Without it muon_sgd_finish may follow. */
TRM_API enum trm_status muon_sgd_again(struct muon_sgd *sgd, bool reload, struct trm_error *error);

/* Of the last update that it took part in; NULL where parameter `index` is not on the manifold. */
TRM_API const struct muon_sgd_report *muon_sgd_report(const struct muon_sgd *sgd, size_t index);
/* Effective rank of A and ||W^'W^ - I||_F of the last update, also after a restart from saved state; false
   before the first one, or where the parameter is not on the manifold. */
TRM_API bool muon_sgd_last_update(const struct muon_sgd *sgd, size_t index, double *effective_rank,
                                  double *orthogonality);
/* n of parameter `index`: the smaller side of its matrix; 0 where it is not on the manifold. */
TRM_API size_t muon_sgd_columns(const struct muon_sgd *sgd, size_t index);
/* ||W'W - I||_F / sqrt(n) of parameter `index` now; 0 where it is not on the manifold. */
TRM_API double muon_sgd_drift(struct muon_sgd *sgd, size_t index);
TRM_API double muon_sgd_radius(const struct muon_sgd *sgd); /* of the next step */

/* The state that a checkpoint must hold beside the values: named arrays, to be written and read in place. */
struct muon_state {
    char name[96];
    float *floats; /* one of the two is not NULL */
    double *doubles;
    size_t count;
};
TRM_API size_t muon_sgd_state_count(const struct muon_sgd *sgd);
TRM_API struct muon_state muon_sgd_state(struct muon_sgd *sgd, size_t index);

TRM_C_END

#endif
