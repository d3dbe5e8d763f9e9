"""What PyTorch checks of every optimiser of its own (test/test_optim.py there), of this one."""
import copy
import io
import pickle

import pytest

torch = pytest.importorskip("torch")
from training import loss_of, make, network, same, train  # noqa: E402
from trm_router.torch import MuonSGD, manifold_groups  # noqa: E402

schedulers = torch.optim.lr_scheduler
MIXED = [{}, {"nesterov": True}, {"momentum": 0.0}, {"maximize": True}, {"solver": "admm"}, {"weight_decay": 0.0}]


@pytest.mark.parametrize("options", MIXED)
def test_goes_the_right_way(options):
    model = network()
    optimizer = make(model, **options)
    first = loss_of(model, 0).item()
    losses = train(model, optimizer, [0] * 10)
    assert losses[-1] > first if options.get("maximize") else losses[-1] < first


@pytest.mark.parametrize("name, make_scheduler", [
    ("StepLR", lambda o: schedulers.StepLR(o, 2, 0.5)),
    ("MultiStepLR", lambda o: schedulers.MultiStepLR(o, [1, 3])),
    ("ExponentialLR", lambda o: schedulers.ExponentialLR(o, 0.9)),
    ("ConstantLR", lambda o: schedulers.ConstantLR(o, 0.5, 2)),
    ("LinearLR", lambda o: schedulers.LinearLR(o, 0.3, total_iters=4)),
    ("PolynomialLR", lambda o: schedulers.PolynomialLR(o, 6)),
    ("CosineAnnealingWarmRestarts", lambda o: schedulers.CosineAnnealingWarmRestarts(o, 3)),
    ("CyclicLR", lambda o: schedulers.CyclicLR(o, 0.01, 0.1, step_size_up=2)),
    ("OneCycleLR", lambda o: schedulers.OneCycleLR(o, 0.1, total_steps=8)),
    ("MultiplicativeLR", lambda o: schedulers.MultiplicativeLR(o, lambda step: 0.9)),
    ("SequentialLR", lambda o: schedulers.SequentialLR(o, [schedulers.LinearLR(o, 0.1, total_iters=2),
                                                           schedulers.ExponentialLR(o, 0.5)], [2])),
    ("ChainedScheduler", lambda o: schedulers.ChainedScheduler([schedulers.StepLR(o, 2), schedulers.ExponentialLR(o, 0.9)])),
])
def test_every_scheduler_moves_both_lengths(name, make_scheduler):
    model = network()
    optimizer = make(model)
    base = [group["base_lr"] for group in optimizer.param_groups]
    scheduler = make_scheduler(optimizer)
    for step in range(4):
        radius = 0.1 * optimizer.param_groups[0]["lr"] / base[0]
        train(model, optimizer, [step], scheduler)
        assert all(report.norm == pytest.approx(radius, rel=1e-4) for report in optimizer.report().values())
    assert [group["base_lr"] for group in optimizer.param_groups] == base


def test_plateau_scheduler():
    model = network()
    optimizer = make(model)
    scheduler = schedulers.ReduceLROnPlateau(optimizer, factor=0.5, patience=0)
    for step in range(3):
        train(model, optimizer, [step])
        scheduler.step(1.0)
    assert optimizer.param_groups[0]["lr"] < 0.05
    train(model, optimizer, [3])
    assert optimizer.report()["3.weight"].norm < 0.1


def test_lr_may_be_a_tensor():
    ours, theirs = network(), network()
    train(ours, make(ours, lr=torch.tensor(0.05)), range(3))
    train(theirs, make(theirs), range(3))
    assert all(torch.allclose(p, q, atol=1e-6) for p, q in zip(ours.parameters(), theirs.parameters()))


def test_no_gradient_no_step():
    model = network()
    optimizer = make(model)
    before = copy.deepcopy(model)
    optimizer.step()
    assert same(model, before) and not any(state for state in optimizer.state.values())


def test_zero_gradients_and_no_decay_move_nothing():
    model = network()
    optimizer = make(model, weight_decay=0.0)
    before = copy.deepcopy(model)
    for parameter in model.parameters():
        parameter.grad = torch.zeros_like(parameter)
    optimizer.step()
    assert all(torch.allclose(p, q, rtol=0, atol=3e-7) for p, q in zip(model.parameters(), before.parameters()))
    assert {report.outcome for report in optimizer.report().values()} == {"zero"}


@pytest.mark.parametrize("options", MIXED)
@pytest.mark.parametrize("through", ["state_dict", "file", "deepcopy", "pickle"])
def test_every_kind_of_copy_goes_on_to_the_same_bits(options, through):
    model = network()
    optimizer = make(model, **options)
    train(model, optimizer, range(2))
    if through == "deepcopy":
        other, again = copy.deepcopy((model, optimizer))
    elif through == "pickle":
        other, again = pickle.loads(pickle.dumps((model, optimizer)))
    else:
        saved = copy.deepcopy((model.state_dict(), optimizer.state_dict()))
        if through == "file":
            file = io.BytesIO()
            torch.save(saved, file)
            file.seek(0)
            saved = torch.load(file, weights_only=True)
        other = network()
        other.load_state_dict(saved[0])
        again = make(other, **options)
        again.load_state_dict(saved[1])
    train(model, optimizer, [2, 3])
    train(other, again, [2, 3])
    assert same(model, other)


def test_state_of_an_earlier_version_loads():
    """Groups without the options that were added since."""
    model = network()
    optimizer = make(model)
    train(model, optimizer, [0])
    saved = optimizer.state_dict()
    for group in saved["param_groups"]:
        for option in ("rank", "radius_rule", "batch_dims", "blocks", "arms", "arm"):
            del group[option]
    again = make(model)
    again.load_state_dict(saved)
    train(model, again, [1])


def test_hooks_of_every_kind():
    model = network()
    optimizer, seen = make(model), []
    optimizer.register_step_pre_hook(lambda *_: seen.append("pre"))
    optimizer.register_step_post_hook(lambda *_: seen.append("post"))
    optimizer.register_state_dict_pre_hook(lambda _: seen.append("save"))
    optimizer.register_state_dict_post_hook(lambda _, state: seen.append("saved"))
    optimizer.register_load_state_dict_pre_hook(lambda _, state: seen.append("load"))
    optimizer.register_load_state_dict_post_hook(lambda _: seen.append("loaded"))
    train(model, optimizer, [0])
    optimizer.load_state_dict(optimizer.state_dict())
    assert seen == ["pre", "post", "save", "saved", "load", "loaded"]


def test_closure_sees_gradients_enabled_and_is_called_once():
    model = network()
    optimizer, calls = make(model), []

    def closure():
        calls.append(torch.is_grad_enabled())
        optimizer.zero_grad()
        loss = loss_of(model, 0)
        loss.backward()
        return loss

    with torch.no_grad():
        loss = optimizer.step(closure)
    assert calls == [True] and loss.item() > 0


def test_it_can_be_printed_and_names_are_kept():
    model = network()
    optimizer = make(model)
    assert "spectral_budget: 0.1" in repr(optimizer)
    assert optimizer.state_dict()["param_groups"][0]["param_names"] == ["0.weight", "3.weight"]


def test_empty_groups_lists_and_twice_the_same():
    with pytest.raises(ValueError, match="empty parameter list"):
        MuonSGD([])
    with pytest.raises(TypeError):
        MuonSGD(torch.ones(2, 2))
    parameter = torch.nn.Parameter(torch.eye(3))
    with pytest.raises(ValueError, match="more than one parameter group"):
        MuonSGD([{"params": [parameter]}, {"params": [parameter]}])
    with pytest.raises(ValueError, match="can't optimize a non-leaf"):
        MuonSGD([parameter * 2])
    empty = torch.nn.Parameter(torch.ones(0))
    optimizer = MuonSGD([{"params": [parameter]}, {"params": [empty], "manifold": False}])
    parameter.grad, empty.grad = torch.ones(3, 3), torch.ones(0)
    optimizer.step()


def test_set_to_none_or_zero_is_the_same_training():
    a, b = network(), network()
    optimizers = make(a), make(b)
    for step in range(3):
        for model, optimizer, none in zip((a, b), optimizers, (True, False)):
            optimizer.zero_grad(set_to_none=none)
            loss_of(model, step).backward()
            optimizer.step()
    assert same(a, b)


def test_grad_scaler_is_plain_training():
    ours, theirs = network(), network()
    a, b = make(ours), make(theirs)
    scaler = torch.amp.GradScaler("cpu", init_scale=2.0**10)
    for step in range(3):
        a.zero_grad()
        scaler.scale(loss_of(ours, step)).backward()
        scaler.step(a)
        scaler.update()
    train(theirs, b, range(3))
    assert same(ours, theirs)


def test_state_moves_with_the_type_of_the_model():
    """A float32 run goes on in double: what C computes with stays in double, momentum follows the weights."""
    model = network()
    optimizer = make(model)
    train(model, optimizer, [0])
    wide = network().double()
    wide.load_state_dict(model.state_dict())
    again = MuonSGD(manifold_groups(wide).groups, lr=0.05)
    again.load_state_dict(optimizer.state_dict())
    state = again.state[wide[3].weight]
    assert state["momentum_buffer"].dtype == torch.float64 and state["warm"].dtype == torch.float64
    for parameter in wide.parameters():
        parameter.grad = torch.ones_like(parameter)
    again.step()
    assert max(again.drift().values()) < 1e-12


def test_other_optimizers_state_is_refused():
    model = network()
    sgd = torch.optim.SGD(model.parameters(), lr=0.1)
    with pytest.raises(ValueError, match="parameter group"):
        make(model).load_state_dict(sgd.state_dict())


def test_calls_of_every_kind_do_not_crash():
    """Constructors and steps of values, shapes and options at random: an exception with one line, or a weight on the
    manifold."""
    generator = torch.Generator().manual_seed(1)

    def pick(of):
        return of[int(torch.randint(len(of), (1,), generator=generator))]

    stepped = 0
    for _ in range(600):
        shape = tuple(pick([1, 2, 2, 3, 4, 4, 6, 6, 0]) for _ in range(pick([1, 2, 2, 2, 3])))
        dtype = pick([torch.float32, torch.float32, torch.float64, torch.bfloat16, torch.float16])
        options = {"lr": pick([0.1] * 9 + [0.0, -1.0, float("nan")]), "spectral_budget": pick([0.1] * 6 + [1e-30, 1e30, 0.0]),
                   "solver": pick(["quasi_newton", "admm", "spectral_clip", "frank_wolfe", "muon", "x"]),
                   "blocks": pick([1, 1, 1, 2]), "batch_dims": pick([0, 0, 0, 1]), "momentum": pick([0.9] * 5 + [0.0, 1.0]),
                   "nesterov": pick([False, True, False]), "radius_rule": pick(["fixed", "sqrt(m/n)"])}
        parameter = torch.nn.Parameter(torch.randn(shape, generator=generator).to(dtype))
        try:
            optimizer = MuonSGD([parameter], **options)
            parameter.grad = torch.randn(shape, generator=generator).to(dtype)
            if pick([0, 0, 0, 1]):
                parameter.grad.view(-1)[0] = pick([0.0, float("nan"), float("inf"), 1e30 if dtype != torch.float16 else 6e4])
            optimizer.step()
            stepped += 1
            if options["solver"] != "muon" and options["spectral_budget"] < 1:
                assert max(optimizer.drift().values()) < 1e-5
        except (TypeError, ValueError, ArithmeticError) as error:
            assert str(error) and "\n" not in str(error)
    assert stepped > 50
