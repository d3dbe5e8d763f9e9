#!/usr/bin/env python3
"""The Python optimiser beside the C program and beside what is published. Needs torch and the package (python/).

    optimizer.py equality --data-dir DIR    small_cnn on CIFAR-10, 20 steps in the program and in torch from the same
                                            weights and batches: the losses side by side
    optimizer.py step [--rounds N]          MuonSGD.step() on small_cnn, the published dual ascent in PyTorch, and the C
                                            library's own update, on the same gradients, in turn; do the last two weights
                                            have the same bits?

TRM_ROUTER: the program (default build/release/trm-router); its folder has the library. Times are in milliseconds, the
smallest of the rounds.
"""
import argparse
import math
import os
import pathlib
import sqlite3
import struct
import subprocess
import tempfile
import time

import numpy as np
import torch

import peers
import published

peers.torch, peers.F = torch, torch.nn.functional  # it imports them by need
from trm_router.torch import MuonSGD

ROOT = pathlib.Path(__file__).parent.parent
PROGRAM = pathlib.Path(os.environ.get("TRM_ROUTER", ROOT / "build/release/trm-router"))
MEAN, DEVIATION = (0.4914, 0.4822, 0.4465), (0.2470, 0.2435, 0.2616)  # as src/data


def hidden(value):
    """Not a gain, a bias or the head of ten classes."""
    return value.ndim >= 2 and value.shape[0] != 10


def groups_of(net):
    return [{"params": [p for p in net.parameters() if hidden(p) == on], "manifold": on} for on in (True, False)]


# ---- equality


def tensors(path):
    """The tensors of a safetensors file of float32."""
    import json
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header, body = json.loads(file.read(length)), file.read()
    header.pop("__metadata__", None)
    return {name: torch.from_numpy(np.frombuffer(
        body[entry["data_offsets"][0]:entry["data_offsets"][1]], "<f4").reshape(entry["shape"]).copy())
        for name, entry in header.items() if entry["dtype"] == "F32"}


def collect(folder, name, data_dir, steps, *words):
    """Every step is one epoch of one batch, so that the order of the images does not matter."""
    subprocess.run([PROGRAM, "collect", "--output", f"{folder}/{name}.db", "--data-dir", data_dir, "--dataset", "cifar10",
                    "--train-limit", "128", "--batch-size", "128", "--epochs", str(steps), "--augment", "off",
                    "--solver", "quasi_newton", "--weight-decay", "5e-4", "--tol", "1e-6", *words], check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)
    with sqlite3.connect(f"{folder}/{name}.db") as store:
        return [loss for loss, in store.execute("SELECT loss FROM step ORDER BY step")]


def equality(asked):
    steps = 20
    with tempfile.TemporaryDirectory() as folder:
        theirs = collect(folder, "run", asked.data_dir, steps, "--spectral-budget", "0.1", "--lr-rest", "0.1")
        # steps of length 0 leave the weights where a run begins
        collect(folder, "still", asked.data_dir, 1, "--spectral-budget", "1e-30", "--lr-rest", "1e-30")
        begin = tensors(f"{folder}/still.weights.safetensors")
    net, _, _ = peers.small_cnn()
    net.convolutions[0].weight.data  # the names of the program: conv1 ... conv3, bn1 ... bn3, fc
    with torch.no_grad():
        for i in range(3):
            net.convolutions[i].weight.copy_(begin[f"conv{i + 1}.weight"])
            net.norms[i].weight.copy_(begin[f"bn{i + 1}.weight"])
            net.norms[i].bias.copy_(begin[f"bn{i + 1}.bias"])
        net.classes.weight.copy_(begin["fc.weight"])
        net.classes.bias.copy_(begin["fc.bias"])
    raw = np.fromfile(pathlib.Path(asked.data_dir) / "data_batch_1.bin", np.uint8, 128 * 3073).reshape(128, 3073)
    labels = torch.from_numpy(raw[:, 0].astype(np.int64))
    images = torch.from_numpy(raw[:, 1:].reshape(128, 3, 32, 32).astype(np.float32)) / 255
    images = (images - torch.tensor(MEAN).view(3, 1, 1)) / torch.tensor(DEVIATION).view(3, 1, 1)
    net = net.to(memory_format=torch.contiguous_format)
    optimizer = MuonSGD(groups_of(net), lr=0.1, momentum=0.9, weight_decay=5e-4, spectral_budget=0.1, tol=1e-6)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 1.0 - step / steps)
    ours = []
    for _ in range(steps):
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(net(images), labels)
        loss.backward()
        optimizer.step()
        schedule.step()
        ours.append(loss.item())
    print("step    program      torch   relative difference")
    for step, (a, b) in enumerate(zip(theirs, ours)):
        print(f"{step + 1:4d} {a:10.6f} {b:10.6f}   {abs(a - b) / a:.1e}")
    worst = max(abs(a - b) / a for a, b in zip(theirs[:5], ours[:5]))
    print(f"largest in the first 5 steps: {worst:.1e} (goal 1e-4)")


# ---- step


def recorded(steps):
    """small_cnn, its values on the manifold, and the gradients of a few steps of training."""
    net, images, labels = peers.small_cnn()
    net = net.to(memory_format=torch.contiguous_format)
    optimizer = MuonSGD(groups_of(net), lr=0.1, tol=1e-2)
    begin, grads = [p.detach().clone() for p in net.parameters()], []
    for _ in range(steps):
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(net(images), labels).backward()
        grads.append([p.grad.clone() for p in net.parameters()])
        optimizer.step()
    return net, begin, grads


def ours(net, begin, grads):
    """Milliseconds a step, the largest gap, the weights."""
    with torch.no_grad():
        for p, value in zip(net.parameters(), begin):
            p.copy_(value)
    optimizer = MuonSGD(groups_of(net), lr=0.1, tol=1e-2)
    times, gap = [], 0.0
    for of_step in grads:
        for p, grad in zip(net.parameters(), of_step):
            p.grad = grad.clone()
        began = time.perf_counter()
        optimizer.step()
        times.append(1e3 * (time.perf_counter() - began))
        gap = max(gap, *(report.gap for report in optimizer.report().values()))
    return times, gap, [p.detach().clone() for p in net.parameters()]


@torch.no_grad()
def published_steps(begin, grads, wait=lambda: None, certify=True):
    """The same matrices and momentum by the published dual ascent; SGD for the rest. wait: for the device of begin."""
    values = [value.clone() for value in begin]
    momenta = [torch.zeros_like(value) for value in values]
    times, gap = [], 0.0

    def tall(tensor):
        matrix = tensor.reshape(tensor.shape[0], -1)
        return matrix.T if matrix.shape[0] < matrix.shape[1] else matrix

    for of_step in grads:
        duals = []
        began = time.perf_counter()
        for value, momentum, grad in zip(values, momenta, of_step):
            if not hidden(value):
                momentum.mul_(0.9).add_(grad.add(value, alpha=5e-4))
                value.sub_(momentum, alpha=0.1)
                continue
            momentum.mul_(0.9).add_(grad)
            w, g = tall(value), tall(momentum)
            dual = published.dual_ascent(w, g, torch.float32)
            a = published.msign(g + 2 * w @ dual, torch.float32)
            moved = published.msign(w - 0.1 * a, torch.float32)
            duals.append((w.clone(), g.clone(), dual))
            value.copy_((moved if value.shape[0] == moved.shape[0] else moved.T).reshape(value.shape))
        wait()
        times.append(1e3 * (time.perf_counter() - began))
        if certify:
            gap = max(gap, *(published.certified_gap(*of) for of in duals))
    return times, gap


def library(folder, net, begin, grads):
    """Milliseconds a step, and the weights."""
    on = {id(p) for p in groups_of(net)[0]["params"]}
    with open(f"{folder}/in", "wb") as file:
        file.write(struct.pack("<dQQ", 1e-2, len(begin), len(grads)))
        for p, value in zip(net.parameters(), begin):
            rows = value.shape[0]
            file.write(struct.pack("<QQQ", rows, value.numel() // rows, id(p) in on) + value.numpy().tobytes())
        for of_step in grads:
            file.write(b"".join(grad.numpy().tobytes() for grad in of_step))
    done = subprocess.run([f"{folder}/update", f"{folder}/in", f"{folder}/out"], check=True, capture_output=True, text=True)
    weights = np.fromfile(f"{folder}/out", np.float32)
    return [float(line) for line in done.stdout.split()], weights


def step(asked):
    build = PROGRAM.parent
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["cc", "-std=c11", "-O2", f"-I{ROOT}/src", f"-I{ROOT}/src/muon", f"{ROOT}/bench/update.c", f"-L{build}",
                        f"-Wl,-rpath,{build}", "-ltrmmuon", "-o", f"{folder}/update"], check=True)
        net, begin, grads = recorded(asked.steps)
        best = {"MuonSGD.step()": math.inf, "published dual ascent": math.inf, "C library": math.inf}
        for _ in range(asked.rounds):
            times, gap, mine = ours(net, begin, grads)
            best["MuonSGD.step()"] = min(best["MuonSGD.step()"], np.median(times[2:]))
            times, weights = library(folder, net, begin, grads)
            best["C library"] = min(best["C library"], np.median(times[2:]))
            times, their_gap = published_steps(begin, grads[:6])
            best["published dual ascent"] = min(best["published dual ascent"], np.median(times[2:]))
    for name, ms in best.items():
        print(f"{name:24s} {ms:9.2f} ms")
    own = best["MuonSGD.step()"]
    print(f"published / ours {best['published dual ascent'] / own:.1f} (goal 8), ours / C {own / best['C library']:.2f} "
          f"(goal 1.15); largest gaps: ours {gap:.1e}, published {their_gap:.1e}")
    same = np.array_equal(weights, torch.cat([p.flatten() for p in mine]).numpy())
    print(f"weights after {len(grads)} steps: {'the same bits' if same else 'not the same bits'} as the C library's; largest "
          f"difference {np.abs(weights - torch.cat([p.flatten() for p in mine]).numpy()).max():.1e}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=["equality", "step"])
    parser.add_argument("--data-dir", help="folder of CIFAR-10's binary files")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=12, help="of `step`")
    asked = parser.parse_args()
    if asked.command == "equality" and asked.data_dir is None:
        parser.error("equality needs --data-dir")
    {"equality": equality, "step": step}[asked.command](asked)


if __name__ == "__main__":
    main()
