"""A small character transformer on a licence text, by MuonSGD, torch.optim.Muon and AdamW from the same weights and
batches: the loss on text that none of them saw, and the time of a step.

On the manifold are the matrices of attention (q, k and v as three) and of the MLPs; embeddings, head and gains are not.

usage: train_transformer.py [STEPS [TEXT]]    (default 300, /usr/share/common-licenses/GPL-3)
"""
import copy
import pathlib
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F

from trm_router.torch import MuonSGD

STEPS = int(sys.argv[1]) if len(sys.argv) > 1 else 300
TEXT = pathlib.Path(sys.argv[2] if len(sys.argv) > 2 else "/usr/share/common-licenses/GPL-3").read_text()
WIDTH, HEADS, LAYERS, LENGTH, BATCH = 64, 4, 2, 64, 16

letters = sorted(set(TEXT))
data = torch.tensor([letters.index(letter) for letter in TEXT])
train, held = data[:len(data) * 9 // 10], data[len(data) * 9 // 10:]


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.before, self.between = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.qkv, self.out = nn.Linear(WIDTH, 3 * WIDTH, bias=False), nn.Linear(WIDTH, WIDTH, bias=False)
        self.up, self.down = nn.Linear(WIDTH, 4 * WIDTH, bias=False), nn.Linear(4 * WIDTH, WIDTH, bias=False)

    def forward(self, x):
        q, k, v = (part.unflatten(-1, (HEADS, -1)).transpose(1, 2) for part in self.qkv(self.before(x)).chunk(3, -1))
        attended = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.out(attended.transpose(1, 2).flatten(2))
        return x + self.down(F.gelu(self.up(self.between(x))))


class Transformer(nn.Module):
    def __init__(self):
        super().__init__()
        self.letters, self.places = nn.Embedding(len(letters), WIDTH), nn.Embedding(LENGTH, WIDTH)
        self.blocks = nn.ModuleList(Block() for _ in range(LAYERS))
        self.norm, self.head = nn.LayerNorm(WIDTH), nn.Linear(WIDTH, len(letters))

    def forward(self, x):
        x = self.letters(x) + self.places(torch.arange(x.shape[1]))
        for block in self.blocks:
            x = block(x)
        return self.head(self.norm(x))


def batch(of, generator):
    at = torch.randint(len(of) - LENGTH - 1, (BATCH,), generator=generator)
    rows = torch.stack([of[i:i + LENGTH + 1] for i in at])
    return rows[:, :-1], rows[:, 1:]


def loss_of(model, text, generator):
    x, y = batch(text, generator)
    return F.cross_entropy(model(x).flatten(0, 1), y.flatten())


def fit(name, make, model):
    """Both schedules fall linearly to 0, as the program's do."""
    optimizers = make(model)
    schedules = [torch.optim.lr_scheduler.LambdaLR(o, lambda step: 1 - step / STEPS) for o in optimizers]
    generator, seconds = torch.Generator().manual_seed(1), 0.0
    for _ in range(STEPS):
        loss = loss_of(model, train, generator)
        model.zero_grad()
        loss.backward()
        began = time.perf_counter()
        for optimizer in optimizers:
            optimizer.step()
        seconds += time.perf_counter() - began
        for schedule in schedules:
            schedule.step()
    with torch.no_grad():
        generator = torch.Generator().manual_seed(2)
        held_loss = sum(loss_of(model, held, generator).item() for _ in range(20)) / 20
    print(f"{name:20s} held-out loss {held_loss:.4f}, {1e3 * seconds / STEPS:.2f} ms a step of the optimiser")
    return optimizers


def matrices(model, which):
    return [p for name, p in model.named_parameters() if name.startswith("blocks") and p.ndim == 2 and which(name)]


def others(model):
    on = {id(p) for p in matrices(model, lambda name: True)}
    return [p for p in model.parameters() if id(p) not in on]


def manifold(model):
    return [MuonSGD([{"params": matrices(model, lambda name: "qkv" in name), "blocks": 3},
                     {"params": matrices(model, lambda name: "qkv" not in name)}],
                    lr=0.1, spectral_budget=0.1, tol=1e-2),
            torch.optim.AdamW(others(model), lr=3e-3)]


def muon(model):
    return [torch.optim.Muon(matrices(model, lambda name: True), lr=0.02, weight_decay=0.0),
            torch.optim.AdamW(others(model), lr=3e-3)]


torch.manual_seed(0)
start = Transformer()
found = fit("MuonSGD", manifold, copy.deepcopy(start))
drift = max(found[0].drift().values())
print(f"{'':20s} largest gap {max(r.gap for r in found[0].report().values()):.1e}, drift off the manifold {drift:.1e}")
if hasattr(torch.optim, "Muon"):
    fit("torch.optim.Muon", muon, copy.deepcopy(start))
fit("AdamW", lambda model: [torch.optim.AdamW(model.parameters(), lr=3e-3)], copy.deepcopy(start))
