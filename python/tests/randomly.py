"""Values at random for calls at random: what anybody might pass, most of it wrong."""
import os

import numpy as np
from conftest import orthonormal

CALLS = int(os.environ.get("TRM_RANDOM_CALLS", "400"))  # of every kind; scripts/test-long.sh makes 10,000
ODD = [None, True, -1, 0, 7, 1 << 80, 1.5, -0.0, float("nan"), float("inf"), 1e-320, 1e300, 2j, "", "admm", "x\0y", b"x",
       [], [1.0], {}, (), object(), np.float32(0.1), np.array(0.2), np.zeros(3), np.eye(2), np.datetime64("2026-01-01")]
REFUSALS = (TypeError, ValueError, ArithmeticError, IndexError, KeyError, OSError, RuntimeError, AttributeError)


def some(rng, values):
    return values[rng.integers(len(values))]


def matrices(rng, shape):
    """Weights on the manifold, mostly; else anything of that shape."""
    kind = rng.random()
    if 0 in shape or len(shape) < 2:
        return np.zeros(shape)
    if kind < 0.7:
        return orthonormal(rng, *shape)
    if kind < 0.9:
        return rng.standard_normal(shape)
    return np.full(shape, some(rng, [0.0, 1.0, 1e-300, 1e300, np.nan, np.inf]))


def shape(rng):
    dimensions = rng.integers(2, 4) if rng.random() < 0.9 else rng.integers(0, 6)
    return tuple(int(n) for n in rng.integers(0 if rng.random() < 0.1 else 1, 6, size=dimensions))


def array(rng, like=None):
    """An array, seldom something else; of any type, order and stride. like: the shape, mostly."""
    if rng.random() < 0.05:
        return some(rng, ODD)
    of = like if like is not None and rng.random() < 0.95 else shape(rng)
    dtype = some(rng, 8 * [np.float64] + 8 * [np.float32] + [np.float16, np.int64, np.complex128, bool, ">f4"])
    with np.errstate(all="ignore"):
        value = (matrices(rng, of) if rng.random() < 0.8 else rng.standard_normal(of)).astype(dtype)
    if value.size and rng.random() < 0.15:
        with np.errstate(all="ignore"):
            value.flat[rng.integers(value.size)] = some(rng, [0, 1, np.nan, np.inf, -1e300]) if value.dtype.kind in "fc" else 1
    layout = rng.integers(12)
    if layout == 0 and value.ndim >= 2:
        value = np.ascontiguousarray(np.swapaxes(value, -1, -2)).swapaxes(-1, -2)
    elif layout == 1 and value.ndim >= 1:
        value = value[::-1]
    elif layout == 2 and value.ndim >= 1:
        value = np.repeat(value, 2, axis=-1)[..., ::2]
    elif layout == 3 and value.ndim >= 1 and value.shape[0] > 0:
        value = np.broadcast_to(value[:1], value.shape)
    elif layout == 4 and value.size:
        value = np.frombuffer(b"x" + value.tobytes(), np.dtype(value.dtype), offset=1).reshape(value.shape)
    return value


def answered(call):
    """Was there an answer? What is refused is refused in one line that says something."""
    try:
        call()
        return True
    except REFUSALS as error:
        text = str(error)
        assert text and "\n" not in text and len(text) < 600, repr(text)
        return False
