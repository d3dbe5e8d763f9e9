#!/usr/bin/env bash
# Install the packages of scripts/packages.txt that are missing; do nothing when all are there.
set -euo pipefail
cd "$(dirname "$0")/.."

fail() {
    printf 'setup.sh: %s\n' "$*" >&2
    exit 1
}

command -v dpkg-query >/dev/null ||
    fail "this is no Debian-like system; install what scripts/packages.txt lists by the names it has here"

missing=()
while read -r package _; do
    [[ -z $package || $package == \#* ]] && continue
    state=$(dpkg-query -W -f='${db:Status-Abbrev}' "$package" 2>/dev/null || true)
    [[ $state == ?i* ]] || missing+=("$package")
done <scripts/packages.txt
[[ ${#missing[@]} -eq 0 ]] && exit 0

as_root=()
if [[ $(id -u) -ne 0 ]]; then
    command -v sudo >/dev/null ||
        fail "not root and no sudo; ask for these packages: ${missing[*]}"
    as_root=(sudo)
    [[ -t 0 ]] || as_root=(sudo -n)
fi
as_root+=(env DEBIAN_FRONTEND=noninteractive)

printf 'setup.sh: installing %s\n' "${missing[*]}" >&2
log=$(mktemp)
trap 'rm -f "$log"' EXIT
install() { "${as_root[@]}" apt-get install -y --no-install-recommends "${missing[@]}" >"$log" 2>&1; }
# The package lists are fetched only where they are too old or absent for a first try.
install || { "${as_root[@]}" apt-get update >"$log" 2>&1 && install; } || {
    reason=$(grep -E '^(E:|sudo:)' "$log" | head -n 1 || true)
    fail "cannot install ${missing[*]}: ${reason:-$(tail -n 1 "$log")}"
}
