#include "cli/views/branch.h"

#include "cli/views/table.h"
#include "storage/json.h"

static json_t *arm_json(const struct branch_arm_summary *a) {
    json_t *object = json_object();
    json_put(&object, "arm", json_text(a->name));
    json_put(&object, "next_change", json_number(a->next_change));
    json_put(&object, "probe_change", json_number(a->probe_change));
    json_put(&object, "best", json_number(a->best));
    json_put(&object, "norm", json_number(a->norm));
    json_put(&object, "rank", json_number(a->rank));
    json_put(&object, "ms", json_number(a->ms));
    json_put(&object, "look", json_number(a->look));
    json_put(&object, "look_error", json_number(a->look_error));
    return object;
}

json_t *branch_view_json(const struct branch_summary *s) {
    json_t *object = json_object(), *arms = json_array();
    json_put(&object, "states", json_count(s->states));
    json_put(&object, "chance", json_number(1.0 / (double)s->arm_count));
    if (s->looks > 0) {
        json_put(&object, "hold", json_count(s->hold));
        json_put(&object, "anneal", json_count(s->anneal));
    }
    if (s->turned > 0) {
        json_put(&object, "better_with_anneal", json_text(s->turned_pair[0]));
        json_put(&object, "better_with_twice", json_text(s->turned_pair[1]));
    }
    json_put(&object, "looks", s->looks > 0 ? json_count(s->looks) : json_null());
    json_put(&object, "probes", json_count(s->probes));
    json_put(&object, "ms", json_number(s->ms));
    json_put(&object, "halves_agree", json_number(s->agreement));
    if (s->pairs > 0) {
        json_put(&object, "multiplier_pairs", json_count(s->pairs));
        json_put(&object, "pairs_decided", json_count(s->decided));
        json_put(&object, "pairs_moved", json_count(s->moved));
        json_put(&object, "pairs_turned", json_count(s->turned));
    }
    for (size_t i = 0; i < s->arm_count; i++)
        json_append(&arms, arm_json(&s->arm[i]));
    json_put(&object, "arms", arms);
    return object;
}

void branch_view_print(const json_t *document) {
    static const struct view_line lines[] = {
        {"branch states",
         "{states}, {probes} probe batches each; {ms:.1f} ms a state (median, without looks)"},
        {"probe halves agree", "in {halves_agree:.0%} % of the states (chance: {chance:.0%} %)"},
        {"looks", "at {looks} of them: {hold} steps held, {anneal} annealed"},
        {"order of multipliers", "{multiplier_pairs} pairs of one solver, {pairs_decided} decided; twice "
                                 "the annealing moves {pairs_moved} and turns {pairs_turned}"},
        {"the look is too short",
         "{better_with_anneal} seems better than {better_with_twice}, but worse with twice the "
         "annealing: give a longer --anneal"},
    };
    static const struct view_column columns[] = {
        {"arm", "{arm}"},         {"same batch", "{next_change:.5f}"}, {"probes", "{probe_change:.5f}"},
        {"best %", "{best:.1%}"}, {"norm of A", "{norm:.4f}"},         {"rank", "{rank:.3f}"},
        {"ms", "{ms:.2f}"},       {"look - mean", "{look:.4f}"},       {"+-", "{look_error:.4f}"},
    };
    view_lines(document, VIEW(lines));
    view_table(json_object_get(document, "arms"), VIEW(columns));
}
