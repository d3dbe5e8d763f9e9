"""Tensors on a CUDA device: the answers of the host, to the bit. Skipped where there is no such device."""
import copy
import io

import numpy as np
import pytest
from conftest import orthonormal

import trm_router

torch = pytest.importorskip("torch")
from training import network  # noqa: E402
from test_shapes import gradients  # noqa: E402
from trm_router.torch import Collector, MuonSGD, manifold_groups  # noqa: E402

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device")
DTYPES = [torch.float32, torch.float64, torch.bfloat16, torch.float16]
SHAPES = [(40, 24), (24, 40), (16, 3, 3, 3), (3, 12, 8)]  # tall, wide, a kernel, a batch


def groups(device, dtype):
    """The same weights on any device, the second with strides of a transpose."""
    torch.manual_seed(4)
    values = [torch.randn(shape).to(dtype).to(device) for shape in SHAPES]
    values[1] = values[1].t().contiguous().t()
    weights = [torch.nn.Parameter(value) for value in values]
    free = torch.nn.Parameter(torch.randn(30).to(dtype).to(device))
    return [{"params": weights[:3]}, {"params": weights[3:], "batch_dims": 1},
            {"params": [free], "manifold": False, "weight_decay": 0.0}]


def start(device, dtype, **options):
    return MuonSGD(groups(device, dtype), **{"lr": 0.1, "tol": 1e-6, **options})


def parameters(optimizer):
    return [p for group in optimizer.param_groups for p in group["params"]]


def grads_of(optimizer, step):
    return [gradients(p.shape, step + 1, p.dtype)[step].to(p.device) for p in parameters(optimizer)]


def train(optimizer, steps):
    for step in steps:
        for p, grad in zip(parameters(optimizer), grads_of(optimizer, step)):
            p.grad = grad
        optimizer.step()
    return optimizer


def assert_equal(p, q):
    """Bits; but off the manifold torch itself rounds 16-bit sums once on the device and twice on the host."""
    if p.ndim == 1 and p.dtype in DTYPES[2:]:
        assert torch.allclose(p.cpu(), q.cpu(), rtol=0.05, atol=0.05)
    else:
        assert torch.equal(p.cpu(), q.cpu())


def assert_same(on_device, on_host):
    for p, q in zip(parameters(on_device), parameters(on_host)):
        assert p.is_cuda and p.stride() == q.stride()
        assert_equal(p, q)
        for key, value in on_host.state[q].items():
            assert_equal(on_device.state[p][key], value)
    theirs = on_device.report()
    for name, report in on_host.report().items():
        assert theirs[name]._replace(seconds=0.0) == report._replace(seconds=0.0)


@pytest.mark.parametrize("dtype", DTYPES)
def test_arrays_of_the_device_are_solved_as_on_the_host(rng, dtype):
    W = torch.from_numpy(np.stack([orthonormal(rng, 30, 12) for _ in range(3)])).to(dtype)
    if dtype in DTYPES[2:]:
        W = trm_router.project(W).W  # 16 bits alone are off the manifold
    G = torch.from_numpy(rng.standard_normal((3, 30, 12))).to(dtype)
    host, device = trm_router.solve(W, G, 0.1), trm_router.solve(W.cuda(), G.cuda(), 0.1)
    assert device.A.is_cuda and device.X.is_cuda
    assert torch.equal(device.A.cpu(), host.A) and torch.equal(device.X.cpu(), host.X)
    assert (device.info.gap == host.info.gap).all()
    judged = trm_router.certificate(W.cuda(), G.cuda(), device.A, 0.1, device.X)
    assert (judged.gap == trm_router.certificate(W, G, host.A, 0.1, host.X).gap).all()
    near, distance = trm_router.project(G.cuda())
    assert near.is_cuda and torch.equal(near.cpu(), trm_router.project(G).W)
    assert (distance == trm_router.project(G).distance).all()
    with pytest.raises(ValueError, match="NaN"):
        trm_router.solve(W.cuda(), (G * torch.nan).cuda(), 0.1)


@pytest.mark.parametrize("options", [{}, {"nesterov": True}, {"momentum": 0.0}, {"maximize": True}, {"solver": "admm"}])
@pytest.mark.parametrize("dtype", DTYPES)
def test_steps_have_the_bits_of_the_host(dtype, options):
    if options.get("nesterov") and dtype in DTYPES[2:]:
        pytest.skip("whether a 16-bit sum is rounded once or twice is the device's affair")
    on_device, on_host = (train(start(device, dtype, **options), range(4)) for device in ("cuda", "cpu"))
    if options.get("nesterov"):  # grad + momentum buf: one rounding on the device, two on the host
        for p, q in zip(parameters(on_device), parameters(on_host)):
            assert torch.allclose(p.cpu(), q, rtol=1e-4, atol=1e-5)
    else:
        assert_same(on_device, on_host)
    assert on_device.projected == on_host.projected
    assert max(on_device.drift().values()) < 1e-6


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("came_from", ["cuda", "cpu"])
def test_a_reloaded_run_goes_on_to_the_same_bits(dtype, came_from):
    """Also one that began on the other device, and through a file."""
    whole = train(start("cuda", dtype), range(6))
    half, file = train(start(came_from, dtype), range(3)), io.BytesIO()
    torch.save({"optimizer": half.state_dict(), "values": parameters(half)}, file)
    file.seek(0)
    saved = torch.load(file, weights_only=True, map_location="cuda")
    again = start("cuda", dtype)
    with torch.no_grad():
        for p, value in zip(parameters(again), saved["values"]):
            p.copy_(value)
    again.load_state_dict(saved["optimizer"])
    train(again, range(3, 6))
    train(half, range(3, 6))
    for p, q, r in zip(parameters(again), parameters(whole), parameters(half)):
        assert_equal(p, q)
        assert_equal(p, r)
    assert copy.deepcopy(again).state_dict()["param_groups"] == again.state_dict()["param_groups"]


def test_scaled_gradients_and_an_overflow():
    """GradScaler: a step that overflows is left out, the others are those of gradients that were never scaled."""
    scaled, plain = start("cuda", torch.float32), start("cuda", torch.float32)
    scaler = torch.amp.GradScaler("cuda", init_scale=2.0**10)
    for step in range(4):
        for p, q, grad in zip(parameters(scaled), parameters(plain), grads_of(plain, step)):
            p.grad, q.grad = scaler.scale(grad), grad
            if step == 1:
                p.grad[0] = torch.inf
        before = [p.detach().clone() for p in parameters(scaled)]
        scaler.step(scaled)
        scaler.update()
        if step == 1:
            assert all(torch.equal(p, q) for p, q in zip(parameters(scaled), before))
        else:
            plain.step()
    assert all(torch.equal(p, q) for p, q in zip(parameters(scaled), parameters(plain)))


@pytest.mark.parametrize("inside", [True, False])
def test_a_kernel_that_is_pending_is_waited_for(inside):
    """The step is of its stream: a gradient that an earlier kernel of it will write is the one that is stepped against,
    and what comes after it in the stream sees the new weight."""
    expected = train(start("cuda", torch.float32), range(3))
    optimizer, side = start("cuda", torch.float32), torch.cuda.Stream()
    for p in parameters(optimizer):
        p.grad = torch.zeros_like(p)
    for step in range(3):
        new = grads_of(optimizer, step)
        side.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(side):
            torch.cuda._sleep(200_000_000)  # about a tenth of a second
            for p, grad in zip(parameters(optimizer), new):
                p.grad.copy_(grad)
            if inside:
                optimizer.step()
                seen = [p.detach().clone() for p in parameters(optimizer)]
        torch.cuda.current_stream().wait_stream(side)
        if not inside:
            optimizer.step()
            seen = [p.detach().clone() for p in parameters(optimizer)]
    torch.cuda.synchronize()
    for p, q, r in zip(parameters(optimizer), parameters(expected), seen):
        assert torch.equal(p, q) and torch.equal(r, q)


def test_a_network_trains_under_autocast_and_is_recorded(tmp_path):
    model = network().cuda()
    optimizer = MuonSGD(manifold_groups(model).groups, lr=0.05)
    images, labels = torch.randn(6, 3, 6, 6).cuda(), torch.randint(4, (6,)).cuda()
    losses = []
    with Collector(optimizer, tmp_path / "a.db", epochs=1, steps_per_epoch=30, batch_size=6) as collector:
        for _ in range(30):
            optimizer.zero_grad()
            with torch.autocast("cuda", dtype=torch.bfloat16):
                loss = torch.nn.functional.cross_entropy(model(images), labels)
            loss.backward()
            features = collector.pre_step(loss)
            optimizer.step()
            collector.post_step(loss)
            losses.append(loss.item())
    assert losses[-1] < 0.5 * losses[0] and np.isfinite(features).all()
    assert max(optimizer.drift().values()) < 1e-6


def test_weights_on_both_devices_and_ones_that_move():
    weights = [torch.nn.Parameter(torch.randn(12, 8).to(device)) for device in ("cpu", "cuda")]
    weights[1].data.copy_(weights[0].data)
    optimizer = MuonSGD(weights, lr=0.1, momentum=0.0)
    for _ in range(2):
        grad = torch.randn(12, 8)
        for p in weights:
            p.grad = grad.to(p.device)
        optimizer.step()
        assert torch.equal(weights[0].cpu(), weights[1].cpu())
        weights[0].grad = None
        weights[0].data = weights[0].data.cuda()  # as model.cuda() does after the optimiser was made
