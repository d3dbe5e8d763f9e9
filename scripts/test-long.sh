#!/usr/bin/env bash
# The long forms of the tests: thousands of damaged inputs under the sanitizers, 20 minutes of every fuzz target,
# random kills, a sweep of which a run is killed, calls of the Python package at random, a rule that a router must learn,
# and static analysis.
# usage: test-long.sh [ROUNDS]
set -euo pipefail
cd "$(dirname "$0")/.."

rounds=${1-3000}
scripts/setup.sh
command -v clang-tidy >/dev/null || {
    echo "test-long.sh: clang-tidy is not installed; scripts/setup.sh installs it" >&2
    exit 1
}
cmake --preset sanitize
cmake --build --preset sanitize

echo "damaged inputs: $rounds rounds"
TRM_TEST_ROUNDS=$rounds build/sanitize/tests/cli_damage

echo "fuzz targets"
scripts/fuzz.sh 1200

cmake --preset release
cmake --build --preset release
echo "memory that fails, also in the libraries"
TRM_TEST_ALL_ALLOCATIONS=1 build/release/tests/cli_allocations
echo "killed at random"
scripts/test-kills.sh
echo "many runs, one of them killed"
scripts/test-sweep.sh
echo "calls of the Python package at random, 10,000 of every kind"
TRM_RANDOM_CALLS=10000 scripts/test-python.sh -q -k random || [[ $? -eq 77 ]]
echo "a rule that is known"
scripts/test-rule.sh
echo "a task where routing pays"
scripts/test-regimes.sh

echo "clang-tidy"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
git ls-files -z 'src/*.c' | xargs -0 -n 4 -P "$(nproc)" clang-tidy --quiet -p build/release >"$log" 2>/dev/null || true
if grep -E 'warning:|error:' "$log" | sort -u; then
    echo "test-long.sh: clang-tidy has the remarks above" >&2
    exit 1
fi
echo "test-long.sh: all passed"
