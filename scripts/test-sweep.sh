#!/usr/bin/env bash
# 18 runs (3 radii, 3 seeds, 2 solvers) as a sweep of which one run is killed, by GNU parallel and, where it is
# installed and this is root, by Slurm: the account says what is left, the same command completes it, the killed run
# goes on after what it had saved, and the gathered store holds what the same runs made one by one hold, times aside.
# usage: test-sweep.sh [TRM-ROUTER]   (needs Fashion-MNIST's package and GNU parallel)
set -euo pipefail
cd "$(dirname "$0")/.."

program=$(realpath "${1-build/release/trm-router}")
cluster=$PWD/scripts/slurm-one-node.sh
PATH=$PATH:/usr/sbin:/sbin
plan=$PWD/scripts/sweep-plan.yaml
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

fail() {
    echo "test-sweep.sh: $*" >&2
    [ ! -e said ] || cat said >&2
    exit 1
}

cat "$plan" - >plan.yaml <<'PLAN'
  model: mlp
  train-limit: 2048
  epochs: 2
  batch-size: 32
  checkpoint-every: 8
PLAN

# Every row of the stores but the times, with the settings of its run: without the columns that say which run of the
# file, and when.
content() { # STORE...
    local store table columns
    for store; do
        for table in run step epoch solve; do
            columns=$(sqlite3 "$store" "SELECT group_concat('t.' || name) FROM pragma_table_info('$table')
                WHERE name NOT IN ('id', 'run_id', 'started', 'finished', 'seconds', 'solve_seconds')")
            sqlite3 "$store" "SELECT '$table', run.config, $columns FROM $table AS t
                JOIN run ON run.id = t.$([ $table = run ] && echo id || echo run_id)"
        done
    done | sort
}

# Kill a run of the sweep, by its program, once it has saved something; its name into `victim`, what it had recorded
# by then into `saved`.
cat >kill-one.sh <<'KILL'
for _ in $(seq 600); do
    for checkpoint in "$1"/*/*.checkpoint.safetensors; do
        [ -e "$checkpoint" ] || continue
        run=${checkpoint%/*}
        for pid in $(pgrep -f "run --config .*${run##*/}/settings.yaml"); do
            [ "$(readlink "/proc/$pid/exe")" = "$2" ] || continue
            kill -KILL "$pid"
            echo "${run##*/}" >victim
            exit
        done
    done
    sleep 0.05
done
KILL

went_on() { # FOLDER
    local name step
    name=$(cat victim)
    step=$(sed -n 's/.*going on after step \([0-9]*\) of 128$/\1/p' "$1/$name/log")
    [ "$((${step:-1} % 8))" -eq 0 ] || fail "$1: $name began anew: $step"
    echo "$1: $name was killed, and went on after step $step of 128"
}

same_content() { # STORE
    content "$1" >gathered
    cmp gathered alone || fail "$1: differs from the runs made one by one"
    echo "$1: $(wc -l <gathered) rows, as the runs made one by one have them"
}

for solver in admm quasi_newton; do
    for seed in 1 2 3; do
        for radius in 0.01 0.02 0.05; do
            "$program" collect --solver $solver --seed $seed --spectral-budget $radius --dataset fashion-mnist \
                --model mlp --width 0.25 --train-limit 2048 --epochs 2 --batch-size 32 --threads 1 --quiet \
                --output alone/$solver-$seed-$radius.db >said 2>&1 || fail "collect: failed"
        done
    done
done
content alone/*.db >alone/content
mv alone/content alone.rows && rm -r alone && mv alone.rows alone

bash kill-one.sh parallel "$program" &
status=0
"$program" sweep plan.yaml --output parallel --jobs 2 --tries 1 >said 2>&1 || status=$?
wait $!
[ -e victim ] || fail "no run was there to be killed"
[ $status -eq 1 ] || fail "a sweep with a killed run ended with $status"
grep -qF 'parallel: 18 runs: 17 done, 1 killed' said || fail "no account"
grep -qF "$(cat victim): killed; parallel" said || fail "the account does not name the run"
"$program" sweep plan.yaml --output parallel --jobs 2 >said 2>&1 || fail "the same command did not complete it"
grep -qF '17 of 18 runs are done' said || fail "runs that are done were begun again"
grep -qF 'parallel: 18 runs: 18 done' said || fail "not all are done"
went_on parallel
"$program" sweep gather parallel >said 2>&1 || fail "not gathered"
same_content parallel/gathered.db

if [ "$(id -u)" -ne 0 ] || ! command -v slurmctld slurmd munged >/dev/null; then
    echo "test-sweep.sh: no Slurm here (or not root): tried with GNU parallel alone"
    exit 0
fi
rm victim
cat >submit.sh <<'SUBMIT'
"$1" sweep plan.yaml --output slurm --engine slurm --jobs 2
bash kill-one.sh slurm "$1"
SUBMIT
"$cluster" bash submit.sh "$program" >said 2>&1 || fail "Slurm: failed"
[ -e victim ] || fail "Slurm: no run was there to be killed"
"$program" sweep status slurm >said 2>&1 || fail "no status"
grep -qF 'slurm: 18 runs: 18 done' said || fail "Slurm: not all are done"
went_on slurm
same_content slurm/gathered.db
