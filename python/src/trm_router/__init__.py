"""Manifold Muon: the steepest step in the spectral norm for weights with orthonormal columns, certified.

    solve      the inner problem of one matrix or a batch of them, on NumPy arrays or torch tensors
    project    the nearest matrix with orthonormal columns
    solvers    the solvers that there are, with their defaults

Nothing here needs torch.
"""
from ._muon import ffi as _ffi, lib as _lib
from ._project import Projection, project
from ._solve import Info, Solution, SolverDescription, solve, solvers

__version__: str = _ffi.string(_lib.muon_version_text()).decode()
__all__ = ["Info", "Projection", "Solution", "SolverDescription", "project", "solve", "solvers"]
