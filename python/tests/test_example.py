"""The example of the repository learns its task."""
import pathlib
import re
import subprocess
import sys

import pytest

pytest.importorskip("torch")
EXAMPLE = pathlib.Path(__file__).parents[2] / "examples" / "python" / "train_cnn.py"


@pytest.mark.skipif(not EXAMPLE.exists(), reason="a source archive is without the examples")
def test_small_cnn_learns():
    said = subprocess.run([sys.executable, str(EXAMPLE)], capture_output=True, text=True, check=True).stdout
    assert float(re.search(r"loss after 60 steps: ([0-9.]+)", said).group(1)) < 0.3
    assert "7.weight: off: head" in said and "0.weight: converged" in said
