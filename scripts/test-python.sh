#!/usr/bin/env bash
# Install the Python package into a virtual environment of its own, build/python, and run its tests and the examples
# in its documents. With a torch that PYTHON finds, or after `build/python/bin/pip install torch`, also those of the
# optimiser; else these are skipped and counted.
# usage: test-python.sh [PYTEST_ARGUMENT...]    (PYTHON: the interpreter, default python3; exit 77: no package index)
set -euo pipefail
cd "$(dirname "$0")/.."

environment=build/python
[[ -x $environment/bin/python ]] || "${PYTHON:-python3}" -m venv --system-site-packages "$environment"
"$environment/bin/python" -m pip install --quiet --upgrade pytest || {
    echo "test-python.sh: no package index can be reached: the tests of python/ are skipped" >&2
    exit 77
}
"$environment/bin/python" -m pip install --quiet --upgrade ./python
package=$("$environment/bin/python" -c 'import trm_router; print(trm_router.__path__[0])')
documents=(python/README.md docs/tutorial.md)
"$environment/bin/python" -c 'import torch' 2>/dev/null || documents=() # it shows torch, too
exec "$environment/bin/python" -m pytest -c python/pyproject.toml -p no:cacheprovider --import-mode=append \
    python/tests "${documents[@]}" "$package" "$@"
