#!/usr/bin/env bash
# Format every tracked C and C++ file in place; with --check, change nothing and fail where one is not formatted.
set -euo pipefail
cd "$(dirname "$0")/.."

mode=(-i)
case ${1-} in
'') ;;
--check) mode=(--dry-run --Werror) ;;
*)
    echo "usage: format.sh [--check]" >&2
    exit 2
    ;;
esac

files=()
while IFS= read -r -d '' file; do
    [[ -f $file ]] && files+=("$file")
done < <(git ls-files -z '*.c' '*.h' '*.cpp')
if ! clang-format "${mode[@]}" "${files[@]}"; then
    echo "format.sh: not formatted; run scripts/format.sh" >&2
    exit 1
fi
