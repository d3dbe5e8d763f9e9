#!/usr/bin/env bash
# The runs behind docs/results.md, stage by stage, and docs/results/STAGE.csv from them, of which results-tables.sh makes
# tables. Killed at any moment it goes on where it was; a run that is done is not made again.
# usage: results.sh [--left | --collect] [STAGE...]
#   stages: published gap tuning policies states looks looks_longer solvers routing fixed long regret valued transfer
#           ablations
#   --left     only say what is left and how long it will take
#   --collect  only write the CSV files of what is done
# RESULTS (default results/paper) is the folder of builds and runs, DATA that of CIFAR-10, JOBS (2) how many runs go at a time,
# each on one thread, at low priority. All runs of a stage are made by one build: that of the commit at which it began; those
# of `policies`, `routing`, `fixed`, `long` and `regret`, which are compared, by the same, and so those of both kinds of
# looks. EPOCHS (6), LONG (30), HOLDOUT (5000), LIMIT (all) and CHEAP (10000) images and TRIAL, further options, make a short
# trial, whose RESULTS and TABLES (docs/results) must be other folders.
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
# shellcheck source=scripts/results-write.sh
source scripts/results-write.sh

# The program of a stage: built from the commit at which it began, and kept.
program() { # STAGE
    local commit folder of=$1
    [[ ! $of =~ ^(routing|fixed|long|regret)$ ]] || of=policies
    [[ $of != looks_longer ]] || of=looks
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

# A router on a data set, and its evaluation.
router() { # PLACE DATA PROGRAM OPTION...
    nice -n 19 "$3" train --data "$2" --output "$1.safetensors" --epochs 100 --test-split 0.4 --threads 1 --resume "${@:4}" >/dev/null &&
        nice -n 19 "$3" evaluate --model "$1.safetensors" --data "$2" --threads 1 --baseline-epochs 0 --json >"$1.part"
}

job() { # PROGRAM STAGE NAME OPTION...
    local place=$results/$2/$3 status=0 command=collect from=(--data-dir "$data")
    [[ ! -e $place.json && ! -e $place.failed ]] || return 0
    [[ " $* " != *' --dataset '* ]] || from=() # from its package
    SECONDS=0
    set -- "$1" "${@:4}"
    [[ ! ${2:-} =~ ^(online|train|evaluate)$ ]] || { command=$2 && set -- "$1" "${@:3}"; }
    if [[ $command == evaluate ]]; then
        nice -n 19 "$1" evaluate --threads 1 --json "${@:2}" >"$place.part" 2>"$place.log" || status=$?
    elif [[ $command == train ]]; then
        router "$place" "$results/routing/probe.db" "$@" 2>"$place.log" || status=$?
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
        prepared "$1" probe "$folder/probe.db" "${@:2}" >"$folder/data.part"
        mv "$folder/data.part" "$folder/data.json"
    }
    [[ -e $folder/router.safetensors && ! -e $folder/router.state.safetensors ]] ||
        nice -n 19 "$program" train --data "$folder/probe.db" --output "$folder/router.safetensors" --epochs 100 \
            --test-split 0.4 --deep-supervision --threads 1 --resume --json >"$folder/train.json"
    nice -n 19 "$program" evaluate --model "$folder/router.safetensors" --data "$folder/probe.db" --threads 1 --json \
        >"$folder/evaluation.part"
    mv "$folder/evaluation.part" "$folder/evaluation.json"
}

# The same by the states' other measure, the loss of the batch just seen.
learn_same_batch() { # STORE...
    local place=$results/routing/same_batch
    [[ ! -s $place.json ]] || return 0
    prepared routing same_batch "$place.db" "$@" >"$place.data"
    router "$place" "$place.db" "$(program routing)" --deep-supervision
    mv "$place.part" "$place.json"
}

# A router on the states of the five solvers, at their own lengths and at equal ones.
learn_solvers() {
    local match place
    for match in none frobenius; do
        place=$results/solvers/$match.router
        [[ -s $results/solvers/$match.prepared ]] || continue
        [[ -s $place.json ]] || {
            router "$place" "$results/solvers/$match.prepared" "$(program solvers)" --deep-supervision 2>"$place.log"
            mv "$place.part" "$place.json"
        }
        write_json "solvers_${match}_evaluation" "$place.json"
    done
}

# All looks as a data set.
gather_looks() {
    local inputs
    mapfile -t inputs < <(stores looks)
    prepared valued anneal "$results/valued/looks.part" "${inputs[@]}" >/dev/null
    mv "$results/valued/looks.part" "$results/valued/looks.db"
}

# The router of `regret`, on the data of `routing`.
learn_by_regret() {
    local folder=$results/regret
    [[ ! -s $folder/evaluation.json ]] || return 0
    router "$folder/router" "$results/routing/probe.db" "$(program regret)" --deep-supervision --loss regret
    mv "$folder/router.part" "$folder/evaluation.json"
}

# What a stage needs before its runs, and what is made of them.
before() { # STAGE
    local inputs=()
    case $1 in
    valued) [[ -s $results/valued/looks.db || -z $(looks) || -n $(left looks) ]] || gather_looks ;;
    regret) [[ ! -s $results/routing/evaluation.json ]] || learn_by_regret ;;
    routing) [[ -z $(states) || -n $(left states) ]] || mapfile -t inputs < <(stores states) ;;
    transfer) (($(left transfer | grep -cv '^online-') > 0)) || mapfile -t inputs < <(stores transfer fashion- && stores transfer cifar-) ;;
    esac
    [[ ${#inputs[@]} -eq 0 ]] || learn "$1" "${inputs[@]}"
    [[ ${#inputs[@]} -eq 0 || $1 != routing ]] || learn_same_batch "${inputs[@]}"
}
after() { # STAGE
    case $1 in
    routing)
        write_learned routing
        write_json same_batch_evaluation "$results/routing/same_batch.json"
        compare routing "$(winner)"
        ;;
    transfer)
        write_learned transfer
        compare transfer ''
        ;;
    regret)
        write_learned regret
        compare regret "$(winner)"
        ;;
    valued)
        write_json valued_router "$results/valued/router.json"
        write_json valued_regret "$results/valued/regret.json"
        ;;
    long) write_json long_online "$results/long/online-16.json" ;;
    states)
        write_arms states
        write_condition states
        ;;
    solvers)
        write_arms solvers
        write_condition solvers
        write_phases solvers
        write_ceilings solvers probe
        learn_solvers
        ;;
    looks)
        write_arms looks
        write_looks looks
        write_doubled looks
        write_ceilings looks anneal
        ;;
    looks_longer)
        write_arms looks_longer
        write_looks looks_longer
        write_doubled looks_longer
        ;;
    esac
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

stages=(published gap tuning policies states looks looks_longer solvers routing fixed long regret valued transfer ablations)
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
