#!/usr/bin/env python3
"""The training of `trm-router collect --model small_cnn` on CIFAR-10 once more, in PyTorch alone, with a switch for each thing
that another program may do otherwise. As it stands it makes the program's run: the same initial values, order and windows of
the images, so that the losses are the same but for rounding, while --augment, --draws and the others say what is different.

    same_training.py --data-dir DIR [--optimizer muon|spel|sgd|adamw] [OPTION...]

`muon` is torch.optim.Muon, `spel` the step -b msign(G - W sym(W'G)) with polar retraction; the other parameters have SGD.
The results are one JSON object. Needs torch >= 2.9 for `muon`.
"""
import argparse
import json
import pathlib
import sys

import numpy as np
import torch
import torch.nn.functional as F

MEAN, DEVIATION = (0.4914, 0.4822, 0.4465), (0.2470, 0.2435, 0.2616)  # as src/data
INIT, SHUFFLE, AUGMENT = 1, 2, 3  # enum rng_purpose


# ---- the program's random numbers: Philox4x32-10, as src/base/rng.c


def philox(seed, purpose, a, b, blocks):
    """(len(b), 4 blocks) words of the streams (seed, purpose, a, b)."""
    low = np.uint64(0xFFFFFFFF)
    b = np.atleast_1d(np.asarray(b, np.uint64))[:, None]
    k0, k1 = seed & 0xFFFFFFFF, seed >> 32
    c0 = np.broadcast_to(np.arange(blocks, dtype=np.uint64), (len(b), blocks))
    c1, c2 = np.zeros_like(c0), np.full_like(c0, a)
    c3 = np.broadcast_to(np.uint64(purpose << 28) | b, c0.shape)
    for _ in range(10):
        p0, p1 = np.uint64(0xD2511F53) * c0, np.uint64(0xCD9E8D57) * c2
        c0, c1, c2, c3 = (p1 >> np.uint64(32)) ^ c1 ^ np.uint64(k0), p1 & low, (p0 >> np.uint64(32)) ^ c3 ^ np.uint64(k1), p0 & low
        k0, k1 = (k0 + 0x9E3779B9) & 0xFFFFFFFF, (k1 + 0xBB67AE85) & 0xFFFFFFFF
    return np.stack([c0, c1, c2, c3], axis=-1).reshape(len(b), 4 * blocks)


def uniform(seed, index, count):
    words = philox(seed, INIT, index, 0, (count + 1) // 2)[0]
    high, low = words[0::2] >> np.uint64(5), words[1::2] >> np.uint64(6)
    return ((high << np.uint64(26)) | low).astype(np.float64)[:count] * 2.0**-53


def permutation(seed, epoch, count):
    words = iter(philox(seed, SHUFFLE, epoch, 0, count // 4 + 64)[0].tolist())
    order = list(range(count))
    for i in range(count, 1, -1):
        x = next(words)
        while x < 2**32 % i:
            x = next(words)
        order[x % i], order[i - 1] = order[i - 1], order[x % i]
    return np.array(order)


# ---- images


def read(folder, names):
    raw = np.concatenate([np.fromfile(pathlib.Path(folder) / f"{name}.bin", np.uint8).reshape(-1, 3073) for name in names])
    return raw[:, 1:].reshape(-1, 3, 32, 32), torch.from_numpy(raw[:, 0].astype(np.int64))


def windows(asked, epoch, samples, generator):
    """Top, left and whether to flip, of each image; 4 and 4 is the image itself."""
    count = len(samples)
    if asked.draws == "program":
        words = philox(asked.seed, AUGMENT, epoch, samples, 1)
        top, left, flip = words[:, 0] % 9, words[:, 1] % 9, words[:, 2] % 2
    else:
        drawn = torch.stack([torch.randint(0, bound, (count,), generator=generator) for bound in (9, 9, 2)])
        top, left, flip = drawn.numpy()
    if asked.augment in ("off", "flip"):
        top, left = np.full(count, 4), np.full(count, 4)
    if asked.augment == "batch":  # one window for all of them
        top, left = np.full(count, top[0]), np.full(count, left[0])
    return top.astype(np.int64), left.astype(np.int64), flip.astype(bool) & (asked.augment != "off")


def batch(padded, samples, top, left, flip):
    across = np.where(flip[:, None], np.arange(31, -1, -1), np.arange(32))
    at = (samples[:, None, None, None], np.arange(3)[None, :, None, None], (top[:, None] + np.arange(32))[:, None, :, None],
          (left[:, None] + across)[:, None, None, :])
    return normalised(padded[at])


def normalised(pixels):
    return (torch.from_numpy(pixels).float() / 255 - torch.tensor(MEAN).view(3, 1, 1)) / torch.tensor(DEVIATION).view(3, 1, 1)


# ---- network


class SmallCNN(torch.nn.Module):
    def __init__(self):
        super().__init__()
        for i, (a, b) in enumerate([(3, 32), (32, 64), (64, 128)], 1):
            self.add_module(f"conv{i}", torch.nn.Conv2d(a, b, 3, padding=1, bias=False))
            self.add_module(f"bn{i}", torch.nn.BatchNorm2d(b))
        self.fc = torch.nn.Linear(128, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.bn1(self.conv1(x))), 2)
        x = F.max_pool2d(F.relu(self.bn2(self.conv2(x))), 2)
        return self.fc(F.relu(self.bn3(self.conv3(x))).mean((2, 3)))


@torch.no_grad()
def initial_values(net, seed):
    """The program's: uniform in +-1/sqrt(fan in), drawn by (seed, index of the parameter)."""
    fan_in = 1
    for index, (name, p) in enumerate(net.named_parameters()):
        if p.ndim > 1:
            fan_in = p[0].numel()
        if not name.startswith("bn"):
            p.copy_(torch.from_numpy((2 * uniform(seed, index, p.numel()) - 1) / np.sqrt(fan_in)).float().view(p.shape))


# ---- optimisers


def polar(matrix):
    """U V' of matrix = U S V', tall, through its Gram matrix in double."""
    matrix = matrix.double()
    squares, v = torch.linalg.eigh(matrix.T @ matrix)
    return matrix @ (v * torch.where(squares > 1e-12 * squares[-1], squares.clamp(min=1e-300).rsqrt(), 0.0)) @ v.T


def tall(tensor):
    matrix = tensor.detach().flatten(1)
    return matrix if matrix.shape[0] >= matrix.shape[1] else matrix.T


class Spel(torch.optim.Optimizer):
    """W <- polar(W - b msign(G - W sym(W'G))), G the momentum; begins at the polar factor."""

    def __init__(self, params, lr, momentum, nesterov):
        super().__init__(params, {"lr": lr, "momentum": momentum, "nesterov": nesterov})
        for p in self.param_groups[0]["params"]:
            tall(p).copy_(polar(tall(p)))
            self.state[p]["buf"] = torch.zeros_like(p)

    @torch.no_grad()
    def step(self):
        group = self.param_groups[0]
        for p in group["params"]:
            buf = self.state[p]["buf"].mul_(group["momentum"]).add_(p.grad)
            w, g = tall(p), tall(p.grad + group["momentum"] * buf if group["nesterov"] else buf)
            inner = w.T @ g
            w.copy_(polar(w - group["lr"] * polar(g - w @ (0.5 * (inner + inner.T))).float()))


def optimisers(net, asked):
    """Of the hidden matrices, and of the others; the former as matrices that share the weights' memory."""
    hidden = [net.conv1.weight, net.conv2.weight, net.conv3.weight]
    others = [p for p in net.parameters() if all(p is not h for h in hidden)]
    momentum = asked.momentum if asked.momentum is not None else 0.95 if asked.optimizer == "muon" else 0.9
    momentum_rest = asked.momentum_rest if asked.momentum_rest is not None else momentum
    nesterov = asked.nesterov or asked.optimizer in ("muon", "sgd")
    rest = torch.optim.SGD(others, lr=asked.lr_rest, momentum=momentum_rest, nesterov=nesterov and not asked.plain_rest,
                           weight_decay=asked.weight_decay_rest)
    if asked.optimizer == "muon":
        views = [torch.nn.Parameter(p.detach().view(p.shape[0], -1)) for p in hidden]
        first = torch.optim.Muon(views, lr=asked.radius, momentum=momentum, weight_decay=asked.weight_decay, adjust_lr_fn=asked.scale)
    elif asked.optimizer == "spel":
        views, first = hidden, Spel(hidden, asked.radius, momentum, nesterov)
    elif asked.optimizer == "sgd":
        views, first = hidden, torch.optim.SGD(hidden, lr=asked.radius, momentum=momentum, nesterov=nesterov,
                                               weight_decay=asked.weight_decay)
    else:
        views, first = hidden, torch.optim.AdamW(hidden, lr=asked.radius, betas=(momentum, 0.999), weight_decay=asked.weight_decay)
    return list(zip(views, hidden)), [first, rest]


# ---- training


@torch.no_grad()
def test(net, asked):
    pixels, labels = read(asked.data_dir, ["test_batch"])
    net.train(asked.test_statistics == "batch")
    loss = right = 0
    for at in range(0, len(labels), 128):
        logits = net(normalised(pixels[at:at + 128]))
        loss += F.cross_entropy(logits, labels[at:at + 128], reduction="sum").item()
        right += (logits.argmax(1) == labels[at:at + 128]).sum().item()
    return loss / len(labels), right / len(labels)


def train(asked):
    torch.manual_seed(asked.seed)
    net = SmallCNN()
    if asked.draws == "program":
        initial_values(net, asked.seed)
    generator = torch.Generator().manual_seed(asked.seed)
    pixels, labels = read(asked.data_dir, [f"data_batch_{i}" for i in range(1, 6)])
    pixels, labels = pixels[:asked.train_limit], labels[:asked.train_limit]
    padded = np.pad(pixels, ((0, 0), (0, 0), (4, 4), (4, 4)), mode="reflect" if asked.padding == "reflect" else "constant")
    count = len(labels)
    steps = -(-count // 128) if asked.last_batch == "keep" else count // 128
    views, updates = optimisers(net, asked)
    rates, losses = [u.param_groups[0]["lr"] for u in updates], []
    for epoch in range(asked.epochs):
        net.train()
        order = permutation(asked.seed, epoch, count) if asked.draws == "program" else torch.randperm(count, generator=generator).numpy()
        of_epoch = []
        for step in range(steps):
            factor = 1 - (epoch / asked.epochs if asked.schedule == "epoch" else (epoch * steps + step) / (asked.epochs * steps))
            samples = order[128 * step:128 * step + 128]
            x = batch(padded, samples, *windows(asked, epoch, samples, generator))
            loss = F.cross_entropy(net(x), labels[samples])
            net.zero_grad()
            loss.backward()
            for update, rate in zip(updates, rates):
                update.param_groups[0]["lr"] = rate * factor
            for view, p in views:
                view.grad = p.grad.view(view.shape)
            for update in updates:
                update.step()
            of_epoch.append(loss.item())
        losses.append(float(np.mean(of_epoch)))
        print(f"epoch {epoch + 1}: training loss {losses[-1]:.4f}, first steps " + " ".join(f"{x:.5f}" for x in of_epoch[:4]),
              file=sys.stderr, flush=True)
    return losses, test(net, asked)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--data-dir", required=True, help="folder of CIFAR-10's binary files")
    p.add_argument("--optimizer", choices=["muon", "spel", "sgd", "adamw"], default="muon")
    p.add_argument("--radius", type=float, default=0.05, help="radius, or the learning rate of sgd and adamw")
    p.add_argument("--lr-rest", type=float, default=0.2)
    p.add_argument("--momentum", type=float, help="default 0.95 for muon, else 0.9")
    p.add_argument("--momentum-rest", type=float, help="of the other parameters; default: as --momentum")
    p.add_argument("--nesterov", action="store_true", help="as muon and sgd always do")
    p.add_argument("--plain-rest", action="store_true", help="the other parameters without Nesterov's look ahead")
    p.add_argument("--weight-decay", type=float, default=5e-4, help="of the hidden matrices (torch.optim.Muon: 0.1)")
    p.add_argument("--weight-decay-rest", type=float, default=5e-4)
    p.add_argument("--scale", choices=["original", "match_rms_adamw"], default="original", help="torch.optim.Muon's adjust_lr_fn")
    p.add_argument("--augment", choices=["on", "off", "flip", "batch"], default="on", help="batch: one window for a whole batch")
    p.add_argument("--padding", choices=["black", "reflect"], default="black")
    p.add_argument("--last-batch", choices=["drop", "keep"], default="drop")
    p.add_argument("--test-statistics", choices=["running", "batch"], default="running")
    p.add_argument("--schedule", choices=["step", "epoch"], default="step", help="when the rates fall")
    p.add_argument("--draws", choices=["program", "torch"], default="program", help="whose initial values, order and windows")
    p.add_argument("--epochs", type=int, default=5)
    p.add_argument("--train-limit", type=int)
    p.add_argument("--seed", type=int, default=42)
    p.add_argument("--threads", type=int, default=1)
    asked = p.parse_args()
    if not (pathlib.Path(asked.data_dir) / "data_batch_1.bin").is_file():
        p.error(f"{asked.data_dir}: holds no data_batch_1.bin; give the folder of CIFAR-10's binary files")
    torch.set_num_threads(asked.threads)
    losses, (test_loss, accuracy) = train(asked)
    print(json.dumps({**vars(asked), "train_loss": losses[-1], "test_loss": test_loss, "test_accuracy": accuracy, "losses": losses}))


if __name__ == "__main__":
    main()
