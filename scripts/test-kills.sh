#!/usr/bin/env bash
# Runs that are killed at random moments, or that find the disk full, and are resumed: collect must come to the
# same hash and weights as without, train to the same router and history, byte for byte, online and run to the
# same rows but for the times.
# usage: test-kills.sh [ROUNDS [SEED [KIND...]]]   (default 10 rounds of all kinds: collect, train, online, run, disk;
# needs Fashion-MNIST's package)
set -euo pipefail
cd "$(dirname "$0")/.."

rounds=${1-10}
RANDOM=${2-1}
kinds=" ${*:3} "
program=${TRM_ROUTER-$PWD/build/release/trm-router}
kills=4 # in a round, before it may end
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

fail() {
    echo "test-kills.sh: $*" >&2
    cat said >&2
    exit 1
}

collect() { # NAME SOLVER [OPTION...]
    "$program" collect --output "$1.db" --solver "$2" --dataset fashion-mnist --model mlp --width 0.25 \
        --train-limit 2400 --epochs 2 --batch-size 16 --threads 1 --json "${@:3}"
}

train() { # NAME [OPTION...]
    "$program" train --data data.db --output "$1.safetensors" --size tiny --epochs 300 --threads 1 --json "${@:2}"
}

online() { # NAME [OPTION...]
    "$program" online --router router.safetensors --output "$1.db" --dataset fashion-mnist --model mlp --width 0.25 \
        --train-limit 1200 --epochs 1 --batch-size 16 --seeds 2 --threads 1 --json "${@:2}"
}

experiment() { # FOLDER
    "$program" run --config run.yaml --output "$1" --until prepare
}

rows_of() { # STORE: all but the times
    sqlite3 "$1" "SELECT run_id, step, loss, next_loss, grad_norm, gap, solver, iterations, log_cond FROM step
        ORDER BY 1, 2; SELECT run_id, epoch, train_loss, test_loss, max_ortho_error FROM epoch ORDER BY 1, 2"
}

hash_of() { # what --json said
    sed -n 's/.*"hash": "\(.*\)".*/\1/p' "$1"
}

# Milliseconds that a command takes.
milliseconds() {
    local began
    began=$(date +%s%N)
    "$@" >out 2>said || fail "$*: failed"
    took=$((($(date +%s%N) - began) / 1000000))
}

# A command, killed after at most so many milliseconds.
kill_at_random() { # MILLISECONDS COMMAND...
    local delay=$((RANDOM * $1 / 32768)) status=0
    "${@:2}" >out 2>said &
    sleep "$((delay / 1000)).$(printf %03d $((delay % 1000)))"
    pkill -KILL -P $! 2>/dev/null || kill -KILL $! 2>/dev/null || true
    wait $! 2>/dev/null || status=$?
    case $status in
    0) ;; # it was quicker
    137) killed=$((killed + 1)) ;;
    *) fail "${*:2}: exit status $status" ;;
    esac
}

# A command that may write files of so many KiB only. It ends well, or says in one line what it could not write.
short_of_room() { # KIB COMMAND...
    local status=0
    (
        trap '' XFSZ # a write then fails, as on a full disk
        ulimit -f "$1"
        "${@:2}" >/dev/null
    ) 2>said || status=$?
    [ "$status" -le 1 ] || fail "${*:2}, in files of $1 KiB: exit status $status"
    # SQLite calls a disk full that is, and other failures of a write an I/O error.
    [ "$status" -eq 0 ] || [ "$(grep -cE 'is the disk full[?]|disk is full|disk I/O error' said)" -eq 1 ] ||
        fail "${*:2}, in files of $1 KiB: no line, or several"
    full=$((full + status))
}

same_collect() {
    collect part admm --resume >out 2>said || fail "collect --resume failed"
    [ "$(hash_of out)" = "$(hash_of whole.json)" ] || fail "collect: another hash"
    cmp part.weights.safetensors whole.weights.safetensors || fail "collect: other weights"
    [ ! -e part.checkpoint.safetensors ] || fail "collect: a checkpoint is left"
}

same_train() {
    train part --resume >out 2>said || fail "train --resume failed"
    cmp part.safetensors router.safetensors || fail "train: another router"
    cmp part.history.csv router.history.csv || fail "train: another history"
    [ ! -e part.state.safetensors ] || fail "train: a state is left"
}

same_online() {
    online part --resume >out 2>said || fail "online --resume failed"
    cmp <(rows_of part.db) <(rows_of online.db) || fail "online: other rows"
}

same_run() {
    experiment part >out 2>said || fail "run failed when it went on"
    for store in admm-42 dual_ascent-42; do
        cmp <(rows_of "part/$store.db") <(rows_of "whole/$store.db") || fail "run: other rows in $store.db"
    done
}

milliseconds collect whole admm --checkpoint-every 20
cp out whole.json
collect_took=$took
milliseconds collect other dual_ascent
milliseconds "$program" prepare --inputs whole.db other.db --output data.db
milliseconds train router
train_took=$took
milliseconds online online
online_took=$took
cat >run.yaml <<'END'
run:
  threads: 1
collect:
  solvers: [admm, dual_ascent]
  dataset: fashion-mnist
  model: mlp
  width: 0.25
  train-limit: 1200
  epochs: 1
  batch-size: 16
  checkpoint-every: 20
END
milliseconds experiment whole
run_took=$took

# Rounds of a command that is killed a few times and then has to come to the same.
killed_rounds() { # NAME MILLISECONDS COMMAND...
    killed=0
    for ((round = 0; round < rounds; round++)); do
        rm -rf part part.*
        for ((i = 0; i < kills; i++)); do
            kill_at_random "$2" "${@:3}"
        done
        "same_$1"
    done
    echo "$1: $rounds rounds, killed $killed times, the same afterwards"
}

wanted() { # KIND
    [ -z "${kinds// /}" ] || [[ $kinds == *" $1 "* ]]
}

! wanted collect || killed_rounds collect $((collect_took / 2)) collect part admm --resume --checkpoint-every 37
! wanted train || killed_rounds train "$train_took" train part --resume
! wanted online || killed_rounds online $((online_took / 2)) online part --resume --checkpoint-every 20
! wanted run || killed_rounds run $((run_took / 2)) experiment part

full=0
wanted disk || exit 0
for ((round = 0; round < rounds; round++)); do
    rm -rf part.*
    short_of_room $((RANDOM % 500)) collect part admm --checkpoint-every $((1 + RANDOM % 400))
    short_of_room $((RANDOM % 500)) collect part admm --resume --checkpoint-every $((1 + RANDOM % 400))
    same_collect
    rm -rf part.*
    short_of_room $((RANDOM % 150)) train part
    short_of_room $((RANDOM % 500)) train part --resume
    same_train
    rm -f part.db
    short_of_room $((RANDOM % 500)) "$program" prepare --inputs whole.db other.db --output part.db
    [ ! -e part.db ] || cmp part.db data.db || fail "prepare: another data set"
done
echo "full disk: $rounds rounds, $((5 * rounds)) commands short of room, $full ended by it, the same bytes afterwards"
