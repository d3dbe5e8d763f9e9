"""Threads and forks: the same bits, no wait for ever, the caller's thread count as before."""
import concurrent.futures
import multiprocessing
import os

import numpy as np
import pytest
from conftest import orthonormal

import trm_router
from trm_router._muon import lib


@pytest.fixture
def problem(rng):
    return orthonormal(rng, 96, 48), rng.standard_normal((96, 48))


def answer(problem):
    return trm_router.solve(*problem, 0.1).A


def test_threads_of_python_solve_side_by_side(problem):
    alone = answer(problem)
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        assert all(np.array_equal(A, alone) for A in pool.map(answer, [problem] * 8))


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_forked_child_solves(problem):
    trm_router.solve(*problem, 0.1)  # the parent has its threads now
    before = lib.omp_get_max_threads()
    with multiprocessing.get_context("fork").Pool(1) as pool:
        A = pool.apply_async(answer, [problem]).get(timeout=60)
    assert np.allclose(A, answer(problem), atol=1e-6)
    assert lib.omp_get_max_threads() == before


def test_thread_counts_are_as_before(problem):
    before = lib.omp_get_max_threads()
    for count in (1, 2, 3):
        lib.omp_set_num_threads(count)
        answer(problem)
        assert lib.omp_get_max_threads() == count
    lib.omp_set_num_threads(before)


class Solving:
    """A data set whose items are solved in the worker."""

    def __init__(self, problem):
        self.problem = problem

    def __len__(self):
        return 4

    def __getitem__(self, index):
        return answer(self.problem)


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_workers_of_a_data_loader_solve_after_the_optimiser_has_stepped(problem):
    torch = pytest.importorskip("torch")
    from trm_router.torch import MuonSGD

    parameters = [torch.nn.Parameter(torch.from_numpy(problem[0]).float()) for _ in range(3)]
    for parameter in parameters:
        parameter.grad = torch.from_numpy(problem[1]).float()
    MuonSGD(parameters).step()  # the parent has threads of OpenMP's now
    loader = torch.utils.data.DataLoader(Solving(problem), batch_size=None, num_workers=2, timeout=120,
                                         multiprocessing_context="fork")
    assert all(np.allclose(A, answer(problem), atol=1e-6) for A in loader)


def test_counts_are_as_before_after_every_call(problem):
    before = lib.omp_get_max_threads()
    lib.omp_set_num_threads(3)
    A, X, _ = trm_router.solve(*problem, 0.1)
    trm_router.certificate(*problem, A, 0.1, X)
    trm_router.project(problem[0])
    with pytest.raises(ValueError):
        trm_router.solve(2 * problem[0], problem[1], 0.1)
    assert lib.omp_get_max_threads() == 3
    lib.omp_set_num_threads(before)
