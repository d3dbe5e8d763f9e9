#!/usr/bin/env python3
"""What weights on a device cost: the solvers compute on the host, so every step takes them there and back. Needs torch
with the device, and the package (python/).

usage: device.py [--device cuda] [--rounds N] [--steps N]

For small_cnn with its own gradients, and for four matrices of 1024 x 1024 with random ones, on the same values:
milliseconds a step of MuonSGD with tensors on the host and on the device, of the copies alone, and on the device of
torch.optim.Muon (with torch.optim.SGD for the rest), of the published dual ascent and, for small_cnn, of forward and
backward of 128 images. Each is the median of its steps, the smallest of the rounds, in turn; the device is waited for
before and after.
"""
import argparse
import copy
import math
import statistics
import time

import torch

import optimizer as bench
import peers
from trm_router.torch import MuonSGD

peers.torch, peers.F = torch, torch.nn.functional
TOL = 1e-2


def wait(device):
    if device != "cpu":
        torch.accelerator.synchronize()


def timed(device, steps, prepare, work):
    """Median milliseconds of work(prepare(step)); the first two steps are not counted."""
    times = []
    for step in range(steps):
        given = prepare(step)
        wait(device)
        began = time.perf_counter()
        work(given)
        wait(device)
        times.append(1e3 * (time.perf_counter() - began))
    return statistics.median(times[2:])


def moved(values, device):
    return [torch.nn.Parameter(value.clone().to(device)) for value in values]


def set_grads(parameters, grads):
    for parameter, grad in zip(parameters, grads):
        parameter.grad = grad.to(parameter.device).reshape(parameter.shape)


def step_of(optimizers):
    def work(_):
        for optimizer in optimizers:
            optimizer.step()
    return work


def muon_sgd(values, grads, device):
    parameters = moved(values, device)
    groups = [{"params": [p for p in parameters if bench.hidden(p) == on], "manifold": on} for on in (True, False)]
    optimizer = MuonSGD([group for group in groups if group["params"]], lr=0.1, tol=TOL)
    return timed(device, len(grads), lambda step: set_grads(parameters, grads[step]), step_of([optimizer]))


def torch_muon(values, grads, device):
    parameters = moved([value.flatten(1) if bench.hidden(value) else value for value in values], device)
    on = [p for p, value in zip(parameters, values) if bench.hidden(value)]
    off = [p for p, value in zip(parameters, values) if not bench.hidden(value)]
    optimizers = [torch.optim.Muon(on, lr=0.1, momentum=0.9)] + ([torch.optim.SGD(off, lr=0.1, momentum=0.9)] if off else [])
    return timed(device, len(grads), lambda step: set_grads(parameters, grads[step]), step_of(optimizers))


def copies(values, device, steps):
    """A weight and what it is stepped against to the host, a weight back."""
    pairs = [(value.to(device), value.to(device)) for value in values if bench.hidden(value)]

    @torch.no_grad()
    def work(_):
        for value, against in pairs:
            against.cpu()
            value.copy_(value.cpu())
    return timed(device, steps, lambda step: None, work)


def published(values, grads, device):
    wait(device)
    return statistics.median(bench.published_steps([value.to(device) for value in values],
                                                   [[grad.to(device) for grad in of_step] for of_step in grads[:5]],
                                                   lambda: wait(device), certify=False)[0][2:])


def small_cnn(steps):
    return bench.recorded(steps)


def squares(steps):
    torch.manual_seed(0)
    values = [torch.linalg.qr(torch.randn(1024, 1024))[0].contiguous() for _ in range(4)]
    return None, values, [[torch.randn(1024, 1024) / 32 for _ in values] for _ in range(max(4, steps // 2))]


def forward_backward(net, device, steps):
    _, images, labels = peers.small_cnn()
    net, images, labels = copy.deepcopy(net).to(device), images.to(device), labels.to(device)
    return timed(device, steps, lambda step: None,
                 lambda _: torch.nn.functional.cross_entropy(net(images), labels).backward())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=12)
    asked = parser.parse_args()
    device = asked.device
    if device == "cuda":
        print(torch.cuda.get_device_name(), end=", ")
    print(f"torch {torch.__version__}, {torch.get_num_threads()} threads on the host, gap {TOL:g}")
    for title, make in (("small_cnn", small_cnn), ("four of 1024 x 1024", squares)):
        net, values, grads = make(asked.steps)
        rows = {"MuonSGD, host": lambda: muon_sgd(values, grads, "cpu"),
                "MuonSGD, device": lambda: muon_sgd(values, grads, device),
                "copies alone": lambda: copies(values, device, asked.steps),
                "published dual ascent, device": lambda: published(values, grads, device)}
        if hasattr(torch.optim, "Muon"):
            rows["torch.optim.Muon, device"] = lambda: torch_muon(values, grads, device)
        if net is not None:
            rows["forward and backward, device"] = lambda: forward_backward(net, device, asked.steps)
        best = dict.fromkeys(rows, math.inf)
        for _ in range(asked.rounds):
            for name, work in rows.items():
                best[name] = min(best[name], work())
        print(title)
        for name, ms in best.items():
            print(f"    {name:30s} {ms:9.2f} ms")


if __name__ == "__main__":
    main()
