"""Optimisers, groups, states and recordings at random: a step, or an exception that fits; never a crash."""
import copy
import warnings

import numpy as np
import pytest
import randomly
from randomly import CALLS, ODD, answered, some

torch = pytest.importorskip("torch")
from trm_router._arrays import freed  # noqa: E402
from trm_router.torch import Collector, MuonSGD, manifold_groups  # noqa: E402

DTYPES = 6 * [torch.float32] + 3 * [torch.float64] + 2 * [torch.bfloat16, torch.float16] + [torch.int32, torch.complex64]
OPTIONS = {"lr": 0.1, "momentum": 0.9, "weight_decay": 0.0, "nesterov": True, "spectral_budget": 0.1, "solver": "admm",
           "tol": 1e-2, "max_iter": 3, "rank": 1, "radius_rule": "sqrt(m/n)", "batch_dims": 1, "blocks": 2,
           "arms": ["admm", "quasi_newton@3:0.5"], "router": None, "manifold": False, "maximize": True}


def option(rng, name):
    if rng.random() < 0.8:
        return OPTIONS[name]
    return some(rng, [*ODD, "muon", "frank_wolfe", ["admm", "admm"], ["spectral_clip@0"], torch.tensor(0.1)])


def options(rng, share):
    return {name: option(rng, name) for name in OPTIONS if rng.random() < share}


def tensor(rng, shape):
    """Of any type and layout; mostly one that can be stepped."""
    value = torch.from_numpy(np.array(randomly.matrices(rng, shape) if len(shape) > 1 else rng.standard_normal(shape)))
    value = value.to(some(rng, DTYPES))
    kind = rng.random()
    if kind < 0.1 and value.ndim >= 2:
        value = value.mT.contiguous().mT
    elif kind < 0.15 and value.ndim >= 1 and value.shape[0] > 0:
        value = value[:1].expand(value.shape)
    elif kind < 0.18:
        value = value.to_sparse() if value.ndim else value
    elif kind < 0.2:
        value = torch.empty(value.shape, device="meta", dtype=value.dtype)
    elif kind < 0.22:
        value = value.clone()
        value.untyped_storage().resize_(0)
    return value


def parameter(rng):
    value = tensor(rng, randomly.shape(rng))
    return torch.nn.Parameter(value, requires_grad=value.dtype.is_floating_point and rng.random() < 0.95)


def set_gradient(rng, p):
    kind = rng.random()
    if kind < 0.1 or p.device.type == "meta":
        p.grad = None
        return
    grad = torch.from_numpy(np.array(rng.standard_normal(tuple(p.shape)))).to(p.dtype)
    if kind < 0.2 and grad.numel():
        grad.view(-1)[0] = some(rng, [float("nan"), float("inf"), 0.0, 6e4])
    elif kind < 0.25 and grad.ndim >= 2:
        grad = grad.mT.contiguous().mT
    elif kind < 0.3 and grad.ndim >= 2:
        grad = grad.to_sparse()
    elif kind < 0.35:
        grad = torch.zeros_like(grad)
    p.grad = grad


def disturb(rng, optimizer):
    """What somebody might do to an optimiser between steps."""
    if any(freed(p) for group in optimizer.param_groups for p in group["params"]):
        return  # torch itself crashes when it copies such a tensor
    group = some(rng, optimizer.param_groups)
    kind = rng.integers(8)
    if kind == 0:
        name = some(rng, list(OPTIONS))
        group[name] = option(rng, name)
    elif kind == 1:
        group["arm"] = some(rng, [0, 1, 2, -1, 99, *ODD])
    elif kind == 2:
        states = [s for s in optimizer.state.values() if s]
        if states:
            state = some(rng, states)
            state[some(rng, list(state))] = some(rng, [torch.zeros(3, 3), torch.ones(4, dtype=torch.float64), None, 3])
    elif kind == 3:
        state = optimizer.state_dict()
        for of in state["state"].values():
            for key in list(of):
                if rng.random() < 0.3:
                    of[key] = some(rng, [of[key][..., :1], torch.full_like(of[key], float("nan")), of[key].float()])
        optimizer.load_state_dict(state)
    elif kind == 4:
        copy.deepcopy(optimizer)
    elif kind == 5:
        with torch.no_grad():
            some(rng, group["params"]).mul_(some(rng, [0.0, 2.0, 1e30, float("nan")]))
    elif kind == 6:
        p = some(rng, group["params"])
        p.data = p.data[..., :1].clone()
    else:
        optimizer.add_param_group({"params": [parameter(rng)], **options(rng, 0.1)})


@pytest.fixture(autouse=True)
def quiet():
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        yield


def test_optimiser(rng):
    steps = 0
    for _ in range(CALLS // 4):
        made = []
        parameters = [parameter(rng) for _ in range(rng.integers(1, 4))]
        if not answered(lambda: made.append(MuonSGD(parameters, **options(rng, 0.08)))):
            continue
        optimizer = made[0]
        for step in range(4):
            for p in (p for group in optimizer.param_groups for p in group["params"]):
                answered(lambda: set_gradient(rng, p))  # torch may refuse it
            steps += answered(optimizer.step)
            answered(optimizer.report)
            answered(optimizer.drift)
            answered(optimizer.state_dict)
            if rng.random() < 0.5:
                answered(lambda: disturb(rng, optimizer))
    assert steps > CALLS / 40


def test_collector(rng, tmp_path):
    model = torch.nn.Sequential(torch.nn.Linear(6, 5), torch.nn.Linear(5, 2))
    rows = 0
    for i in range(CALLS // 16):
        optimizer = MuonSGD(manifold_groups(model).groups, lr=0.1, max_iter=3)
        given = {"epochs": 1, "steps_per_epoch": 3, "batch_size": 4}
        for name in (*given, "mode", "seed", "model", "dataset", "width", "name", "config", "track", "record_every"):
            if rng.random() < 0.06:
                given[name] = some(rng, [*ODD, "a", "w", "0.weight", {"k": object()}, "e\u0301\n"])
        path = some(rng, [None, tmp_path / "a.db", tmp_path / f"{i}.db", tmp_path, "", "/nowhere/a.db", 7.5])
        made = []
        if not answered(lambda: made.append(Collector(optimizer, path, **given))):
            continue
        collector = made[0]
        for _ in range(8):
            if rng.random() < 0.9:
                optimizer.zero_grad()
                model(torch.randn(4, 6)).square().mean().backward()
            if rng.random() < 0.1:
                model[0].weight.grad = some(rng, [None, torch.full((5, 6), float("nan")), torch.zeros(5, 6)])
            loss = some(rng, ODD) if rng.random() < 0.1 else torch.rand(())
            calls = [lambda: collector.pre_step(loss), optimizer.step, lambda: collector.post_step(loss)]
            if rng.random() < 0.3:
                calls = [some(rng, [*calls, collector.close, collector.end_epoch, lambda: collector.end_epoch(loss, loss),
                                    lambda: collector.close(some(rng, ["done", "lost", None]), loss, loss)])]
            for call in calls:
                rows += answered(call)
        answered(collector.close)
    assert rows > CALLS / 16
