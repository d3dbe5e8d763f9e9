"""The published inner solvers and plain Muon's orthogonalisation in PyTorch, written from their formulas:

    msign           Polar Express: Amsel, Persson, Musco, Gower 2025, arXiv 2505.16932
    dual_ascent     Bernstein 2025, "Modular Manifolds": 100 steps, step size 0.01 falling to 0
    admm            Buchanan 2025, "Faster Manifold Muon with ADMM": 10 steps, rho 4
    newton_schulz   Jordan 2024, "Muon": five steps
"""
import torch


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
