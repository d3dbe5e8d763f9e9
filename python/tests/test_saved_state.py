"""MuonSGD's state, saved, copied and loaded."""
import copy
import io
import pickle

import pytest

torch = pytest.importorskip("torch")
from training import make, network, same, train  # noqa: E402


@pytest.mark.parametrize("through", ["state_dict", "file", "deepcopy", "pickle"])
def test_goes_on_to_the_same_bits(through):
    model = network()
    optimizer = make(model, nesterov=True)
    train(model, optimizer, range(4))
    if through in ("deepcopy", "pickle"):
        if through == "deepcopy":
            other, again = copy.deepcopy((model, optimizer))
        else:
            other, again = pickle.loads(pickle.dumps((model, optimizer)))
    else:
        saved = model.state_dict(), optimizer.state_dict()
        if through == "file":
            file = io.BytesIO()
            torch.save(saved, file)
            file.seek(0)
            saved = torch.load(file, weights_only=True)
        saved = copy.deepcopy(saved)
        other = network()
        other.load_state_dict(saved[0])
        again = make(other, nesterov=True)
        assert again.projected == {}
        again.load_state_dict(saved[1])
    train(model, optimizer, range(4, 8))
    train(other, again, range(4, 8))
    assert same(model, other)
    assert all(r.iterations == again.report()[name].iterations for name, r in optimizer.report().items())


def test_loaded_state_is_not_shared():
    model = network()
    optimizer = make(model)
    train(model, optimizer, range(2))
    saved = copy.deepcopy(optimizer.state_dict())
    kept = copy.deepcopy(saved)
    optimizer.load_state_dict(saved)
    train(model, optimizer, range(2, 4))
    for state, before in zip(saved["state"].values(), kept["state"].values()):
        for key in ("step", "warm", "last"):
            assert key not in state or torch.equal(state[key], before[key])


def test_state_of_another_model_is_refused():
    model = network()
    optimizer = make(model)
    train(model, optimizer, [0])
    saved = optimizer.state_dict()
    saved["state"][0]["warm"] = torch.zeros(2, 2)
    optimizer.load_state_dict(saved)
    with pytest.raises(ValueError, match="'warm' of 0.weight"):
        train(model, optimizer, [1])
