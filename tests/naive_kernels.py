"""Slow and obvious twins of what dlkit.conv learns from patches."""

import numpy as np


def whitening(X, regularization, weight=None):
    """Mean and ZCA matrix, as the inverse square root of the covariance by its definition."""
    weight = np.ones(len(X)) if weight is None else weight
    mean = sum(w * x for w, x in zip(weight, X, strict=True)) / weight.sum()
    C = sum(w * np.outer(x - mean, x - mean) for w, x in zip(weight, X, strict=True)) / weight.sum()
    values, vectors = np.linalg.eigh(C + regularization * np.trace(C) / len(C) * np.eye(len(C)))
    return mean, sum(
        np.outer(v, v) / np.sqrt(value) for value, v in zip(values, vectors.T, strict=True)
    )


def contrast_normalised(patch, eps):
    return (patch - np.mean(patch)) / np.sqrt(np.var(patch) + eps)


def spherical_kmeans(X, centers, n_iter, sign_invariant=False, damping=0.0, weight=None):
    """Centres, labels and inertia, row by row and cluster by cluster."""
    weight = np.ones(len(X)) if weight is None else weight
    rows = [x / np.linalg.norm(x) if x.any() else x for x in np.asarray(X, float)]
    centers = [c / np.linalg.norm(c) for c in np.asarray(centers, float)]

    def assign():
        labels = []
        for x in rows:
            cosines = [x @ c for c in centers]
            labels.append(int(np.argmax(np.abs(cosines) if sign_invariant else cosines)))
        return labels

    for _ in range(n_iter):
        labels = assign()
        moved = []
        for k, c in enumerate(centers):
            total = damping * c
            for x, label, w in zip(rows, labels, weight, strict=True):
                if label == k:
                    total = total + w * (x @ c if sign_invariant else 1.0) * x
            norm = np.linalg.norm(total)
            moved.append(total / norm if norm > 0 else c)
        centers = moved
    labels = assign()
    inertia = 0.0
    for x, label, w in zip(rows, labels, weight, strict=True):
        nearest = (x @ centers[label]) * centers[label] if sign_invariant else centers[label]
        inertia += w * np.sum((x - nearest) ** 2)
    return np.array(centers), np.array(labels), inertia
