#!/usr/bin/env bash
# Build the release preset and run every test; the last lines are CTest's summary.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/setup.sh
cmake --preset release
cmake --build --preset release
ctest --preset release --parallel "$(nproc)"
