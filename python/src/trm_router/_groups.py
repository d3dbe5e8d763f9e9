"""Which parameters of a model belong on the manifold."""
from __future__ import annotations

from typing import Any, Iterable, NamedTuple, Optional

from torch import nn
from torch.nn.modules.conv import _ConvNd


class Grouping(NamedTuple):
    """Groups for MuonSGD, and for every parameter by name why it is where it is."""

    groups: list[dict[str, Any]]
    reasons: dict[str, str]


def _last_linear(model: nn.Module) -> list[nn.Module]:
    found: list[nn.Module] = [module for module in model.modules() if isinstance(module, nn.Linear)]
    return found[-1:]


def _reason(module: nn.Module, parameter: Any, off: dict[int, str]) -> str:
    if id(parameter) in off:
        return "off: " + off[id(parameter)]
    if parameter.dim() < 2:
        return "off: gain or bias"
    if isinstance(module, _ConvNd):
        return "on: kernel" if module.groups == 1 else "off: depthwise or grouped kernel"
    if isinstance(module, (nn.Linear, nn.MultiheadAttention, nn.RNNBase)):
        return "on: hidden matrix"
    return f"off: {type(module).__name__} is no layer whose weight is known to be a matrix"


def manifold_groups(model: nn.Module, head: Optional[Iterable[str]] = None) -> Grouping:
    """Sort a model's parameters into a group on the manifold and one off it, each parameter once.

    On it: weights of linear layers, attention and recurrent layers, and kernels of convolutions. Off it: the head,
    embeddings and what is tied to them, kernels of grouped convolutions, gains, biases, and every parameter that is
    not in one of torch's own layers. A fused weight (q, k and v; the gates of an LSTM) counts as one matrix.

    head: names of the modules that are the head, as in model.named_modules(); None: the last linear layer; () for
    none. Raises ValueError for a name that there is not.

    >>> from torch import nn
    >>> model = nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.Flatten(), nn.Linear(8, 10))
    >>> for name, reason in manifold_groups(model).reasons.items():
    ...     print(name, reason)
    0.weight on: kernel
    0.bias off: gain or bias
    1.weight off: gain or bias
    1.bias off: gain or bias
    3.weight off: head
    3.bias off: head
    """
    modules = dict(model.named_modules())
    for name in head or ():
        if name not in modules:
            raise ValueError(f"the model has no module {name!r} to be its head")
    heads = _last_linear(model) if head is None else [modules[name] for name in head]
    embeddings = [module for module in modules.values() if isinstance(module, (nn.Embedding, nn.EmbeddingBag))]
    off = {id(parameter): "head" for module in heads for parameter in module.parameters()}
    off.update({id(parameter): "embedding" for module in embeddings for parameter in module.parameters()})

    members: dict[bool, list[Any]] = {True: [], False: []}
    reasons: dict[str, str] = {}
    seen = set()
    for prefix, module in modules.items():
        for name, parameter in module.named_parameters(prefix, recurse=False):
            if id(parameter) not in seen:
                seen.add(id(parameter))
                reasons[name] = _reason(module, parameter, off)
                members[reasons[name].startswith("on")].append((name, parameter))
    groups = [{"params": of, "manifold": manifold} for manifold, of in members.items() if of]
    return Grouping(groups, reasons)
