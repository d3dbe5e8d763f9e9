"""Manifold Muon: the steepest step in the spectral norm for weights with orthonormal columns, certified.

    solve          the inner problem of one matrix or a batch of them, on NumPy arrays or torch tensors
    certificate    how far any step is from the best one
    project        the nearest matrix with orthonormal columns
    solvers        the solvers that there are, with their defaults
    Router         a trained router between solvers: features in, arm out
    feature_names  what the features are called
    read_store     recorded runs as pandas frames

Nothing here needs torch; `trm_router.torch` has the optimiser and the recording of one's own training.
"""
from . import _kernels

_kernels.load()

from ._certificate import certificate  # noqa: E402
from ._muon import ffi as _ffi, lib as _lib  # noqa: E402
from ._project import Projection, project  # noqa: E402
from ._router import Decision, Router, feature_names  # noqa: E402
from ._solve import Info, Solution, SolverDescription, solve, solvers  # noqa: E402
from ._store import Frames, read_store  # noqa: E402

__version__: str = _ffi.string(_lib.muon_version_text()).decode()
__all__ = ["Decision", "Frames", "Info", "Projection", "Router", "Solution", "SolverDescription", "certificate",
           "feature_names", "project", "read_store", "solve", "solvers"]
