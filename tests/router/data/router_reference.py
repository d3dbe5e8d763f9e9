#!/usr/bin/env python3
"""The router of size small in PyTorch, in double: its logits and the gradient of its training loss.

    pip install torch numpy
    router_reference.py > router_reference.txt

Parameters, states and features are made from a hash of their index, so that the test makes the same. Written
are: logits and halting logits of every cycle, the loss with deep supervision (mean cross-entropy over the cycles
plus half the mean binary cross-entropy of the first halting logit to "the choice of this cycle is the label"),
the norm of each parameter's gradient, and every 97th element of the whole gradient.
"""
import numpy as np
import torch
import torch.nn.functional as F

D, H, BLOCKS, INNER, CYCLES, ARMS, FEATURES, BATCH = 64, 256, 2, 6, 3, 5, 12, 8


def noise(begin, count):
    """Uniform in [-1, 1) from the index: a 32-bit mix, exact in float32."""
    x = np.arange(begin + 1, begin + count + 1, dtype=np.uint64).astype(np.uint32)
    for _ in range(2):
        x = (x ^ (x >> np.uint32(16))) * np.uint32(0x45D9F3B)
    x = x ^ (x >> np.uint32(16))
    return (x >> np.uint32(8)).astype(np.float64) / 8388608.0 - 1.0


names = ["embed.weight", "embed.bias"]
shapes = [(FEATURES, D), (D,)]
for i in range(BLOCKS):
    names += [f"block.{i}.up", f"block.{i}.down"]
    shapes += [(D, 2 * H), (H, D)]
names += ["head.weight", "halt.weight", "halt.bias"]
shapes += [(D, ARMS), (D, 2), (2,)]

parameters, used = [], 0
for shape in shapes:
    count = int(np.prod(shape))
    size = np.sqrt(3.0 / shape[0]) if len(shape) == 2 else 0.5  # deviation 1 / sqrt(fan in), as initial values
    value = (size * noise(used, count)).astype(np.float32).astype(np.float64).reshape(shape)
    parameters.append(torch.tensor(value, requires_grad=True))
    used += count
y0, z0 = (torch.tensor(noise(used + k * D, D)) for k in range(2))
x = torch.tensor(2.0 * noise(200000, BATCH * FEATURES).reshape(BATCH, FEATURES))
labels = torch.arange(BATCH) % ARMS
p = dict(zip(names, parameters))


def f(h):
    for i in range(BLOCKS):
        a, b = (h @ p[f"block.{i}.up"]).chunk(2, -1)
        h = h + (F.silu(a) * b) @ p[f"block.{i}.down"]
        h = h * torch.rsqrt(h.pow(2).mean(-1, keepdim=True) + 1e-5)
    return h


embedded = x @ p["embed.weight"] + p["embed.bias"]
y, z = y0.expand(BATCH, D), z0.expand(BATCH, D)
logits, halts, loss = [], [], 0.0
for _ in range(CYCLES):
    for _ in range(INNER):
        z = f(z + y + embedded)
    y = f(y + z)
    out, halt = y @ p["head.weight"], y @ p["halt.weight"] + p["halt.bias"]
    right = (out.argmax(-1) == labels).double()
    loss = loss + F.cross_entropy(out, labels) + 0.5 * F.binary_cross_entropy_with_logits(halt[:, 0], right)
    logits.append(out)
    halts.append(halt)
    y, z = y.detach(), z.detach()
loss = loss / CYCLES
loss.backward()

gradient = torch.cat([q.grad.flatten() for q in parameters])
rows = [("parameters", [used]), ("logits", torch.stack(logits).flatten().tolist()),
        ("halt", torch.stack(halts).flatten().tolist()), ("loss", [loss.item()]),
        ("norms", [q.grad.norm().item() for q in parameters]), ("gradient", gradient[::97].tolist())]
for name, values in rows:
    print(name, len(values), *(f"{v:.9g}" for v in values))
