#!/usr/bin/env bash
# Two builds of the program train alike: test accuracy and last loss over seeds, and whether the builds differ by more
# than the seeds do. What searches in float must not show in training.
set -euo pipefail

usage() {
    cat <<'END_USAGE'
usage: same-curves.sh PROGRAM OTHER [COLLECT-OPTION...]

Trains with quasi_newton to 1e-2, all matrices on the manifold, 3 epochs, seeds 1 to 3, with each program, and prints the
accuracies, their means, and the spread over seeds. Exit status 1 where the means differ by more than twice the
standard error of the difference.

example: same-curves.sh build/release/trm-router ../before/build/release/trm-router --train-limit 10000 --threads 1
END_USAGE
}
[[ ${1-} != --help && $# -ge 2 ]] || {
    usage
    [[ ${1-} == --help ]] && exit 0 || exit 2
}
programs=("$1" "$2")
shift 2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for seed in 1 2 3; do
    for i in 0 1; do # in turn, so that both meet the same machine
        "${programs[i]}" collect --solver quasi_newton --tol 1e-2 --manifold all --epochs 3 --seed "$seed" --json \
            --output "$work/$i-$seed.db" "$@" >"$work/$i-$seed.json" 2>"$work/said" || {
            tail -n 1 "$work/said" >&2
            exit 1
        }
    done
done
python3 - "$work" <<'END_PYTHON'
import json, math, sys

def accuracy(i, seed):
    with open(f"{sys.argv[1]}/{i}-{seed}.json", encoding="utf-8") as file:
        return json.load(file)["test_accuracy"]

values = [[accuracy(i, seed) for seed in (1, 2, 3)] for i in (0, 1)]
means = [sum(v) / 3 for v in values]
spread = [math.sqrt(sum((x - m) ** 2 for x in v) / 2) for v, m in zip(values, means)]
for name, v, m, s in zip(("first", "other"), values, means, spread):
    print(f"{name}: " + " ".join(f"{100 * x:.2f}" for x in v) + f"  mean {100 * m:.2f} %, seeds spread {100 * s:.2f}")
error = math.sqrt((spread[0] ** 2 + spread[1] ** 2) / 3)
alike = abs(means[0] - means[1]) <= 2 * error
print(f"means differ by {100 * (means[0] - means[1]):+.2f} points, standard error {100 * error:.2f}: "
      + ("within the noise of seeds" if alike else "MORE than the noise of seeds"))
sys.exit(not alike)
END_PYTHON
