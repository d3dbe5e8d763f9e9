"""The inner problem, through muon_solver_solve."""
from __future__ import annotations

import dataclasses
import math
import operator
from typing import Any, NamedTuple, Optional

import numpy as np

from . import _arrays
from ._calls import check, threads
from ._muon import ffi, lib


class SolverDescription(NamedTuple):
    """A solver with its defaults."""

    name: str
    summary: str
    tol: float  #: relative gap at which it stops
    max_iter: int


@dataclasses.dataclass(frozen=True)
class Info:
    """What a solve found, recomputed in double from W, G, A and X by code that shares nothing with the solvers.

    Numbers for one matrix; NumPy arrays of the batch's shape for a batch.
    """

    outcome: Any  #: "converged", "max_iter", "stalled" or "zero"
    iterations: Any
    primal: Any  #: p = -<G, A>, by which the step lowers the loss to first order
    dual: Any  #: d, by which any allowed step can lower it at most
    gap: Any  #: (d - p) / d
    gap_tangent: Any  #: the gap without what p owes to A's rounding
    gap_full: Any  #: the gap of the full problem; differs from gap for frank_wolfe only
    tangency: Any  #: ||W'A + A'W||_F / radius
    norm: Any  #: ||A||_2
    frobenius: Any  #: ||A||_F
    nuclear: Any  #: ||A||_*
    eff_rank: Any  #: exp(entropy of A's normalised singular values)
    rank: Any  #: singular values of A above 1e-3 radius
    seconds: Any


class Solution(NamedTuple):
    """The step A, the dual point X, and what is known of them."""

    A: Any
    X: Any
    info: Info


def _text(c_string: Any) -> str:
    return str(ffi.string(c_string), "utf-8")


def solvers() -> list[SolverDescription]:
    """The solvers, in the order of their ids.

    >>> import trm_router
    >>> [solver.name for solver in trm_router.solvers()][:3]
    ['spectral_clip', 'dual_ascent', 'quasi_newton']
    """
    found: list[SolverDescription] = []
    while (name := lib.muon_solver_name(len(found))) != ffi.NULL:
        options = lib.muon_options_default(len(found))
        summary = _text(lib.muon_solver_summary(len(found)))
        found.append(SolverDescription(_text(name), summary, options.tol, options.max_iter))
    return found


def _number(value: Any, name: str) -> float:
    if isinstance(value, (str, bytes)):
        raise TypeError(f"{name} must be a number, not {type(value).__name__}")
    return float(value)


def check_radius(radius: Any) -> float:
    value = _number(radius, "radius")
    if not math.isfinite(value) or value <= 0.0:
        raise ValueError(f"radius must be a positive number, not {value}")
    return value


def solver_options(solver: str, tol: Optional[float], max_iter: Optional[int], rank: int, lr: float) -> Any:
    options = ffi.new("struct muon_options *", lib.muon_options_default(lib.muon_solver_find(solver.encode())))
    if tol is not None:
        options.tol = _number(tol, "tol")
    for name, value in (("max_iter", max_iter), ("rank", rank)):
        if value is not None:
            count = operator.index(value)
            if not 0 <= count < 2**63:
                raise ValueError(f"{name} must be a count, not {count}")
            setattr(options, name, count)
    options.lr = _number(lr, "lr")
    return options


def _create(solver: str, m: int, n: int, options: Any) -> Any:
    out, error = ffi.new("struct muon_solver **"), ffi.new("struct trm_error *")
    check(lib.muon_solver_create(out, solver.encode(), m, n, options, error), error.text)
    return ffi.gc(out[0], lib.muon_solver_destroy)


def inputs(W: Any, G: Any, name: str = "G") -> tuple[np.ndarray, np.ndarray]:
    if _arrays.is_tensor(W) != _arrays.is_tensor(G):
        raise TypeError(f"W and {name} must both be arrays or both be tensors")
    w, g = _arrays.to_host(W, "W"), _arrays.to_host(G, name)
    _arrays.check_matrices(w)
    if w.shape != g.shape:
        raise ValueError(f"W and {name} must have the same shape, not {w.shape} and {g.shape}")
    return _arrays.readable(w), _arrays.readable(g)


def _warm_start(warm: Any, shape: tuple[int, ...]) -> Optional[np.ndarray]:
    if warm is None:
        return None
    x = np.ascontiguousarray(_arrays.to_host(warm, "warm"), np.float64)
    if x.shape != shape:
        raise ValueError(f"warm must have the shape {shape}, not {x.shape}")
    if not np.isfinite(x).all():
        raise ValueError("warm holds NaN or infinity")
    return x


def doubles(array: np.ndarray) -> Any:
    return ffi.cast("double *", array.ctypes.data)


def gather(infos: list[Any], batch: tuple[int, ...]) -> Info:
    columns = {field.name: [getattr(info, field.name) for info in infos] for field in dataclasses.fields(Info)}
    columns["outcome"] = [_text(lib.muon_outcome_name(outcome)) for outcome in columns["outcome"]]
    if batch == ():
        return Info(**{name: column[0] for name, column in columns.items()})
    return Info(**{name: np.array(column).reshape(batch) for name, column in columns.items()})


def solve(W: Any, G: Any, radius: float, solver: str = "quasi_newton", *, tol: Optional[float] = None,
          max_iter: Optional[int] = None, rank: int = 0, lr: float = 0.1, warm: Any = None) -> Solution:
    """The step A that lowers <G, A> most within ||A||_2 <= radius, tangent to the Stiefel manifold at W.

        minimise <G, A>   subject to  ||A||_2 <= radius,  W'A + A'W = 0        (Bernstein 2025)

    Parameters
    ----------
    W, G
        The weights and their gradient (or momentum), NumPy arrays or torch tensors of the shape (..., m, n), the
        leading dimensions a batch of matrices that are solved one by one. Any strides. The columns of W are
        orthonormal (its rows where m < n), to ||W'W - I||_F / sqrt(n) <= 1e-3. float32 and float64 are read in
        place; float16 and bfloat16 are widened exactly. Neither is written, and no gradient flows through.
        Tensors on another device are copied to the host, and the answer back.
    radius
        Largest singular value of the step, in the units of W; in (0, 1e100].
    solver
        One of the names of `solvers()`.
    tol
        Stop when the certified relative gap is at most this; in (0, 1). None: the solver's default.
    max_iter
        Iterations at most, 1 to 1,000,000. None: the solver's default.
    rank
        For frank_wolfe: k in ||A||_* <= k radius, 1 to min(m, n); 0 is a quarter of min(m, n).
    lr
        For spectral_clip: A = -clip(lr Gamma, radius).
    warm
        The X of an earlier solve to begin at, or None.

    Returns
    -------
    Solution
        A with the shape of W, float64 where W is, else float32; X (..., k, k), k = min(m, n), float64, symmetric,
        the point of the dual problem min d(X) = radius ||G + W X||_*; and `Info`.

    Raises
    ------
    TypeError
        W or G is no array or tensor of floats.
    ValueError
        Shapes that do not fit, NaN or infinity, columns that are not orthonormal, a radius or an option out of its
        range, an unknown solver. A batch says which of its matrices.
    ArithmeticError
        A number overflows, or LAPACK failed.
    MemoryError
        There is no memory for the workspace.

    The lock of the interpreter is free while C works. Different threads may solve at the same time.

    >>> import numpy as np, trm_router
    >>> W, G = np.eye(2), np.array([[3.0, 1.0], [-1.0, 2.0]])
    >>> A, X, info = trm_router.solve(W, G, radius=0.1)
    >>> np.abs(A - [[0, -0.1], [0.1, 0]]).max() < 1e-9 and info.gap < 1e-4   # the only tangent direction
    True
    """
    if not isinstance(solver, str):
        raise TypeError(f"solver must be a name, not {type(solver).__name__}")
    radius = check_radius(radius)
    w, g = inputs(W, G)
    batch, (m, n) = w.shape[:-2], w.shape[-2:]
    k = min(m, n)
    a = np.empty(w.shape, w.dtype)
    x = np.empty((*batch, k, k))
    start = _warm_start(warm, x.shape)
    handle = _create(solver, max(m, n), k, solver_options(solver, tol, max_iter, rank, lr))
    infos = []
    for at in np.ndindex(batch):
        tall = [_arrays.matrix(array[at] if m >= n else array[at].T) for array in (w, g, a)]
        info = ffi.new("struct muon_info *")
        begin = ffi.NULL if start is None else doubles(start[at])
        with threads():
            status = lib.muon_solver_solve(handle, tall[0], tall[1], radius, begin, tall[2], doubles(x[at]), info)
        check(status, info.reason, f"matrix {at}: " if batch else "")
        infos.append(info)
    return Solution(_arrays.from_host(a, W), _arrays.from_host(x, W), gather(infos, batch))
