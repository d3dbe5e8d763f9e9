#!/usr/bin/env bash
# The rooms of src/ keep to their order, and the libraries export only their own names.
# usage: check_rooms.sh [LIBRARY...]
set -euo pipefail
cd "$(dirname "$0")/.."

rooms=(base linalg muon storage nn data dynamics oracle router evaluation experiment report cli)
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

# A room sees of another its public headers only: these, and every header of base and storage.
public='^(base/[a-z_]+|storage/[a-z_0-9]+|linalg/(linalg|real)|muon/(muon|stack)|nn/nn|data/data'
public+='|dynamics/(arm|dynamics|features|outcome|settings)|oracle/(ceiling|dataset)|router/(router|training|settings|adamw)'
public+='|evaluation/(evaluation|learner|paired|plan|settings)|experiment/(branch/)?[a-z_]+|report/(report|plots|tensorboard))\.h$'
for room in "${rooms[@]}"; do
    found=$(includes '[a-z]+/' "$room" | sed -E 's/^([^:]+:[0-9]+):.*[<"]/\1 /' |
        awk -v own="^$room/" -v public="$public" '/ [a-z]+\// && $2 !~ own && $2 !~ public' |
        grep -E " ($(IFS='|' && echo "${rooms[*]}"))/" || true)
    [[ -z $found ]] || complain "$room includes a header that is not public:"$'\n'"$found"
done

# muon and linalg can be lifted out: no files, no SQLite, no networks.
for room in base linalg muon; do
    found=$(includes '(sqlite3|jansson|zlib|nettle|storage/|dnnl|oneapi)' "$room")
    [[ -z $found ]] || complain "$room must stand alone:"$'\n'"$found"
done

# The files onednn* of one room know oneDNN.
found=$(grep -rnE --include='*.[ch]' '#[[:space:]]*include[[:space:]]*[<"](dnnl|oneapi)' src |
    grep -v '^src/nn/onednn[a-z_]*\.[ch]:' || true)
[[ -z $found ]] || complain "only src/nn/onednn* includes oneDNN:"$'\n'"$found"

# A folder reads like a table of contents, a file has one idea.
while IFS= read -r -d '' folder; do
    count=$(find "$folder" -maxdepth 1 -name '*.c' | wc -l)
    ((count <= 20)) || complain "$folder holds $count .c files; at most 20 make a room"
done < <(find src -type d -print0)
while IFS= read -r -d '' file; do
    count=$(wc -l <"$file")
    ((count <= 300)) || complain "$file has $count lines; at most 300 make one idea"
done < <(find src tests -name '*.[ch]' -print0)

# A name has one home: muon_* and how it says what failed in libtrmmuon, trm_* in libtrmrouter.
for library in "$@"; do
    own='^(muon_.*|trm_fail|trm_status_text)$'
    [[ $library == *muon* ]] || own='^trm_'
    found=$(nm -D --defined-only "$library" | awk '{print $NF}' | grep -vE "$own" || true)
    [[ -z $found ]] || complain "$library exports names that are not its own:"$'\n'"$found"
done
[[ $failures -eq 0 ]] && echo "rooms: in order"
