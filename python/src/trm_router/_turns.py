"""One step of a parameter: what C is told, and what it tells."""
from __future__ import annotations

from typing import Any, NamedTuple

import torch

from ._group_options import constrained, factor, radius
from ._muon import ffi, lib
from ._slots import Slot


class Report(NamedTuple):
    """What the last step did to a matrix; `Info` of solve explains the first six."""

    outcome: str
    iterations: int
    gap: float
    tangency: float
    norm: float
    seconds: float
    orthogonality: float  #: ||(W + A)'(W + A) - I||_F, before the retraction
    rank: int  #: singular values of A above 1e-3 of the radius


class Turn(NamedTuple):
    """A parameter in one step."""

    name: str
    parameter: torch.Tensor
    group: dict[str, Any]
    slot: Slot
    value: torch.Tensor  #: its matrices, on the host
    state: list[torch.Tensor]


def report_of(workspace: Any) -> Report:
    report = lib.steps_report(workspace)
    info = report.info
    return Report(ffi.string(lib.muon_outcome_name(info.outcome)).decode(), info.iterations, info.gap, info.tangency,
                  info.norm, info.seconds, report.orthogonality, info.rank)


def store(value: torch.Tensor, parameter: torch.Tensor) -> None:
    if value.data_ptr() != parameter.data_ptr():
        parameter.copy_(value.reshape(parameter.shape))


def fill(turns: Any, turn: Turn, direction: torch.Tensor) -> None:
    """Everything that C is to know of a parameter in this step."""
    slot, group = turn.slot, turn.group
    slot.turns(turns, turn.value)
    doubles = [ffi.cast("double *", state.data_ptr()) for state in turn.state]
    scale, b = factor(group), radius(group, slot.shape)
    for index in range(slot.shape.total):
        c = turns[index]
        slot.place(c.G, direction, index)
        c.warm, c.last = doubles[0] + index * slot.shape.columns**2, doubles[1] + index * lib.STEPS_LAST
        c.arm, c.factor, c.radius = group["arm"], scale, b
        c.constrained, c.shrink = constrained(group), 1.0 - b * group["weight_decay"]
