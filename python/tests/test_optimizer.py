"""MuonSGD: its step by a second route, and what torch asks of every optimiser."""
import copy

import pytest

import trm_router

torch = pytest.importorskip("torch")
from training import drift, loss_of, make, matrices, network, same, train  # noqa: E402
from trm_router._muon import lib  # noqa: E402
from trm_router.torch import MuonSGD, manifold_groups  # noqa: E402


@pytest.mark.parametrize("nesterov", [False, True])
def test_step_is_solve_and_polar(nesterov):
    model = network()
    optimizer = make(model, nesterov=nesterov, tol=1e-6)
    buffers, warm = {}, {}
    for step in range(3):
        before = matrices(model)
        train(model, optimizer, [step])
        for name, M in matrices(model).items():
            grad = dict(model.named_parameters())[name].grad.flatten(1)
            buffers[name] = grad if step == 0 else 0.9 * buffers[name] + grad
            against = grad + 0.9 * buffers[name] if nesterov else buffers[name]
            A, X, info = trm_router.solve(before[name].float(), against, 0.1, tol=1e-6, warm=warm.get(name))
            u, _, vt = torch.linalg.svd(before[name] + A.double(), full_matrices=False)
            assert torch.allclose(M, u @ vt, atol=1e-3)
            assert optimizer.report()[name].gap <= 1e-6 and info.gap <= 1e-6
            assert -torch.sum(against * (M - before[name])).item() == pytest.approx(info.primal, rel=0.1)


@pytest.mark.parametrize("options", [{}, {"nesterov": True}, {"momentum": 0.0, "weight_decay": 0.0},
                                     {"maximize": True}])
def test_off_the_manifold_it_is_sgd(options):
    ours, theirs = network(), network()
    options = {"lr": 0.05, "momentum": 0.9, "weight_decay": 5e-4, **options}
    a = MuonSGD(ours.parameters(), manifold=False, **options)
    b = torch.optim.SGD(theirs.parameters(), foreach=False, **options)
    train(ours, a, range(5))
    train(theirs, b, range(5))
    assert all(torch.allclose(p, q, rtol=1e-5, atol=1e-7) for p, q in zip(ours.parameters(), theirs.parameters()))


@pytest.mark.parametrize("every", [0, 1, 3])
def test_only_every_kth_solve_is_certified(every):
    model, other = network(), network()
    optimizer, certified = make(model, tol=1e-2, certify_every=every), make(other, tol=1e-2)
    for step in range(7):
        train(model, optimizer, [step])
        train(other, certified, [step])
        for report in optimizer.report().values():
            wanted = every > 0 and step % every == 0
            assert (report.gap <= 1e-2) == wanted and (report.outcome == "uncertified") == (not wanted)
    assert all(torch.allclose(M, N, atol=2e-3) for M, N in zip(matrices(model).values(), matrices(other).values()))


def test_loss_falls_and_weights_stay_on_the_manifold():
    model = network()
    optimizer = make(model)
    losses = train(model, optimizer, [0] * 30)
    assert losses[-1] < 0.5 * losses[0]
    assert all(drift(M) < 1e-6 for M in matrices(model).values())


def test_constructor_projects_what_is_off_and_leaves_what_is_on(caplog):
    model = network()
    with caplog.at_level("INFO", "trm_router.torch"):
        first = make(model)
    assert set(first.projected) == {"0.weight", "3.weight"} and min(first.projected.values()) > 1e-6
    assert "3.weight was" in caplog.text
    before = copy.deepcopy(model)
    assert make(model).projected == {} and same(model, before)


def test_frozen_parameters_and_none_gradients_stay():
    model = network()
    model[3].weight.requires_grad_(False)
    before = copy.deepcopy(model)
    optimizer = make(model)
    assert torch.equal(model[3].weight, before[3].weight)
    conv = model[0].weight.clone()
    optimizer.zero_grad(set_to_none=True)
    optimizer.step()
    assert torch.equal(conv, model[0].weight) and optimizer.report() == {}
    train(model, optimizer, [0])
    assert torch.equal(model[3].weight, before[3].weight) and not torch.equal(conv, model[0].weight)


@pytest.mark.parametrize("schedule", ["lambda", "one_cycle", "cosine"])
def test_radius_follows_every_scheduler(schedule):
    model = network()
    optimizer = make(model, tol=1e-4)
    base = optimizer.param_groups[0]["lr"]
    scheduler = {
        "lambda": lambda: torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 1.0 / (1 + step)),
        "one_cycle": lambda: torch.optim.lr_scheduler.OneCycleLR(optimizer, 3 * base, total_steps=6,
                                                                 cycle_momentum=False),
        "cosine": lambda: torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 5),
    }[schedule]()
    for step in range(5):
        radius = 0.1 * optimizer.param_groups[0]["lr"] / base
        train(model, optimizer, [step], scheduler)
        for report in optimizer.report().values():
            assert report.norm == pytest.approx(radius, rel=1e-4)


def test_options_may_change_on_the_way():
    model = network()
    optimizer = make(model)
    train(model, optimizer, [0])
    optimizer.param_groups[0]["spectral_budget"] = 0.02
    train(model, optimizer, [1])
    assert all(report.norm == pytest.approx(0.02, rel=1e-4) for report in optimizer.report().values())


def test_lr_zero_moves_nothing():
    model = network()
    optimizer = make(model)
    before = copy.deepcopy(model)
    for group in optimizer.param_groups:
        group["lr"] = 0.0
    train(model, optimizer, [0])
    assert same(model, before) and optimizer.report() == {}


def test_closure_hooks_and_added_group():
    model = network()
    optimizer = MuonSGD(model[0].parameters(), manifold=False)
    optimizer.add_param_group({"params": [model[3].weight], "lr": 0.2, "manifold": True})
    assert list(optimizer.projected) == ["1.0"] and optimizer.param_groups[1]["base_lr"] == 0.2
    calls = []
    optimizer.register_step_post_hook(lambda *_: calls.append("post"))

    def closure():
        optimizer.zero_grad()
        loss = loss_of(model, 0)
        loss.backward()
        return loss

    assert optimizer.step(closure).item() > 0 and calls == ["post"]
    assert list(optimizer.report()) == ["1.0"]


def test_grad_scaler_skips_what_overflows():
    model = network()
    optimizer = make(model)
    scaler = torch.amp.GradScaler("cpu")
    before = copy.deepcopy(model)
    scaler.scale(loss_of(model, 0)).backward()
    model[3].weight.grad[0, 0] = float("inf")
    scaler.step(optimizer)
    scaler.update()
    assert same(model, before)


def test_maximize_is_minimise_of_the_negative():
    ours, theirs = network(), network()
    a, b = make(ours, maximize=True, weight_decay=0.0), make(theirs, weight_decay=0.0)
    for step in range(2):
        train(ours, a, [step])
        b.zero_grad()
        (-loss_of(theirs, step)).backward()
        b.step()
    assert same(ours, theirs)


def test_layout_and_replaced_memory_do_not_matter():
    ours, theirs = network(), network().to(memory_format=torch.channels_last)
    a, b = make(ours), make(theirs)
    train(ours, a, [0])
    for p, q in zip(ours.parameters(), theirs.parameters()):
        q.grad = p.grad.clone()
    b.step()
    assert all(torch.equal(p, q.contiguous()) for p, q in zip(ours.parameters(), theirs.parameters()))
    for p in ours.parameters():
        p.data = p.data.clone()
    a.step()
    b.step()
    assert all(torch.equal(p, q.contiguous()) for p, q in zip(ours.parameters(), theirs.parameters()))


def test_bits_do_not_depend_on_threads():
    models, before = [], lib.omp_get_max_threads()
    for count in (1, 2, 3):
        models.append(network())
        optimizer = make(models[-1])
        for step in range(3):
            generator = torch.Generator().manual_seed(step)
            for p in models[-1].parameters():
                p.grad = torch.randn(p.shape, generator=generator)
            lib.omp_set_num_threads(count)
            optimizer.step()
            assert lib.omp_get_max_threads() == count
            lib.omp_set_num_threads(before)
    assert same(models[0], models[1]) and same(models[0], models[2])


def test_groups_of_a_transformer():
    class Model(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.tokens = torch.nn.Embedding(11, 8)
            self.place = torch.nn.Parameter(torch.zeros(5, 8))
            self.block = torch.nn.TransformerEncoderLayer(8, 2, 16)
            self.depthwise = torch.nn.Conv1d(8, 8, 3, groups=8)
            self.out = torch.nn.Linear(8, 11, bias=False)
            self.out.weight = self.tokens.weight

    model = Model()
    groups, reasons = manifold_groups(model)
    on = [name for name, reason in reasons.items() if reason.startswith("on")]
    assert on == ["block.self_attn.in_proj_weight", "block.self_attn.out_proj.weight", "block.linear1.weight",
                  "block.linear2.weight"]
    assert reasons["depthwise.weight"].startswith("off: depthwise") and "embedding" in reasons["tokens.weight"]
    assert sum(len(group["params"]) for group in groups) == len(list(model.parameters()))
    assert "off: head" == manifold_groups(model, head=["block.linear2"]).reasons["block.linear2.weight"]
    with pytest.raises(ValueError, match="no module 'neck'"):
        manifold_groups(model, head=["neck"])
