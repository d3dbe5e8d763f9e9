"""MuonSGD as a torch optimiser, the sorting of a model's parameters for it, and the recording of what it does."""
from __future__ import annotations

import logging
import math
from typing import Any, Callable, Iterable, Optional, Sequence

import torch

from ._arrays import freed
from ._calls import check, shown, threads
from ._collector import Collector
from ._group_options import arm as arm_of, check_group, constrained
from ._groups import Grouping, manifold_groups
from ._momentum import direction, upcoming
from ._muon import ffi, lib
from ._router import Router
from ._slots import DOUBLES, FEASIBLE, HALVES, Slot, names_of, shape_of
from ._turns import Report, Turn, fill, report_of, store

__all__ = ["Collector", "Grouping", "MuonSGD", "Report", "manifold_groups"]

_Named = tuple[str, torch.Tensor, dict[str, Any]]  # a parameter with its name and its group
_log = logging.getLogger(__name__)
_OPTIONS = ("solver", "tol", "max_iter", "rank", "batch_dims", "blocks", "arms",
            "certify_every")  # that decide what is allocated


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
    solver, tol, max_iter, rank
        Of the inner problem; see `trm_router.solve`.
    radius_rule
        "fixed", or "sqrt(m/n)": the radius times sqrt(out / rest), of the matrix that is solved (Bernstein 2025).
    batch_dims
        The first so many dimensions count matrices: 1 for experts (experts, out, in). 0.
    blocks
        Cut the rows into so many matrices: 3 for a fused q, k, v. 1.
    certify_every
        K: only the first of every K solves of a matrix gets a certificate; 0: none does. An answer without one costs
        less; it is "uncertified" in `report` and its gap NaN: its search ended at tol by its own account. A `Collector`
        keeps no row of such a solve. 1.
    arms
        Names SOLVER[@ITERATIONS][:MULTIPLIER] to choose from, such as ["quasi_newton", "admm@20:0.5"], in place of
        solver, tol and max_iter; `arm` is the one that the next step is made with.
    router
        A `trm_router.Router`, or the path of its checkpoint, that chooses the arm at every step from the features that
        a `Collector` computes; arms are then the solvers that it knows, unless given.
    manifold
        Whether the parameters are on the manifold: two dimensions or more, of 16, 32 or 64-bit floats.
    maximize
        Go up instead of down.

    All but arms and router may differ between groups. The constructor projects those weights on the manifold, not
    frozen, that are more than 1e-6 off, in ||W'W - I||_F / sqrt(n); `projected` says which and how far they were, the
    logger "trm_router.torch", too. Others are left as they are. A parameter whose gradient is None stays as it is.

    float32 and float64 weights on the host whose strides make matrices are updated in place, the matrices side by side
    on the threads there are. Others, also those on another device, go through a copy on the host in every step. A 16-bit
    weight is the rounding of float32 values that are orthonormal, kept in its state ("master") with a float32 momentum:
    16 bits alone are off the manifold by more than a step is long. Gradients are widened exactly.

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
                 tol: Optional[float] = None, max_iter: Optional[int] = None, *, rank: int = 0,
                 radius_rule: str = "fixed", batch_dims: int = 0, blocks: int = 1, certify_every: int = 1,
                 arms: Optional[Sequence[str]] = None, router: Any = None, manifold: bool = True,
                 maximize: bool = False):
        self._forget()
        self.projected: dict[str, float] = {}
        self.router: Optional[Router] = Router(router) if isinstance(router, (str, bytes)) else router
        if self.router is not None and arms is None:
            arms = self.router.arms
        super().__init__(params, dict(
            lr=lr, momentum=momentum, weight_decay=weight_decay, nesterov=nesterov, spectral_budget=spectral_budget,
            solver=solver, tol=tol, max_iter=max_iter, rank=rank, radius_rule=radius_rule, batch_dims=batch_dims,
            blocks=blocks, certify_every=certify_every, manifold=manifold, maximize=maximize,
            arms=None if arms is None else [arm_of(text).name for text in arms], arm=0))

    def _forget(self) -> None:
        self._slots: dict[torch.Tensor, tuple[Any, Slot]] = {}
        self._stepped: dict[str, Any] = {}
        self._routed = False

    def __getstate__(self) -> dict[str, Any]:
        state: dict[str, Any] = super().__getstate__()
        return {**state, "router": self.router}

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        self._forget()
        self.__dict__.setdefault("projected", {})
        self.__dict__.setdefault("router", None)
        self.defaults.setdefault("certify_every", 1)
        for group in self.param_groups:  # of a state that an earlier version saved
            for option, value in self.defaults.items():
                group.setdefault(option, value)

    def add_param_group(self, param_group: dict[str, Any]) -> None:
        """Add a group, as the constructor does; its weights on the manifold are projected where they are off."""
        super().add_param_group(param_group)
        group = self.param_groups[-1]
        try:
            group.setdefault("base_lr", float(group["lr"]))
            check_group(group)
            if group["manifold"]:
                for name, parameter in zip(names_of(group, len(self.param_groups) - 1), group["params"]):
                    self._project(name, parameter, group)
        except Exception:
            self.param_groups.pop()
            raise

    @property
    def arms(self) -> list[str]:
        """Names of the arms to choose from; empty where there is one solver."""
        return list(self.defaults["arms"] or ())

    @property
    def arm(self) -> Optional[str]:
        """The arm that the next step is made with; None where there is one solver. May be set, to a name of `arms`."""
        at = {group["arm"] for group in self.param_groups}
        return self.arms[at.pop()] if self.arms and len(at) == 1 else None

    @arm.setter
    def arm(self, name: str) -> None:
        if name not in self.arms:
            raise ValueError(f"there is no arm {shown(name)}; there are {', '.join(self.arms) or 'none'}")
        for group in self.param_groups:
            group["arm"] = self.arms.index(name)
        self._routed = True

    @torch.no_grad()
    def _project(self, name: str, parameter: torch.Tensor, group: dict[str, Any]) -> None:
        slot = self._slot(name, parameter, group)
        if not parameter.requires_grad or not constrained(group):
            return
        value = slot.matrices(parameter)
        with threads():
            drift = slot.drift(value)
            if drift <= (torch.finfo(parameter.dtype).eps if parameter.dtype in HALVES else FEASIBLE):
                return
            if not math.isfinite(drift):
                raise ValueError(f"{name} holds NaN or infinity")
            slot.project(name, value)
        store(value, parameter)
        self.projected[name] = drift
        _log.info("%s was %.1e off the manifold and is projected", name, drift)

    def _slot(self, name: str, parameter: torch.Tensor, group: dict[str, Any]) -> Slot:
        key = (parameter.shape, parameter.dtype, *(repr(group[option]) for option in _OPTIONS))
        if freed(parameter):
            raise ValueError(f"the memory of {name} was freed")
        known = self._slots.get(parameter)
        if known is None or known[0] != key:
            known = self._slots[parameter] = key, Slot(parameter, shape_of(name, parameter, group), group)
        return known[1]

    @torch.no_grad()
    def step(self, closure: Optional[Callable[[], Any]] = None) -> Any:
        """One step; closure, where there is one, computes the loss again and its gradients. Returns its loss."""
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        if self.router is not None and not self._routed:
            raise RuntimeError("the router chooses by features: call Collector.pre_step before every step")
        self._routed = False
        on: list[_Named] = []
        off: list[_Named] = []
        for index, group in enumerate(self.param_groups):
            for name, parameter in zip(names_of(group, index), group["params"]):
                if parameter.grad is not None:
                    (on if group["manifold"] else off).append((name, parameter, group))
                    if parameter.grad.layout is not torch.strided:
                        raise TypeError(f"the gradient of {name} is not dense")
                    if freed(parameter) or freed(parameter.grad):
                        raise ValueError(f"the memory of {name} or of its gradient was freed")
        self._step_on_manifold(on)
        for _, parameter, group in off:
            parameter.sub_(direction(parameter, group, self.state), alpha=float(group["lr"]))
        return loss

    def _turn(self, name: str, parameter: torch.Tensor, group: dict[str, Any]) -> Turn:
        slot = self._slot(name, parameter, group)
        state = self.state[parameter]
        return Turn(name, parameter, group, slot, slot.value(name, parameter, state), slot.state(name, state))

    def _step_on_manifold(self, parameters: list[_Named]) -> None:
        taken = [self._turn(*of) for of in parameters]
        taken.sort(key=lambda turn: -turn.slot.shape.columns)  # the costliest first: none is left for the end alone
        turns = ffi.new("struct steps_turn[]", sum(turn.slot.shape.total for turn in taken))
        names: list[str] = []
        held: list[torch.Tensor] = []  # what C reads lives until it is done
        for turn in taken:
            held.append(turn.slot.matrices(direction(turn.parameter, turn.group, self.state)))
            fill(turns + len(names), turn, held[-1])
            names += [turn.slot.name(turn.name, i) for i in range(turn.slot.shape.total)]
        failed, error = ffi.new("size_t *"), ffi.new("struct trm_error *")
        with threads():
            status = lib.steps_take(turns, len(names), failed, error)
        check(status, error.text, f"{names[failed[0]]}: " if names else "")
        for turn in taken:
            store(turn.value, turn.parameter)
        self._stepped = {name: turns[i].workspace for i, name in enumerate(names) if turns[i].factor > 0.0}

    def report(self) -> dict[str, Report]:
        """What the last step did to each matrix on the manifold, by name; empty before the first step."""
        return {name: report_of(workspace) for name, workspace in self._stepped.items()}

    def on_manifold(self) -> list[_Named]:
        """Every parameter on the manifold, with its name and group."""
        return [(name, parameter, group) for index, group in enumerate(self.param_groups) if group["manifold"]
                for name, parameter in zip(names_of(group, index), group["params"])]

    def drift(self) -> dict[str, float]:
        """||W'W - I||_F / sqrt(n) of every parameter on the manifold now, the largest of its matrices."""
        with threads(), torch.no_grad():
            return {of[0]: slot.drift(slot.value(of[0], of[1], self.state[of[1]]))
                    for of in self.on_manifold() if constrained(of[2]) for slot in [self._slot(*of)]}

    @torch.no_grad()
    def watch(self, name: str, parameter: torch.Tensor, group: dict[str, Any]) -> tuple[list[float], list[float]]:
        """For `Collector`: singular values of the tangent part of what the next step goes against, descending, and
        (was there an update, effective rank of its A, distance from orthonormality before the retraction). Of a
        parameter of several matrices, the first."""
        turn = self._turn(name, parameter, group)
        against = turn.slot.matrices(upcoming(parameter, group, self.state))
        turns, error = ffi.new("struct steps_turn[]", turn.slot.shape.total), ffi.new("struct trm_error *")
        fill(turns, turn, against)
        sigma = ffi.new("double[]", turn.slot.shape.columns)
        with threads():
            check(lib.steps_gamma(turns, sigma, error), error.text, f"{name}: ")
        return list(sigma), turn.state[1].flatten()[:lib.STEPS_LAST].tolist()

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """As every optimiser's; what was computed in float64 stays so, and a run goes on to the same bits."""
        super().load_state_dict(state_dict)
        saved = [i for group in state_dict["param_groups"] for i in group["params"]]
        parameters = [parameter for group in self.param_groups for parameter in group["params"]]
        for i, parameter in zip(saved, parameters):
            for key, value in state_dict["state"].get(i, {}).items():
                if key in DOUBLES or key == "master":
                    self.state[parameter][key] = value.detach().to("cpu", copy=True)
                elif key == "momentum_buffer" and "master" in state_dict["state"][i]:
                    self.state[parameter][key] = value.detach().to(parameter.device, copy=True)
        self._stepped = {}
