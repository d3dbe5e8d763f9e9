"""What MuonSGD refuses, with one sentence, and leaves as it was."""
import pytest

torch = pytest.importorskip("torch")
from training import loss_of, make, matrices, network  # noqa: E402
from trm_router.torch import MuonSGD  # noqa: E402


def test_refused_group_is_not_added():
    model = network()
    optimizer = MuonSGD([model[3].weight])
    with pytest.raises(ValueError, match="1.0 has the shape"):
        optimizer.add_param_group({"params": [model[3].bias]})
    assert len(optimizer.param_groups) == 1


@pytest.mark.parametrize("error, words, options", [
    (ValueError, "lr must be", {"lr": -1.0}),
    (ValueError, "lr must be positive", {"lr": 0.0}),
    (ValueError, "momentum must be", {"momentum": 1.0}),
    (ValueError, "nesterov needs", {"momentum": 0.0, "nesterov": True}),
    (ValueError, "weight_decay must be", {"weight_decay": -1.0}),
    (ValueError, "spectral_budget", {"spectral_budget": 0.0}),
    (ValueError, "no solver 'newton'; there are .*admm", {"solver": "newton"}),
    (ValueError, "tol", {"tol": 2.0}),
])
def test_bad_options(error, words, options):
    with pytest.raises(error, match=words):
        MuonSGD([torch.nn.Parameter(torch.eye(3))], **options)


@pytest.mark.parametrize("error, words, parameter", [
    (TypeError, "64-bit floats", torch.eye(3, dtype=torch.float8_e5m2)),
    (TypeError, "64-bit floats", torch.empty(3, 3, device="meta")),
    (ValueError, "no matrix", torch.ones(3)),
    (ValueError, "NaN", torch.full((3, 2), float("nan"))),
])
def test_bad_parameters(error, words, parameter):
    with pytest.raises(error, match=words):
        MuonSGD([torch.nn.Parameter(parameter)])


def test_a_gradient_that_is_not_finite_changes_no_matrix():
    model = network()
    optimizer = make(model)
    loss_of(model, 0).backward()
    model[0].weight.grad[0] = float("nan")
    before = matrices(model)
    with pytest.raises(ValueError, match="0.weight"):
        optimizer.step()
    assert all(torch.equal(M, before[name]) for name, M in matrices(model).items())
