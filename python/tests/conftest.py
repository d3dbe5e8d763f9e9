import numpy as np
import pytest


def orthonormal(rng, *shape):
    """A batch of matrices with orthonormal columns, or rows where they are wide."""
    q = np.linalg.qr(rng.standard_normal((*shape[:-2], max(shape[-2:]), min(shape[-2:]))))[0]
    return q if shape[-2] >= shape[-1] else np.swapaxes(q, -1, -2)


@pytest.fixture
def rng():
    return np.random.default_rng(7)
