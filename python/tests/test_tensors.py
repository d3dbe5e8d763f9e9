"""solve on torch tensors."""
import numpy as np
import pytest
from conftest import orthonormal

import trm_router

torch = pytest.importorskip("torch")


@pytest.fixture
def problem(rng):
    return torch.from_numpy(orthonormal(rng, 9, 5)), torch.from_numpy(rng.standard_normal((9, 5)))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_tensors_are_solved_as_arrays_are(problem, dtype):
    W, G = (M.to(dtype) for M in problem)
    A, X, info = trm_router.solve(W, G, 0.1)
    a, x, _ = trm_router.solve(W.numpy(), G.numpy(), 0.1)
    assert A.dtype == dtype and np.array_equal(A, a) and np.array_equal(X, x)
    for w in (W.t().contiguous().t(), torch.nn.Parameter(W)):
        other = trm_router.solve(w, G, 0.1).A
        assert torch.equal(other, A) and not other.requires_grad


def test_bfloat16_is_widened_exactly(problem):
    W, G = problem[0].float(), problem[1].bfloat16()
    assert torch.equal(trm_router.solve(W, G, 0.1).A, trm_router.solve(W, G.float(), 0.1).A)


def test_refused(problem):
    W, G = problem
    freed = torch.randn(9, 5)
    freed.untyped_storage().resize_(0)
    for error, words, w, g in [
        (TypeError, "both", W, G.numpy()),
        (TypeError, "W must hold floats", W.int(), G),
        (TypeError, "G must hold floats", W, G.to(torch.complex64)),
        (TypeError, "G must be a dense tensor", W, G.to_sparse()),
        (TypeError, "G must be a dense tensor", W, torch.empty(9, 5, device="meta")),
        (ValueError, "freed", W.float(), freed),
    ]:
        with pytest.raises(error, match=words):
            trm_router.solve(w, g, 0.1)
