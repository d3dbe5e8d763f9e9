#!/usr/bin/env bash
# Install into a folder of our own, and build each example against it, with the flags that pkg-config gives and as
# a CMake project that finds the package; then run what was built. Nothing tells the programs where the library is.
# usage: consumer.sh BUILD_DIR EXAMPLES_DIR COMPILER [FLAG...]
set -euo pipefail
build=$1 examples=$2 compiler=$3
shift 3
unset LD_LIBRARY_PATH

fail() {
    echo "consumer.sh: $*" >&2
    exit 1
}

prefix=$(mktemp -d)
trap 'rm -rf "$prefix"' EXIT
cmake --install "$build" --prefix "$prefix" >"$prefix/install.log"

PKG_CONFIG_PATH=$(dirname "$(find "$prefix" -name trmrouter.pc)")
export PKG_CONFIG_PATH
for source in "$examples"/*.c; do
    program=$prefix/$(basename "$source" .c)
    package=trmmuon # alone, unless the rest is used
    ! grep -q '<trm.h>' "$source" || package=trmrouter
    read -ra flags <<<"$(pkg-config --cflags --libs "$package")"
    "$compiler" -std=c11 -Wall -Wextra -Wpedantic -Werror "$@" "$source" "${flags[@]}" -lm -o "$program"
    (cd "$prefix" && "$program") # what it writes goes with the folder
done
"$prefix/bin/trm-router" --version

cmake -G Ninja -S "$examples/consumer" -B "$prefix/consumer" -DCMAKE_PREFIX_PATH="$prefix" \
    -DCMAKE_C_FLAGS="-Wall -Wextra -Wpedantic -Werror $*" \
    -DCMAKE_CXX_FLAGS="-Wall -Wextra -Wpedantic -Werror $*" >"$prefix/configure.log"
cmake --build "$prefix/consumer" >"$prefix/build.log" || fail "$(cat "$prefix/build.log")"
"$prefix/consumer/step_c"
"$prefix/consumer/step_cpp"

# The solvers stand alone, and neither library looks for others in the folder where a program happens to run.
library=$(find "$prefix" -name libtrmmuon.so)
readelf -d "$library" | grep -E 'NEEDED.*(sqlite|jansson|dnnl|nettle|yaml|libz)' && fail "libtrmmuon needs the above"
for library in "$library" "${library/trmmuon/trmrouter}"; do
    path=$(readelf -d "$library" | sed -n 's/.*(RPATH).*\[\(.*\)\]/\1/p')
    # shellcheck disable=SC2016 # the loader's variable
    [[ :$path: == *':$ORIGIN:'* && :$path: != *::* && $path != *"$build"* ]] || fail "$library: rpath $path"
done
