"""What a group of parameters may ask for: checked, and as C takes it."""
from __future__ import annotations

import functools
import math
from typing import Any, NamedTuple, Optional

from ._calls import check, shown
from ._muon import ffi, lib
from ._solve import solver_options, solvers


class Arm(NamedTuple):
    """What a step may be made with."""

    name: str
    solver: int
    tol: Optional[float]
    max_iter: Optional[int]
    multiplier: float


@functools.lru_cache(maxsize=None)
def arm(text: str) -> Arm:
    """SOLVER[@ITERATIONS][:MULTIPLIER], as the program reads it; its name is the shortest that means the same."""
    found, error = ffi.new("struct trm_arm *"), ffi.new("struct trm_error *")
    check(lib.trm_arm_parse(text.encode(), found, error), error.text)
    name = ffi.new("char[]", lib.TRM_ARM_NAME)
    lib.trm_arm_name(found, name)
    return Arm(ffi.string(name).decode(), found.solver, None, found.budget or None, found.radius_multiplier)


def arms_of(group: dict[str, Any]) -> list[Arm]:
    """A group's arms: its own solver alone, or those that the optimiser chooses from."""
    if group["arms"] is not None:
        return [arm(text) for text in group["arms"]]
    return [Arm(group["solver"], lib.muon_solver_find(group["solver"].encode()), group["tol"], group["max_iter"], 1.0)]


def c_options(group: dict[str, Any]) -> Any:
    options = ffi.new("struct muon_sgd_options *", lib.muon_sgd_options_default())
    arms = arms_of(group)
    options.arm_count = len(arms)
    for into, of in zip(options.arms, arms):
        into.solver = of.solver
        into.options = solver_options(str(ffi.string(lib.muon_solver_name(of.solver)), "ascii"), of.tol, of.max_iter,
                                      group["rank"], 0.1)[0]
        into.options.uncertified = group["certify_every"] - 1.0 if group["certify_every"] > 0 else math.inf
    return options


def factor(group: dict[str, Any]) -> float:
    return float(group["lr"]) / float(group["base_lr"])


def radius(group: dict[str, Any], shape: Any) -> float:
    rule = math.sqrt(shape.rows / shape.cols) if group["radius_rule"] != "fixed" else 1.0
    multiplier: float = arms_of(group)[group["arm"]].multiplier
    return float(group["spectral_budget"]) * factor(group) * rule * multiplier


def constrained(group: dict[str, Any]) -> bool:
    return bool(arms_of(group)[0].solver != lib.muon_solver_find(b"muon"))


def check_group(group: dict[str, Any]) -> None:
    names = [solver.name for solver in solvers()]
    if group["solver"] not in names:
        raise ValueError(f"there is no solver {shown(group['solver'])}; there are {', '.join(names)}")
    if group["arms"] is not None:
        if not group["arms"] or len(set(group["arms"])) < len(group["arms"]):
            raise ValueError("arms must be one at least, none of them twice")
        arms_of(group)
    lr, momentum = float(group["lr"]), group["momentum"]
    for name in ("lr", "weight_decay"):
        if not 0.0 <= float(group[name]) < math.inf:
            raise ValueError(f"{name} must be a number that is not negative, not {float(group[name])}")
    if not 0.0 <= momentum < 1.0:
        raise ValueError(f"momentum must be at least 0 and below 1, not {momentum}")
    if group["nesterov"] and momentum == 0.0:
        raise ValueError("nesterov needs momentum")
    if group["radius_rule"] not in ("fixed", "sqrt(m/n)"):
        raise ValueError(f"radius_rule must be 'fixed' or 'sqrt(m/n)', not {shown(group['radius_rule'])}")
    for name, least in (("batch_dims", 0), ("blocks", 1), ("certify_every", 0)):
        if not isinstance(group[name], int) or group[name] < least:
            raise ValueError(f"{name} must be a whole number, {least} or more, not {shown(group[name])}")
    if not 0.0 < float(group["spectral_budget"]) <= 1e100:
        raise ValueError(f"spectral_budget must be a positive number, not {group['spectral_budget']}")
    if group["manifold"] and not lr > 0.0:
        raise ValueError("on the manifold lr must be positive: the radius follows lr over its first value")
