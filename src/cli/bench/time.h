/* How long a solver takes to a certified gap. */
#ifndef TRM_CLI_BENCH_TIME_H
#define TRM_CLI_BENCH_TIME_H

#include "muon/muon.h"

/* A problem in memory. A is written. */
struct bench_problem {
    const char *name; /* for messages */
    struct muon_matrix W, G, A;
};

struct bench_limits {
    double radius;
    size_t max_iter; /* of a solve */
    size_t repeats;  /* of a solve that reaches the gap; the fastest counts */
    double seconds;  /* no repeat is begun after this time, no longer try where the last one says that it
                        would take more */
};

/* Of one tolerance. ms is that of a whole solve: load, reduce, iterate, repair, certify. */
struct bench_time {
    double ms, gap; /* not reached: of the solve that ended at this gap */
    size_t iterations;
    bool reached; /* the solver said converged (or zero) */
};

/* Solve to each tolerance, from loose to tight. A solve gets 16 iterations, then twice as many as before, until
   it reaches the tolerance, stalls, or is at a limit: so a solver whose steps depend on the iterations that it is
   given is timed at a budget that suits the gap, and one that gets nowhere ends soon. Once a tolerance is not
   reached the tighter ones are not tried: they get its figures. A solve that reaches a tighter gap sooner counts
   for the looser one, too. */
enum trm_status bench_time_solver(const struct bench_problem *problem, int solver,
                                  const struct bench_limits *limits, const double *tolerances, size_t count,
                                  struct bench_time *times, struct trm_error *error);

#endif
