#!/usr/bin/env bash
# This program beside PyTorch, the published dual ascent and ADMM, and CVXPY: the same work on the same threads,
# in turn, in one sitting; prints a table of ratios with the goal of each.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

usage() {
    cat <<'END'
usage: peers.sh [OPTION...] [FILE...]

FILE: inner problems, safetensors with W and G, as for `trm-router bench solvers`; solve and cvxpy need some.

  --only LIST     sections, with commas between: train-step,collect-step,update,solve,large,cvxpy,router
                  (default: all)
  --threads N     of both sides (default: all cores)
  --rounds N      each side runs N times, in turn; the fastest counts (default 2)
  --json FILE     write the rows there, too; FILE must not exist

PYTHON       Python with the packages of bench/requirements.txt (default python3)
TRM_ROUTER   the program (default build/release/trm-router of this folder's project)

example: PYTHON=venv/bin/python bench/peers.sh --only solve,train-step --threads 2 conv2.safetensors
END
}

fail() {
    echo "peers.sh: $1" >&2
    exit "${2:-1}"
}

# ---- what is asked

sections=(train-step collect-step update solve large cvxpy router)
chosen=("${sections[@]}")
threads=$(nproc)
rounds=2
json=
files=()
while [[ $# -gt 0 ]]; do
    case $1 in
    --help | -h)
        usage
        exit 0
        ;;
    --only | --threads | --rounds | --json)
        [[ $# -ge 2 ]] || fail "$1 needs a value; see --help" 2
        case $1 in
        --only) IFS=, read -r -a chosen <<<"$2" ;;
        --threads) threads=$2 ;;
        --rounds) rounds=$2 ;;
        --json) json=$2 ;;
        esac
        shift 2
        ;;
    -*) fail "unknown option '$1'; see --help" 2 ;;
    *)
        files+=("$1")
        shift
        ;;
    esac
done
for number in "$threads" "$rounds"; do
    [[ $number =~ ^[1-9][0-9]{0,3}$ ]] || fail "'$number' is not allowed: give a whole number from 1" 2
done
[[ ${#chosen[@]} -gt 0 ]] || fail "--only names no section; there are ${sections[*]}" 2
for section in "${chosen[@]}"; do
    [[ " ${sections[*]} " == *" $section "* ]] || fail "unknown section '$section'; there are ${sections[*]}" 2
done
wants() { [[ " ${chosen[*]} " == *" $1 "* ]]; }
if wants solve || wants cvxpy; then
    [[ ${#files[@]} -gt 0 ]] || fail "solve and cvxpy need files; name some, or choose others with --only" 2
fi
for file in "${files[@]}"; do
    [[ -r $file ]] || fail "$file: no such file; check the name"
done
[[ -z $json || ! -e $json ]] || fail "$json: exists already; choose another name"

# ---- what is there

program=${TRM_ROUTER:-$here/../build/release/trm-router}
[[ -x $program ]] || fail "$program: not there; build it (cmake --preset release && cmake --build --preset release)"
python=${PYTHON:-python3}
modules=numpy
[[ ${chosen[*]} == cvxpy ]] || modules+=,torch
! wants cvxpy || modules+=,cvxpy,scs
"$python" -c "import $modules" 2>/dev/null ||
    fail "$python lacks one of $modules; run '$python -m pip install -r $here/requirements.txt', or set PYTHON"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# ---- one side of one section

ours() { # NAME ROUND ARGUMENT...: what the program prints as JSON
    local out=$work/$1.ours.$2.json
    shift 2
    OMP_NUM_THREADS=$threads "$program" "$@" --threads "$threads" --json >"$out" 2>"$work/said" ||
        fail "$(tail -n 1 "$work/said")"
}
peers() { # NAME ROUND [FILE...]
    local name=$1 out=$work/$1.peers.$2.json
    shift 2
    OMP_NUM_THREADS=$threads "$python" "$here/peers.py" --threads "$threads" "$name" "$@" >"$out"
}

run_train_step() {
    ours train-step "$1" bench train-step
    peers train-step "$1"
    if "$program" bench train-step --help | grep -q -- --precision; then
        ours train-step-bf16 "$1" bench train-step --precision bf16
    fi
}
run_collect_step() {
    ours collect-step "$1" bench collect-step --solver quasi_newton --tol 1e-2 --manifold all
    peers collect-step "$1"
}
run_update() {
    ours update "$1" bench update --tol 1e-2
    ours update-uncertified "$1" bench update --tol 1e-2 --certify-every 0
    peers update "$1"
}
run_solve() {
    local solver
    for solver in quasi_newton admm dual_ascent; do
        ours solve "$1-$solver" bench solvers "${files[@]}" --solver "$solver" --seconds 2
    done
    peers solve "$1" "${files[@]}"
}
run_large() {
    if [[ $1 -eq 1 ]]; then
        mkdir "$work/large"
        "$python" "$here/peers.py" generate "$work/large"
    fi
    ours large "$1" bench solvers "$work"/large/*.safetensors --solver quasi_newton --tol 1e-2
    peers large "$1" "$work"/large/*.safetensors
}
run_cvxpy() {
    [[ ${#small[@]} -gt 0 ]] || return 0
    ours cvxpy "$1" bench solvers "${small[@]}" --solver quasi_newton --tol 1e-6
    local i
    for i in "${!small[@]}"; do
        "$program" solve "${small[i]}" --solver quasi_newton --radius 1 --tol 1e-6 --threads "$threads" --json --force \
            --output "$work/answer.safetensors" >"$work/cvxpy.value.$i.json" 2>"$work/said" ||
            fail "$(tail -n 1 "$work/said")"
    done
    [[ $1 -gt 1 ]] || peers cvxpy "$1" "${small[@]}" # minutes: once
}
run_router() {
    ours router "$1" bench router
    peers router "$1"
}

small=()
if wants cvxpy; then
    "$python" "$here/peers.py" small "${files[@]}" >"$work/small"
    while IFS= read -r file; do
        [[ -z $file ]] || small+=("$file")
    done <"$work/small"
    [[ ${#small[@]} -gt 0 ]] || echo "peers.sh: cvxpy is left out: no file has m n <= 4,000" >&2
fi
for ((round = 1; round <= rounds; round++)); do
    printf 'round %d of %d\n' "$round" "$rounds" >&2
    for section in "${sections[@]}"; do
        ! wants "$section" || "run_${section//-/_}" "$round"
    done
done
"$python" "$here/ratios.py" "$work" --threads "$threads" ${json:+--json "$json"}
