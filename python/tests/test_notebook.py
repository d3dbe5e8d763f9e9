"""The notebook runs from end to end, short."""
import os
import pathlib

import pytest

nbformat, nbclient = pytest.importorskip("nbformat"), pytest.importorskip("nbclient")
for package in ("torch", "pandas", "ipykernel"):
    pytest.importorskip(package)
ROOT = pathlib.Path(__file__).parents[2]
NOTEBOOK = ROOT / "notebooks" / "TRM_Experiments.ipynb"
PROGRAM = pathlib.Path(os.environ.get("TRM_ROUTER", ROOT / "build/release/trm-router"))


@pytest.mark.skipif(not NOTEBOOK.exists() or not PROGRAM.exists(), reason=f"there is no {NOTEBOOK} or no {PROGRAM}")
def test_it_runs(monkeypatch):
    monkeypatch.setenv("QUICK", "1")
    monkeypatch.setenv("TRM_ROUTER", str(PROGRAM))
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    nbclient.NotebookClient(notebook, timeout=600, resources={"metadata": {"path": str(NOTEBOOK.parent)}}).execute()
    said = "".join(output.get("text", "") for cell in notebook.cells for output in cell.get("outputs", []))
    assert "Router(" in said and "feature dimension  12" in said
