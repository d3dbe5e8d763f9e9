#!/usr/bin/env python3
"""Reference of the logistic regression baseline: what scikit-learn's LogisticRegression (C = 1) gives on a
synthetic set that tests/trm/test_baselines.c makes too. Needs numpy and scikit-learn.

    tests/trm/data/make_logistic.py > tests/trm/data/logistic.txt

First line: training samples, test samples, test accuracy. Then for each test sample its label, the choice and the
probability of that choice."""
import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

TRAIN, TEST, FEATURES = 1500, 300, 12
state = 20250131


def uniform():
    """Knuth's MMIX generator, its upper 32 bits."""
    global state
    state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
    return (state >> 32) / 2**32


def label_of(x):
    """Thresholds on features 2 and 7, then one label in ten at random."""
    rule = 4 if x[7] > 0.8 else (0 if x[2] < 0.25 else 1) if x[7] < 0.5 else (2 if x[2] < 0.6 else 3)
    noise, other = uniform(), int(uniform() * 5)
    return other if noise < 0.1 else rule


x, y = [], []
for _ in range(TRAIN + TEST):
    row = [uniform() for _ in range(FEATURES)]
    row[5] = 3.0  # a feature that never changes
    row[9] = 1000 + 50 * row[9]
    x.append(row)
    y.append(label_of(row))
x, y = np.array(x), np.array(y)
scaler = StandardScaler().fit(x[:TRAIN])
model = LogisticRegression(C=1.0, tol=1e-12, max_iter=100000).fit(scaler.transform(x[:TRAIN]), y[:TRAIN])
p = model.predict_proba(scaler.transform(x[TRAIN:]))
choice = p.argmax(axis=1)
print(TRAIN, TEST, f"{(choice == y[TRAIN:]).mean():.17g}")
for i in range(TEST):
    print(y[TRAIN + i], choice[i], f"{p[i, choice[i]]:.10g}")
