/* The held and annealed look against the run itself: where the run does what a look does, both measure the same. */
#include "experiment/support_branch.h"

#include "experiment/branch/look.h"
#include "experiment/branch/snapshot.h"

static struct collect_request looking(const char *path, size_t hold, size_t anneal) {
    struct collect_request r = branch_small(path, "quasi_newton,quasi_newton:0.5,frank_wolfe");
    r.branch.look_every = 1, r.branch.hold = hold, r.branch.anneal = anneal;
    return r;
}

/* With a constant schedule a look that holds to the end of the epoch is the run's own epoch. */
static void holding_the_run_s_arm_is_the_run(void **state) {
    (void)state;
    support_need_data();
    char path[64];
    struct branch_states s;
    struct collect_request r = looking(support_path_of("hold.db", path), 5, 0);
    r.settings.sgd.schedule = MUON_SCHEDULE_constant;
    r.branch.every = 5;
    r.branch.look_repeats = 2;
    branch_run(&r);
    branch_read(path, &s);
    assert_int_equal(s.count, 2);
    for (size_t epoch = 0; epoch < 2; epoch++) {
        assert_true(s.at[epoch].arm[0].look[0] == s.held_loss[epoch]);
        assert_true(s.at[epoch].arm[0].look[1] != s.held_loss[epoch]); /* other batches */
        assert_true(s.at[epoch].arm[1].look[0] != s.held_loss[epoch]); /* another arm */
    }
}

static enum trm_status gradient(struct trainer *t, struct trm_error *error) {
    const struct data_batch *batch;
    double loss;
    enum trm_status status = data_loader_next(t->train, &batch, error);
    if (status == TRM_OK)
        status = nn_forward_backward(t->model, batch->x, batch->labels, batch->count, &loss, error);
    return status == TRM_OK ? muon_sgd_accumulate(t->sgd, error) : status;
}

/* Two steps with half the radius, four with the run's solver and falling factors, written down. */
static enum trm_status by_hand(struct trainer *t, double *loss, struct trm_error *error) {
    static const double radius[] = {0.5, 0.5, 1, 0.75, 0.5, 0.25}, rest[] = {1, 1, 1, 0.75, 0.5, 0.25};
    double accuracy;
    enum trm_status status = TRM_OK;
    for (size_t i = 0; status == TRM_OK && i < 6; i++) {
        if (i > 0)
            status = gradient(t, error);
        if (status == TRM_OK)
            status = muon_sgd_solve(t->sgd, 0, rest[i], radius[i] / rest[i], error);
        if (status == TRM_OK)
            status = muon_sgd_finish(t->sgd, rest[i], radius[i] / rest[i], error);
    }
    return status == TRM_OK ? trainer_test(t, t->held, loss, &accuracy, error) : status;
}

static enum trm_status both(const void *request, struct interruption *interruption, struct trm_error *error) {
    struct trainer *t;
    struct snapshot *kept = NULL;
    struct look *look = NULL;
    double a = 0.0, b = 1.0;
    (void)interruption;
    enum trm_status status = trainer_create(&t, request, NULL, error);
    if (status == TRM_OK)
        status = look_create(&look, t, error);
    if (status == TRM_OK)
        status = snapshot_create(&kept, t, error);
    if (status == TRM_OK)
        status = gradient(t, error);
    if (status == TRM_OK) {
        snapshot_take(kept);
        status = look_run(look, 0, 0, 2, 4, &a, error);
    }
    if (status == TRM_OK)
        status = snapshot_restore(kept, true, error);
    if (status == TRM_OK)
        status = by_hand(t, &b, error);
    if (status == TRM_OK && a != b)
        status = trm_fail(error, TRM_FORMAT, "%.17g is not %.17g", a, b);
    look_destroy(look);
    snapshot_destroy(kept);
    trainer_destroy(t);
    return status;
}

static void a_look_is_its_steps_by_hand(void **state) {
    (void)state;
    support_need_data();
    char reason[512];
    const struct collect_request r = branch_small("", "quasi_newton:0.5");
    if (support_run(both, &r.settings, 1, (struct interruption){0}, reason) != TRM_OK)
        fail_msg("%s", reason);
}

/* Looks of the last steps go on past the end of the run, with batches of epochs that it never has. */
static void looks_go_past_the_end(void **state) {
    (void)state;
    support_need_data();
    char path[64];
    struct branch_states s;
    struct collect_request r = looking(support_path_of("past.db", path), 2, 6);
    r.branch.look_check = true;
    branch_run(&r);
    branch_read(path, &s);
    assert_int_equal(s.count, SUPPORT_STEPS);
    for (size_t i = 0; i < s.count; i++)
        for (size_t arm = 0; arm < 3; arm++)
            assert_true(s.at[i].arm[arm].look[0] > 0.0 && s.at[i].arm[arm].doubled[0] > 0.0 &&
                        s.at[i].arm[arm].doubled[0] != s.at[i].arm[arm].look[0]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(holding_the_run_s_arm_is_the_run),
        cmocka_unit_test(a_look_is_its_steps_by_hand),
        cmocka_unit_test(looks_go_past_the_end),
    };
    return cmocka_run_group_tests(tests, support_make_folder, support_remove_folder);
}
