"""A small CNN with MuonSGD, on images whose class is where they are bright. Prints the loss and what is known of the
last step.

usage: train_cnn.py [STEPS]
"""
import sys

import torch
from torch import nn

from trm_router.torch import MuonSGD, manifold_groups

steps = int(sys.argv[1]) if len(sys.argv) > 1 else 60
torch.manual_seed(0)
model = nn.Sequential(nn.Conv2d(1, 16, 3), nn.ReLU(), nn.Conv2d(16, 32, 3, stride=2), nn.ReLU(), nn.Flatten(),
                      nn.Linear(32 * 6 * 6, 64), nn.ReLU(), nn.Linear(64, 4))
groups, reasons = manifold_groups(model)
optimizer = MuonSGD(groups, lr=0.05, spectral_budget=0.1)
schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)

for step in range(steps):
    labels = torch.randint(4, (32,))
    images = torch.randn(32, 1, 16, 16)
    for image, label in zip(images, labels):
        image[0, label // 2 * 8:label // 2 * 8 + 8, label % 2 * 8:label % 2 * 8 + 8] += 0.5
    loss = nn.functional.cross_entropy(model(images), labels)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    schedule.step()

print("\n".join(f"{name}: {reason}" for name, reason in reasons.items()))
for name, report in optimizer.report().items():
    print(f"{name}: {report.outcome}, gap {report.gap:.1e}, ||A|| {report.norm:.4f}, {report.iterations} iterations")
print(f"loss after {steps} steps: {loss.item():.4f}")
