"""Parameters of torch as matrices that C steps in place where it can."""
from __future__ import annotations

import math
from typing import Any, NamedTuple

import torch

from ._calls import check
from ._group_options import c_options
from ._muon import ffi, lib

HALVES = (torch.bfloat16, torch.float16)
FEASIBLE = 1e-6  # ||W'W - I||_F / sqrt(n) up to which a weight counts as on the manifold
DOUBLES = ("warm", "last")  # of the state of a parameter: float64 on the host, whatever the parameter is


class Shape(NamedTuple):
    """A parameter (batch..., out, rest...) as batch x blocks matrices of rows x cols."""

    batch: int
    blocks: int
    rows: int
    cols: int

    @property
    def total(self) -> int:
        return self.batch * self.blocks

    @property
    def columns(self) -> int:
        return min(self.rows, self.cols)


def shape_of(name: str, parameter: torch.Tensor, group: dict[str, Any]) -> Shape:
    """Refuses what cannot be on the manifold."""
    if not parameter.dtype.is_floating_point or parameter.element_size() < 2 or \
            parameter.layout is not torch.strided or parameter.device.type == "meta":
        raise TypeError(f"{name} must be dense, of 16, 32 or 64-bit floats, to be on the manifold, not "
                        f"{parameter.dtype} on {parameter.device}")
    shape, batch, blocks = tuple(parameter.shape), group["batch_dims"], group["blocks"]
    if len(shape) - batch < 2 or parameter.numel() == 0:
        raise ValueError(f"{name} has the shape {shape} and is no matrix: give it a group with manifold=False, or let "
                         "manifold_groups(model) sort the parameters")
    if shape[batch] % blocks != 0:
        raise ValueError(f"{name} has the shape {shape}: its {shape[batch]} rows are not {blocks} equal blocks")
    return Shape(math.prod(shape[:batch]), blocks, shape[batch] // blocks, math.prod(shape[batch + 1:]))


def names_of(group: dict[str, Any], index: int) -> list[str]:
    """What the parameters of group `index` are called: their names where they came with some."""
    return group.get("param_names") or [f"{index}.{i}" for i in range(len(group["params"]))]


class Slot:
    """A parameter's workspaces in C, one a matrix, and where its values lie during a step."""

    def __init__(self, parameter: torch.Tensor, shape: Shape, group: dict[str, Any]):
        self.shape = shape
        error = ffi.new("struct trm_error *")
        options = c_options(group)
        tall = max(shape.rows, shape.cols), shape.columns
        self.workspaces = []
        for _ in range(shape.total):
            workspace = lib.steps_create(*tall, options, error)
            if workspace == ffi.NULL:
                check(error.status, error.text)
            self.workspaces.append(ffi.gc(workspace, lib.steps_destroy))
        self.dtype = torch.float64 if parameter.dtype == torch.float64 else torch.float32

    def matrices(self, tensor: torch.Tensor) -> torch.Tensor:
        """(batch, blocks, rows, cols) over the same memory where strides allow, on the host, as this slot computes."""
        return tensor.detach().to("cpu", self.dtype).reshape(self.shape)

    def value(self, name: str, parameter: torch.Tensor, state: dict[str, Any]) -> torch.Tensor:
        """The matrices of a parameter: its own memory where that serves, else a copy. Of 16 bits: its master's."""
        if parameter.dtype not in HALVES:
            return self.matrices(parameter)
        master = state.get("master")
        if master is None or not torch.equal(master.to(parameter.dtype), parameter.cpu()):
            master = state["master"] = parameter.detach().to("cpu", torch.float32, copy=True).contiguous()
            self.project(name, self.matrices(master))
        return self.matrices(master)

    def place(self, into: Any, tensor: torch.Tensor, index: int) -> None:
        """Matrix `index` of what `matrices` returned as a struct muon_matrix, rows >= cols."""
        at = divmod(index, self.shape.blocks)
        stride, size = tensor.stride(), tensor.element_size()
        into.data = ffi.cast("void *", tensor.data_ptr() + (at[0] * stride[0] + at[1] * stride[1]) * size)
        into.dtype = lib.MUON_F64 if tensor.dtype == torch.float64 else lib.MUON_F32
        into.rows, into.row_stride, into.cols, into.col_stride = self.shape.rows, stride[2], self.shape.cols, stride[3]
        if self.shape.rows < self.shape.cols:
            into.rows, into.row_stride, into.cols, into.col_stride = \
                self.shape.cols, stride[3], self.shape.rows, stride[2]

    def turns(self, turns: Any, value: torch.Tensor) -> None:
        """Fill in workspace and weight of every matrix."""
        for index, workspace in enumerate(self.workspaces):
            turns[index].workspace = workspace
            self.place(turns[index].W, value, index)

    def drift(self, value: torch.Tensor) -> float:
        """The largest ||W'W - I||_F / sqrt(n) of its matrices; NaN where one is not finite."""
        turns = ffi.new("struct steps_turn[]", self.shape.total)
        self.turns(turns, value)
        largest = 0.0
        for index in range(self.shape.total):
            lib.steps_drift(turns + index)
            largest = max(largest, turns[index].result) if math.isfinite(turns[index].result) else math.nan
            if math.isnan(largest):
                break
        return largest

    def project(self, name: str, value: torch.Tensor) -> None:
        """value <- the polar factors."""
        turns, error = ffi.new("struct steps_turn[]", self.shape.total), ffi.new("struct trm_error *")
        self.turns(turns, value)
        for index in range(self.shape.total):
            check(lib.steps_project(turns + index, error), error.text, f"{name}: ")

    def state(self, name: str, state: dict[str, Any]) -> list[torch.Tensor]:
        """Warm starts and last updates, at first 0. C goes by their sizes, so what was loaded is looked at."""
        n, found = self.shape.columns, []
        for key, shape in zip(DOUBLES, ((n, n), (lib.STEPS_LAST,))):
            shape = shape if self.shape.total == 1 else (self.shape.total, *shape)
            value = state.setdefault(key, torch.zeros(shape, dtype=torch.float64, device="cpu"))
            if value.dtype != torch.float64 or value.device.type != "cpu" or value.shape != shape or \
                    not value.is_contiguous():
                raise ValueError(f"the state {key!r} of {name} is not that of {tuple(self.shape)} matrices")
            found.append(value)
        return found

    def name(self, name: str, index: int) -> str:
        return name if self.shape.total == 1 else f"{name}[{index}]"
