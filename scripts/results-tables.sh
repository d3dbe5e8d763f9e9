#!/usr/bin/env bash
# The tables of docs/results.md that are made of committed files: what stands between <!-- table NAME --> and <!-- end --> is
# the answer of docs/results/NAME.sql, run in docs/results, which imports its CSV files.
# usage: results-tables.sh [--check]      --check: change nothing, fail where a table is not that of its files
set -euo pipefail
cd "$(dirname "$0")/.."
page=docs/results.md
made=$(mktemp)
trap 'rm -f "$made"' EXIT

while IFS= read -r line; do
    if [[ $line == '<!-- end -->' ]]; then
        name=
    elif [[ -n ${name:-} ]]; then
        continue # the old table
    elif [[ $line =~ ^'<!-- table '([a-z_0-9-]+)' -->'$ ]]; then
        name=${BASH_REMATCH[1]}
        printf '%s\n' "$line"
        (cd docs/results && sqlite3 -bail -markdown :memory: ".read $name.sql")
        continue
    fi
    printf '%s\n' "$line"
done <"$page" >"$made"

if [[ ${1:-} == --check ]]; then
    diff "$page" "$made" || {
        echo "results-tables.sh: $page is not what its files say: run scripts/results-tables.sh" >&2
        exit 1
    }
else
    cat "$made" >"$page"
fi
