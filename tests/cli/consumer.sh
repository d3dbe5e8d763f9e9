#!/usr/bin/env bash
# Install into a folder of our own, build each example there with the flags that pkg-config gives, and run it.
# usage: consumer.sh BUILD_DIR EXAMPLES_DIR COMPILER [FLAG...]
set -euo pipefail
build=$1 examples=$2 compiler=$3
shift 3

prefix=$(mktemp -d)
trap 'rm -rf "$prefix"' EXIT
cmake --install "$build" --prefix "$prefix" >"$prefix/install.log"

PKG_CONFIG_PATH=$(dirname "$(find "$prefix" -name trmrouter.pc)")
export PKG_CONFIG_PATH
package() { pkg-config "$@" trmrouter; }
libraries=$(package --variable=libdir)
read -ra flags <<<"$(package --cflags --libs)"
for source in "$examples"/*.c; do
    program=$prefix/$(basename "$source" .c)
    "$compiler" -std=c11 -Wall -Wextra -Wpedantic -Werror "$@" "$source" "${flags[@]}" -lm \
        -Wl,-rpath,"$libraries" -o "$program"
    (cd "$prefix" && "$program") # what it writes goes with the folder
done
"$prefix/bin/trm-router" --version
