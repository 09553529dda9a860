"""Slow, obvious twins of what dlkit.positions does."""

from itertools import product

import numpy as np


def reflected(a, index):
    """Entry of an array that is reflected at its borders, again and again."""
    at = []
    for i, n in zip(index, a.shape, strict=True):
        i %= 2 * n
        at.append(i if i < n else 2 * n - 1 - i)
    return a[tuple(at)]


def gaussian(a, deviations, truncate=3.0):
    """Gaussian filter by one sum over a box for each position."""
    radii = [int(truncate * s + 0.5) for s in deviations]
    axes = [np.arange(-r, r + 1) for r in radii]
    profiles = [np.exp(-0.5 * (x / s) ** 2) for x, s in zip(axes, deviations, strict=True)]
    profiles = [p / p.sum() for p in profiles]
    out = np.zeros(a.shape)
    for p in np.ndindex(a.shape):
        for step in product(*(range(len(x)) for x in axes)):
            weight = np.prod([profile[k] for profile, k in zip(profiles, step, strict=True)])
            where = [i + int(x[k]) for i, x, k in zip(p, axes, step, strict=True)]
            out[p] += weight * reflected(a, where)
    return out


def second_derivatives(g, p, spacing):
    """Matrix of second differences at a position."""
    d = g.ndim
    H, unit = np.zeros((d, d)), np.eye(d, dtype=int)
    p = np.array(p)
    for i in range(d):
        for j in range(d):
            if i == j:
                found = reflected(g, p + unit[i]) - 2 * g[tuple(p)] + reflected(g, p - unit[i])
            else:
                found = sum(
                    s * t * reflected(g, p + s * unit[i] + t * unit[j]) / 4
                    for s in (1, -1)
                    for t in (1, -1)
                )
            H[i, j] = found / (spacing[i] * spacing[j])
    return H


def surroundings(values, p, offsets):
    """Values at offsets of a position, zero beyond the array, one after another."""
    found = []
    for step in offsets:
        at = [i + s for i, s in zip(p, step, strict=True)]
        inside = all(0 <= i < n for i, n in zip(at, values.shape[:-1], strict=True))
        found.append(values[tuple(at)] if inside else np.zeros(values.shape[-1]))
    return np.concatenate(found)


def guided(p, I, radius, edge):
    """Guided filter of one map by a line fitted in each box of the reflected image."""
    pad = 2 * radius
    big_p, big_I = np.pad(p, pad, mode="symmetric"), np.pad(I, pad, mode="symmetric")
    a, b = np.zeros(big_p.shape), np.zeros(big_p.shape)
    inner = [range(radius, n - radius) for n in big_p.shape]
    for at in product(*inner):
        box = tuple(slice(i - radius, i + radius + 1) for i in at)
        x, y = big_I[box].ravel(), big_p[box].ravel()
        a[at] = ((x * y).mean() - x.mean() * y.mean()) / (x.var() + edge)
        b[at] = y.mean() - a[at] * x.mean()
    out = np.zeros(p.shape)
    for at in np.ndindex(p.shape):
        box = tuple(slice(i + radius, i + 3 * radius + 1) for i in at)
        out[at] = a[box].mean() * I[at] + b[box].mean()
    return out
