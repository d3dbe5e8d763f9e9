#!/usr/bin/env bash
# A task made so that routing pays in training: a small network at a constant radius, on which a long step is better far from
# the floor of its own noise and a short one at it, so that neither is best always. Trained on looks that hold an arm for 16
# steps, a router must be better than each arm, chance and those that learn as they go; so must the two-phase switch, since
# the regimes follow each other.
# usage: test-regimes.sh [FOLDER]      (default: a temporary one; needs Fashion-MNIST's package and jq; some minutes)
set -euo pipefail
cd "$(dirname "$0")/.."
program=${TRM_ROUTER:-build/release/trm-router}
program=$(cd "$(dirname "$program")" && pwd)/$(basename "$program")
folder=${1:-$(mktemp -d)}
[[ -n ${1:-} ]] || trap 'rm -rf "$folder"' EXIT
mkdir -p "$folder" && cd "$folder"
export OMP_NUM_THREADS=1 OMP_WAIT_POLICY=passive
task=(--dataset fashion-mnist --model mlp --width 0.125 --manifold all --train-limit 2560 --holdout 500 --batch-size 64
    --schedule constant --spectral-budget 0.1 --momentum 0.5 --nesterov off --threads 1)

seed=0
for epochs in 2 4; do
    for solver in random random quasi_newton; do
        seed=$((seed + 1))
        "$program" collect "${task[@]}" --solver $solver --epochs $epochs --seed $seed --oracle branch \
            --arms quasi_newton,quasi_newton:0.05 --branch-every 2 --record-every 2 --probes 2 --look-every 1 --hold 16 \
            --anneal 1 --output "states-$seed.db" --quiet --force >/dev/null
    done
done
"$program" prepare --oracle anneal --inputs states-?.db --output data.db --quiet --force >/dev/null
"$program" train --data data.db --output router.safetensors --size tiny --epochs 60 --lr 1e-3 --deep-supervision --loss regret \
    --tau 0.02 --ema --threads 1 --quiet --force >/dev/null
"$program" online "${task[@]}" --router router.safetensors --data data.db --baselines --epochs 4 --seeds 5 --record-every 10 \
    --opponents best_fixed,schedule,two_phase,exp3,linucb,discounted_ucb --output online.db --json --quiet --force >online.json

jq -r '.policies[] | "\(.policy) \(.test_accuracy.mean * 10000 | round / 100) % +- \(.test_accuracy.deviation * 10000 | round / 100)"' online.json
accuracy() { jq --arg policy "$1" '.policies[] | select(.policy == $policy) | .test_accuracy.mean' online.json; }
better() { # POLICY BY OTHER: by so much at least
    jq -en "$(accuracy "$1") > $(accuracy "$3") + $2" >/dev/null || {
        echo "test-regimes.sh: $1 is not better than $3 by $2" >&2
        exit 1
    }
}
for other in quasi_newton quasi_newton:0.05 best_fixed exp3 linucb discounted_ucb; do
    better router 0.03 "$other"
    better two_phase 0.03 "$other"
done
better router 0.01 random
echo "test-regimes.sh: routing pays where it was made to"
