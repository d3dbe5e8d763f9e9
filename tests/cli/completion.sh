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
expect 'status gather layer.safetensors' sweep ''
expect '--json --quiet --help' sweep status -
expect '--output --force --quiet --help' sweep gather --
expect 'local ssh slurm list' sweep plan.yaml --engine ''
expect 'quasi_newton' solve --solver = q
expect 'solvers scaling' help bench s
expect 'solve' man so
expect 'bash zsh fish' completion ''

for shell in bash zsh fish; do
    "$program" completion "$shell" >"completion.$shell"
    cmp "completion.$shell" "$documents/completion.$shell"
    ! command -v "$shell" >/dev/null || "$shell" -n "completion.$shell" || fail "$shell does not take its completion"
done
in_fish() { # WANTED WORDS: with blanks between
    local found
    ! command -v fish >/dev/null || {
        found=$(fish -c "source completion.fish; complete -C 'trm-router $2'" | cut -f 1 | tr '\n' ' ')
        [[ $found == "$1 " ]] || fail "fish: trm-router $2: offered '$found', wanted '$1'"
    }
}
in_fish 'quasi_newton' 'solve --solver qu'
in_fish 'status' 'sweep sta'
in_fish '--json --quiet' 'sweep status --'
in_fish '--force --output --quiet' 'sweep gather --'
in_fish 'list local slurm ssh' 'sweep plan.yaml --engine '
in_fish 'scaling solvers' 'help bench s'
in_fish 'bash fish zsh' 'completion '

# As zsh finds it: by its file's name, and at once.
mkdir functions
cp completion.zsh functions/_trm-router
in_zsh() { # WANTED, which is among what it offers, CURRENT, WORDS
    # shellcheck disable=SC2016
    ! command -v zsh >/dev/null || zsh -fc 'fpath=($PWD/functions); autoload -Uz _trm-router
        compdef() { print late }; _arguments() { print -r -- "$@" }; compadd() { print -r -- "$@" }; _files() { :; }
        words=(trm-router ${=2}); CURRENT=$1; _trm-router' zsh "$2" "$3" | grep -q -- "$1" ||
        fail "zsh offers no $1 behind $3"
}
in_zsh '--solver=' 3 'solve --sol'
in_zsh '^status gather$' 3 sweep
in_zsh '^--json\[print' 4 'sweep status --'
in_zsh '(local ssh slurm list)' 5 'sweep plan.yaml --engine'
in_zsh '^bash zsh fish$' 3 completion
in_zsh '^solvers scaling' 4 'help bench'

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
