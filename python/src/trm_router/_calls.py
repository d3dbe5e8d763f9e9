"""Statuses as exceptions, and calls in a forked child."""
from __future__ import annotations

import contextlib
import os
from typing import Any, Iterator

from ._muon import ffi, lib

_EXCEPTIONS = {lib.TRM_NO_MEMORY: MemoryError, lib.TRM_NUMERIC: ArithmeticError, lib.TRM_IO: OSError,
               lib.TRM_EXISTS: FileExistsError, lib.TRM_DIVERGED: ArithmeticError}
_forked = False


def check(status: int, text: Any, where: str = "") -> None:
    """Raise what fits a status that is not TRM_OK, with C's reason (a char array) after `where`."""
    if status != lib.TRM_OK:
        raise _EXCEPTIONS.get(status, ValueError)(where + ffi.string(text).decode(errors="replace"))


def shown(value: Any) -> str:
    """What a caller gave, in one short line."""
    return " ".join(repr(value).split())[:80]


def _after_fork() -> None:
    global _forked
    _forked = True


os.register_at_fork(after_in_child=_after_fork)


@contextlib.contextmanager
def threads() -> Iterator[None]:
    """Around every call that computes. A forked child has none of its parent's OpenMP threads and would wait for
    them for ever: there, the work is done on one thread. The caller's count is as before afterwards."""
    if not _forked:
        yield
        return
    before = lib.omp_get_max_threads()
    lib.omp_set_num_threads(1)
    try:
        yield
    finally:
        lib.omp_set_num_threads(before)
