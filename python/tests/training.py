"""A small network on and off the manifold, and steps of its training."""
import torch

from trm_router.torch import MuonSGD, manifold_groups


def network():
    torch.manual_seed(3)
    return torch.nn.Sequential(torch.nn.Conv2d(3, 8, 3), torch.nn.ReLU(), torch.nn.Flatten(),
                               torch.nn.Linear(8 * 16, 12), torch.nn.ReLU(), torch.nn.Linear(12, 4))


def make(model, **options):
    return MuonSGD(manifold_groups(model).groups, **{"lr": 0.05, "spectral_budget": 0.1, **options})


def loss_of(model, step):
    generator = torch.Generator().manual_seed(step)
    images, labels = torch.randn(6, 3, 6, 6, generator=generator), torch.randint(4, (6,), generator=generator)
    return torch.nn.functional.cross_entropy(model(images), labels)


def train(model, optimizer, steps, scheduler=None):
    losses = []
    for step in steps:
        optimizer.zero_grad()
        loss = loss_of(model, step)
        loss.backward()
        optimizer.step()
        if scheduler is not None:
            scheduler.step()
        losses.append(loss.item())
    return losses


def same(a, b):
    return all(torch.equal(p, q) for p, q in zip(a.parameters(), b.parameters()))


def matrices(model):
    parameters = dict(model.named_parameters())
    return {name: parameters[name].detach().flatten(1).double() for name in ("0.weight", "3.weight")}


def drift(M):
    gram = M @ M.T if M.shape[0] <= M.shape[1] else M.T @ M
    return torch.dist(gram, torch.eye(len(gram), dtype=gram.dtype)).item() / len(gram) ** 0.5
