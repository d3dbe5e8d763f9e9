"""The kernels that OpenBLAS is told to load, and an environment that stays as it is."""
import builtins
import io
import os

from trm_router import _kernels

NEW = ["processor : 0\n", "flags\t\t: fpu avx2 avx512f amx_bf16 amx_tile amx_int8\n", "flags\t\t: fpu\n"]


def test_processors_with_amx_get_those_before():
    assert _kernels.better(NEW) == "SkylakeX"
    for flags in ("fpu avx2 avx512f avx512_bf16", "fpu avx2", ""):
        assert _kernels.better(["flags : " + flags]) is None
    assert _kernels.better([]) is None


def test_the_environment_stays(monkeypatch):
    monkeypatch.setattr(builtins, "open", lambda *words, **named: io.StringIO("".join(NEW)))
    for before in (None, "Haswell"):
        if before is None:
            monkeypatch.delenv("OPENBLAS_CORETYPE", raising=False)
        else:
            monkeypatch.setenv("OPENBLAS_CORETYPE", before)
        _kernels.load()
        assert os.environ.get("OPENBLAS_CORETYPE") == before
