#!/usr/bin/env python3
"""The table of docs/comparison.md: optimisers that keep a weight orthonormal, or nearly, on one problem.

A 288 x 64 weight W (conv2 of small_cnn) is to approach another, T, through noisy gradients of |W - T|^2 / 2, for 1,000
steps whose length falls linearly to 0. Printed: the distance |W - T| at the end, the drift |W'W - I|_F / sqrt(n), and the
milliseconds of the optimiser's step, each in turn, the fastest of the rounds. Needs torch, the package (python/), and
geoopt where it is to be compared.

usage: comparison.py [--steps N] [--rounds N] [--without-published]
"""
import argparse
import time

import torch

import published
from trm_router.torch import MuonSGD

M, N = 288, 64


class Published:
    """Bernstein 2025 as published: 100 steps of dual ascent, msign as the retraction; momentum 0.9."""

    def __init__(self, W):
        self.W, self.momentum = W, torch.zeros_like(W)
        self.param_groups = [{"lr": 0.02}]

    @torch.no_grad()
    def step(self):
        self.momentum.mul_(0.9).add_(self.W.grad)
        dual = published.dual_ascent(self.W, self.momentum, torch.float32)
        a = published.msign(self.momentum + 2 * self.W @ dual, torch.float32)
        self.W.copy_(published.msign(self.W - self.param_groups[0]["lr"] * a, torch.float32))


def geoopt_sgd(W):
    import geoopt
    parameter = geoopt.ManifoldParameter(W.detach().clone(), manifold=geoopt.Stiefel())
    return parameter, geoopt.optim.RiemannianSGD([parameter], lr=0.02, momentum=0.9)


def start(name):
    torch.manual_seed(0)
    W = torch.nn.Parameter(torch.linalg.qr(torch.randn(M, N))[0].contiguous())
    if name == "MuonSGD, gap 1e-2":
        return W, MuonSGD([W], lr=0.02, spectral_budget=0.02, tol=1e-2)
    if name == "MuonSGD, gap 1e-4":
        return W, MuonSGD([W], lr=0.02, spectral_budget=0.02, tol=1e-4)
    if name == "torch.optim.Muon":
        return W, torch.optim.Muon([W], lr=0.02, momentum=0.9, weight_decay=0.0)
    if name == "published dual ascent":
        return W, Published(W)
    return geoopt_sgd(W)


def run(name, steps):
    W, optimizer = start(name)
    generator = torch.Generator().manual_seed(1)
    target = torch.linalg.qr(torch.randn(M, N, generator=generator))[0]
    seconds = 0.0
    for step in range(steps):
        W.grad = W.detach() - target + 0.01 * torch.randn(M, N, generator=generator)
        optimizer.param_groups[0]["lr"] = 0.02 * (1 - step / steps)
        began = time.perf_counter()
        optimizer.step()
        seconds += time.perf_counter() - began
    W = W.detach().double()
    drift = torch.dist(W.T @ W, torch.eye(N, dtype=W.dtype)).item() / N**0.5
    return torch.dist(W, target.double()).item(), drift, 1e3 * seconds / steps


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--without-published", action="store_true", help="which takes a hundred times as long")
    asked = parser.parse_args()
    names = ["MuonSGD, gap 1e-2", "MuonSGD, gap 1e-4"]
    if not asked.without_published:
        names.append("published dual ascent")
    if hasattr(torch.optim, "Muon"):
        names.append("torch.optim.Muon")
    try:
        import geoopt  # noqa: F401
        names.append("geoopt RiemannianSGD")
    except ImportError:
        print("geoopt is not installed and left out")
    found = {}
    for _ in range(asked.rounds):
        for name in names:
            distance, drift, ms = run(name, asked.steps)
            found[name] = (distance, drift, min(ms, found.get(name, (0, 0, ms))[2]))
    print(f"{'':24s} distance   drift     ms a step")
    for name, (distance, drift, ms) in found.items():
        print(f"{name:24s} {distance:8.4f}   {drift:.1e}  {ms:7.2f}")


if __name__ == "__main__":
    main()
