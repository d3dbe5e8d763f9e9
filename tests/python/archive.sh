#!/usr/bin/env bash
# The source archive of the Python package holds every header that the C sources in it include.
# usage: archive.sh
set -euo pipefail
cd "$(dirname "$0")/../.."

mapfile -t held < <(sed -nE 's#^"\.\./(src/[a-z/.]+)" = .*#\1#p' python/pyproject.toml)
[[ ${#held[@]} -gt 5 ]] || { echo "archive.sh: python/pyproject.toml names no sources" >&2 && exit 1; }
missing=0
while read -r header; do
    found=0
    for path in "${held[@]}"; do
        [[ src/$header == "$path" || src/$header == "$path"/* ]] && found=1
    done
    [[ $found -eq 1 ]] || { echo "archive.sh: $header is included and not in the archive" >&2 && missing=1; }
done < <(grep -rhoE '^#include "[a-z_/]+/[a-z_0-9]+\.h"' "${held[@]}" | sed -E 's/.*"(.*)"/\1/' | sort -u)
exit $missing
