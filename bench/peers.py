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
solves once). The methods are written from their formulas:

    msign        Polar Express: Amsel, Persson, Musco, Gower 2025, arXiv 2505.16932
    dual ascent  Bernstein 2025, "Modular Manifolds": 100 steps, step size 0.01 falling to 0
    ADMM         Buchanan 2025, "Faster Manifold Muon with ADMM": 10 steps, rho 4
"""
import argparse
import json
import struct
import sys
import time

import numpy as np

SMALL = 4000  # m n of what CVXPY is asked to solve


def fastest_ms(work, repeats):
    """Fastest of the repeats, after one that is not counted."""
    work()
    best = float("inf")
    for _ in range(repeats):
        began = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - began)
    return 1e3 * best


# ---- problems


def read_problem(path):
    """W and G as stored, in double, transposed where they are wide."""
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header, body = json.loads(file.read(length)), file.read()

    def tensor(name):
        entry = header[name]
        begin, end = entry["data_offsets"]
        kind = {"F32": "<f4", "F64": "<f8"}[entry["dtype"]]
        values = np.frombuffer(body[begin:end], kind).reshape(entry["shape"]).astype(np.float64)
        return values.T if values.shape[0] < values.shape[1] else values

    return tensor("W"), tensor("G")


def generate(folder):
    """Problems for `solve` in FOLDER: G normal, W orthonormal, float32, of the large shapes of the goals."""
    import os

    for m, n in ((2304, 512), (3072, 768), (1024, 1024)):
        random = np.random.default_rng(m + n)
        arrays = {"W": np.linalg.qr(random.standard_normal((m, n)))[0], "G": random.standard_normal((m, n))}
        body, header = b"", {}
        for name, array in arrays.items():
            data = array.astype("<f4").tobytes()
            header[name] = {"dtype": "F32", "shape": [m, n], "data_offsets": [len(body), len(body) + len(data)]}
            body += data
        text = json.dumps(header).encode()
        with open(os.path.join(folder, f"{m}x{n}.safetensors"), "wb") as file:
            file.write(struct.pack("<Q", len(text)) + text + body)


def small(files):
    return [path for path in files if read_problem(path)[0].size <= SMALL]


# ---- the published inner solvers


def sym(x):
    return 0.5 * (x + x.T)


# Coefficients (a, b, c) of p(x) = a x + b x^3 + c x^5, one a step; the last one repeats.
POLYNOMIALS = [
    (8.28721201814563, -23.595886519098837, 17.300387312530933),
    (4.107059111542203, -2.9478499167379106, 0.5448431082926601),
    (3.9486908534822946, -2.908902115962949, 0.5518191394370137),
    (3.3184196573706015, -2.488488024314874, 0.51004894012372),
    (2.300652019954817, -1.6689039845747493, 0.4188073119525673),
    (1.891301407787398, -1.2679958271945868, 0.37680408948524835),
    (1.8750014808534479, -1.2500016453999487, 0.3750001645474248),
    (1.875, -1.25, 0.375),
]
SAFETY = 1.01  # the published guard against rounding: all but the last polynomial at x / SAFETY
STEPS = 10


def msign(matrix, dtype):
    """U V' of matrix = U S V', in dtype."""
    tall = matrix.shape[0] > matrix.shape[1]
    x = (matrix.T if tall else matrix).to(dtype)
    x = x / (SAFETY * x.norm())
    for step in range(STEPS):
        last = step >= len(POLYNOMIALS) - 1
        a, b, c = POLYNOMIALS[-1] if last else POLYNOMIALS[step]
        if not last:
            a, b, c = a / SAFETY, b / SAFETY**3, c / SAFETY**5
        gram = x @ x.T
        inner = c * gram
        inner.diagonal().add_(b)
        outer = inner @ gram
        outer.diagonal().add_(a)
        x = outer @ x
    return torch.nan_to_num(x.T if tall else x).to(matrix.dtype)


def dual_ascent(w, g, dtype, steps=100, alpha=0.01):
    """Lambda after subgradient steps on ||G + 2 W Lambda||_*, Lambda symmetric."""
    dual = -0.5 * sym(w.T @ g)
    for k in range(steps):
        a = msign(g + 2 * w @ dual, dtype)
        dual = dual - alpha * (1 - k / steps) * 2 * sym(w.T @ a)
    return dual


def admm(w, g, dtype, steps=10, rho=4.0):
    """Lambda after splitting X = G + 2 W Lambda: Lambda by least squares, X by thresholding at 1 / rho, multiplier."""
    eye = torch.eye(w.shape[1], dtype=w.dtype)
    dual = -0.5 * sym(w.T @ g)
    x, multiplier = g + 2 * w @ dual, torch.zeros_like(g)
    for _ in range(steps):
        dual = 0.5 * sym(w.T @ (multiplier / rho + x - g))
        b = g + 2 * w @ dual - multiplier / rho
        keep = 0.5 * (eye + msign(b.T @ b - eye / rho**2, dtype))  # onto singular values above 1 / rho
        x = (b - msign(b, dtype) / rho) @ keep
        multiplier = multiplier + rho * (x - 2 * w @ dual - g)
    return dual


PUBLISHED = {"dual_ascent_100": dual_ascent, "admm_10": admm}


def certified_gap(w, g, dual):
    """Relative duality gap, in double, of the best feasible A that Lambda leaves (b = 1)."""
    w, g, dual = w.double(), g.double(), dual.double()
    u, sigma, v = torch.linalg.svd(g + 2 * w @ dual, full_matrices=False)
    a = u @ v
    a = a - w @ sym(w.T @ a)
    primal = (g * a).sum() / torch.linalg.matrix_norm(a, 2)
    return float((sigma.sum() - primal) / sigma.sum())


def solve(files, methods=None, repeats=5):
    """The last msign, which makes A of Lambda, is left out of the times: in the peers' favour."""
    methods = methods or PUBLISHED
    rows = []
    for path in files:
        w, g = (torch.from_numpy(x.copy()) for x in read_problem(path))
        u, _, v = torch.linalg.svd(w, full_matrices=False)
        w, g = (u @ v).float(), (g * (w.shape[1] ** 0.5 / g.norm())).float()  # their step size wants this scale
        for name, method in methods.items():
            for dtype in (torch.float32, torch.bfloat16):
                ms = fastest_ms(lambda: method(w, g, dtype), repeats)
                rows.append({"file": path, "m": w.shape[0], "n": w.shape[1], "solver": name, "dtype": str(dtype)[6:],
                             "ms": ms, "gap": certified_gap(w, g, method(w, g, dtype))})
    return rows


def large(files):
    """The published ADMM alone, twice: dual ascent takes minutes."""
    return solve(files, {"admm_10": admm}, 2)


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
        a = msign(g + 2 * w @ method(w, g, torch.float32), torch.float32)
        w = msign(w - 0.01 * a, torch.float32)
        weight.copy_((w if weight.shape[0] == w.shape[0] else w.T).reshape(weight.shape))

    def step(method):
        net.zero_grad()
        F.cross_entropy(net(images), labels).backward()
        with torch.no_grad():
            for weight, momentum in zip(weights, momenta):
                momentum.mul_(0.9).add_(weight.grad)
                update(weight, momentum, method)
            F.cross_entropy(net(images), labels).item()

    return {name: fastest_ms(lambda: step(method), 30) for name, method in PUBLISHED.items()}


def newton_schulz(matrix, dtype, steps=5):
    """Plain Muon's orthogonalisation (Jordan 2024): five steps of the quintic 3.4445, -4.7750, 2.0315."""
    a, b, c = 3.4445, -4.7750, 2.0315
    x = matrix.to(dtype)
    if matrix.shape[0] > matrix.shape[1]:
        x = x.T
    x = x / (x.norm() + 1e-7)
    for _ in range(steps):
        gram = x @ x.T
        x = a * x + (b * gram + c * gram @ gram) @ x
    return x.T if matrix.shape[0] > matrix.shape[1] else x


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
                weight.add_(newton_schulz(momentum, dtype).to(weight.dtype), alpha=-0.01)

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
        import torch.nn.functional as F

        if asked.threads:
            torch.set_num_threads(asked.threads)
    needs_files = asked.command in ("solve", "large", "cvxpy")
    result = COMMANDS[asked.command](asked.files) if needs_files else COMMANDS[asked.command]()
    json.dump(result, sys.stdout, indent=2)
    print()
