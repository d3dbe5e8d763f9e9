"""Bad input: an exception of the fitting class with one sentence, never a crash."""
import numpy as np
import pytest

import trm_router

EYE = np.eye(4, 2)


def changed(value):
    M = EYE.copy()
    M[1, 1] = value
    return M


@pytest.mark.parametrize("error, words, W, G, options", [
    (TypeError, "W must hold float", EYE.astype(int), EYE, {}),
    (TypeError, "G must hold float", EYE, EYE.astype(complex), {}),
    (TypeError, "G must hold float", EYE, EYE.astype(object), {}),
    (TypeError, "W must be an array", None, EYE, {}),
    (TypeError, "G must be an array", EYE, "gradient", {}),
    (TypeError, "W must hold float", EYE.astype(np.longdouble), EYE, {}),
    (ValueError, "same shape", EYE, np.eye(4, 3), {}),
    (ValueError, "two dimensions", EYE[0], EYE[0], {}),
    (ValueError, "not empty", np.ones((0, 2)), np.ones((0, 2)), {}),
    (ValueError, "NaN or infinity|not finite", EYE, changed(np.nan), {}),
    (ValueError, "NaN or infinity|not finite", changed(np.inf), EYE, {}),
    (ValueError, "^[^m].*orthonormal", 2 * EYE, EYE, {}),
    (ValueError, "matrix \\(1,\\): .*orthonormal", np.stack([EYE, 2 * EYE]), np.stack([EYE, EYE]), {}),
    (ValueError, "radius", EYE, EYE, {"radius": 0}),
    (ValueError, "radius", EYE, EYE, {"radius": -1}),
    (ValueError, "radius", EYE, EYE, {"radius": float("nan")}),
    (ValueError, "radius", EYE, EYE, {"radius": 1e200}),
    (TypeError, "radius must be a number", EYE, EYE, {"radius": "large"}),
    (ValueError, "quasi_newton", EYE, EYE, {"solver": "newton"}),
    (TypeError, "solver must be a name", EYE, EYE, {"solver": 2}),
    (ValueError, "tol", EYE, EYE, {"tol": 0}),
    (ValueError, "max_iter", EYE, EYE, {"max_iter": 0}),
    (ValueError, "max_iter", EYE, EYE, {"max_iter": 1 << 80}),
    (TypeError, "integer", EYE, EYE, {"max_iter": 1.5}),
    (ValueError, "rank", EYE, EYE, {"rank": 3}),
    (ValueError, "lr", EYE, EYE, {"lr": 0}),
    (ValueError, "warm must have the shape", EYE, EYE, {"warm": np.eye(3)}),
    (ValueError, "warm holds NaN", EYE, EYE, {"warm": np.full((2, 2), np.nan)}),
])
def test_refused(error, words, W, G, options):
    with pytest.raises(error, match=words) as caught:
        trm_router.solve(W, G, **{"radius": 0.1, **options})
    assert "\n" not in str(caught.value)
