#!/usr/bin/env bash
# The runs behind docs/results.md, stage by stage, and docs/results/STAGE.csv from them, of which results-tables.sh makes
# tables. Killed at any moment it goes on where it was; a run that is done is not made again.
# usage: results.sh [--left | --collect] [STAGE...]
#   stages: published gap tuning policies states looks solvers routing long transfer ablations
#   --left     only say what is left and how long it will take
#   --collect  only write the CSV files of what is done
# RESULTS (default results/paper) is the folder of builds and runs, DATA that of CIFAR-10, JOBS (2) how many runs go at a time,
# each on one thread, at low priority. All runs of a stage are made by one build: that of the commit at which it began; those
# of `policies` and `routing`, which are compared, by the same. EPOCHS (6), HOLDOUT (5000), LIMIT (all) and CHEAP (10000)
# images and TRIAL, further options, make a short trial, whose RESULTS and TABLES (docs/results) must be other folders.
set -euo pipefail
cd "$(dirname "$0")/.."
repository=$PWD
results=$(mkdir -p "${RESULTS:-results/paper}" && cd "${RESULTS:-results/paper}" && pwd)
data=${DATA:-cifar-10-batches-bin}
tables=$(mkdir -p "${TABLES:-docs/results}" && cd "${TABLES:-docs/results}" && pwd)
common="--epochs ${EPOCHS:-6} --holdout ${HOLDOUT:-5000}${TRIAL:+ $TRIAL}" # of every run after the tuning
whole=$common${LIMIT:+ --train-limit $LIMIT}
export OMP_NUM_THREADS=1 OMP_WAIT_POLICY=passive
# shellcheck source=scripts/results-stages.sh
source scripts/results-stages.sh

# The program of a stage: built from the commit at which it began, and kept.
program() { # STAGE
    local commit folder of=$1
    [[ $of != routing && $of != long ]] || of=policies
    mkdir -p "$results/$1" "$results/$of"
    if [[ ! -s $results/$of/commit ]]; then
        git diff --quiet HEAD -- src cmake CMakeLists.txt CMakePresets.json || {
            echo "results.sh: src has changes; commit them first, so that the runs have a name" >&2
            return 1
        }
        git rev-parse --short=10 HEAD >"$results/$of/commit"
    fi
    [[ $of == "$1" ]] || cp "$results/$of/commit" "$results/$1/commit"
    commit=$(<"$results/$1/commit")
    folder=$results/build-$commit
    if [[ ! -x $folder/trm-router ]]; then
        mkdir -p "$folder/source"
        git archive "$commit" | tar -x -C "$folder/source"
        (cd "$folder/source" && nice -n 19 cmake --preset release -DBUILD_TESTING=OFF &&
            nice -n 19 cmake --build build/release --target trm-router) >"$folder/log" 2>&1 || {
            echo "results.sh: commit $commit does not build, see $folder/log" >&2
            return 1
        }
        cp "$folder/source/build/release/trm-router" "$folder/trm-router"
        rm -rf "$folder/source"
    fi
    echo "$folder/trm-router"
}

# A router on the branch states of `routing`, and its evaluation.
router() { # PLACE PROGRAM OPTION...
    local states=$results/routing/probe.db
    nice -n 19 "$2" train --data "$states" --output "$1.safetensors" --epochs 100 --test-split 0.4 --threads 1 --resume "${@:3}" >/dev/null &&
        nice -n 19 "$2" evaluate --model "$1.safetensors" --data "$states" --threads 1 --baseline-epochs 0 --json >"$1.part"
}

job() { # PROGRAM STAGE NAME OPTION...
    local place=$results/$2/$3 status=0 command=collect from=(--data-dir "$data")
    [[ ! -e $place.json && ! -e $place.failed ]] || return 0
    [[ " $* " != *' --dataset '* ]] || from=() # from its package
    SECONDS=0
    set -- "$1" "${@:4}"
    [[ ${2:-} != online && ${2:-} != train ]] || { command=$2 && set -- "$1" "${@:3}"; }
    if [[ $command == train ]]; then
        router "$place" "$@" 2>"$place.log" || status=$?
    else
        nice -n 19 "$1" "$command" "${from[@]}" --threads 1 --output "$place.db" --resume --json "${@:2}" >"$place.part" \
            2>"$place.log" || status=$?
    fi
    case $status in
    0) echo "$SECONDS" >"$place.seconds" && mv "$place.part" "$place.json" && rm -f "$place.weights.safetensors" ;;
    1) tail -n 1 "$place.log" >"$place.failed" ;; # it diverged, say; remove the file to try again
    *) return "$status" ;;                        # stopped: goes on next time
    esac
}

left() { # STAGE: lines of what is not done
    local name options
    "$1" | while read -r name options; do
        [[ -e $results/$1/$name.json || -e $results/$1/$name.failed ]] || echo "$name $options"
    done
}

say_left() { # STAGE
    local count mean failed
    count=$(left "$1" | wc -l)
    if [[ -z $("$1") ]]; then
        echo "$1: waits for the end of another stage" >&2
        return
    fi
    mean=$(find "$results/$1" -name '*.seconds' -exec cat {} + 2>/dev/null | awk '{ s += $1 } END { if (NR) printf "%.0f", s / NR }' || true)
    printf '%s: %d of %d runs left%s\n' "$1" "$count" "$("$1" | wc -l)" \
        "${mean:+, $((count * mean / ${JOBS:-2} / 60 + 1)) min at the pace so far}" >&2
    for failed in "$results/$1"/*.failed; do
        [[ ! -e $failed ]] || echo "$1: $(basename "$failed" .failed) failed: $(<"$failed"); remove $failed to try it again" >&2
    done
}

# What is learned of branch states: a data set by probe losses, a router, and its evaluation.
learn() { # STAGE STORE...
    local program folder=$results/$1
    [[ ! -s $folder/evaluation.json ]] || return 0
    program=$(program "$1")
    [[ -s $folder/data.json ]] || {
        nice -n 19 "$program" prepare --oracle probe --inputs "${@:2}" --output "$folder/probe.db" --force --json >"$folder/data.part"
        mv "$folder/data.part" "$folder/data.json"
    }
    [[ -e $folder/router.safetensors && ! -e $folder/router.state.safetensors ]] ||
        nice -n 19 "$program" train --data "$folder/probe.db" --output "$folder/router.safetensors" --epochs 100 \
            --test-split 0.4 --deep-supervision --threads 1 --resume --json >"$folder/train.json"
    nice -n 19 "$program" evaluate --model "$folder/router.safetensors" --data "$folder/probe.db" --threads 1 --json \
        >"$folder/evaluation.part"
    mv "$folder/evaluation.part" "$folder/evaluation.json"
    jq 'del(.output)' "$folder/data.json" >"$tables/$1_data.json"
    cp "$folder/evaluation.json" "$tables/$1_evaluation.json"
}

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
        --output "$folder/all.db" --resume --json "${options[@]}" 2>"$folder/all.log" | jq 'del(.store, .router)' >"$folder/online.part"
    mv "$folder/online.part" "$tables/$1_online.json"
}

# What a stage needs before its runs, and what is made of them.
before() { # STAGE
    local inputs=()
    case $1 in
    routing) [[ -z $(states) || -n $(left states) ]] || mapfile -t inputs < <(stores states) ;;
    transfer) (($(left transfer | grep -cv '^online-') > 0)) || mapfile -t inputs < <(stores transfer fashion- && stores transfer cifar-) ;;
    esac
    [[ ${#inputs[@]} -eq 0 ]] || learn "$1" "${inputs[@]}"
}
after() { # STAGE
    case $1 in
    routing) compare routing "$(winner)" ;;
    transfer) compare transfer '' ;;
    long) [[ ! -s $results/long/online-16.json ]] || jq 'del(.store, .router)' "$results/long/online-16.json" >"$tables/long_online.json" ;;
    states | looks | solvers) write_arms "$1" ;;
    esac
}

# Branch states of a stage: a line for each run, tenth of it and arm.
write_arms() { # STAGE
    local store table=$tables/$1_arms.csv
    [[ -n $(stores "$1") ]] || return 0
    {
        echo run,commit,match,tenth,arm,states,best_same_batch,best_probe,same_batch,probe,probe_error,look,rank,norm,decrease,gap,iterations
        stores "$1" | while read -r store; do
            sqlite3 -csv "$store" "WITH total AS (SELECT epochs * steps_per_epoch AS steps, id FROM run), o AS (
                SELECT b.*, 10 * step / steps AS tenth, probe_after - probe_before AS change,
                    rank() OVER (PARTITION BY run_id, step ORDER BY next_loss) AS place,
                    rank() OVER (PARTITION BY run_id, step ORDER BY probe_after) AS probe_place
                FROM branch_outcome b JOIN total ON id = run_id)
                SELECT '$(basename "$store" .db)', '$(<"$results/$1/commit")', match, tenth, arm, count(*), sum(place = 1),
                    sum(probe_place = 1), printf('%.6f', avg(next_loss - loss)), printf('%.6f', avg(change)),
                    printf('%.6f', sqrt(max(0, avg(change * change) - avg(change) * avg(change)) / count(*))),
                    iif(avg(look_loss) IS NULL, '', printf('%.5f', avg(look_loss))),
                    printf('%.4f', avg(rank)), printf('%.5f', avg(norm)),
                    printf('%.5f', avg(decrease)), printf('%.2e', avg(gap)), printf('%.1f', avg(iterations))
                FROM o GROUP BY match, tenth, arm ORDER BY tenth, arm"
        done
    } >"$table.part"
    mv "$table.part" "$table"
    echo "results.sh: wrote $table" >&2
}

# Steps until the mean of the last 20 recorded losses is at most LOSS.
steps_to() { # LOSS
    echo "(SELECT min(step) + 1 FROM (SELECT step, row_number() OVER w AS count, avg(loss) OVER (w ROWS 19 PRECEDING) AS mean
        FROM step s WHERE s.run_id = run.id WINDOW w AS (ORDER BY step)) WHERE count >= 20 AND mean <= $1)"
}

# Of each router the metrics of its evaluation, with their intervals.
write_ablations() {
    local name options table=$tables/ablations.csv
    {
        echo router,commit,metric,value,low,high
        ablations | while read -r name options; do
            [[ ! -s $results/ablations/$name.json ]] || jq -r --arg name "$name" --arg commit "$(<"$results/ablations/commit")" \
                '.policies[0] | to_entries[] | select(.value | type == "object" and has("low")) |
                [$name, $commit, .key, .value.value, .value.low, .value.high] | @csv' "$results/ablations/$name.json"
        done | tr -d '"'
    } >"$table.part"
    mv "$table.part" "$table"
    echo "results.sh: wrote $table" >&2
}

write_csv() { # STAGE: a line for each run and epoch
    local name options store gaps table=$tables/$1.csv
    [[ -n $(find "$results/$1" -name '*.json' -print -quit 2>/dev/null) ]] || return 0
    [[ $1 != ablations ]] || { write_ablations && return; }
    {
        echo run,commit,solver,optimizer,tol,radius,rate,lr_rest,momentum,nesterov,seed,train_limit,epoch,train_loss,test_loss,test_accuracy,held_loss,held_accuracy,seconds,gap,largest_gap,steps_to_1,steps_to_08,orthonormality_error
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
                printf('%.1f', e.seconds), $gaps, $(steps_to 1), $(steps_to 0.8), printf('%.2e', max_ortho_error)
                FROM run JOIN epoch e ON run_id = id ORDER BY run.id, e.epoch"
        done
    } >"$table.part"
    mv "$table.part" "$table"
    echo "results.sh: wrote $table" >&2
}

run_stage() { # STAGE
    local program now before=
    program=$(program "$1")
    while true; do
        before "$1"
        now=$(left "$1")
        [[ -n $now && $now != "$before" ]] || break # a rung shows when the one before is done
        before=$now
        say_left "$1"
        xargs -r -P "${JOBS:-2}" -d '\n' -I{} "$repository/scripts/results.sh" --job "$program" "$1" {} <<<"$now" || break
        write_csv "$1"
    done
    after "$1"
    say_left "$1"
}

collect() { # STAGE
    write_csv "$1"
    after "$1"
}

stages=(published gap tuning policies states looks solvers routing long transfer ablations)
what=run_stage
case ${1:-} in
--job) # of xargs: PROGRAM STAGE LINE
    read -ra words <<<"$4"
    job "$2" "$3" "${words[@]}"
    exit
    ;;
--left) what=say_left && shift ;;
--collect) what=collect && shift ;;
esac
for stage in "$@"; do
    [[ " ${stages[*]} " == *" $stage "* ]] || {
        echo "results.sh: '$stage' is no stage: give some of ${stages[*]}" >&2
        exit 2
    }
done
(($# > 0)) || set -- "${stages[@]}"
[[ $what != run_stage || -d $data ]] || {
    echo "results.sh: $data: no such folder; set DATA to the folder of CIFAR-10's binary files" >&2
    exit 1
}
[[ ! -d $data ]] || data=$(cd "$data" && pwd)
export RESULTS=$results DATA=$data TABLES=$tables
for stage in "$@"; do
    "$what" "$stage"
done
