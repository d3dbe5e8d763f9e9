#!/usr/bin/env bash
# Runs a minute of a sweep over 18 short runs (3 radii, 3 seeds, 2 solvers) on two cores: two at a time with a thread
# each, and one at a time with two threads, in alternation. The ratio is of the quickest round of each.
# usage: bench/sweep.sh [ROUNDS [TRM-ROUTER]]   (default 3 rounds; needs Fashion-MNIST's package and GNU parallel)
set -euo pipefail
cd "$(dirname "$0")/.."

rounds=${1-3}
program=$(realpath "${2-build/release/trm-router}")
plan=$PWD/scripts/sweep-plan.yaml
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
command -v taskset >/dev/null && taskset -cp 0,1 $$ >/dev/null # threads of a run are what --jobs leaves of the cores

cat "$plan" - >plan.yaml <<'PLAN'
  model: small_cnn
  train-limit: 1024
  epochs: 1
  batch-size: 64
PLAN

best=(0 0 0)
for ((round = 1; round <= rounds; round++)); do
    for jobs in 2 1; do
        rm -rf out
        began=$(date +%s%N)
        "$program" sweep plan.yaml --output out --jobs $jobs >said 2>&1 || { cat said >&2; exit 1; }
        took=$((($(date +%s%N) - began) / 1000000))
        grep -q "threads: $((2 / jobs))$" out/*/settings.yaml || { echo "not $((2 / jobs)) threads a run" >&2; exit 1; }
        echo "round $round, $jobs at a time, $((2 / jobs)) threads each: $((18 * 60000 / took)) runs a minute"
        [ "${best[$jobs]}" -ne 0 ] && [ "${best[$jobs]}" -lt $took ] || best[jobs]=$took
    done
done
echo "two at a time: $((18 * 60000 / best[2])) runs a minute, $(((best[1] * 100) / best[2])) % of one at a time"
