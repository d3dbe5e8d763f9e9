"""A network of one's own, recorded: the store is one of the program's."""
import os
import pathlib
import shutil
import sqlite3
import subprocess

import numpy as np
import pytest

import trm_router

torch = pytest.importorskip("torch")
from training import loss_of, make, network  # noqa: E402
from test_router import checkpoint  # noqa: E402,F401
from trm_router.torch import Collector, MuonSGD  # noqa: E402

PROGRAM = os.environ.get("TRM_ROUTER", str(pathlib.Path(__file__).parents[2] / "build/release/trm-router"))
RUN = {"epochs": 2, "steps_per_epoch": 30, "batch_size": 6}


def record(path, steps=60, collector_options=None, **options):
    model = network()
    optimizer = make(model, **options)
    features = []
    with Collector(optimizer, path, **{**RUN, **(collector_options or {})}) as collector:
        for step in range(steps):
            optimizer.zero_grad()
            loss = loss_of(model, step)
            loss.backward()
            features.append(collector.pre_step(loss))
            optimizer.step()
            collector.post_step(loss_of(model, step).item() if collector.records else None)
            if collector.step % RUN["steps_per_epoch"] == 0:
                collector.end_epoch(test_loss=1.0, test_accuracy=0.5)
    return np.array(features), optimizer


def test_frames_hold_what_was_seen(tmp_path):
    pytest.importorskip("pandas")
    features, _ = record(tmp_path / "a.db", collector_options={"seed": 4, "model": "tiny", "record_every": 2})
    steps, runs = trm_router.read_store(tmp_path / "a.db")
    assert np.array_equal(steps[trm_router.feature_names()].to_numpy(), features[::2])
    assert list(steps.step) == list(range(0, 60, 2)) and set(steps.solver) == {"quasi_newton"}
    assert (steps.gap <= 1e-4).all() and steps.next_loss.notna().all() and (steps.seconds > 0).all()
    assert runs.loc[0, ["status", "model", "seed", "epochs_done"]].tolist() == ["done", "tiny", 4, 2]
    with sqlite3.connect(tmp_path / "a.db") as store:
        assert store.execute("SELECT count(*), max(max_ortho_error) < 1e-6 FROM epoch").fetchone() == (2, 1)
        assert store.execute("SELECT count(DISTINCT matrix) FROM solve").fetchone() == (2,)


def test_features_are_of_this_step(tmp_path):
    """The spectrum by a second route; recording changes no bits of the training."""
    features, _ = record(None, steps=3)
    model = network()
    optimizer = make(model)
    buffer = 0.0
    for step in range(3):
        optimizer.zero_grad()
        loss = loss_of(model, step)
        loss.backward()
        W, buffer = model[3].weight.detach().double().T, 0.9 * buffer + model[3].weight.grad.double().T
        S = W.T @ buffer
        sigma = torch.linalg.svdvals(buffer - W @ (S + S.T) / 2)
        assert features[step][4] == pytest.approx(sigma[0].log().item(), rel=1e-3)
        assert features[step][0] == pytest.approx(loss.log().item(), rel=1e-6)
        optimizer.step()


@pytest.mark.skipif(shutil.which(PROGRAM) is None, reason=f"there is no program {PROGRAM}")
def test_prepare_and_train_read_it(tmp_path):
    stores = []
    for solver in ("spectral_clip", "admm"):
        stores.append(str(tmp_path / f"{solver}.db"))
        record(stores[-1], solver=solver)

    def run(*words):
        done = subprocess.run([PROGRAM, *words], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
    run("prepare", "--inputs", *stores, "--output", str(tmp_path / "data.db"))
    run("train", "--data", str(tmp_path / "data.db"), "--output", str(tmp_path / "router.safetensors"), "--size", "tiny",
        "--epochs", "2")
    router = trm_router.Router(tmp_path / "router.safetensors")
    assert router.arms == ["spectral_clip", "admm"]
    model = network()
    routed = make(model, router=str(tmp_path / "router.safetensors"))
    assert routed.arms == router.arms


def test_a_router_chooses_every_step(tmp_path, checkpoint):  # noqa: F811
    router = trm_router.Router(checkpoint)
    features, optimizer = record(tmp_path / "a.db", 20, router=router, arms=["admm", "quasi_newton", "dual_ascent"])
    chosen = [router.decide(row, optimizer.arms).arm for row in features]
    with sqlite3.connect(tmp_path / "a.db") as store:
        assert [solver for solver, in store.execute("SELECT solver FROM step ORDER BY step")] == chosen
        assert store.execute("SELECT solver FROM run").fetchone() == ("router",)
    with pytest.raises(RuntimeError, match="Collector.pre_step"):
        optimizer.step()


def test_a_step_without_certificate_has_no_gap(tmp_path):
    record(tmp_path / "run.db", steps=6, certify_every=2)
    with sqlite3.connect(tmp_path / "run.db") as store:
        gaps = [gap for gap, in store.execute("SELECT gap FROM step ORDER BY step")]
        solved = [step for step, in store.execute("SELECT DISTINCT step FROM solve ORDER BY step")]
    assert [gap is None for gap in gaps] == [False, True] * 3 and solved == [0, 2, 4]


def test_how_a_run_ends(tmp_path):
    record(tmp_path / "a.db", steps=10)
    with pytest.raises(ArithmeticError):
        with Collector(make(network()), tmp_path / "a.db", mode="a", **RUN) as collector:
            collector.optimizer.param_groups[0]["params"][0].grad = torch.zeros(8, 3, 3, 3)
            collector.optimizer.param_groups[0]["params"][1].grad = torch.zeros(12, 128)
            collector.pre_step(float("nan"))
    with sqlite3.connect(tmp_path / "a.db") as store:
        assert store.execute("SELECT status FROM run ORDER BY id").fetchall() == [("stopped",), ("diverged",)]


def test_refused(tmp_path):
    record(tmp_path / "a.db", steps=1)
    optimizer = make(network())
    with pytest.raises(FileExistsError):
        Collector(optimizer, tmp_path / "a.db", **RUN)
    for words, options in (("epochs must", {"epochs": 0}), ("mode must", {"mode": "r"}), ("called 'x'", {"track": "x"}),
                           ("seed", {"seed": -1}), ("width", {"width": 0.0})):
        with pytest.raises((ValueError, OverflowError), match=words if words != "seed" else None):
            Collector(optimizer, tmp_path / f"{words}.db", **{**RUN, **options})
    with pytest.raises(ValueError, match="nothing to watch"):
        Collector(MuonSGD([torch.nn.Parameter(torch.ones(2))], manifold=False), None, **RUN)
    collector = Collector(optimizer, None, **RUN)
    with pytest.raises(ValueError, match="no gradient"):
        collector.pre_step(1.0)
    with pytest.raises(ValueError, match="pre_step"):
        collector.post_step()
    collector.close()
    collector.close()
    with pytest.raises(ValueError, match="closed"):
        collector.pre_step(1.0)
    (tmp_path / "text").write_text("no store")
    pytest.importorskip("pandas")
    with pytest.raises(ValueError):
        trm_router.read_store(tmp_path / "text")
    with pytest.raises(FileNotFoundError):
        trm_router.read_store(tmp_path / "none")
    whole = (tmp_path / "a.db").read_bytes()
    (tmp_path / "a.db").write_bytes(whole.replace(b"quasi_newton", b"quasi\xffnewton"))
    with pytest.raises(ValueError, match="a.db: "):
        trm_router.read_store(tmp_path / "a.db")
