"""What a step of MuonSGD goes against: the gradient with its momentum."""
from __future__ import annotations

from typing import Any, MutableMapping

import torch

from ._slots import HALVES

_State = MutableMapping[torch.Tensor, dict[str, Any]]  # of the optimiser, which makes what is missing


def direction(parameter: torch.Tensor, group: dict[str, Any], states: _State) -> torch.Tensor:
    """It for this step; the buffer moves on."""
    assert parameter.grad is not None
    grad = -parameter.grad if group["maximize"] else parameter.grad
    if not group["manifold"] and group["weight_decay"] != 0.0:
        grad = grad.add(parameter, alpha=group["weight_decay"])
    elif group["manifold"] and parameter.dtype in HALVES:
        grad = grad.float()
    momentum = group["momentum"]
    if momentum == 0.0:
        return grad
    state = states[parameter]
    if "momentum_buffer" not in state:
        state["momentum_buffer"] = torch.zeros_like(parameter, dtype=grad.dtype)
    buffer: torch.Tensor = state["momentum_buffer"].mul_(momentum).add_(grad)
    return grad.add(buffer, alpha=momentum) if group["nesterov"] else buffer


def upcoming(parameter: torch.Tensor, group: dict[str, Any], states: _State) -> torch.Tensor:
    """What `direction` will say, without a trace."""
    assert parameter.grad is not None
    grad = -parameter.grad if group["maximize"] else parameter.grad
    buffer = states[parameter].get("momentum_buffer") if group["momentum"] != 0.0 else None
    ahead = grad if buffer is None else grad.add(buffer, alpha=group["momentum"])
    return grad.add(ahead, alpha=group["momentum"]) if group["nesterov"] else ahead
