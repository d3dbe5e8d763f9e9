#!/usr/bin/env bash
# Build the fuzz targets of tests/fuzz with clang and run each for so many seconds, beginning with small good files
# and with what earlier runs found worth keeping (build/fuzz/corpus). What crashes, leaks or takes 10 seconds stays in
# build/fuzz/found, and the script fails.
# usage: fuzz.sh [SECONDS [TARGET...]]   (default 15 seconds, all targets)
set -euo pipefail
cd "$(dirname "$0")/.."

seconds=${1-15}
shift || true
cmake --preset fuzz >/dev/null
cmake --build --preset fuzz | tail -n 1
programs=build/fuzz/tests corpus=build/fuzz/corpus found=build/fuzz/found
mkdir -p "$corpus" "$found"
seeds=$(mktemp -d)
trap 'rm -rf "$seeds"' EXIT
"$programs/make_seeds" "$seeds" >"$seeds/log" 2>&1 || { cat "$seeds/log" >&2; exit 1; }

targets=("$@")
[[ $# -gt 0 ]] || for source in tests/fuzz/fuzz_*.c; do
    source=${source##*/fuzz_}
    targets+=("${source%.c}")
done
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1
run() { # TARGET
    mkdir -p "$corpus/$1"
    if "$programs/fuzz_$1" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
        -artifact_prefix="$found/$1-" "$corpus/$1" "$seeds/$1" >"$seeds/$1.log" 2>&1; then
        echo "$1: $(sed -n 's/^stat::number_of_executed_units: *//p' "$seeds/$1.log") inputs, nothing found"
    else
        tail -n 40 "$seeds/$1.log" >&2
        echo "fuzz.sh: $1: see above, and $found" >&2
        return 1
    fi
}
export -f run
export programs corpus found seeds seconds
# shellcheck disable=SC2016 # the inner shell expands it
printf '%s\0' "${targets[@]}" | xargs -0 -n 1 -P "$(nproc)" bash -c 'run "$0"'
