"""Arrays and tensors of the caller as matrices that C reads and writes in place where it can."""
from __future__ import annotations

import sys
from typing import Any

import numpy as np

from ._muon import ffi, lib

_DTYPES = {np.dtype(np.float32): lib.MUON_F32, np.dtype(np.float64): lib.MUON_F64}


def is_tensor(value: Any) -> bool:
    """Whether value is a torch tensor; torch is not imported for the question."""
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(value, torch.Tensor)


def freed(tensor: Any) -> bool:
    """Whether a tensor reaches beyond its memory, as one does whose storage was resized."""
    import torch

    if tensor.layout is not torch.strided or tensor.device.type == "meta":
        return False
    last = tensor.storage_offset() + sum((n - 1) * step for n, step in zip(tensor.shape, tensor.stride()))
    return bool(tensor.numel() > 0 and tensor.untyped_storage().nbytes() < (last + 1) * tensor.element_size())


def to_host(value: Any, name: str) -> np.ndarray:
    """value as a NumPy array of float32 or float64: the same memory where it can be, widened exactly else."""
    if is_tensor(value):
        return _tensor_to_host(value, name)
    if not hasattr(value, "__array__") and not isinstance(value, (list, tuple)):
        raise TypeError(f"{name} must be an array or a tensor, not {type(value).__name__}")
    array = np.asarray(value)
    if array.dtype.kind != "f" or array.dtype.itemsize > 8:
        raise TypeError(f"{name} must hold float16, float32 or float64 values, not {array.dtype}")
    native = array.dtype.newbyteorder("=")
    return array.astype(np.promote_types(native, np.float32), copy=False)


def _tensor_to_host(value: Any, name: str) -> np.ndarray:
    import torch

    if value.layout is not torch.strided or value.device.type == "meta":
        raise TypeError(f"{name} must be a dense tensor with values, not {value.layout} on {value.device}")
    if value.dtype not in (torch.float32, torch.float64, torch.float16, torch.bfloat16):
        raise TypeError(f"{name} must hold floats of 16, 32 or 64 bits, not {value.dtype}")
    if freed(value):
        raise ValueError(f"the memory of {name} was freed")
    value = value.detach().cpu()
    array: np.ndarray = (value if value.dtype == torch.float64 else value.float()).resolve_neg().numpy()
    return array


def from_host(array: np.ndarray, like: Any) -> Any:
    """array as what the caller works with: a tensor on the device of `like` where that is a tensor."""
    if not is_tensor(like):
        return array
    import torch

    return torch.from_numpy(array).to(like.device)


def readable(array: np.ndarray) -> np.ndarray:
    """array, or a copy of it where its strides are not whole positive elements."""
    size = array.itemsize
    if array.flags.aligned and all(stride >= 0 and stride % size == 0 for stride in array.strides):
        return array
    return np.ascontiguousarray(array)


def check_matrices(array: np.ndarray) -> None:
    """Refuse weights that are no matrix and no batch of them."""
    if array.ndim < 2 or 0 in array.shape[-2:]:
        raise ValueError(f"W must have at least two dimensions, the last two not empty, not the shape {array.shape}")


def matrix(array: np.ndarray) -> Any:
    """A struct muon_matrix over a 2-D array with rows >= cols. The caller keeps the array alive."""
    return ffi.new("struct muon_matrix *", {
        "data": ffi.cast("void *", array.ctypes.data),
        "dtype": _DTYPES[array.dtype],
        "rows": array.shape[0],
        "cols": array.shape[1],
        "row_stride": array.strides[0] // array.itemsize,
        "col_stride": array.strides[1] // array.itemsize,
    })
