# shellcheck shell=bash disable=SC2154
# What scripts/results.sh writes of the runs that are done: small CSV and JSON files. It is given $results and $tables, the
# folders of runs and of these files.

stores() { # STAGE [FIRST]: of its runs that are done, those whose names begin so
    local name options
    "$1" | while read -r name options; do
        [[ $name != "${2:-}"* || ! -s $results/$1/$name.json ]] || echo "$results/$1/$name.db"
    done
}

# One store with the runs of all.
gather() { # OUTPUT STORE...
    local store
    cp "$2" "$1"
    for store in "${@:3}"; do
        {
            echo "ATTACH '$store' AS other; BEGIN;"
            # run comes last: the others count on from the largest number before
            sqlite3 "$store" "SELECT printf('INSERT INTO main.%s SELECT %s FROM other.%s;', t.name,
                    (SELECT group_concat(CASE WHEN name = iif(t.name = 'run', 'id', 'run_id')
                     THEN printf('%s + (SELECT max(id) FROM main.run)', name) ELSE '\"' || name || '\"' END)
                     FROM pragma_table_info(t.name)), t.name)
                FROM sqlite_master t WHERE type = 'table' AND (t.name = 'run' OR EXISTS
                    (SELECT 1 FROM pragma_table_info(t.name) c WHERE c.name = 'run_id')) ORDER BY t.name = 'run', t.rowid"
            echo 'COMMIT;'
        } | sqlite3 -bail "$1"
    done
}

# All online runs of a stage as one, with paired differences over the seeds.
compare() { # STAGE OPTIONS
    local folder=$results/$1 inputs=() options=() seeds
    [[ -s $folder/evaluation.json && -z $(left "$1") ]] || return 0
    mapfile -t inputs < <(stores "$1" online-)
    read -ra options <<<"$whole --record-every 10 $2"
    ((${#inputs[@]} > 0)) || return 0
    seeds=$(printf '%s\n' "${inputs[@]}" | sed 's/.*online-\([0-9]*\)\.db$/\1/' | paste -sd,)
    gather "$folder/all.db" "${inputs[@]}"
    nice -n 19 "$(program "$1")" online --router "$folder/router.safetensors" --data-dir "$data" --threads 1 --seeds "$seeds" \
        --output "$folder/all.db" --resume --json "${options[@]}" >"$folder/online.json" 2>"$folder/all.log" || {
        tail -n 1 "$folder/all.log" >&2
        return 1
    }
    write_json "$1_online" "$folder/online.json"
}

# A table of ours in the place of the one before, once it is whole.
replace() { # NAME.csv
    mv "$tables/$1.part" "$tables/$1" && echo "results.sh: wrote $tables/$1" >&2
}

# What a command said, if it has, without paths of this machine.
write_json() { # NAME FILE
    [[ -s $2 ]] || return 0
    jq 'del(.output, .store, .router)' "$2" >"$tables/$1.json.part"
    replace "$1.json"
}

write_learned() { # STAGE
    write_json "$1_data" "$results/$1/data.json"
    write_json "$1_evaluation" "$results/$1/evaluation.json"
}

# What prepare says of branch states: labels, the noise ceiling, phases.
prepared() { # STAGE ORACLE OUTPUT STORE...
    local program
    program=$(program "$1")
    nice -n 19 "$program" prepare --oracle "$2" --inputs "${@:4}" --output "$3" --force --json
}

# Of a stage that nothing is learned of, for each kind of matching.
write_ceilings() { # STAGE ORACLE
    local store match group=()
    declare -A kinds=()
    while read -r store; do
        match=$(sqlite3 "$store" "SELECT match FROM branch LIMIT 1")
        kinds[$match]+=$store$'\n'
    done < <(stores "$1")
    for match in "${!kinds[@]}"; do
        mapfile -t group < <(printf %s "${kinds[$match]}")
        prepared "$1" "$2" "$results/$1/$match.prepared" "${group[@]}" >"$results/$1/$match.ceiling"
        write_json "$1_${match}_data" "$results/$1/$match.ceiling"
    done
}

# The outcomes of a store's branch states. `less` is the probe loss less that of quasi_newton at the same state, look_less the
# same of the looks, and doubled_less of those with twice the annealing.
outcomes="WITH total AS (SELECT epochs * steps_per_epoch AS steps, id FROM run), b AS (
    SELECT b.*, 10 * b.step / steps AS tenth, probe_after - probe_before AS change, log_cond,
        (SELECT avg(doubled) FROM outcome_look l JOIN arm a USING (run_id, arm)
         WHERE l.run_id = b.run_id AND l.step = b.step AND a.name = b.arm) AS doubled
    FROM branch_outcome b JOIN total ON id = run_id JOIN step USING (run_id, step)), o AS (
    SELECT b.*, rank() OVER (state ORDER BY next_loss) AS place, rank() OVER (state ORDER BY probe_after) AS probe_place,
        iif(look_loss IS NULL, NULL, rank() OVER (state ORDER BY look_loss)) AS look_place,
        probe_after - max(iif(arm = 'quasi_newton', probe_after, NULL)) OVER state AS less,
        look_loss - max(iif(arm = 'quasi_newton', look_loss, NULL)) OVER state AS look_less,
        doubled - max(iif(arm = 'quasi_newton', doubled, NULL)) OVER state AS doubled_less
    FROM b WINDOW state AS (PARTITION BY run_id, step)), s AS (
    SELECT o.*, dense_rank() OVER (ORDER BY step) % 2 AS half FROM o)" # of every other state

# Mean and its standard error, as two columns.
mean() { # EXPRESSION
    echo "iif(count($1) = 0, '', printf('%.6f', avg($1))),
        iif(count($1) = 0, '', printf('%.6f', sqrt(max(0, avg(($1) * ($1)) - avg($1) * avg($1)) / max(1, count($1) - 1))))"
}

# Of every store of a stage what SELECT says of `outcomes`, after the names of run and commit.
of_states() { # STAGE NAME COLUMNS SELECT
    local store
    [[ -n $(stores "$1") ]] || return 0
    {
        echo "run,commit,$3"
        stores "$1" | while read -r store; do
            sqlite3 -csv "$store" "$outcomes SELECT '$(basename "$store" .db)', '$(<"$results/$1/commit")', $4"
        done
    } >"$tables/$1_$2.csv.part"
    replace "$1_$2.csv"
}

# A line for each run, tenth of it and arm.
write_arms() { # STAGE
    of_states "$1" arms match,tenth,arm,states,best_same_batch,best_probe,same_batch,probe,probe_error,look,rank,norm,decrease,gap,iterations,probe_less,probe_less_error,best_look,look_less,look_less_error,doubled_less,doubled_less_error,length \
        "match, tenth, arm, count(*), sum(place = 1), sum(probe_place = 1), printf('%.6f', avg(next_loss - loss)),
        printf('%.6f', avg(change)), printf('%.6f', sqrt(max(0, avg(change * change) - avg(change) * avg(change)) / count(*))),
        iif(avg(look_loss) IS NULL, '', printf('%.5f', avg(look_loss))), printf('%.4f', avg(rank)), printf('%.5f', avg(norm)),
        printf('%.5f', avg(decrease)), printf('%.2e', avg(gap)), printf('%.1f', avg(iterations)),
        $(mean less), sum(look_place = 1), $(mean look_less), $(mean doubled_less),
        printf('%.5f', avg(norm * scale))
        FROM o GROUP BY match, tenth, arm ORDER BY tenth, arm"
}

# A line for each run, fifth of its states by the condition number, and arm.
write_condition() { # STAGE
    of_states "$1" condition match,fifth,arm,states,least_condition,largest_condition,best_probe,probe_less,probe_less_error,gap,largest_gap,iterations \
        "match, fifth, arm, count(*), printf('%.3g', exp(min(log_cond))), printf('%.3g', exp(max(log_cond))), sum(probe_place = 1),
        $(mean less), printf('%.2e', avg(gap)), printf('%.2e', max(gap)), printf('%.1f', avg(iterations))
        FROM (SELECT o.*, ntile(5) OVER (PARTITION BY run_id, arm ORDER BY log_cond, step) AS fifth FROM o)
        GROUP BY match, fifth, arm ORDER BY fifth, arm"
}

# What the best arm of each tenth wins over the best of all by fresh batches: chosen on every other state, valued on the rest,
# both ways. For runs that stand alone; where there are several, the ceiling of prepare has a null to compare with.
write_phases() { # STAGE
    of_states "$1" phases match,states,single,other_single,gain,gain_error \
        "alone.match, count(*), min(single.arm), max(single.arm), $(mean 'alone.change - best.change')
        FROM (SELECT half, arm, min(mean) FROM (SELECT half, arm, avg(change) AS mean FROM s GROUP BY half, arm) GROUP BY half) single
        JOIN (SELECT half, tenth, arm, min(mean) FROM (
            SELECT half, tenth, arm, avg(change) AS mean FROM s GROUP BY half, tenth, arm) GROUP BY half, tenth) chosen USING (half)
        JOIN s alone ON alone.half = 1 - single.half AND alone.tenth = chosen.tenth AND alone.arm = single.arm
        JOIN s best ON best.step = alone.step AND best.arm = chosen.arm GROUP BY alone.match"
}

# Every look: the loss on the held-out images, also with twice the annealing, from the loss of the state's own batch on.
write_looks() { # STAGE
    of_states "$1" losses step,arm,repetition,change,doubled_change \
        "step, name, repetition, printf('%.6f', l.loss - step.loss), iif(doubled IS NULL, '', printf('%.6f', doubled - step.loss))
        FROM outcome_look l JOIN arm USING (run_id, arm) JOIN step USING (run_id, step) ORDER BY step, arm, repetition"
}

# Of each two arms how looks order them: with the annealing as it is and with twice of it, and with other coming batches.
write_doubled() { # STAGE
    of_states "$1" doubled arm,other,states,less,less_error,doubled_less,doubled_less_error,moved,moved_error,same_order,repeated,same_order_repeated \
        "arm, other, count(*), $(mean once), $(mean twice), $(mean 'twice - once'), sum(once * twice > 0), sum(again IS NOT NULL), sum(first * again > 0)
        FROM (SELECT x.name AS arm, y.name AS other, x.arm AS place, y.arm AS other_place, avg(k.loss - l.loss) AS once,
                avg(k.doubled - l.doubled) AS twice, max(iif(l.repetition = 0, k.loss - l.loss, NULL)) AS first,
                max(iif(l.repetition = 1, k.loss - l.loss, NULL)) AS again
            FROM outcome_look k JOIN outcome_look l USING (run_id, step, repetition) JOIN arm x ON x.run_id = k.run_id AND x.arm = k.arm
            JOIN arm y ON y.run_id = l.run_id AND y.arm = l.arm WHERE k.arm < l.arm GROUP BY k.run_id, k.step, k.arm, l.arm)
        GROUP BY place, other_place"
}

# Steps until the mean of the last 20 recorded losses is at most LOSS.
steps_to() { # LOSS
    echo "(SELECT min(step) + 1 FROM (SELECT step, row_number() OVER w AS count, avg(loss) OVER (w ROWS 19 PRECEDING) AS mean
        FROM step s WHERE s.run_id = run.id WINDOW w AS (ORDER BY step)) WHERE count >= 20 AND mean <= $1)"
}

# The same in seconds at the run's mean pace.
seconds_to() { # LOSS
    echo "CAST(round((SELECT sum(seconds) FROM epoch p WHERE p.run_id = run.id) * $(steps_to "$1") / (epochs * steps_per_epoch)) AS INTEGER)"
}

# Of each router the metrics of its evaluation, with their intervals.
write_ablations() {
    local name options
    {
        echo router,commit,metric,value,low,high
        ablations | while read -r name options; do
            [[ ! -s $results/ablations/$name.json ]] || jq -r --arg name "$name" --arg commit "$(<"$results/ablations/commit")" \
                '.policies[0] | to_entries[] | select(.value | type == "object" and has("low")) |
                [$name, $commit, .key, .value.value, .value.low, .value.high] | @csv' "$results/ablations/$name.json"
        done | tr -d '"'
    } >"$tables/ablations.csv.part"
    replace ablations.csv
}

write_csv() { # STAGE: a line for each run and epoch
    local name options store gaps
    [[ -n $(find "$results/$1" -name '*.json' -print -quit 2>/dev/null) ]] || return 0
    [[ $1 != valued ]] || return 0 # of evaluations there is JSON
    [[ $1 != ablations ]] || { write_ablations && return; }
    {
        echo run,commit,solver,optimizer,tol,radius,rate,lr_rest,momentum,nesterov,seed,train_limit,epoch,train_loss,test_loss,test_accuracy,held_loss,held_accuracy,seconds,gap,largest_gap,steps_to_1,steps_to_08,orthonormality_error,seconds_to_1,seconds_to_08
        "$1" | sort -u | while read -r name options; do
            store=$results/$1/$name.db
            [[ -s $results/$1/$name.json ]] || continue
            gaps='NULL, NULL'
            [[ -z $(sqlite3 "$store" "SELECT 1 FROM sqlite_master WHERE name = 'solve'") ]] ||
                gaps='(SELECT printf("%.3e", avg(solve.gap)) FROM solve JOIN step USING (run_id, step) WHERE run_id = e.run_id AND step.epoch = e.epoch),
                    (SELECT printf("%.3e", max(solve.gap)) FROM solve JOIN step USING (run_id, step) WHERE run_id = e.run_id AND step.epoch = e.epoch)'
            sqlite3 -csv "$store" "SELECT iif('$name' GLOB 'online-*', run.solver || '-' || seed, '$name'),
                '$(<"$results/$1/commit")', run.solver, config ->> 'optimizer', config ->> 'tol',
                config ->> 'spectral-budget', config ->> 'lr', config ->> 'lr-rest', config ->> 'momentum', config ->> 'nesterov',
                seed, config ->> 'train-limit', e.epoch + 1, printf('%.5f', train_loss), printf('%.5f', e.test_loss),
                printf('%.4f', e.test_accuracy), printf('%.5f', held_loss), printf('%.4f', held_accuracy),
                printf('%.1f', e.seconds), $gaps, $(steps_to 1), $(steps_to 0.8), printf('%.2e', max_ortho_error),
                $(seconds_to 1), $(seconds_to 0.8)
                FROM run JOIN epoch e ON run_id = id ORDER BY run.id, e.epoch"
        done
    } >"$tables/$1.csv.part"
    replace "$1.csv"
}

