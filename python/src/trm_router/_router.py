"""A trained router, through trm_router_decide."""
from __future__ import annotations

import os
from typing import Any, Iterable, NamedTuple, Optional

import numpy as np

from . import _arrays
from ._calls import check, shown, threads
from ._muon import ffi, lib


def feature_names() -> list[str]:
    """The twelve features of a step of training, in their order.

    >>> import trm_router
    >>> trm_router.feature_names()[:3]
    ['log_loss', 'loss_trend', 'log_grad_norm']
    """
    return [ffi.string(lib.trm_feature_name(i)).decode() for i in range(lib.TRM_FEATURE_COUNT)]


class Decision(NamedTuple):
    """What a router picks for one step."""

    arm: str
    probabilities: dict[str, float]  #: of the arms that it could pick; their sum is 1
    cycles: int  #: that were run


class Router:
    """A tiny recursive model that picks the solver of a step by twelve features (`trm-router train` makes it).

    The arithmetic is the program's own: the same checkpoint and features give the same choice, to the last bit.

    Parameters
    ----------
    path
        A checkpoint: one safetensors file.
    halting
        Stop after the first cycle that says so, in place of running all.

    Raises FileNotFoundError where there is none, ValueError for a file that is no checkpoint, is damaged, or is of
    another version.

    >>> import trm_router
    >>> router = trm_router.Router("router.safetensors")  # doctest: +SKIP
    >>> router.decide(features).arm                       # doctest: +SKIP
    'quasi_newton'
    """

    def __init__(self, path: Any, halting: bool = False):
        self.path, self.halting = os.fspath(path), bool(halting)
        if not os.path.exists(self.path):
            raise FileNotFoundError(f"there is no router {self.path}")
        out, error = ffi.new("struct trm_router **"), ffi.new("struct trm_error *")
        check(lib.trm_router_load(os.fsencode(self.path), out, error), error.text)
        self._handle = ffi.gc(out[0], lib.trm_router_destroy)
        lib.trm_router_set_halting(self._handle, self.halting)

    def __reduce__(self) -> Any:
        return Router, (self.path, self.halting)

    def __deepcopy__(self, memo: Any) -> "Router":
        return Router(self.path, self.halting)

    def __repr__(self) -> str:
        return f"Router({self.path!r}: {self.parameters} parameters, {', '.join(self.arms)})"

    @property
    def arms(self) -> list[str]:
        """Names of the arms that it may pick: those of its training data."""
        present = lib.trm_router_origin(self._handle).present
        return [name for i, name in enumerate(self._rows()) if present >> i & 1]

    def _rows(self) -> list[str]:
        """What the rows of its head are."""
        arms = lib.trm_router_origin(self._handle).arms
        return [ffi.string(arms.name[i]).decode() for i in range(arms.count)]

    @property
    def parameters(self) -> int:
        """How many numbers it has learnt."""
        return int(lib.trm_router_parameter_count(self._handle))

    def decide(self, features: Any, allowed: Optional[Iterable[str]] = None) -> Decision:
        """The choice for one step.

        features: the twelve of `feature_names`, raw, as `Collector.pre_step` returns them. allowed: names of arms to
        choose among; None: all that it knows. Raises ValueError for another shape, NaN or infinity, and where no
        allowed arm is known.
        """
        f = self._features(features, 1)
        names = self.arms if allowed is None else list(allowed)
        known = self._rows()
        for name in names:
            if name not in known:
                raise ValueError(f"there is no arm {shown(name)}; there are {', '.join(known)}")
        out, error = ffi.new("struct trm_decision *"), ffi.new("struct trm_error *")
        mask = sum(1 << known.index(name) for name in set(names))
        check(lib.trm_router_decide(self._handle, ffi.cast("double *", f.ctypes.data), mask, out, error), error.text)
        chances = {name: out.probability[i] for i, name in enumerate(known) if out.probability[i] > 0.0}
        return Decision(known[out.arm], chances, out.cycles)

    def forward(self, features: Any) -> np.ndarray:
        """The logits of every row of its head, float32 (batch, rows), of raw features (batch, 12); no arm is masked."""
        f = self._features(features, 2)
        logits = np.empty((len(f), lib.trm_router_configuration(self._handle).arms), np.float32)
        error = ffi.new("struct trm_error *")
        with threads():
            status = lib.trm_router_forward(self._handle, ffi.cast("double *", f.ctypes.data), len(f),
                                            ffi.cast("float *", logits.ctypes.data), ffi.NULL, ffi.NULL, error)
        check(status, error.text)
        return logits

    @staticmethod
    def _features(features: Any, dimensions: int) -> np.ndarray:
        f = np.ascontiguousarray(_arrays.to_host(features, "features"), np.float64)
        if f.ndim != dimensions or f.shape[-1] != lib.TRM_FEATURE_COUNT or f.size == 0:
            wanted = f"{'batch, ' * (dimensions - 1)}{lib.TRM_FEATURE_COUNT}"
            raise ValueError(f"features must have the shape ({wanted}), not {f.shape}")
        return f
