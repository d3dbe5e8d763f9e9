"""A router gives the choices of the C library, to the last bit."""
import copy
import ctypes
import os
import pathlib
import pickle

import numpy as np
import pytest

import trm_router
from trm_router._muon import ffi, lib

LIBRARY = pathlib.Path(os.environ.get("TRM_LIBRARY", pathlib.Path(__file__).parents[2] / "build/release/libtrmrouter.so"))


@pytest.fixture
def checkpoint(tmp_path):
    """Untrained, but it chooses."""
    config, out, path = ffi.new("struct trm_router_config *"), ffi.new("struct trm_router **"), tmp_path / "r.safetensors"
    assert lib.trm_router_config_named(b"tiny", config, ffi.NULL) == 0
    assert lib.trm_router_create(out, config, 11, ffi.NULL) == 0
    assert lib.trm_router_save(os.fsencode(path), out[0], True, ffi.NULL) == 0
    lib.trm_router_destroy(out[0])
    return path


def test_features_in_arm_out(checkpoint, rng):
    router = trm_router.Router(checkpoint)
    assert len(trm_router.feature_names()) == 12 and "trend" in trm_router.feature_names()[1]
    features = 3 * rng.standard_normal((200, 12))
    logits = router.forward(features)
    decisions = [router.decide(row) for row in features]
    assert [d.arm for d in decisions] == [router.arms[i] for i in logits.argmax(1)]
    assert len({d.arm for d in decisions}) > 1
    assert all(sum(d.probabilities.values()) == pytest.approx(1.0) for d in decisions)
    two = router.decide(features[0], ["admm", "dual_ascent"])
    assert set(two.probabilities) == {"admm", "dual_ascent"} and two.arm in two.probabilities
    for again in (copy.deepcopy(router), pickle.loads(pickle.dumps(router))):
        assert again.decide(features[0]) == decisions[0]


@pytest.mark.skipif(not LIBRARY.exists(), reason=f"there is no {LIBRARY}")
def test_choices_are_those_of_the_program_to_the_last_bit(checkpoint, rng):
    class Decision(ctypes.Structure):
        _fields_ = [("arm", ctypes.c_int), ("probability", ctypes.c_double * len(ffi.new("struct trm_decision *").probability)), ("cycles", ctypes.c_size_t)]

    assert ctypes.sizeof(Decision) == ffi.sizeof("struct trm_decision")
    program, handle = ctypes.CDLL(str(LIBRARY)), ctypes.c_void_p()
    assert program.trm_router_load(os.fsencode(checkpoint), ctypes.byref(handle), None) == 0
    router = trm_router.Router(checkpoint)
    for row in 3 * rng.standard_normal((300, 12)):
        theirs = Decision()
        assert program.trm_router_decide(handle, row.ctypes.data_as(ctypes.c_void_p), ctypes.c_uint64(31), ctypes.byref(theirs), None) == 0
        ours = router.decide(row)
        assert ours.arm == router.arms[theirs.arm] and ours.cycles == theirs.cycles
        assert list(ours.probabilities.values()) == [p for p in theirs.probability if p > 0.0]


def test_refused(checkpoint, tmp_path):
    router = trm_router.Router(checkpoint)
    with pytest.raises(FileNotFoundError):
        trm_router.Router(tmp_path / "none")
    (tmp_path / "text").write_text("no checkpoint")
    with pytest.raises(ValueError):
        trm_router.Router(tmp_path / "text")
    for features in (np.zeros(11), np.zeros((1, 12)), np.full(12, np.nan)):
        with pytest.raises(ValueError):
            router.decide(features)
    with pytest.raises(TypeError):
        router.decide("features")
    with pytest.raises(ValueError, match="no arm 'newton'; there are"):
        router.decide(np.zeros(12), ["newton"])
    with pytest.raises(ValueError):
        router.decide(np.zeros(12), [])
    for features in (np.zeros(12), np.zeros((0, 12)), np.zeros((2, 13))):
        with pytest.raises(ValueError, match="shape"):
            router.forward(features)
