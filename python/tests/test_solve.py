"""solve: known answers, layouts, dtypes and batches by two routes, and the certificate recomputed by NumPy."""
import numpy as np
import pytest
from conftest import orthonormal

import trm_router


def test_version_is_the_packages():
    from importlib.metadata import version

    assert trm_router.__version__ == version("trm-router")


def test_solvers_have_unique_names_and_defaults():
    found = trm_router.solvers()
    assert {"dual_ascent", "quasi_newton", "admm", "muon"} <= {solver.name for solver in found}
    assert len({solver.name for solver in found}) == len(found)
    assert all(0 < solver.tol < 1 and solver.max_iter >= 1 and solver.summary for solver in found)


@pytest.mark.parametrize("shape", [(9, 4), (4, 9), (6, 6), (5, 1), (1, 1)])
@pytest.mark.parametrize("solver", [solver.name for solver in trm_router.solvers() if solver.name != "muon"])
def test_answer_is_what_info_says(rng, shape, solver):
    W, G, radius = orthonormal(rng, *shape), rng.standard_normal(shape), 0.3
    A, X, info = trm_router.solve(W, G, radius, solver)
    w, g, a = (M if shape[0] >= shape[1] else M.T for M in (W, G, A))
    assert np.linalg.norm(w.T @ a + a.T @ w) / radius == pytest.approx(info.tangency, abs=1e-12)
    assert info.tangency < 1e-6
    assert np.linalg.norm(a, 2) == pytest.approx(info.norm, abs=1e-12) and info.norm <= radius * (1 + 1e-9)
    assert -np.sum(g * a) == pytest.approx(info.primal, abs=1e-12)
    assert np.array_equal(X, X.T)
    bound = radius * np.linalg.norm(g + w @ X, "nuc")
    if solver != "frank_wolfe":  # whose d is of its own set
        assert bound == pytest.approx(info.dual, rel=1e-9, abs=1e-9)
    assert info.primal <= bound + 1e-9


def test_tolerance_is_reached(rng):
    W, G = orthonormal(rng, 40, 24), rng.standard_normal((40, 24))
    loose, tight = (trm_router.solve(W, G, 0.1, tol=tol).info for tol in (1e-1, 1e-6))
    assert loose.gap <= 1e-1 and tight.gap <= 1e-6 and tight.outcome == "converged"
    assert loose.iterations < tight.iterations


def test_max_iter_and_warm(rng):
    W, G = orthonormal(rng, 40, 24), rng.standard_normal((40, 24))
    assert trm_router.solve(W, G, 0.1, tol=1e-6, max_iter=1).info.outcome == "max_iter"
    first = trm_router.solve(W, G, 0.1, tol=1e-6)
    again = trm_router.solve(W, G, 0.1, tol=1e-6, warm=first.X)
    assert again.info.iterations < first.info.iterations


def layouts(M):
    wide = np.zeros((*M.shape[:-1], 3 * M.shape[-1]), M.dtype)
    wide[..., ::3] = M
    shifted = np.zeros(M.nbytes + 1, np.uint8)[1:].view(M.dtype).reshape(M.shape)
    shifted[...] = M
    yield np.asfortranarray(M)
    yield wide[..., ::3]
    yield np.ascontiguousarray(M[..., ::-1, :])[..., ::-1, :]
    yield shifted
    yield M.astype(M.dtype.newbyteorder())
    yield M.tolist() if M.dtype == np.float64 else M.copy()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_layout_does_not_matter(rng, dtype):
    W, G = orthonormal(rng, 9, 5).astype(dtype), rng.standard_normal((9, 5)).astype(dtype)
    plain = trm_router.solve(W, G, 0.1)
    assert plain.A.dtype == dtype
    for w, g in zip(layouts(W), layouts(G)):
        other = trm_router.solve(w, g, 0.1)
        assert np.array_equal(other.A, plain.A) and np.array_equal(other.X, plain.X)


def test_inputs_are_not_written(rng):
    W, G = orthonormal(rng, 9, 5), rng.standard_normal((9, 5))
    before = W.copy(), G.copy()
    W.flags.writeable = G.flags.writeable = False
    trm_router.solve(W, G, 0.1)
    assert np.array_equal(W, before[0]) and np.array_equal(G, before[1])


def test_half_precision_is_widened_exactly(rng):
    W = np.eye(6, 3)
    G = rng.standard_normal((6, 3)).astype(np.float16)
    A, _, _ = trm_router.solve(W.astype(np.float32), G, 0.1)
    assert A.dtype == np.float32
    assert np.array_equal(A, trm_router.solve(W.astype(np.float32), G.astype(np.float32), 0.1).A)


def test_wide_is_the_transpose_of_tall(rng):
    W, G = orthonormal(rng, 4, 9), rng.standard_normal((4, 9))
    wide, tall = trm_router.solve(W, G, 0.1), trm_router.solve(W.T, G.T, 0.1)
    assert np.array_equal(wide.A, tall.A.T) and np.array_equal(wide.X, tall.X)


@pytest.mark.parametrize("shape", [(3, 8, 4), (2, 3, 4, 8), (0, 5, 3)])
def test_batch_is_one_after_another(rng, shape):
    W, G = orthonormal(rng, *shape), rng.standard_normal(shape)
    A, X, info = trm_router.solve(W, G, 0.1)
    assert A.shape == shape and X.shape == (*shape[:-2], min(shape[-2:]), min(shape[-2:]))
    assert info.gap.shape == info.outcome.shape == shape[:-2]
    for at in np.ndindex(shape[:-2]):
        one = trm_router.solve(W[at], G[at], 0.1)
        assert np.array_equal(A[at], one.A) and np.array_equal(X[at], one.X)
        assert info.gap[at] == one.info.gap and info.outcome[at] == one.info.outcome
