#!/usr/bin/env python3
"""What else there is for the same work, timed. bench/peers.sh runs this in turn with trm-router.

    peers.py [--threads N] solve FILE...    published dual ascent and ADMM on inner problems (W and G in safetensors)
    peers.py [--threads N] cvxpy FILE...    the optimum of the same problems by CVXPY with SCS at 1e-8 (slow: small files)
    peers.py [--threads N] train-step       small_cnn in PyTorch: forward and backward of a batch of 128
    peers.py [--threads N] collect-step     the same with inner solves, retraction and the loss after the step
    peers.py [--threads N] update           plain Muon's update of small_cnn's matrices in PyTorch
    peers.py [--threads N] router           the tiny recursive model in PyTorch: an epoch of 8,000 samples, a decision
    peers.py generate FOLDER                large problems: 2304x512, 3072x768, 1024x1024
    peers.py [--threads N] large FILE...    the published ADMM on those
    peers.py small FILE...                  those of the files with m n <= 4,000, one a line

Each prints one JSON document. Times are milliseconds, the fastest of as many repeats as trm-router bench makes (CVXPY
solves once). The published methods are in published.py.
"""
import argparse
import json
import sys
import time

import numpy as np

from problems import generate, read_problem, small


def fastest_ms(work, repeats):
    """Fastest of the repeats, after one that is not counted."""
    work()
    best = float("inf")
    for _ in range(repeats):
        began = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - began)
    return 1e3 * best


# ---- the published inner solvers


def solve(files, methods=None, repeats=5):
    """The last msign, which makes A of Lambda, is left out of the times: in the peers' favour."""
    methods = methods or published.PUBLISHED
    rows = []
    for path in files:
        w, g = (torch.from_numpy(x.copy()) for x in read_problem(path))
        u, _, v = torch.linalg.svd(w, full_matrices=False)
        w, g = (u @ v).float(), (g * (w.shape[1] ** 0.5 / g.norm())).float()  # their step size wants this scale
        for name, method in methods.items():
            for dtype in (torch.float32, torch.bfloat16):
                ms = fastest_ms(lambda: method(w, g, dtype), repeats)
                rows.append({"file": path, "m": w.shape[0], "n": w.shape[1], "solver": name, "dtype": str(dtype)[6:],
                             "ms": ms, "gap": published.certified_gap(w, g, method(w, g, dtype))})
    return rows


def large(files):
    """The published ADMM alone, twice: dual ascent takes minutes."""
    return solve(files, {"admm_10": published.admm}, 2)


def solve_cvxpy(files):
    """max <-G, A> over ||A||_2 <= 1, W'A + A'W = 0, by a cone solver. ms: with CVXPY's own work; ms_solver: SCS."""
    import cvxpy

    rows = []
    for path in files:
        w, g = read_problem(path)
        scale = np.linalg.norm(g)
        a = cvxpy.Variable(w.shape)
        problem = cvxpy.Problem(cvxpy.Minimize(cvxpy.sum(cvxpy.multiply(g / scale, a))),
                                [cvxpy.sigma_max(a) <= 1, a.T @ w + w.T @ a == 0])
        began = time.perf_counter()
        problem.solve(solver=cvxpy.SCS, eps=1e-8, max_iters=100000)
        ms = 1e3 * (time.perf_counter() - began)
        if problem.value is None:
            sys.exit(f"peers.py: {path}: CVXPY found no answer ({problem.status}); leave this file out")
        stats = problem.solver_stats
        rows.append({"file": path, "m": w.shape[0], "n": w.shape[1], "status": problem.status, "ms": ms,
                     "ms_solver": 1e3 * ((stats.setup_time or 0) + (stats.solve_time or 0)),
                     "primal_per_radius": float(-problem.value * scale)})
    return rows


# ---- networks


def small_cnn():
    class SmallCNN(torch.nn.Module):
        def __init__(self):
            super().__init__()
            sizes = [3, 32, 64, 128]
            self.convolutions = torch.nn.ModuleList(
                torch.nn.Conv2d(a, b, 3, padding=1, bias=False) for a, b in zip(sizes, sizes[1:]))
            self.norms = torch.nn.ModuleList(torch.nn.BatchNorm2d(b) for b in sizes[1:])
            self.classes = torch.nn.Linear(sizes[-1], 10)

        def forward(self, x):
            for i, (convolution, norm) in enumerate(zip(self.convolutions, self.norms)):
                x = F.relu(norm(convolution(x)))
                x = F.max_pool2d(x, 2) if i < 2 else x.mean((2, 3))
            return self.classes(x)

    torch.manual_seed(0)
    images = torch.randn(128, 3, 32, 32).contiguous(memory_format=torch.channels_last)
    return SmallCNN().to(memory_format=torch.channels_last), images, torch.randint(0, 10, (128,))


def try_compiled(name, measure):
    """None where torch.compile does not work here (it needs a C++ compiler)."""
    try:
        return measure()
    except Exception as error:  # whatever the compiler raises
        print(f"peers.py: {name} with torch.compile is left out: {str(error).splitlines()[0]}", file=sys.stderr)
        return None


def train_step():
    net, images, labels = small_cnn()

    def step(forward, bf16=False):
        net.zero_grad()
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=bf16):
            loss = F.cross_entropy(forward(images), labels)
        loss.backward()

    compiled = torch.compile(net)
    return {"eager": fastest_ms(lambda: step(net), 50),
            "compile": try_compiled("train-step", lambda: fastest_ms(lambda: step(compiled), 50)),
            "bf16_autocast": fastest_ms(lambda: step(net, True), 50),
            "bf16_autocast_compile": try_compiled("train-step", lambda: fastest_ms(lambda: step(compiled, True), 50))}


def collect_step():
    """Every matrix of small_cnn on the manifold, momentum 0.9, steps of spectral norm 0.01, float32."""
    net, images, labels = small_cnn()
    weights = [p for p in net.parameters() if p.ndim >= 2]
    momenta = [torch.zeros_like(p) for p in weights]

    def tall(tensor):
        matrix = tensor.reshape(tensor.shape[0], -1)
        return matrix.T if matrix.shape[0] < matrix.shape[1] else matrix

    def update(weight, momentum, method):
        w, g = tall(weight), tall(momentum)
        a = published.msign(g + 2 * w @ method(w, g, torch.float32), torch.float32)
        w = published.msign(w - 0.01 * a, torch.float32)
        weight.copy_((w if weight.shape[0] == w.shape[0] else w.T).reshape(weight.shape))

    def step(method):
        net.zero_grad()
        F.cross_entropy(net(images), labels).backward()
        with torch.no_grad():
            for weight, momentum in zip(weights, momenta):
                momentum.mul_(0.9).add_(weight.grad)
                update(weight, momentum, method)
            F.cross_entropy(net(images), labels).item()

    return {name: fastest_ms(lambda: step(method), 30) for name, method in published.PUBLISHED.items()}


def update():
    """Momentum, orthogonalisation and the step of plain Muon on all matrices of small_cnn, and torch.optim.Muon's own."""
    net, images, labels = small_cnn()
    F.cross_entropy(net(images), labels).backward()
    shapes = [(p.shape[0], p.numel() // p.shape[0]) for p in net.parameters() if p.ndim >= 2]
    grads = [p.grad.reshape(s).contiguous() for p, s in zip((p for p in net.parameters() if p.ndim >= 2), shapes)]
    weights = [torch.randn(s) for s in shapes]
    momenta = [torch.zeros(s) for s in shapes]

    def step(dtype):
        with torch.no_grad():
            for weight, grad, momentum in zip(weights, grads, momenta):
                momentum.mul_(0.9).add_(grad)
                weight.add_(published.newton_schulz(momentum, dtype).to(weight.dtype), alpha=-0.01)

    times = {"float32": fastest_ms(lambda: step(torch.float32), 50),
             "bfloat16": fastest_ms(lambda: step(torch.bfloat16), 50)}
    if hasattr(torch.optim, "Muon"):
        parameters = [torch.nn.Parameter(w.clone()) for w in weights]
        for parameter, grad in zip(parameters, grads):
            parameter.grad = grad
        optimizer = torch.optim.Muon(parameters, lr=0.01, momentum=0.9)
        times["torch_optim_muon"] = fastest_ms(optimizer.step, 50)
    return times


def recursive_model(width=64, arms=5, inner=6, cycles=3):
    """The router of docs/method.md, section 6, size small (Jolicoeur-Martineau 2025)."""
    class Recursive(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.embed = torch.nn.Linear(12, width)
            self.gates = torch.nn.ModuleList(torch.nn.Linear(width, 8 * width, bias=False) for _ in range(2))
            self.downs = torch.nn.ModuleList(torch.nn.Linear(4 * width, width, bias=False) for _ in range(2))
            self.head = torch.nn.Linear(width, arms, bias=False)
            self.halt = torch.nn.Linear(width, 2)
            self.register_buffer("answer", torch.randn(width))
            self.register_buffer("latent", torch.randn(width))

        def block(self, h):
            for gate, down in zip(self.gates, self.downs):
                left, right = gate(h).chunk(2, -1)
                h = h + down(F.silu(left) * right)
                h = h * torch.rsqrt(h.square().mean(-1, keepdim=True) + 1e-5)
            return h

        def forward(self, features):
            x = self.embed(features)
            y, z, logits = self.answer.expand_as(x), self.latent.expand_as(x), []
            for _ in range(cycles):
                for _ in range(inner):
                    z = self.block(z + y + x)
                y = self.block(y + z)
                logits.append((self.head(y), self.halt(y)))
                y, z = y.detach(), z.detach()
            return logits

    return Recursive()


def router(samples=8000, batch=64):
    """Deep supervision without the halting loss: a little less work than ours."""
    torch.manual_seed(0)
    net, features, labels = recursive_model(), torch.randn(samples, 12), torch.randint(0, 5, (samples,))
    optimiser = torch.optim.AdamW(net.parameters(), lr=1e-4, betas=(0.9, 0.95), weight_decay=0.1)

    def epoch(forward):
        for at in range(0, samples, batch):
            logits = forward(features[at:at + batch])
            loss = sum(F.cross_entropy(y, labels[at:at + batch]) for y, _ in logits) / len(logits)
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimiser.step()

    compiled = torch.compile(net)
    ms = {"epoch_eager": fastest_ms(lambda: epoch(net), 5),
          "epoch_compile": try_compiled("router", lambda: fastest_ms(lambda: epoch(compiled), 5))}
    with torch.no_grad():
        ms["decision"] = fastest_ms(lambda: net(features[:1]), 50)
    return ms


COMMANDS = {"solve": solve, "large": large, "cvxpy": solve_cvxpy, "train-step": train_step, "collect-step": collect_step,
            "update": update, "router": router}

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, help="threads of PyTorch (default: its own choice)")
    parser.add_argument("command", choices=[*COMMANDS, "small", "generate"])
    parser.add_argument("files", nargs="*")
    asked = parser.parse_args()
    if asked.command == "small":
        print("\n".join(small(asked.files)))
        sys.exit(0)
    if asked.command == "generate":
        generate(asked.files[0])
        sys.exit(0)
    if asked.command != "cvxpy":
        import torch
        import published
        import torch.nn.functional as F

        if asked.threads:
            torch.set_num_threads(asked.threads)
    needs_files = asked.command in ("solve", "large", "cvxpy")
    result = COMMANDS[asked.command](asked.files) if needs_files else COMMANDS[asked.command]()
    json.dump(result, sys.stdout, indent=2)
    print()
