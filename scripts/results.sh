#!/usr/bin/env bash
# The runs behind docs/results.md, stage by stage, and docs/results/STAGE.csv from them, of which results-tables.sh makes
# tables. Killed at any moment it goes on where it was; a run that is done is not made again.
# usage: results.sh [--left | --collect] [STAGE...]      stages: published gap tuning policies states looks routing
#   --left     only say what is left and how long it will take
#   --collect  only write the CSV files of what is done
# RESULTS (default results/paper) is the folder of builds and runs, DATA that of CIFAR-10, JOBS (2) how many runs go at a time,
# each on one thread, at low priority. All runs of a stage are made by one build: that of the commit at which it began.
set -euo pipefail
cd "$(dirname "$0")/.."
repository=$PWD
results=$(mkdir -p "${RESULTS:-results/paper}" && cd "${RESULTS:-results/paper}" && pwd)
data=${DATA:-cifar-10-batches-bin}
export OMP_NUM_THREADS=1 OMP_WAIT_POLICY=passive

# ---- What is run: a line each, NAME OPTIONS of collect ----

# The experiment of Bernstein 2025: mlp, whole training set, nothing on SGD.
published() {
    local seed tol solver common
    for seed in 1 2 3; do
        common="--model mlp --batch-size 1024 --last-batch keep --augment off --momentum 0 --manifold all"
        common+=" --spectral-budget 0.1 --schedule linear --epochs 5 --seed $seed --record-every 10"
        for solver in spectral_clip dual_ascent quasi_newton frank_wolfe admm; do
            echo "$solver-$seed --solver $solver $common"
        done
        for tol in 1e-1 1e-2 1e-3 1e-5 1e-6; do # 1e-4 is quasi_newton's own
            echo "quasi_newton-$tol-$seed --solver quasi_newton --tol $tol --max-iter 1000 $common"
        done
        echo "spel-$seed --optimizer spel $common"
        echo "muon-$seed --optimizer muon $common"
    done
}

# Between Manifold Muon and plain Muon, by degrees: what costs accuracy?
gap() {
    local seed common share
    for seed in 1 2 3; do
        common="--lr-rest 0.4 --train-limit 10000 --epochs 3 --holdout 5000 --seed $seed --record-every 1000"
        echo "pull_0-$seed --optimizer muon --spectral-budget 0.04 $common"
        echo "rows-$seed --optimizer muon --pull 1 --pull-to rows --spectral-budget 0.04 $common"
        for share in 0.1 1 0.03 0.3; do
            echo "pull_$share-$seed --optimizer muon --pull $share --spectral-budget 0.04 $common"
        done
        echo "quasi_newton-$seed --solver quasi_newton --tol 1e-2 --nesterov --momentum 0.95 --spectral-budget 0.04 $common"
    done
}

# Successive halving on held-out images. A candidate's name is GROUP.OPTIONS; each group has a winner of its own.
candidates() {
    local rest radius rate kind nesterov
    for rest in 0.2 0.4 0.8; do
        for radius in 0.01 0.02 0.04; do
            for kind in plain nesterov; do
                nesterov=
                [[ $kind == plain ]] || nesterov='--nesterov --momentum 0.95'
                echo "quasi_newton.$radius-$rest-$kind --solver quasi_newton --spectral-budget $radius --lr-rest $rest $nesterov"
                echo "spel.$radius-$rest-$kind --optimizer spel --spectral-budget $radius --lr-rest $rest $nesterov"
            done
        done
        for radius in 0.02 0.05 0.1; do
            echo "muon.$radius-$rest --optimizer muon --spectral-budget $radius --lr-rest $rest"
        done
    done
    nesterov='--nesterov --momentum 0.95'
    for rest in 0.2 0.4; do
        for radius in 0.02 0.04 0.08; do
            echo "admm.$radius-$rest --solver admm --spectral-budget $radius --lr-rest $rest $nesterov"
            echo "frank_wolfe.$radius-$rest --solver frank_wolfe --spectral-budget $radius --lr-rest $rest $nesterov"
        done
        for rate in 0.1 0.3 1; do
            echo "spectral_clip.$rate-$rest --solver spectral_clip --lr $rate --spectral-budget 0.04 --lr-rest $rest $nesterov"
            echo "sgd.$rate-$rest --optimizer sgd --lr $rate --lr-rest $rest"
        done
        for rate in 0.001 0.003 0.01; do
            echo "adamw.$rate-$rest --optimizer adamw --lr $rate --lr-rest $rest"
        done
    done
}

# Of the candidates that come in, the first KEEP of each group, with OPTIONS.
keep() { # KEEP OPTIONS
    local name options
    declare -A taken=()
    while read -r name options; do
        taken[${name%%.*}]=$((${taken[${name%%.*}]:-0} + 1))
        ((taken[${name%%.*}] > $1)) || echo "$name $options $2"
    done
}

rung_1() { candidates | keep 1000 '--train-limit 10000 --epochs 3 --holdout 5000 --seed 1 --record-every 10'; }
rung_2() { ranked 1 | keep 4 '--train-limit 22500 --epochs 4 --holdout 5000 --seed 2 --record-every 10'; }
rung_3() { ranked 2 | keep 2 '--epochs 6 --holdout 5000 --seed 3 --record-every 10'; }
tuning() {
    local rung
    for rung in 1 2 3; do
        "rung_$rung" | sed "s/^/rung$rung./"
    done
}

# The candidates of a rung, the best on held-out images first; nothing before all of them are done.
ranked() { # RUNG
    local name options place
    "rung_$1" | while read -r name options; do
        place=$results/tuning/rung$1.$name
        [[ -s $place.json || -e $place.failed ]] || echo left
    done | grep -q . && return
    candidates | while read -r name options; do
        place=$results/tuning/rung$1.$name.json
        [[ ! -s $place ]] || echo "$(jq -r .held_accuracy "$place") $name $options"
    done | sort -rn | cut -d' ' -f2-
}

# The winners on seeds that chose nothing. Routed policies follow when their arms are there.
policies() {
    local seed name options
    for seed in 11 12 13 14 15; do
        ranked 3 | keep 1 "--epochs 6 --holdout 5000 --seed $seed --record-every 10" | while read -r name options; do
            echo "${name%%.*}-$seed $options"
        done
    done
}

# Branch states of the tuned quasi_newton, and looks from fewer of them; 100 of these are repeated with other batches.
arms=quasi_newton:0.25,quasi_newton:0.5,quasi_newton,quasi_newton:2,frank_wolfe:2
branching() { # SEED OPTIONS: nothing before the tuning is done
    ranked 3 | sed -n '/^quasi_newton\./p' | keep 1 "--epochs 6 --holdout 5000 --seed $1 --oracle branch --arms $arms $2" |
        sed "s/^[^ ]*/quasi_newton-$1/"
}
states() { # 2,106 of them
    local seed
    for seed in 21 22 23; do
        branching "$seed" '--branch-every 3 --record-every 3 --probes 8'
    done
}
looks() { # 150 of them
    branching 24 '--branch-every 42 --record-every 6 --probes 8 --look-every 1 --look-repeats 2 --look-check'
    branching 25 '--branch-every 42 --record-every 6 --probes 8 --look-every 1 --look-repeats 2'
    branching 26 '--branch-every 42 --record-every 6 --probes 8 --look-every 1'
}

# ---- How it is run ----

# The program of a stage: built from the commit at which it began, and kept.
program() { # STAGE
    local commit folder
    mkdir -p "$results/$1"
    if [[ ! -s $results/$1/commit ]]; then
        git diff --quiet HEAD -- src cmake CMakeLists.txt CMakePresets.json || {
            echo "results.sh: src has changes; commit them first, so that the runs have a name" >&2
            return 1
        }
        git rev-parse --short=10 HEAD >"$results/$1/commit"
    fi
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

job() { # PROGRAM STAGE NAME OPTION...
    local place=$results/$2/$3 status=0
    [[ ! -e $place.json && ! -e $place.failed ]] || return 0
    SECONDS=0
    nice -n 19 "$1" collect --data-dir "$data" --threads 1 --output "$place.db" --resume --json \
        "${@:4}" >"$place.part" 2>"$place.log" || status=$?
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
    local count mean
    count=$(left "$1" | wc -l)
    if [[ -z $("$1") ]]; then
        echo "$1: waits for the end of the tuning" >&2
        return
    fi
    mean=$(find "$results/$1" -name '*.seconds' -exec cat {} + 2>/dev/null | awk '{ s += $1 } END { if (NR) printf "%.0f", s / NR }' || true)
    printf '%s: %d of %d runs left%s\n' "$1" "$count" "$("$1" | wc -l)" \
        "${mean:+, $((count * mean / ${JOBS:-2} / 60 + 1)) min at the pace so far}" >&2
}

# What is learned of the branch states: a data set by probe losses, a router, its evaluation, and five trainings with it.
make_routing() {
    local program folder=$results/routing winner settings=() inputs=()
    winner=$(branching 11 '' | head -n 1)
    [[ -n $winner && -z $(left states) ]] || {
        echo "routing: waits for the end of the tuning and of the states" >&2
        return
    }
    program=$(program routing)
    mapfile -t inputs < <(states | sed "s|^\([^ ]*\).*|$results/states/\1.db|")
    winner=${winner#* --solver quasi_newton }
    read -ra settings <<<"${winner%% --oracle*}" # radius, rates, momentum, epochs, held-out images, first seed
    [[ -e $folder/probe.db ]] || nice -n 19 "$program" prepare --oracle probe --inputs "${inputs[@]}" --output "$folder/probe.db"
    [[ -e $folder/router.safetensors && ! -e $folder/router.state.safetensors ]] ||
        nice -n 19 "$program" train --data "$folder/probe.db" --output "$folder/router.safetensors" --epochs 100 \
            --deep-supervision --threads 1 --resume
    [[ -e docs/results/routing_evaluation.json ]] || nice -n 19 "$program" evaluate --model "$folder/router.safetensors" \
        --data "$folder/probe.db" --threads 1 --output docs/results/routing_evaluation.json
    [[ -e docs/results/routing_online.json ]] || {
        nice -n 19 "$program" online --router "$folder/router.safetensors" --seeds 5 --data-dir "$data" --threads 1 \
            --output "$folder/online.db" --resume --json "${settings[@]}" >"$folder/online.part"
        mv "$folder/online.part" docs/results/routing_online.json
    }
}

write_csv() { # STAGE: a line for each run and epoch
    local name options store gaps table=docs/results/$1.csv
    [[ -n $(find "$results/$1" -name '*.json' -print -quit 2>/dev/null) ]] || return 0
    {
        echo run,commit,solver,optimizer,tol,radius,rate,lr_rest,momentum,nesterov,seed,train_limit,epoch,train_loss,test_loss,test_accuracy,held_loss,held_accuracy,seconds,gap,largest_gap
        "$1" | sort -u | while read -r name options; do
            store=$results/$1/$name.db
            [[ -s $results/$1/$name.json ]] || continue
            gaps='NULL, NULL'
            [[ -z $(sqlite3 "$store" "SELECT 1 FROM sqlite_master WHERE name = 'solve'") ]] ||
                gaps='(SELECT printf("%.3e", avg(solve.gap)) FROM solve JOIN step USING (run_id, step) WHERE step.epoch = e.epoch),
                    (SELECT printf("%.3e", max(solve.gap)) FROM solve JOIN step USING (run_id, step) WHERE step.epoch = e.epoch)'
            sqlite3 -csv "$store" "SELECT '$name', '$(<"$results/$1/commit")', run.solver, config ->> 'optimizer', config ->> 'tol',
                config ->> 'spectral-budget', config ->> 'lr', config ->> 'lr-rest', config ->> 'momentum', config ->> 'nesterov',
                seed, config ->> 'train-limit', e.epoch + 1, printf('%.5f', train_loss), printf('%.5f', e.test_loss),
                printf('%.4f', e.test_accuracy), printf('%.5f', held_loss), printf('%.4f', held_accuracy),
                printf('%.1f', e.seconds), $gaps FROM run JOIN epoch e ON run_id = id ORDER BY e.epoch"
        done
    } >"$table.part"
    mv "$table.part" "$table"
    echo "results.sh: wrote $table" >&2
}

run_stage() { # STAGE
    local program before=
    program=$(program "$1")
    while [[ -n $(left "$1") && $(left "$1") != "$before" ]]; do # a rung shows when the one before is done
        before=$(left "$1")
        say_left "$1"
        left "$1" | xargs -r -P "${JOBS:-2}" -d '\n' -I{} "$repository/scripts/results.sh" --job "$program" "$1" {} || break
        write_csv "$1"
    done
    say_left "$1"
}

stages=(published gap tuning policies states looks routing)
what=run_stage
case ${1:-} in
--job) # of xargs: PROGRAM STAGE LINE
    read -ra words <<<"$4"
    job "$2" "$3" "${words[@]}"
    exit
    ;;
--left) what=say_left && shift ;;
--collect) what=write_csv && shift ;;
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
export RESULTS=$results DATA=$data
for stage in "$@"; do
    if [[ $stage == routing ]]; then
        [[ $what != run_stage ]] || make_routing
    else
        "$what" "$stage"
    fi
done
