#!/usr/bin/env bash
# What programs that are compiled already rely on: the names that the libraries export, and the sizes of the structs in
# their public headers, as listed in tests/abi.txt. --update writes the list: a name that went or a size that changed
# there is a new SOVERSION.
# usage: check_abi.sh BUILD_DIR COMPILER [--update]
set -euo pipefail
build=$(cd "$1" && pwd) compiler=$2 update=${3:-}
cd "$(dirname "$0")/.."
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cmake --install "$build" --prefix "$folder/prefix" >"$folder/install.log"
include=$folder/prefix/include/trmrouter

for library in trmmuon trmrouter; do
    nm -D --defined-only "$(find "$folder/prefix" -name "lib$library.so")" | awk -v library=$library '{print library, $NF}'
done | LC_ALL=C sort >"$folder/abi"

# Structs that a header defines, with as many bytes as they have here.
{
    printf '#include "muon.h"\n#include "trm.h"\n#include <stdio.h>\nint main(void) {\n'
    grep -rhoE '^struct [a-z_]+ \{' "$include" | LC_ALL=C sort -u |
        sed -E 's/(struct [a-z_]+) \{/printf("\1 %zu\\n", sizeof(\1));/'
    printf '}\n'
} >"$folder/sizes.c"
"$compiler" -std=c11 -I"$include" "$folder/sizes.c" -o "$folder/sizes"
"$folder/sizes" >>"$folder/abi"

if [[ $update == --update ]]; then
    cp "$folder/abi" tests/abi.txt
elif ! diff -u tests/abi.txt "$folder/abi"; then
    echo "the libraries' interface is not the one of tests/abi.txt; where that is meant: tests/check_abi.sh $1 $2 --update" >&2
    exit 1
fi
