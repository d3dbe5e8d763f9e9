"""What a store of runs holds, as pandas frames."""
from __future__ import annotations

import os
import pathlib
from typing import Any, NamedTuple

from ._calls import check
from ._muon import ffi, lib


class Frames(NamedTuple):
    """The two flat views of a store."""

    dynamics: Any  #: one row a recorded step, with its run: features, loss, next_loss, solver, gap, times
    run_summary: Any  #: one row a run: settings, how it ended, losses and accuracies


def read_store(path: Any) -> Frames:
    """The frames `dynamics` and `run_summary` of a store that `trm-router collect`, `online` or a `Collector` wrote.

    Needs pandas. The file is checked first and not written. Raises FileNotFoundError, and ValueError for a file that
    is no store, is of another version, or is damaged.

    >>> import trm_router
    >>> steps, runs = trm_router.read_store("results/admm.db")           # doctest: +SKIP
    >>> steps.groupby("epoch").loss.mean()                               # doctest: +SKIP
    """
    import sqlite3

    import pandas  # type: ignore[import-untyped,unused-ignore]

    name = os.fspath(path)
    if not os.path.exists(name):
        raise FileNotFoundError(f"there is no store {name}")
    store, error = ffi.new("struct trm_store **"), ffi.new("struct trm_error *")
    check(lib.trm_store_open(os.fsencode(name), lib.TRM_STORE_READ, store, error), error.text)
    try:
        connection = sqlite3.connect(pathlib.Path(name).absolute().as_uri() + "?mode=ro", uri=True)
        try:
            order = {"dynamics": "run_id, step", "run_summary": "run_id"}
            return Frames(*(pandas.read_sql_query(f"SELECT * FROM {view} ORDER BY {by}", connection)
                            for view, by in order.items()))
        except (sqlite3.Error, pandas.errors.DatabaseError) as error:  # text that is no UTF-8, say
            raise ValueError(f"{name}: cannot read it: {' '.join(str(error).split())}") from error
        finally:
            connection.close()
    finally:
        lib.trm_store_close(store[0], ffi.NULL)
