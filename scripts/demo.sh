#!/usr/bin/env bash
# The main job, small: train on Fashion-MNIST with each of the five solvers, compare them in a table and a picture.
# usage: demo.sh [OUTPUT_FOLDER]   (default results/demo; what an earlier demo left there is replaced)
set -euo pipefail
cd "$(dirname "$0")/.."
results=${1:-results/demo}
solvers="spectral_clip dual_ascent quasi_newton frank_wolfe admm"

scripts/setup.sh
printf 'Building ...\n' >&2
log=$(mktemp)
trap 'rm -f "$log"' EXIT
{ cmake --preset release && cmake --build --preset release; } >"$log" 2>&1 || {
  tail -n 30 "$log" >&2
  echo "demo.sh: the build failed, see above" >&2
  exit 1
}

mkdir -p "$results"
for solver in $solvers; do
  build/release/trm-router collect --solver "$solver" --dataset fashion-mnist --epochs 3 --train-limit 7680 \
    --output "$results/$solver.db" --force --json >"$results/$solver.json"
done

median="SELECT avg(gap) FROM (SELECT gap, row_number() OVER (ORDER BY gap) AS i, count(*) OVER () AS n FROM step)
        WHERE i IN ((n + 1) / 2, n / 2 + 1)"
printf '\n%-14s %10s %10s %15s %10s %13s\n' solver "train loss" "test loss" "test accuracy" "ms a step" "median gap"
for solver in $solvers; do
  sqlite3 -separator ' ' "$results/$solver.db" \
    "SELECT solver, train_loss, test_loss, 100 * test_accuracy, (SELECT 1e3 * avg(seconds) FROM step), ($median)
     FROM run_summary" | {
    read -r name train test accuracy ms gap
    printf '%-14s %10.4f %10.4f %13.2f %% %10.1f %13.2e\n' "$name" "$train" "$test" "$accuracy" "$ms" "$gap"
  }
done
gnuplot -e "dir='$results'; solvers='$solvers'; title_text='Manifold Muon on Fashion-MNIST: small\\_cnn, 3 epochs of 7,680 images'; epochs=3" \
  scripts/solver_comparison.gp
printf '\nFor spectral_clip, which solves no inner problem, the gap says how far its step is from the best one.\n'
printf 'Picture: %s/solver_comparison.png\nStores (SQLite), final weights (safetensors) and summaries (JSON): %s/\n' "$results" "$results"
