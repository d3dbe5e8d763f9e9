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
