"""Reference values of tests/experiment/test_rule.c: three steps of each optimiser on two small matrices.

    python3 tests/experiment/data/make_rules.py > tests/experiment/data/rules.h

SGD and AdamW are torch.optim's (made with torch 2.15). Muon is the iteration of torch.optim.Muon in double, where that one
uses bfloat16; the script checks that the two agree to bfloat16. SPEL is written out from arXiv 2601.21487, with singular value
decompositions.
"""
import torch

torch.set_default_dtype(torch.float64)
SHAPES = [(5, 3), (3, 4)]
RATE, DECAY, STEPS = 0.05, 0.1, 3


def polar(matrix):
    u, _, vh = torch.linalg.svd(matrix, full_matrices=False)
    return u @ vh


def newton_schulz(g, dtype=torch.float64):
    x = (g.T if g.size(0) > g.size(1) else g).to(dtype)
    x = x / x.norm()
    for _ in range(5):
        gram = x @ x.T
        x = 3.4445 * x + (-4.7750 * gram + 2.0315 * gram @ gram) @ x
    return x.T if g.size(0) > g.size(1) else x


def by_torch(optimizer):
    def run(w, gradients):
        p = torch.nn.Parameter(w.clone())
        o = optimizer([p])
        for g in gradients:
            p.grad = g.clone()
            o.step()
        return p.detach()

    return run


def muon(w, gradients):
    buf, shape = torch.zeros_like(w), max(1.0, w.size(0) / w.size(1)) ** 0.5
    for g in gradients:
        buf = 0.95 * buf + g
        w = (1 - RATE * DECAY) * w - RATE * shape * newton_schulz(g + 0.95 * buf)
    return w


def unit_rows(matrix):
    return matrix / matrix.norm(dim=1, keepdim=True)


def pulled(w, gradients, target=polar, share=0.3):
    buf, shape = torch.zeros_like(w), max(1.0, w.size(0) / w.size(1)) ** 0.5
    for g in gradients:
        buf = 0.95 * buf + g
        w = (1 - RATE * DECAY) * w - RATE * shape * newton_schulz(g + 0.95 * buf)
        w = (1 - share) * w + share * target(w)
    return w


def spel(w, gradients):
    if w.size(0) < w.size(1):
        return spel(w.T, [g.T for g in gradients]).T
    buf = torch.zeros_like(w)
    for g in gradients:
        buf = 0.9 * buf + g
        s = w.T @ buf
        w = polar(w - RATE * polar(buf - w @ (s + s.T) / 2))
    return w


def array(name, matrix):
    print(f"static const double {name}[] = {{{', '.join(repr(float(x)) for x in matrix.flatten())}}};")


RULES = {
    # SGD's decay is coupled in torch: none here
    "sgd": by_torch(lambda p: torch.optim.SGD(p, lr=RATE, momentum=0.9, nesterov=True)),
    "adamw": by_torch(lambda p: torch.optim.AdamW(p, lr=RATE, weight_decay=DECAY)),
    "muon": muon,
    "spel": spel,
    "pulled": pulled,
    "rows": lambda w, gradients: pulled(w, gradients, unit_rows),
}

torch.manual_seed(1)
print("/* Made by make_rules.py. */")
for k, shape in enumerate(SHAPES):
    start = polar(torch.randn(shape)).float().double()
    steps = [torch.randn(shape).float().double() for _ in range(STEPS)]
    close = by_torch(lambda p: torch.optim.Muon(p, lr=RATE, weight_decay=DECAY))
    assert (close(start, steps) - muon(start, steps)).abs().max() < 5e-3
    array(f"start{k}", start)
    array(f"gradients{k}", torch.stack(steps))
    for name, rule in RULES.items():
        array(f"{name}{k}", rule(start, steps))
