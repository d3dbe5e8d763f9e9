#!/usr/bin/env bash
# The completion of the shells and the manual pages, as the shells and man take them.
# usage: completion.sh TRM_ROUTER DOCUMENTS
set -euo pipefail
program=$(realpath "$1") documents=$(realpath "$2")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
touch layer.safetensors

fail() {
    printf '%s\n' "$*" >&2
    exit 1
}

# What bash offers behind these words, the last of which is being typed.
offered() {
    COMP_WORDS=(trm-router "$@")
    COMP_CWORD=$#
    _trm_router
    printf '%s ' "${COMPREPLY[@]}"
}
# shellcheck source=/dev/null
source <("$program" completion bash)
expect() {
    local wanted=$1 found
    shift
    found=$(offered "$@")
    [[ $found == "$wanted " ]] || fail "trm-router $*: offered '$found', wanted '$wanted'"
}
expect 'collect completion' co
expect 'solvers' bench so
expect '--radius --rank' solve --ra
expect 'quasi_newton' solve --solver q
expect 'on off' collect --warm-start o
expect 'layer.safetensors' solve ''
expect 'layer.safetensors' solve --output la
expect '--repeats' bench solvers --rep

for shell in bash zsh fish; do
    "$program" completion "$shell" >"completion.$shell"
    cmp "completion.$shell" "$documents/completion.$shell"
    ! command -v "$shell" >/dev/null || "$shell" -n "completion.$shell" || fail "$shell does not take its completion"
done
! command -v fish >/dev/null ||
    fish -c "source completion.fish; complete -C 'trm-router solve --solver qu'" | grep -q '^quasi_newton' ||
    fail 'fish offers no solver'

# As zsh finds it: by its file's name, and at once.
mkdir functions
cp completion.zsh functions/_trm-router
# shellcheck disable=SC2016
! command -v zsh >/dev/null || zsh -fc 'fpath=($PWD/functions); autoload -Uz _trm-router
    compdef() { print late }; _arguments() { print -r -- "$@" }
    words=(trm-router solve --sol); CURRENT=3; _trm-router' | grep -q -- '--solver' || fail 'zsh offers no options'

# Every command has its page, and every option is on it.
while IFS= read -r name; do
    page=$documents/man/trm-router-${name// /-}.1
    [[ -s $page ]] || fail "$page is missing"
    # shellcheck disable=SC2086
    "$program" $name --help | grep -oE '^  --[a-z-]+' | while IFS= read -r option; do
        grep -qF -- "\\-\\-$(sed 's/^  --//; s/-/\\-/g' <<<"$option")" "$page" || fail "$page lacks$option"
    done
    ! command -v man >/dev/null || [[ -z $(man -l --warnings -E UTF-8 -P cat "$page" 2>&1 >/dev/null) ]] ||
        fail "man warns of $page"
done < <("$program" --help=name)
grep -q 'bench' "$documents/man/trm-router.1"
