#!/usr/bin/env python3
"""Two users of OpenMP in one process: do the threads of torch and of this package slow each other down? Needs torch and
the package (python/).

usage: threads.py [--rounds N]

The steps of small_cnn's three hidden matrices (conv1 to conv3, gap 1e-2), by the C code that MuonSGD calls: in a process
without torch, and in one where torch's forward and backward of a batch, on all its threads, goes before each, so that
they still wait for more when the step begins. And that work itself: after each step, and after as long a time without
one, in which torch's threads fall asleep as well. Milliseconds, the median of the steps, the smallest of the rounds, in
turn; then which OpenMP runtimes the process with torch had.
"""
import argparse
import statistics
import subprocess
import sys
import time

SHAPES = ((576, 128), (288, 64), (32, 27))
STEPS = 40


class Matrices:
    """A step of all of them against a gradient that changes by a tenth every time."""

    def __init__(self):
        import numpy as np
        from trm_router._muon import ffi, lib
        self.np, self.ffi, self.lib = np, ffi, lib
        self.rng = np.random.default_rng(0)
        options = ffi.new("struct muon_sgd_options *", lib.muon_sgd_options_default())
        options.arms[0].options.tol = 1e-2
        self.turns = ffi.new("struct steps_turn[]", len(SHAPES))
        self.held, self.grads, self.error, self.failed = [], [], ffi.new("struct trm_error *"), ffi.new("size_t *")
        for turn, (m, n) in zip(self.turns, SHAPES):
            W = np.linalg.qr(self.rng.standard_normal((m, n)))[0].astype(np.float32)
            G = self.rng.standard_normal((m, n)).astype(np.float32)
            doubles = [np.zeros(n * n), np.zeros(lib.STEPS_LAST)]
            workspace = ffi.gc(lib.steps_create(m, n, options, self.error), lib.steps_destroy)
            self.held += [W, workspace, *doubles]
            self.grads.append(G)
            turn.workspace = workspace
            turn.warm, turn.last = (ffi.cast("double *", part.ctypes.data) for part in doubles)
            turn.factor, turn.radius, turn.constrained, turn.shrink = 1.0, 0.1, True, 1.0
            for into, of in ((turn.W, W), (turn.G, G)):
                into.data, into.dtype = ffi.cast("void *", of.ctypes.data), lib.MUON_F32
                into.rows, into.cols, into.row_stride, into.col_stride = m, n, n, 1

    def change(self):
        for G in self.grads:
            G += 0.1 * (self.rng.standard_normal(G.shape).astype(self.np.float32) - G)

    def step(self):
        assert self.lib.steps_take(self.turns, len(SHAPES), self.failed, self.error) == 0


def milliseconds(work):
    began = time.perf_counter()
    work()
    return 1e3 * (time.perf_counter() - began)


def alone():
    matrices, times = Matrices(), []
    for _ in range(STEPS):
        matrices.change()
        times.append(milliseconds(matrices.step))
    print(statistics.median(times[3:]))


def beside():
    import torch

    import peers
    peers.torch, peers.F = torch, torch.nn.functional
    net, images, labels = peers.small_cnn()

    def work():
        torch.nn.functional.cross_entropy(net(images), labels).backward()
    matrices, plain, between, steps = Matrices(), [], [], []
    for _ in range(STEPS):
        matrices.change()
        between.append(milliseconds(work))
        steps.append(milliseconds(matrices.step))
    pause = statistics.median(steps) / 1e3
    for _ in range(STEPS):
        matrices.change()
        plain.append(milliseconds(work))
        until = time.perf_counter() + pause
        while time.perf_counter() < until:
            pass
    with open("/proc/self/maps") as maps:
        runtimes = sorted({line.split()[-1] for line in maps if "libgomp" in line or "libiomp" in line or "libomp" in line})
    print(*(statistics.median(times[3:]) for times in (steps, plain, between)), *runtimes)


def child(name):
    return subprocess.run([sys.executable, __file__, "--as", name], check=True, capture_output=True, text=True).stdout.split()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--as", dest="part", choices=["alone", "beside"], help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.part is not None:
        return {"alone": alone, "beside": beside}[asked.part]()
    found = [(float(child("alone")[0]), child("beside")) for _ in range(asked.rounds)]
    without = min(ms for ms, _ in found)
    step, plain, between = (min(float(row[i]) for _, row in found) for i in range(3))
    print(f"the step:     {without:7.2f} ms without torch, {step:7.2f} ms after work of torch's: {step / without - 1:+.0%}")
    print(f"torch's work: {plain:7.2f} ms after a pause, {between:7.2f} ms after a step:        {between / plain - 1:+.0%}")
    print("OpenMP:", *found[0][1][3:])


if __name__ == "__main__":
    main()
