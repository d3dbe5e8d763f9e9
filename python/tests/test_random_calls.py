"""Calls at random: an answer, or an exception that fits; never a crash."""
import os

import numpy as np
import pytest
import randomly
from randomly import CALLS, ODD, answered, array, some
from test_router import checkpoint  # noqa: F401

import trm_router


def options(rng, names):
    return {name: some(rng, ODD) for name in names if rng.random() < 0.08}


def test_solve(rng):
    names = [solver.name for solver in trm_router.solvers()]
    count = 0
    for _ in range(CALLS):
        of = randomly.shape(rng)
        W, G = array(rng, of), array(rng, of)
        given = {"solver": some(rng, names), "max_iter": int(rng.integers(0, 20)), "rank": int(rng.integers(0, 3)),
                 **options(rng, ["radius", "solver", "tol", "max_iter", "rank", "lr", "warm"])}
        if rng.random() < 0.2:
            given["warm"] = array(rng, (*of[:-2], *[min(of[-2:], default=0)] * 2))
        radius = given.pop("radius", some(rng, [0.1, 0.1, 0.1, 1e-300, 1e100]))

        def call():
            A, X, info = trm_router.solve(W, G, radius, **given)
            assert A.shape == np.shape(W) and np.isfinite(A).all()
        count += answered(call)
    assert count > CALLS / 20


def test_project(rng):
    count = 0
    for _ in range(CALLS):
        W = array(rng)

        def call():
            near, distance = trm_router.project(W)
            assert near.shape == np.shape(W) and (np.asarray(distance) >= 0.0).all()
            assert np.abs(near).max(initial=0.0) < 1.001
        count += answered(call)
    assert count > CALLS / 4


def test_certificate(rng):
    count = 0
    for _ in range(CALLS):
        of = randomly.shape(rng)
        W, G, A = (array(rng, of) for _ in range(3))
        X = None
        if rng.random() < 0.5:
            k = min(of[-2:], default=0)
            X = array(rng, (*of[:-2], k, k))
            if isinstance(X, np.ndarray) and X.ndim >= 2 and X.dtype.kind == "f" and rng.random() < 0.8:
                X = np.zeros(X.shape)
        radius = some(rng, ODD) if rng.random() < 0.1 else 0.1
        count += answered(lambda: trm_router.certificate(W, G, A, radius, X))
    assert count > CALLS / 20


def test_router(rng, checkpoint, tmp_path):  # noqa: F811
    whole, damaged = checkpoint.read_bytes(), tmp_path / "damaged.safetensors"
    router = trm_router.Router(checkpoint)
    names, count = [*router.arms, "", "newton"], 0
    for i in range(CALLS):
        features = array(rng, some(rng, [(12,), (3, 12)]))
        allowed = some(rng, [None, None, [some(rng, names)], [some(rng, names) for _ in range(3)], some(rng, ODD)])
        count += answered(lambda: router.decide(features, allowed))
        count += answered(lambda: router.forward(features))
        path = some(rng, ODD) if i % 8 == 0 else damaged
        if path is damaged:
            data = bytearray(whole[:rng.integers(len(whole) + 1)] if rng.random() < 0.3 else whole)
            for _ in range(rng.integers(1, 4)):  # the header is where it matters
                if data:
                    data[rng.integers(min(len(data), some(rng, [8, 1500, len(data)])))] = rng.integers(256)
            damaged.write_bytes(data)
        elif isinstance(path, int):
            continue  # a file descriptor would be read
        if answered(lambda: trm_router.Router(path)):
            answered(lambda: trm_router.Router(path).decide(np.zeros(12)))
    assert count > CALLS / 10


def test_read_store(rng, tmp_path):
    pytest.importorskip("pandas")
    pytest.importorskip("torch")
    from test_collector import record
    record(tmp_path / "a.db", steps=4)
    whole, damaged = (tmp_path / "a.db").read_bytes(), tmp_path / "damaged.db"
    count = 0
    for i in range(CALLS // 4):
        data = bytearray(whole[:rng.integers(len(whole) + 1)] if rng.random() < 0.2 else whole)
        for _ in range(rng.integers(1, 6)):
            if data:
                data[rng.integers(min(len(data), some(rng, [100, 4096, len(data)])))] = rng.integers(256)
        damaged.write_bytes(data)
        for left in ("damaged.db-wal", "damaged.db-shm", "damaged.db-journal"):
            (tmp_path / left).unlink(missing_ok=True)
        count += answered(lambda: trm_router.read_store(damaged))
        if i < len(ODD) and not isinstance(ODD[i], int):
            answered(lambda: trm_router.read_store(ODD[i]))
    answered(lambda: trm_router.read_store(tmp_path))
    assert count < CALLS and not os.path.exists(tmp_path / "x")
