"""Which kernels OpenBLAS is loaded with.

OpenBLAS 0.3.21 (Debian 12's, and the wheel's) takes kernels of its own for processors with AMX (Sapphire Rapids), with
which a step of small_cnn takes 2.4 times as long as with those for AVX-512 before it (one thread: 48.2 ms and 20.0 ms).
They are chosen once, when the library is loaded, by OPENBLAS_CORETYPE or by the processor.
"""
from __future__ import annotations

import os
from typing import Iterable, Optional

_NAME = "OPENBLAS_CORETYPE"


def better(cpuinfo: Iterable[str]) -> Optional[str]:
    """The name of better kernels for a processor that /proc/cpuinfo describes; None: OpenBLAS chooses well."""
    flags = next((line.split() for line in cpuinfo if line.startswith("flags")), [])
    return "SkylakeX" if "amx_tile" in flags and "avx512f" in flags else None


def load() -> None:
    """Load the extension, and OpenBLAS with it; the environment is as before, and what it says goes first."""
    try:
        with open("/proc/cpuinfo", encoding="ascii", errors="replace") as file:
            name = better(file)
    except OSError:
        name = None
    if name is None or _NAME in os.environ:
        return
    os.environ[_NAME] = name
    try:
        from . import _muon  # noqa: F401
    finally:
        del os.environ[_NAME]
