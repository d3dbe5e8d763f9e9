"""The certificate of any answer, through muon_certify."""
from __future__ import annotations

from typing import Any

import numpy as np

from . import _arrays
from ._calls import check, threads
from ._muon import ffi, lib
from ._solve import Info, check_radius, gather, inputs, doubles


def certificate(W: Any, G: Any, A: Any, radius: float, X: Any = None) -> Info:
    """How good a step A is, whoever computed it: the numbers of `solve`'s info, in double, from the matrices alone.

    For every symmetric X and every allowed step, -<G, A> <= radius ||G + W X||_*. So the gap
    (dual - primal) / dual bounds how far A is from the best step, where A is allowed: `norm` says whether
    ||A||_2 <= radius, `tangency` what is missing to W'A + A'W = 0. Neither is mended here.

    Parameters
    ----------
    W, G, A
        Arrays or tensors of the same shape (..., m, n), as for `solve`.
    radius
        The bound of ||A||_2.
    X
        Symmetric, (..., k, k), k = min(m, n), a point of the dual problem: the better it is, the smaller the gap.
        None: -sym(W'G), the dual point of a step along the Riemannian gradient.

    Returns `Info` with outcome "converged" where the gap is below 1e-2 and "stalled" else, no iterations and no
    seconds. Raises as `solve` does; ArithmeticError where a number overflows.

    >>> import numpy as np, trm_router
    >>> W, G = np.eye(2), np.array([[3.0, 1.0], [-1.0, 2.0]])
    >>> info = trm_router.certificate(W, G, np.array([[0, -0.1], [0.1, 0]]), 0.1)
    >>> round(info.norm, 9), info.gap < 1e-9
    (0.1, True)
    """
    radius = check_radius(radius)
    w, g = inputs(W, G)
    _, a = inputs(W, A, "A")
    batch, (m, n) = w.shape[:-2], w.shape[-2:]
    k = min(m, n)
    for name, array in (("W", w), ("G", g), ("A", a)):
        if not np.isfinite(array).all():
            raise ValueError(f"{name} holds NaN or infinity")
    if X is None:
        s = np.swapaxes(w, -1, -2) @ g.astype(np.float64) if m >= n else w.astype(np.float64) @ np.swapaxes(g, -1, -2)
        x = np.ascontiguousarray(-(s + np.swapaxes(s, -1, -2)) / 2, np.float64)
    else:
        x = np.array(_arrays.to_host(X, "X"), np.float64, order="C")
        if x.shape != (*batch, k, k):
            raise ValueError(f"X must have the shape {(*batch, k, k)}, not {x.shape}")
        if not np.isfinite(x).all() or np.abs(x - np.swapaxes(x, -1, -2)).max() > 1e-6 * np.abs(x).max():
            raise ValueError("X must be symmetric and finite")
        x = (x + np.swapaxes(x, -1, -2)) / 2
    infos, error = [], ffi.new("struct trm_error *")
    for at in np.ndindex(batch):
        tall = [_arrays.matrix(array[at] if m >= n else array[at].T) for array in (w, g, a)]
        info = ffi.new("struct muon_info *")
        with threads():
            status = lib.certificate_of(*tall, doubles(x[at]), radius, k, info, error)
        check(status, error.text, f"matrix {at}: " if batch else "")
        info.outcome = lib.MUON_converged if info.gap <= 1e-2 else lib.MUON_stalled
        infos.append(info)
    return gather(infos, batch)
