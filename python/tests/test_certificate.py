"""The certificate agrees with solve's and with its definition."""
import numpy as np
import pytest
from conftest import orthonormal

import trm_router


@pytest.mark.parametrize("shape", [(20, 8), (8, 20), (3, 12, 5)])
def test_it_is_that_of_solve(rng, shape):
    W, G = orthonormal(rng, *shape), rng.standard_normal(shape)
    A, X, info = trm_router.solve(W, G, 0.1, tol=1e-3)
    again = trm_router.certificate(W, G, A, 0.1, X)
    for name in ("primal", "dual", "gap", "tangency", "norm", "frobenius", "nuclear", "rank"):
        assert np.allclose(getattr(again, name), getattr(info, name), rtol=1e-9, atol=1e-12), name
    assert np.all(again.outcome == "converged")


def test_by_its_definition(rng):
    W, G = orthonormal(rng, 12, 5), rng.standard_normal((12, 5))
    S, A = W.T @ G, -0.01 * G
    for X in (None, -(S + S.T) / 2, np.diag(rng.standard_normal(5))):
        info = trm_router.certificate(W, G, A, 0.1, X)
        dual = 0.1 * np.linalg.norm(G + W @ (-(S + S.T) / 2 if X is None else X), "nuc")
        assert info.dual == pytest.approx(dual) and info.primal == pytest.approx(-np.sum(G * A))
        assert info.norm == pytest.approx(np.linalg.norm(A, 2))
        assert info.tangency == pytest.approx(np.linalg.norm(W.T @ A + A.T @ W) / 0.1)


@pytest.mark.parametrize("words, change", [
    ("W and A must have the same shape", {"A": np.zeros((3, 2))}),
    ("A holds NaN", {"A": np.full((4, 2), np.nan)}),
    ("X must have the shape", {"X": np.eye(3)}),
    ("X must be symmetric", {"X": np.array([[0.0, 1.0], [0.0, 0.0]])}),
    ("radius must be", {"radius": 0.0}),
])
def test_refused(words, change):
    with pytest.raises(ValueError, match=words):
        trm_router.certificate(**{"W": np.eye(4, 2), "G": np.ones((4, 2)), "A": np.zeros((4, 2)), "radius": 0.1, **change})
