"""The examples of the repository learn their tasks."""
import pathlib
import re
import subprocess
import sys

import pytest

pytest.importorskip("torch")
EXAMPLES = pathlib.Path(__file__).parents[2] / "examples" / "python"
TEXT = pathlib.Path("/usr/share/common-licenses/GPL-3")
pytestmark = pytest.mark.skipif(not EXAMPLES.exists(), reason="a source archive is without the examples")


def output_of(name, *words):
    return subprocess.run([sys.executable, str(EXAMPLES / name), *words], capture_output=True, text=True, check=True).stdout


def test_small_cnn_learns():
    said = output_of("train_cnn.py")
    assert float(re.search(r"loss after 60 steps: ([0-9.]+)", said).group(1)) < 0.3
    assert "7.weight: off: head" in said and "0.weight: converged" in said


@pytest.mark.skipif(not TEXT.exists(), reason=f"there is no {TEXT}")
def test_transformer_learns():
    said = output_of("train_transformer.py", "20")
    assert float(re.search(r"MuonSGD +held-out loss ([0-9.]+)", said).group(1)) < 3.8  # log of the letters is 4.3
    assert float(re.search(r"drift off the manifold ([0-9.e+-]+)", said).group(1)) < 1e-6
