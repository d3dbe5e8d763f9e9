"""Two processes of DistributedDataParallel keep the same weights to the last bit."""
import hashlib
import socket

import pytest

torch = pytest.importorskip("torch")
from trm_router.torch import MuonSGD, manifold_groups  # noqa: E402


def free_port():
    with socket.socket() as listener:
        listener.bind(("localhost", 0))
        return listener.getsockname()[1]


def work(rank, port, results):
    torch.distributed.init_process_group("gloo", f"tcp://localhost:{port}", rank=rank, world_size=2)
    torch.manual_seed(1)
    model = torch.nn.Sequential(torch.nn.Linear(20, 16), torch.nn.ReLU(), torch.nn.Linear(16, 3))
    optimizer = MuonSGD(manifold_groups(model).groups, lr=0.05)
    parallel = torch.nn.parallel.DistributedDataParallel(model)
    generator = torch.Generator().manual_seed(rank)
    for _ in range(20):
        optimizer.zero_grad()
        parallel(torch.randn(8, 20, generator=generator)).square().mean().backward()
        optimizer.step()
    bits = b"".join(p.detach().numpy().tobytes() for p in model.parameters())
    results.put((rank, hashlib.sha256(bits).hexdigest()))
    torch.distributed.destroy_process_group()


def test_two_processes_stay_bit_equal():
    if not torch.distributed.is_available() or not torch.distributed.is_gloo_available():
        pytest.skip("this torch has no gloo")
    context = torch.multiprocessing.get_context("spawn")
    results, port = context.Queue(), free_port()
    workers = [context.Process(target=work, args=(rank, port, results)) for rank in range(2)]
    for worker in workers:
        worker.start()
    found = dict(results.get(timeout=120) for _ in workers)
    for worker in workers:
        worker.join(timeout=60)
        assert worker.exitcode == 0
    assert found[0] == found[1]
