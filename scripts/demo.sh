#!/usr/bin/env bash
# The whole experiment, small, on Fashion-MNIST: five solvers, a data set from their steps, a router trained,
# evaluated and tried online, and a report. What is complete already is not made again.
# usage: demo.sh [OUTPUT_FOLDER]   (default results/demo)
set -euo pipefail
cd "$(dirname "$0")/.."
results=${1:-results/demo}

scripts/setup.sh
printf 'Building ...\n' >&2
log=$(mktemp)
trap 'rm -f "$log"' EXIT
{ cmake --preset release && cmake --build --preset release --target trm-router; } >"$log" 2>&1 || {
  tail -n 30 "$log" >&2
  echo "demo.sh: the build failed, see above" >&2
  exit 1
}

build/release/trm-router run --config configs/demo.yaml --output "$results"
ln -sf report/solver_comparison.png "$results/solver_comparison.png"
