"""Recording of a network of one's own: the twelve features by the program's C code, into the program's store."""
from __future__ import annotations

import json
import math
import os
import time
from typing import Any, Optional

import numpy as np
import torch

from ._calls import check, shown
from ._group_options import arms_of
from ._muon import ffi, lib


_FREE = ("lr", "base_lr", "initial_lr", "solver", "tol", "max_iter", "rank", "arms", "arm")  # not in "groups"


class Collector:
    """Records a run of `MuonSGD` in a store that `trm-router prepare` reads, and asks the optimiser's router.

    At every step, in this order: backward, `pre_step`, `optimizer.step()`, `post_step`.

    Parameters
    ----------
    optimizer
        A `MuonSGD` with a matrix on the manifold.
    path
        The store. None: nothing is recorded, features alone.
    epochs, steps_per_epoch, batch_size
        Of the run.
    mode
        "x": a new store; "a": a further run in a store that may be there; "w": replace what is there.
    seed, model, dataset, width, name
        Words about the run; `prepare` compares runs of equal seed that differ in the solver alone.
    config
        More settings that such runs must share: anything that JSON holds.
    track
        Name of the matrix that the features watch; None: the largest on the manifold.
    record_every
        Keep every such step.

    Used as a context manager, it closes itself. Raises FileExistsError, OSError, and ValueError for settings out of
    range.

    >>> import tempfile, torch
    >>> from trm_router.torch import Collector, MuonSGD, manifold_groups
    >>> model = torch.nn.Sequential(torch.nn.Linear(8, 6), torch.nn.Linear(6, 2))
    >>> optimizer = MuonSGD(manifold_groups(model).groups)
    >>> x = torch.randn(4, 8)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with Collector(optimizer, folder + "/run.db", epochs=1, steps_per_epoch=3, batch_size=4) as collector:
    ...         for _ in range(3):
    ...             optimizer.zero_grad()
    ...             loss = model(x).square().mean()
    ...             loss.backward()
    ...             features = collector.pre_step(loss)
    ...             optimizer.step()
    ...             collector.post_step(model(x).square().mean())
    >>> len(features)
    12
    """

    def __init__(self, optimizer: Any, path: Any = None, *, epochs: int, steps_per_epoch: int, batch_size: int,
                 mode: str = "x", seed: int = 0, model: str = "own", dataset: str = "own", width: float = 1.0,
                 name: Optional[str] = None, config: Optional[dict[str, Any]] = None, track: Optional[str] = None,
                 record_every: int = 1):
        if mode not in ("x", "a", "w"):
            raise ValueError(f"mode must be 'x', 'a' or 'w', not {shown(mode)}")
        counts = {"epochs": epochs, "steps_per_epoch": steps_per_epoch, "batch_size": batch_size,
                  "record_every": record_every}
        for what, count in counts.items():
            if not isinstance(count, int) or count < 1:
                raise ValueError(f"{what} must be a whole number, 1 or more, not {shown(count)}")
        self.optimizer, self.step, self.width = optimizer, 0, float(width)
        self.epochs, self.steps_per_epoch, self.batch_size = epochs, steps_per_epoch, batch_size
        self.tracked, self._parameter, self._group = _tracked(optimizer, track)
        self._parameters = [p for group in optimizer.param_groups for p in group["params"]]
        self._gradient = np.zeros(sum(p.numel() for p in self._parameters), np.float32)
        self._store = self._collector = ffi.NULL
        self._losses: list[float] = []
        self._began = self._epoch_began = time.perf_counter()
        self._solver = self._policy()
        self._error = ffi.new("struct trm_error *")
        options = ffi.new("struct trm_collector_options *", lib.trm_collector_defaults())
        options.record_every = record_every
        run = 0 if path is None else self._begin(os.fspath(path), mode, seed, model, dataset, name, config, counts)
        out = ffi.new("struct trm_collector **")
        status = lib.trm_collector_create(out, self._store, run, len(self._gradient), options, self._error)
        if status != lib.TRM_OK:
            lib.trm_store_close(self._store, ffi.NULL)
        check(status, self._error.text)
        self.run, self._collector = run, out[0]

    def _policy(self) -> str:
        if self.optimizer.router is not None:
            return "router"
        arms = arms_of(self._group)
        return arms[0].name if len(arms) == 1 else "own"

    def _begin(self, path: str, mode: str, seed: int, model: str, dataset: str, name: Optional[str],
               config: Optional[dict[str, Any]], counts: dict[str, int]) -> int:
        out = ffi.new("struct trm_store **")
        if mode == "a" and os.path.exists(path):
            check(lib.trm_store_open(os.fsencode(path), lib.TRM_STORE_APPEND, out, self._error), self._error.text)
        else:
            check(lib.trm_store_create(os.fsencode(path), mode == "w", out, self._error), self._error.text)
        self._store = out[0]
        # keys as the program's own, so that it knows which may differ between runs that are compared
        settings = {"solver": self._solver, "tol": self._group["tol"], "max-iter": self._group["max_iter"],
                    "rank": self._group["rank"], "seed": seed, **(config or {}), **counts, "groups": [
                        {key: str(value) for key, value in group.items() if key not in _FREE and key != "params"}
                        for group in self.optimizer.param_groups]}
        texts = {"solver": self._solver, "model": model, "dataset": dataset, "fingerprint": dataset,
                 "tracked": self.tracked, "program": "trm_router " + ffi.string(lib.muon_version_text()).decode(),
                 "config": json.dumps(settings, sort_keys=True), **({} if name is None else {"name": name})}
        held = {key: ffi.new("char[]", text.encode()) for key, text in texts.items()}
        c = ffi.new("struct trm_run_settings *", {**held, **counts, "width": self.width, "seed": seed,
                                                  "threads": torch.get_num_threads()})
        run = ffi.new("int64_t *")
        status = lib.trm_store_run_begin(self._store, c, run, self._error)
        if status != lib.TRM_OK:
            lib.trm_store_close(self._store, ffi.NULL)
        check(status, self._error.text)
        return int(run[0])

    @torch.no_grad()
    def pre_step(self, loss: Any) -> np.ndarray:
        """After backward, before `optimizer.step()`: the twelve features of this step (`trm_router.feature_names`).

        loss: the batch's mean loss, a number or a tensor. Where the optimiser has a router, it chooses the arm now.
        Raises ArithmeticError where the loss or a gradient is not finite.
        """
        self._open()
        self._began = time.perf_counter()
        at = 0
        for p in self._parameters:
            part = torch.from_numpy(self._gradient[at:at + p.numel()]).view(p.shape)
            part.zero_() if p.grad is None else part.copy_(p.grad)
            at += p.numel()
        state = ffi.new("struct trm_training_state *", {
            "loss": _number(loss), "gradient": ffi.cast("float *", self._gradient.ctypes.data),
            "gradient_count": len(self._gradient), "batch_size": self.batch_size, "width": self.width,
            "epoch": self.step // self.steps_per_epoch, "epochs": self.epochs,
            "epoch_step": self.step % self.steps_per_epoch, "steps_per_epoch": self.steps_per_epoch})
        self._watch(state)
        features = np.empty(lib.TRM_FEATURE_COUNT)
        check(lib.trm_collector_pre_step(self._collector, state, ffi.cast("double *", features.ctypes.data),
                                         self._error), self._error.text)
        self._losses.append(_number(loss))
        if self.optimizer.router is not None:
            self.optimizer.arm = self.optimizer.router.decide(features, self.optimizer.arms).arm
        return features

    def _watch(self, state: Any) -> None:
        """What the tracked matrix tells."""
        if self._parameter.grad is None:
            raise ValueError(f"{self.tracked} is watched and has no gradient")
        sigma, last = self.optimizer.watch(self.tracked, self._parameter, self._group)
        state.sigma_max, state.sigma_min, state.n = sigma[0], sigma[-1], len(sigma)
        state.has_last_update, state.effective_rank, state.ortho_error = last[0] != 0.0, last[1], last[2]

    @property
    def records(self) -> bool:
        """Between `pre_step` and `post_step`: is this step kept? Where not, no next loss need be computed."""
        return self._collector != ffi.NULL and bool(lib.trm_collector_records(self._collector))

    def post_step(self, next_loss: Any = None) -> None:
        """After `optimizer.step()`: what became of the step, and at the end of an epoch the epoch's row.

        next_loss: of the same batch, after the step; `prepare` compares solvers by it. Raises ArithmeticError where it
        is not finite, ValueError without a `pre_step` before it.
        """
        self._open()
        outcome = ffi.new("struct trm_step_outcome *", {"seconds": time.perf_counter() - self._began})
        if next_loss is not None:
            outcome.has_next_loss, outcome.next_loss = True, _number(next_loss)
        every = self.optimizer.report()
        reports = {name: report for name, report in every.items() if not math.isnan(report.gap)}  # no gap is guessed
        names = [ffi.new("char[]", name.encode()) for name in reports]
        solves = ffi.new("struct trm_solve[]", len(names))
        for c, name, report in zip(solves, names, reports.values()):
            c.matrix, c.gap, c.iterations, c.seconds, c.norm, c.rank = \
                name, report.gap, report.iterations, report.seconds, report.norm, report.rank
        of = [report for name, report in every.items() if name in (self.tracked, self.tracked + "[0]")]
        if of:
            outcome.has_gap, outcome.gap, outcome.iterations = not math.isnan(of[0].gap), of[0].gap, of[0].iterations
        arm = arms_of(self._group)[self._group["arm"]]
        solver = ffi.new("char[]", ffi.string(lib.muon_solver_name(arm.solver)))
        outcome.solver, outcome.solve_seconds = solver, sum(report.seconds for report in every.values())
        outcome.solves, outcome.solve_count = solves, len(names)
        check(lib.trm_collector_post_step(self._collector, outcome, self._error), self._error.text)
        self.step += 1

    def end_epoch(self, test_loss: Optional[float] = None, test_accuracy: Optional[float] = None) -> None:
        """Keep an epoch's row: mean loss of its steps, seconds, the largest drift; with a test, its loss and accuracy
        (a share, 0 to 1)."""
        self._open()
        row = ffi.new("struct trm_epoch *", {
            "epoch": max(self.step - 1, 0) // self.steps_per_epoch, "train_loss": float(np.mean(self._losses or [0.0])),
            "seconds": time.perf_counter() - self._epoch_began, "max_ortho_error": self._largest_drift()})
        if test_loss is not None and test_accuracy is not None:
            row.has_test, row.test_loss, row.test_accuracy = True, test_loss, test_accuracy
        self._losses, self._epoch_began = [], time.perf_counter()
        if self._store != ffi.NULL:
            check(lib.trm_store_epoch_insert(self._store, self.run, row, self._error), self._error.text)

    def _largest_drift(self) -> float:
        return max(self.optimizer.drift().values(), default=0.0)

    def close(self, status: Optional[str] = None, test_loss: Optional[float] = None,
              test_accuracy: Optional[float] = None) -> None:
        """Write how the run ended: "done", "stopped" or "diverged"; None: done where all steps were taken, else
        stopped. A second call does nothing."""
        if self._collector == ffi.NULL:
            return
        all_done = self.step >= self.epochs * self.steps_per_epoch
        words = {"done": lib.TRM_RUN_DONE, "stopped": lib.TRM_RUN_STOPPED, "diverged": lib.TRM_RUN_DIVERGED}
        status = status or ("done" if all_done else "stopped")
        if status not in words:
            raise ValueError(f"a run ends done, stopped or diverged, not {shown(status)}")
        result = ffi.new("struct trm_run_result *", {"status": words[status]})
        if test_loss is not None and test_accuracy is not None:
            result.has_test, result.test_loss, result.test_accuracy = True, test_loss, test_accuracy
        collector, store = self._collector, self._store
        self._collector = self._store = ffi.NULL
        first = lib.trm_collector_close(collector, result, self._error)
        text = self._error.text if first != lib.TRM_OK else ffi.NULL
        if store != ffi.NULL:
            second = lib.trm_store_close(store, self._error if first == lib.TRM_OK else ffi.NULL)
            first = first or second
            text = self._error.text
        check(first, text)

    def _open(self) -> None:
        if self._collector == ffi.NULL:
            raise ValueError("the collector is closed")

    def __enter__(self) -> "Collector":
        return self

    def __exit__(self, kind: Any, value: Any, trace: Any) -> None:
        self.close("diverged" if kind is not None and issubclass(kind, ArithmeticError) else None)


def _number(loss: Any) -> float:
    return float(loss.detach() if isinstance(loss, torch.Tensor) else loss)


def _tracked(optimizer: Any, name: Optional[str]) -> tuple[str, Any, dict[str, Any]]:
    """A parameter on the manifold, by name or the largest, with its group."""
    found: list[tuple[str, Any, dict[str, Any]]] = list(optimizer.on_manifold())
    if not found:
        raise ValueError("no parameter is on the manifold, and so there is nothing to watch")
    if name is None:
        return max(found, key=lambda of: of[1].numel())
    for of in found:
        if of[0] == name:
            return of
    raise ValueError(f"no parameter on the manifold is called {shown(name)}; there are {', '.join(of[0] for of in found)}")
