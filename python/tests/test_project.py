"""project: the polar factor by singular values, layouts, batches, and what is refused."""
import numpy as np
import pytest
from conftest import orthonormal

import trm_router


@pytest.mark.parametrize("shape", [(9, 4), (4, 9), (5, 5), (2, 3, 7, 4), (0, 3, 2)])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_is_the_polar_factor(rng, shape, dtype):
    W = rng.standard_normal(shape).astype(dtype)
    before = W.copy()
    projected, distance = trm_router.project(W)
    assert projected.dtype == dtype and projected.shape == shape and np.array_equal(W, before)
    u, _, vt = np.linalg.svd(W.astype(np.float64), full_matrices=False)
    assert np.allclose(projected, u @ vt, atol=1e-6 if dtype == np.float32 else 1e-12)
    expected = np.linalg.norm(W - u @ vt, axis=(-2, -1)) / np.sqrt(min(shape[-2:]))
    assert np.allclose(distance, expected, rtol=1e-5) and np.shape(distance) == shape[:-2]


def test_makes_what_solve_takes(rng):
    W, G = 1.1 * orthonormal(rng, 8, 4), rng.standard_normal((8, 4))
    with pytest.raises(ValueError, match="orthonormal"):
        trm_router.solve(W, G, 0.1)
    projected, distance = trm_router.project(np.asfortranarray(W)[::-1])
    assert distance == pytest.approx(0.1)
    assert trm_router.solve(projected, G[::-1], 0.1).info.outcome == "converged"


@pytest.mark.parametrize("error, words, W", [
    (TypeError, "W must hold float", np.eye(3, dtype=int)),
    (TypeError, "W must be an array", None),
    (ValueError, "two dimensions", np.ones(3)),
    (ValueError, "NaN", np.full((3, 2), np.nan)),
    (ValueError, "depend on one another", np.ones((3, 2))),
    (ValueError, "matrix \\(1,\\)", np.stack([np.eye(3), np.ones((3, 3))])),
])
def test_refused(error, words, W):
    with pytest.raises(error, match=words):
        trm_router.project(W)


def test_tensors():
    torch = pytest.importorskip("torch")
    W = torch.randn(6, 3, generator=torch.Generator().manual_seed(1))
    projected, distance = trm_router.project(W.t())
    assert isinstance(projected, torch.Tensor) and projected.dtype == torch.float32
    assert np.array_equal(projected, trm_router.project(W.numpy().T).W)
    assert trm_router.project(projected.bfloat16()).distance < 1e-2
