#!/usr/bin/env bash
# Every command of the README and the documents runs as it stands, but short: few small steps on the data set of the
# package, small networks. A document's commands run in their order in one new folder.
# usage: docs_commands.sh TRM_ROUTER [DOCUMENT...]   (exit 77: the data set or gnuplot is not there)
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
program=$(realpath "$1")
shift
documents=("$@")
[[ ${#documents[@]} -gt 0 ]] || documents=(README.md docs/walkthrough.md docs/results.md docs/file-formats.md docs/performance.md)
"$program" data list 2>/dev/null | grep -q '^fashion-mnist .*images in' || exit 77
command -v gnuplot >/dev/null || exit 77
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# The program, with what takes long made short. A value that was asked for gives way to the short one.
mkdir "$folder/bin"
cat >"$folder/bin/trm-router" <<'WRAPPER'
#!/usr/bin/env bash
set -euo pipefail
network=(--dataset fashion-mnist --model mlp --width 0.25 --batch-size 32 --train-limit 1280 --epochs 1)
declare -A shorter=([collect]="${network[*]}" [online]="${network[*]}" [train]="--size tiny --epochs 2"
    [evaluate]="--baseline-epochs 1 --resamples 20" [report]="--baseline-epochs 1 --resamples 20"
    ["bench train-step"]="--batch-size 4" ["bench router"]="--samples 64 --repeats 1"
    ["bench solvers"]="--seconds 0.01 --max-iter 20" ["bench scaling"]="--n 8,16 --seconds 0.01"
    [run]="collect.dataset=fashion-mnist collect.model=mlp collect.width=0.25 collect.batch-size=32
           collect.train-limit=1280 collect.epochs=1 train.size=tiny train.epochs=2 online.epochs=1
           evaluate.resamples=20 evaluate.baseline-epochs=1 run.threads=1")
name=$1
[[ $name != bench ]] || name="bench $2"
read -r -d '' -a short <<<"${shorter[$name]-}" || true
words=()
while [[ $# -gt 0 ]]; do
    key=${1%%=*}
    if [[ $key == --data-dir || ($1 == --* && " ${short[*]-} " == *" $key "*) ]]; then
        shift
    elif [[ $key != collect.data-dir && " ${short[*]-}" != *" $key="* ]]; then
        words+=("$1")
    fi
    shift
done
exec "$TRM_ROUTER" "${words[@]}" ${short[@]+"${short[@]}"} ${TRM_FORCE-}
WRAPPER
chmod +x "$folder/bin/trm-router"
export TRM_ROUTER=$program PATH=$folder/bin:$PATH OMP_WAIT_POLICY=passive

# W and G, 3 x 2, for `solve`.
write_problem() {
    local header='{"W":{"dtype":"F64","shape":[3,2],"data_offsets":[0,48]},"G":{"dtype":"F64","shape":[3,2],"data_offsets":[48,96]}} '
    local one='\0\0\0\0\0\0\360\77' none='\0\0\0\0\0\0\0\0'
    printf '%b' "\\0$(printf '%o' ${#header})\\0\\0\\0\\0\\0\\0\\0" >"$1"
    printf '%s' "$header" >>"$1"
    printf '%b' "$one$none$none$one$none$none" "$none$one$one$none$one$one" >>"$1"
}

# The commands in the indented blocks of a document, one a line; what stands for something else gets a value, and
# [what may be left out] is taken along.
commands() {
    awk '/^```/ { fenced = !fenced }
        fenced || !/^    / { next }
        { sub(/^    /, "") }
        whole != "" { whole = whole " " $0 }
        whole == "" && /^(\$ )?(trm-router|for|sqlite3) / { whole = $0 }
        whole == "" { next }
        whole ~ /\\$/ { sub(/\\$/, "", whole); next }
        whole ~ /^for / && whole !~ / done$/ { sub(/ do$/, "; do", whole); gsub(/; *; do/, "; do", whole); if ($0 !~ /(do|\\)$/) whole = whole ";"; next }
        gsub(/"/, "\"", whole) % 2 == 1 { next }
        { gsub(/FILE(\.\.\.)?/, "layer.safetensors", whole); gsub(/NAME/, "admm", whole); gsub(/OUT/, "answer.safetensors", whole)
          gsub(/FOLDER/, "results", whole); gsub(/[\[\]]/, "", whole); print whole; whole = "" }' "$1"
}

ran=0
for document in "${documents[@]}"; do
    place=$folder/$(basename "$document" .md) force=
    # What results.md makes, it makes in several ways under one name; file-formats.md looks at that.
    [[ $document != docs/results.md ]] || force=--force
    [[ $document != docs/file-formats.md ]] || place=$folder/results
    mkdir -p "$place"
    cd "$place"
    [[ -e configs ]] || { ln -s "$root/configs" configs && write_problem layer.safetensors; }
    while IFS= read -r line; do
        [[ $line != sqlite3* ]] || command -v sqlite3 >/dev/null || continue
        expected=0
        [[ $line != '$ '* ]] || { expected=2 && line=${line#'$ '}; }
        status=0
        TRM_FORCE=$force bash -c "$line" >"$folder/out" 2>"$folder/err" </dev/null || status=$?
        if [[ $status -ne $expected ]]; then
            printf '%s: %s\nexit status %d\n' "$document" "$line" "$status" >&2
            tail -n 5 "$folder/err" >&2
            exit 1
        fi
        ran=$((ran + 1))
    done < <(commands "$root/$document")
done
echo "$ran commands"
[[ $ran -gt 0 ]]
