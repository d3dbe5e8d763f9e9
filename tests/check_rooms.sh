#!/usr/bin/env bash
# The rooms of src/ keep to their order, and the library exports only its own names.
# usage: check_rooms.sh [libtrmrouter.so]
set -euo pipefail
cd "$(dirname "$0")/.."

rooms=(base linalg muon nn data trm experiment report cli)
failures=0
complain() {
    printf '%s\n' "$*" >&2
    failures=$((failures + 1))
}

# file:line:included header of every include that matches
includes() {
    [[ -d src/$2 ]] || return 0 # a room that is still empty
    grep -rnEo --include='*.[ch]' "^[[:space:]]*#[[:space:]]*include[[:space:]]*[<\"]$1[^>\"]*" "src/$2" || true
}

# A room includes itself and the rooms above it in the list.
for i in "${!rooms[@]}"; do
    for below in "${rooms[@]:i+1}"; do
        found=$(includes "$below/" "${rooms[i]}")
        [[ -z $found ]] || complain "${rooms[i]} must not include from $below:"$'\n'"$found"
    done
done
for folder in src/*/; do
    room=$(basename "$folder")
    [[ " ${rooms[*]} " == *" $room "* ]] || complain "src/$room is no room of the list in tests/check_rooms.sh"
done

# muon and linalg can be lifted out: no files, no SQLite, no networks.
for room in linalg muon; do
    found=$(includes '(sqlite3|jansson|zlib|base/(file|safetensors|progress)|(dnnl|oneapi))' "$room")
    [[ -z $found ]] || complain "$room must stand alone:"$'\n'"$found"
done

# The files onednn* of one room know oneDNN.
found=$(grep -rnE --include='*.[ch]' '#[[:space:]]*include[[:space:]]*[<"](dnnl|oneapi)' src | grep -v '^src/nn/onednn[a-z_]*\.[ch]:' || true)
[[ -z $found ]] || complain "only src/nn/onednn* includes oneDNN:"$'\n'"$found"

# cli sees the public header of a room.
found=$(includes '(muon|trm)/' cli | grep -vE '"(muon/muon|trm/(trm|features|dynamics|dataset|evaluation|router|training))\.h' || true)
[[ -z $found ]] || complain "cli includes a header that is not public:"$'\n'"$found"

if [[ $# -gt 0 ]]; then
    found=$(nm -D --defined-only "$1" | awk '{print $NF}' | grep -vE '^(muon|trm)_' || true)
    [[ -z $found ]] || complain "$1 exports names without muon_ or trm_:"$'\n'"$found"
fi
[[ $failures -eq 0 ]] && echo "rooms: in order"
