"""Batches, blocks, types, radii and arms of the optimiser."""
import copy

import pytest

torch = pytest.importorskip("torch")
from trm_router.torch import MuonSGD  # noqa: E402


def gradients(shape, steps, dtype=torch.float32):
    generator = torch.Generator().manual_seed(5)
    return [torch.randn(shape, generator=generator).to(dtype) for _ in range(steps)]


def run(parameters, grads, **options):
    """Steps of parameters against given gradients, one list a step."""
    optimizer = MuonSGD(parameters, **{"lr": 0.1, "tol": 1e-6, **options})
    for of_step in grads:
        for parameter, grad in zip(parameters, of_step):
            parameter.grad = grad
        optimizer.step()
    return optimizer


def weight(*shape, dtype=torch.float32):
    torch.manual_seed(2)
    return torch.nn.Parameter(torch.randn(shape).to(dtype))


@pytest.mark.parametrize("shape, options, count", [((3, 8, 5), {"batch_dims": 1}, 3), ((12, 5), {"blocks": 3}, 3),
                                                   ((2, 8, 3, 2), {"batch_dims": 1, "blocks": 2}, 4)])
def test_batches_and_blocks_are_matrices_of_their_own(shape, options, count):
    whole, grads = weight(*shape), gradients(shape, 3)
    parts = [torch.nn.Parameter(part.clone()) for part in whole.detach().reshape(count, -1, *shape[2:] or shape[1:])
             ] if options != {"blocks": 3} else [torch.nn.Parameter(part.clone()) for part in whole.detach().chunk(3)]
    cut = [[part.reshape(parts[0].shape) for part in grad.reshape(count, -1)] for grad in grads]
    optimizer = run([whole], [[grad] for grad in grads], **options)
    run(parts, cut)
    assert torch.equal(whole.detach().reshape(count, -1), torch.stack([part.detach().flatten() for part in parts]))
    assert list(optimizer.report()) == [f"0.0[{i}]" for i in range(count)]
    again = MuonSGD([whole], lr=0.1, tol=1e-6, **options)
    again.load_state_dict(copy.deepcopy(optimizer.state_dict()))
    assert again.projected == {} and again.state[whole]["warm"].shape[0] == count


def test_strides_that_make_matrices_are_stepped_in_place():
    W = weight(9, 6)
    base = W.detach().t().contiguous()
    turned = torch.nn.Parameter(base.t())
    grads = gradients((9, 6), 3)
    run([W], [[grad] for grad in grads])
    run([turned], [[grad] for grad in grads])
    assert torch.equal(W, turned) and turned.data_ptr() == base.data_ptr() and turned.stride() == (1, 9)


def test_double_is_stepped_in_double():
    W = weight(9, 6, dtype=torch.float64)
    run([W], [[grad] for grad in gradients((9, 6), 3, torch.float64)])
    assert torch.dist(W.T @ W, torch.eye(6, dtype=torch.float64)) < 1e-13
    assert W.dtype == torch.float64


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_sixteen_bits_are_widened_exactly_and_lose_no_small_step(dtype):
    W, grads = weight(9, 6, dtype=dtype), gradients((9, 6), 4, dtype)
    optimizer = MuonSGD([W], lr=0.1, tol=1e-6, spectral_budget=1e-5)
    twin = torch.nn.Parameter(W.detach().float())
    W.grad = grads[0]
    optimizer.step()
    master = optimizer.state[W]["master"]
    wide = MuonSGD([twin], lr=0.1, tol=1e-6, spectral_budget=1e-5)
    twin.grad = grads[0].float()
    wide.step()
    for grad in grads[1:]:
        W.grad, twin.grad = grad, grad.float()
        optimizer.step()
        wide.step()
    assert master.dtype == torch.float32 and torch.equal(master, twin.detach())
    assert torch.equal(W.detach(), master.to(dtype)) and optimizer.state[W]["momentum_buffer"].dtype == torch.float32
    other = torch.nn.Parameter(W.detach().clone())
    again = MuonSGD([other], lr=0.1, tol=1e-6, spectral_budget=1e-5)
    assert again.projected == {} and torch.equal(other, W)
    again.load_state_dict(copy.deepcopy(optimizer.state_dict()))
    for a in (W, other):
        a.grad = grads[0]
    optimizer.step()
    again.step()
    assert torch.equal(again.state[other]["master"], optimizer.state[W]["master"])
    other.data.zero_()[:6] = torch.eye(6).to(dtype)  # whoever sets the weight sets what is stepped
    again.step()
    assert torch.allclose(other[:6].float(), torch.eye(6), atol=0.01)


def test_radius_rule_goes_by_the_matrix():
    for shape in ((16, 4), (4, 16)):
        optimizer = run([weight(*shape)], [gradients(shape, 1)], radius_rule="sqrt(m/n)")
        assert optimizer.report()["0.0"].norm == pytest.approx(0.1 * (shape[0] / shape[1]) ** 0.5, rel=1e-5)


def test_groups_have_options_of_their_own():
    a, b = weight(8, 4), weight(8, 4)
    optimizer = MuonSGD([{"params": [a], "spectral_budget": 0.2, "solver": "admm", "momentum": 0.0},
                         {"params": [b], "nesterov": True, "radius_rule": "sqrt(m/n)", "tol": 1e-5}], lr=0.1)
    a.grad, b.grad = gradients((8, 4), 2)
    optimizer.step()
    report = optimizer.report()
    assert report["0.0"].norm == pytest.approx(0.2, rel=1e-4) and report["1.0"].norm == pytest.approx(0.1 * 2**0.5, rel=1e-4)
    assert "momentum_buffer" not in optimizer.state[a] and "momentum_buffer" in optimizer.state[b]


def test_arms_are_chosen_by_name():
    W, grads = weight(12, 6), gradients((12, 6), 3)
    optimizer = MuonSGD([W], lr=0.1, arms=["quasi_newton", "admm@7:0.5"])
    assert optimizer.arm == "quasi_newton" and optimizer.arms == ["quasi_newton", "admm@7:0.5"]
    for name, norm in (("admm@7:0.5", 0.05), ("quasi_newton", 0.1)):
        optimizer.arm = name
        W.grad = grads[0]
        optimizer.step()
        assert optimizer.report()["0.0"].norm == pytest.approx(norm, rel=1e-3)
    copied = copy.deepcopy(optimizer)
    assert copied.arms == optimizer.arms and copied.arm == "quasi_newton"
    for name, words in (("admm", "no arm 'admm'; there are quasi_newton"), ("", "no arm")):
        with pytest.raises(ValueError, match=words):
            optimizer.arm = name
    with pytest.raises(ValueError, match="newton"):
        MuonSGD([W], arms=["newton"])
    with pytest.raises(ValueError, match="twice"):
        MuonSGD([W], arms=["admm", "admm"])


@pytest.mark.parametrize("words, shape, options", [
    ("12 rows are not 5 equal blocks", (12, 4), {"blocks": 5}),
    ("is no matrix", (12, 4), {"batch_dims": 1}),
    ("batch_dims must be", (12, 4), {"batch_dims": -1}),
    ("blocks must be", (12, 4), {"blocks": 0}),
    ("certify_every must be", (12, 4), {"certify_every": -1}),
    ("radius_rule must be", (12, 4), {"radius_rule": "m/n"}),
    ("rank", (12, 4), {"rank": -1, "solver": "frank_wolfe"}),
])
def test_refused(words, shape, options):
    with pytest.raises(ValueError, match=words):
        MuonSGD([weight(*shape)], **options)
