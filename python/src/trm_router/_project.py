"""The nearest point of the manifold, through muon_project."""
from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from . import _arrays
from ._calls import check, threads
from ._muon import ffi, lib


class Projection(NamedTuple):
    """The projected weights, and how far they were from there."""

    W: Any
    distance: Any  #: ||W - polar(W)||_F / sqrt(k); a number, or an array of the batch's shape


def project(W: Any) -> Projection:
    """The polar factor of W: the nearest matrix with orthonormal columns (rows where it is wide).

    The nearest in every unitarily invariant norm (Higham 2008, theorem 8.4), computed in double and rounded once.

    Parameters
    ----------
    W
        A NumPy array or torch tensor of the shape (..., m, n) and full rank, the leading dimensions a batch. Any
        strides. float32 or float64; float16 and bfloat16 are widened. Not written.

    Returns
    -------
    Projection
        The projection, with the shape of W and its type (float32 for what was widened), on its device; and the
        distance ||W - polar(W)||_F / sqrt(min(m, n)).

    Raises
    ------
    TypeError
        W is no array or tensor of floats.
    ValueError
        A shape without matrices, NaN or infinity, columns that are linearly dependent. A batch says which of its
        matrices.

    >>> import numpy as np, trm_router
    >>> W, distance = trm_router.project(np.diag([3.0, 2.0]))
    >>> bool(np.abs(W - np.eye(2)).max() < 1e-15), round(distance, 6) == round((5 / 2) ** 0.5, 6)
    (True, True)
    """
    w = _arrays.to_host(W, "W")
    _arrays.check_matrices(w)
    out = np.array(w, order="C")
    batch, (m, n) = w.shape[:-2], w.shape[-2:]
    distances = np.zeros(batch)
    error = ffi.new("struct trm_error *")
    distance = ffi.new("double *")
    for at in np.ndindex(batch):
        tall = _arrays.matrix(out[at] if m >= n else out[at].T)
        with threads():
            status = lib.muon_project(tall, distance, error)
        check(status, error.text, f"matrix {at}: " if batch else "")
        distances[at] = distance[0]
    return Projection(_arrays.from_host(out, W), distances if batch else float(distances))
