#!/usr/bin/env bash
# sweep on a real Slurm of one node: two runs, one of them killed on the way; both end, and are gathered.
# usage: sweep_slurm.sh TRM-ROUTER SLURM-ONE-NODE.SH      (77: skipped, there is no Slurm here)
set -euo pipefail
program=$1
cluster=$2
PATH=$PATH:/usr/sbin:/sbin
[ "$(id -u)" -eq 0 ] && command -v slurmctld slurmd munged >/dev/null || exit 77
"$program" data list --json | grep -q '"found": true' || exit 77

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
cat >plan.yaml <<'PLAN'
collect:
  solvers: [admm]
  seeds: [1, 2]
  dataset: fashion-mnist
  model: mlp
  width: 0.25
  train-limit: 2048
  epochs: 3
  batch-size: 32
  checkpoint-every: 8
run:
  threads: 1
PLAN
cat >sweep.sh <<'SWEEP'
"$1" sweep plan.yaml --output out --engine slurm --jobs 2
"$1" sweep plan.yaml --output out --engine slurm --jobs 2 # once more, by mistake: it finds all done, or at work
for _ in $(seq 100); do # kill a run that has begun, once
    if [ -s out/seed=1/stages/run.json ]; then
        pkill -KILL -f 'run --config .*seed=1' && touch killed
        break
    fi
    sleep 0.1
done
SWEEP
"$cluster" bash sweep.sh "$program"
[ -e killed ] || { echo "no run was there to be killed"; exit 1; }
"$program" sweep status out | tee status
grep -q '2 runs: 2 done' status
[ "$(sqlite3 out/gathered.db "SELECT count(*) FROM run WHERE status = 'done'")" = 2 ]
[ "$(sqlite3 out/gathered.db "SELECT count(*), count(DISTINCT run_id) FROM step")" = "384|2" ]
