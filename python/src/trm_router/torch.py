"""MuonSGD as a torch optimiser, and the sorting of a model's parameters for it."""
from __future__ import annotations

import logging
import math
from typing import Any, Callable, Iterable, NamedTuple, Optional

import torch

from ._calls import check, threads
from ._groups import Grouping, manifold_groups
from ._muon import ffi, lib
from ._solve import solver_options, solvers

__all__ = ["Grouping", "MuonSGD", "Report", "manifold_groups"]

_Named = tuple[str, torch.Tensor, dict[str, Any]]  # a parameter with its name and its group
_log = logging.getLogger(__name__)
_LAST = 3  # what muon_sgd_state says of one matrix: steps, momentum, warm start, last update
_FEASIBLE = 1e-6  # ||W'W - I||_F / sqrt(n) up to which a weight counts as on the manifold
_DOUBLES = ("step", "warm", "last")  # of the state: float64 on the host, whatever the parameter is


class Report(NamedTuple):
    """What the last step did to a matrix; `Info` of solve explains the first six."""

    outcome: str
    iterations: int
    gap: float
    tangency: float
    norm: float
    seconds: float
    orthogonality: float  #: ||(W + A)'(W + A) - I||_F, before the retraction


class _Matrix:
    """A parameter's optimiser in C, made again where the parameter or its options are others."""

    def __init__(self, parameter: torch.Tensor, name: str, group: dict[str, Any]):
        in_place = parameter.device.type == "cpu" and parameter.is_contiguous()
        self.parameter = parameter
        self.value = parameter.detach() if in_place else torch.empty(parameter.shape)
        self.direction = torch.empty(parameter.shape)
        self.name = ffi.new("char[]", name.encode())
        rows, cols = parameter.shape[0], math.prod(parameter.shape[1:])
        self.columns = min(rows, cols)
        out, error = ffi.new("struct muon_sgd **"), ffi.new("struct trm_error *")
        options = solver_options(group["solver"], group["tol"], group["max_iter"], 0, 0.1)
        check(lib.steps_create(out, self.name, _floats(self.value), _floats(self.direction), rows, cols,
                               lib.muon_solver_find(group["solver"].encode()), options, group["spectral_budget"],
                               group["weight_decay"], error), error.text)
        self.handle = ffi.gc(out[0], lib.muon_sgd_destroy)

    def load(self) -> None:
        if self.value.data_ptr() != self.parameter.data_ptr():
            self.value.copy_(self.parameter)

    def store(self) -> None:
        if self.value.data_ptr() != self.parameter.data_ptr():
            self.parameter.copy_(self.value)


def _floats(tensor: torch.Tensor) -> Any:
    return ffi.cast("float *", tensor.data_ptr())


def _names(group: dict[str, Any], index: int) -> list[str]:
    return group.get("param_names") or [f"{index}.{i}" for i in range(len(group["params"]))]


class MuonSGD(torch.optim.Optimizer):
    """Manifold Muon for the matrices of a network, SGD for the rest of it.

        buf <- momentum buf + grad
        on the manifold:  A = the step of `trm_router.solve` from W against buf;  W <- polar(W + A)
        off it:           buf <- momentum buf + grad + weight_decay W;  W <- W - lr buf

    On the manifold a weight (out, ...) is the matrix out x rest, and its columns (rows, where it is wide) stay
    orthonormal. `manifold_groups` sorts a model's parameters.

    Parameters
    ----------
    params
        Parameters, or groups of them that may set each of the options below for themselves; (name, parameter) pairs
        give names to messages and to `report`.
    lr
        Learning rate off the manifold. On it, the radius of a step is spectral_budget times lr over the lr that the
        group began with (`base_lr` in the group), so that a scheduler of torch's moves both. >= 0.
    momentum, nesterov
        As in torch.optim.SGD, without dampening. [0, 1).
    weight_decay
        Off the manifold only. >= 0.
    spectral_budget
        Radius ||A||_2 <= spectral_budget of a step, in units of W, whose singular values are 1. > 0.
    solver, tol, max_iter
        Of the inner problem; see `trm_router.solve`.
    manifold
        Whether the parameters are on the manifold: float32, two dimensions or more.
    maximize
        Go up instead of down.

    The constructor projects those weights on the manifold, not frozen, that are more than 1e-6 off, in
    ||W'W - I||_F / sqrt(n); `projected` says which and how far they were, the logger "trm_router.torch", too. Others
    are left as they are. A parameter whose gradient is None stays as it is.

    Contiguous weights on the host are updated in place, all matrices at the same time, one thread each. Others, also
    those on another device, go through a copy on the host in every step.

    Raises TypeError for parameters that are not dense floats, ValueError for options out of range, for parameters
    that cannot be on the manifold, and in `step` for gradients that are not finite; the weights on the manifold are
    then as before the step.

    >>> import torch
    >>> from trm_router.torch import MuonSGD, manifold_groups
    >>> _ = torch.manual_seed(0)
    >>> model = torch.nn.Sequential(torch.nn.Linear(8, 6), torch.nn.ReLU(), torch.nn.Linear(6, 2))
    >>> optimizer = MuonSGD(manifold_groups(model).groups, lr=0.1, spectral_budget=0.1)
    >>> model(torch.randn(4, 8)).square().mean().backward()
    >>> optimizer.step()
    >>> W = model[0].weight
    >>> torch.dist(W @ W.T, torch.eye(6)).item() < 1e-5
    True
    >>> report = optimizer.report()["0.weight"]
    >>> report.outcome, round(report.norm, 4)
    ('converged', 0.1)
    """

    def __init__(self, params: Iterable[Any], lr: float = 0.1, momentum: float = 0.9, weight_decay: float = 5e-4,
                 nesterov: bool = False, spectral_budget: float = 0.1, solver: str = "quasi_newton",
                 tol: Optional[float] = None, max_iter: Optional[int] = None, *, manifold: bool = True,
                 maximize: bool = False):
        self._forget()
        self.projected: dict[str, float] = {}
        super().__init__(params, dict(lr=lr, momentum=momentum, weight_decay=weight_decay, nesterov=nesterov,
                                      spectral_budget=spectral_budget, solver=solver, tol=tol, max_iter=max_iter,
                                      manifold=manifold, maximize=maximize))

    def _forget(self) -> None:
        self._matrices: dict[torch.Tensor, tuple[Any, _Matrix]] = {}
        self._stepped: list[_Matrix] = []

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        self._forget()
        self.__dict__.setdefault("projected", {})

    def add_param_group(self, param_group: dict[str, Any]) -> None:
        """Add a group, as the constructor does; its weights on the manifold are projected where they are off."""
        super().add_param_group(param_group)
        group = self.param_groups[-1]
        try:
            group.setdefault("base_lr", float(group["lr"]))
            _check_group(group)
            if group["manifold"]:
                for name, parameter in zip(_names(group, len(self.param_groups) - 1), group["params"]):
                    _check_parameter(name, parameter)
                    self._project(name, parameter, group)
        except Exception:
            self.param_groups.pop()
            raise

    @torch.no_grad()
    def _project(self, name: str, parameter: torch.Tensor, group: dict[str, Any]) -> None:
        matrix = self._matrix(name, parameter, group)
        if not parameter.requires_grad or group["solver"] == "muon":
            return
        matrix.load()
        with threads():
            drift = lib.muon_sgd_drift(matrix.handle, 0)
            if drift <= _FEASIBLE:
                return
            if not math.isfinite(drift):
                raise ValueError(f"{name} holds NaN or infinity")
            error = ffi.new("struct trm_error *")
            check(lib.muon_sgd_project(matrix.handle, error), error.text)
        matrix.store()
        self.projected[name] = drift
        _log.info("%s was %.1e off the manifold and is projected", name, drift)

    def _matrix(self, name: str, parameter: torch.Tensor, group: dict[str, Any]) -> _Matrix:
        key = (parameter.data_ptr(), parameter.device, parameter.stride(), name, group["solver"], group["tol"],
               group["max_iter"], group["spectral_budget"], group["weight_decay"])
        known = self._matrices.get(parameter)
        if known is None or known[0] != key:
            known = self._matrices[parameter] = (key, _Matrix(parameter, name, group))
        return known[1]

    def _direction(self, parameter: torch.Tensor, group: dict[str, Any], decay: float) -> torch.Tensor:
        assert parameter.grad is not None
        grad = -parameter.grad if group["maximize"] else parameter.grad
        if decay != 0.0:
            grad = grad.add(parameter, alpha=decay)
        momentum = group["momentum"]
        if momentum == 0.0:
            return grad
        state = self.state[parameter]
        if "momentum_buffer" not in state:
            state["momentum_buffer"] = torch.zeros_like(parameter)
        buffer: torch.Tensor = state["momentum_buffer"].mul_(momentum).add_(grad)
        return grad.add(buffer, alpha=momentum) if group["nesterov"] else buffer

    def _state(self, parameter: torch.Tensor, matrix: _Matrix) -> dict[str, torch.Tensor]:
        """The doubles of a matrix, at first 0. C goes by their sizes, so what was loaded is looked at."""
        state: dict[str, torch.Tensor] = self.state[parameter]
        n, last = matrix.columns, lib.muon_sgd_state(matrix.handle, _LAST).count
        for key, shape in zip(_DOUBLES, ((), (n, n), (last,))):
            value = state.setdefault(key, torch.zeros(shape, dtype=torch.float64, device="cpu"))
            if value.dtype != torch.float64 or value.device.type != "cpu" or value.shape != shape or \
                    not value.is_contiguous():
                raise ValueError(f"the state {key!r} of a {tuple(parameter.shape)} parameter is not its own")
        return state

    @torch.no_grad()
    def step(self, closure: Optional[Callable[[], Any]] = None) -> Any:
        """One step; closure, where there is one, computes the loss again and its gradients. Returns its loss."""
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        on: list[_Named] = []
        off: list[_Named] = []
        for index, group in enumerate(self.param_groups):
            for name, parameter in zip(_names(group, index), group["params"]):
                if parameter.grad is not None:
                    (on if group["manifold"] else off).append((name, parameter, group))
                    if parameter.grad.layout is not torch.strided:
                        raise TypeError(f"the gradient of {name} is not dense")
        self._step_on_manifold(on)
        for _, parameter, group in off:
            decay = group["weight_decay"]
            parameter.sub_(self._direction(parameter, group, decay), alpha=float(group["lr"]))
        return loss

    def _step_on_manifold(self, parameters: list[_Named]) -> None:
        taken = [(self._matrix(*of), of[1], of[2]) for of in parameters]
        taken.sort(key=lambda of: -of[0].columns)  # the costliest first, so that none is left for the end alone
        steps = ffi.new("struct steps_matrix[]", len(taken))
        for c, (matrix, parameter, group) in zip(steps, taken):
            matrix.load()
            matrix.direction.copy_(self._direction(parameter, group, 0.0))
            state = self._state(parameter, matrix)
            c.sgd, c.factor = matrix.handle, _factor(group)
            c.step, c.warm, c.last = (ffi.cast("double *", state[key].data_ptr()) for key in _DOUBLES)
        with threads():
            failed = lib.steps_take(steps, len(taken))
        for c in steps if failed != lib.TRM_OK else ():
            check(c.status, c.error.text)
        for matrix, _, _ in taken:
            matrix.store()
        self._stepped = [matrix for matrix, _, group in taken if _factor(group) > 0.0]

    def report(self) -> dict[str, Report]:
        """What the last step did to each matrix on the manifold, by name; empty before the first step."""
        found = {}
        for matrix in self._stepped:
            report = lib.muon_sgd_report(matrix.handle, 0)
            info = report.info
            found[ffi.string(matrix.name).decode()] = Report(
                ffi.string(lib.muon_outcome_name(info.outcome)).decode(), info.iterations, info.gap, info.tangency,
                info.norm, info.seconds, report.orthogonality)
        return found

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """As every optimiser's; what was computed in float64 stays so, and a run goes on to the same bits."""
        super().load_state_dict(state_dict)
        saved = [i for group in state_dict["param_groups"] for i in group["params"]]
        parameters = [parameter for group in self.param_groups for parameter in group["params"]]
        for i, parameter in zip(saved, parameters):
            for key in _DOUBLES:
                if key in state_dict["state"].get(i, {}):
                    value = state_dict["state"][i][key]
                    self.state[parameter][key] = value.detach().to("cpu", torch.float64, copy=True)
        self._stepped = []


def _factor(group: dict[str, Any]) -> float:
    return float(group["lr"]) / float(group["base_lr"])


def _check_group(group: dict[str, Any]) -> None:
    names = [solver.name for solver in solvers()]
    if group["solver"] not in names:
        raise ValueError(f"there is no solver {group['solver']!r}; there are {', '.join(names)}")
    lr, momentum = float(group["lr"]), group["momentum"]
    if not 0.0 <= lr < math.inf:
        raise ValueError(f"lr must be a number that is not negative, not {lr}")
    if not 0.0 <= momentum < 1.0:
        raise ValueError(f"momentum must be at least 0 and below 1, not {momentum}")
    if group["nesterov"] and momentum == 0.0:
        raise ValueError("nesterov needs momentum")
    if not 0.0 <= group["weight_decay"] < math.inf:
        raise ValueError(f"weight_decay must be a number that is not negative, not {group['weight_decay']}")
    if group["manifold"] and not group["base_lr"] > 0.0:
        raise ValueError("on the manifold lr must be positive: the radius follows lr over its first value")


def _check_parameter(name: str, parameter: torch.Tensor) -> None:
    if parameter.dtype != torch.float32 or parameter.layout is not torch.strided or parameter.device.type == "meta":
        raise TypeError(f"{name} must be dense float32 to be on the manifold, not {parameter.dtype} on "
                        f"{parameter.device}")
    if parameter.dim() < 2 or parameter.numel() == 0:
        raise ValueError(f"{name} has the shape {tuple(parameter.shape)} and is no matrix: give it a group with "
                         "manifold=False, or let manifold_groups(model) sort the parameters")
