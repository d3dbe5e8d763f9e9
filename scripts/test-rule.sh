#!/usr/bin/env bash
# A router must learn a rule that is known, to three points below what the rule itself reaches on the very same
# noisy samples of the validation part. 10,000 training samples, small, 100 epochs: minutes.
# usage: test-rule.sh
set -euo pipefail
cd "$(dirname "$0")/.."

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cmake --install build/release --prefix "$folder" >/dev/null
PKG_CONFIG_PATH=$(dirname "$(find "$folder" -name trmrouter.pc)")
export PKG_CONFIG_PATH
read -ra flags <<<"$(pkg-config --cflags --libs trmrouter)"
cc examples/known_rule.c "${flags[@]}" -lm -Wl,-rpath,"$(pkg-config --variable=libdir trmrouter)" -o "$folder/known_rule"

try() { # NAME VARYING [OPTION...]
    local data=$folder/$1 rule found
    rule=$("$folder/known_rule" "$data" 2858 "$2" | sed -n 's/^--split step.* right on \(.*\) of [0-9]* in validation.*/\1/p')
    found=$("$folder/bin/trm-router" train --data "$data/merged.db" --output "$data/router.safetensors" \
        --split step --deep-supervision --json "${@:3}" 2>"$folder/said" | sed -n 's/.*"best_val_accuracy": \([0-9.]*\).*/\1/p')
    echo "$1: validation accuracy $found, the rule itself $rule"
    awk -v found="$found" -v rule="$rule" 'BEGIN { exit !(rule > 0.5 && found >= rule - 0.03) }' || {
        echo "test-rule.sh: $1: more than 3 points below the rule" >&2
        exit 1
    }
}

try few-features 3
try all-features 12 --lr 1e-3 --weight-decay 1
