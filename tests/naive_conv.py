"""Slow and obvious twins of dlkit.conv: loops over positions, written from the formulas."""

import math
from fractions import Fraction
from itertools import product

import numpy as np

from dlkit.conv import Grid


def padded(x, size, dilation, padding):
    """A sample (*space, C) between zeros."""
    extents = [(k - 1) * d + 1 for k, d in zip(size, dilation, strict=True)]
    pads = {
        "valid": [(0, 0) for _ in extents],
        "same": [((e - 1) // 2, e - 1 - (e - 1) // 2) for e in extents],
        "full": [(e - 1, e - 1) for e in extents],
    }[padding]
    return np.pad(x, [*pads, (0, 0)]), extents


def patches(x, size, stride, dilation, padding):
    """All patches of a sample (*space, C), of shape (*positions, P)."""
    x, extents = padded(x, size, dilation, padding)
    counts = [(n - e) // s + 1 for n, e, s in zip(x.shape[:-1], extents, stride, strict=True)]
    found = np.empty((*counts, int(np.prod(size)) * x.shape[-1]))
    for at in product(*map(range, counts)):
        cut = tuple(
            slice(i * s, i * s + e, d)
            for i, s, e, d in zip(at, stride, extents, dilation, strict=True)
        )
        found[at] = x[cut].ravel()
    return found


def split(r, t):
    return np.concatenate([np.maximum(r - t, 0), np.maximum(-r - t, 0)])


def triangle(w, kernels):
    z = np.array([np.sqrt(((w - d) ** 2).sum()) for d in kernels])
    return np.maximum(z.mean() - z, 0)


def hard(w, kernels):
    nearest = np.argmin([((w - d) ** 2).sum() for d in kernels])
    return (np.arange(len(kernels)) == nearest).astype(float)


def energy(r):
    r = np.append(r, np.zeros(len(r) % 2))
    return np.hypot(r[::2], r[1::2])


ENCODERS = {
    "linear": lambda w, D, t: D @ w,
    "relu": lambda w, D, t: np.maximum(D @ w, 0),
    "abs": lambda w, D, t: abs(D @ w),
    "soft_threshold": lambda w, D, t: np.maximum(D @ w - t, 0),
    "split_threshold": lambda w, D, t: split(D @ w, t),
    "triangle": lambda w, D, t: triangle(w, D),
    "hard": lambda w, D, t: hard(w, D),
    "energy": lambda w, D, t: energy(D @ w),
}

POOLINGS = {
    "mean": lambda rows: rows.mean(axis=0),
    "sum": lambda rows: rows.sum(axis=0),
    "max": lambda rows: rows.max(axis=0),
    "l2": lambda rows: np.sqrt((rows**2).sum(axis=0)),
    "ppv": lambda rows: (rows > 0).mean(axis=0),
}


def grid_cells(n, g, overlap="0"):
    overlap = Fraction(overlap)
    width = n / (g - (g - 1) * overlap)
    starts = [i * (1 - overlap) * width for i in range(g)]
    return [range(math.floor(s), math.ceil(s + width)) for s in starts]


def level_cells(space, grid):
    """Cells by axis, of a number, a tuple or a `Grid`."""
    counts, overlap = getattr(grid, "cells", grid), getattr(grid, "overlap", 0)
    counts = counts if isinstance(counts, tuple) else (counts,) * len(space)
    return [grid_cells(n, g, str(overlap)) for n, g in zip(space, counts, strict=True)]


def window_cells(n, width, stride):
    return [range(i, i + width) for i in range(0, n - width + 1, stride)]


def pool(m, names, cells):
    """Row of a map (*positions, F): poolings, then cells given by axis, then columns."""
    row = []
    for name in names:
        for one in cells:
            for cell in product(*one):
                rows = np.array([m[at] for at in product(*cell)])
                row.append(POOLINGS[name](rows))
    return np.concatenate(row)


def feature_map(conv, x, kernels, preprocess, size):
    """Map of a sample (*space, C) by a fitted ConvFeatures, before pooling."""
    d = len(size)
    several = [v if isinstance(v, tuple) else (v,) * d for v in (conv.stride, conv.dilation)]
    raw = patches(x, size, *several, conv.padding)
    positions = raw.shape[:-1]
    period = {"shared": (1,) * d, "local": positions}.get(conv.sharing)
    if period is None:
        t = conv.tile_period
        period = t if isinstance(t, tuple) else (t,) * d
    banks = kernels[None] if conv.sharing == "shared" else kernels
    encode = ENCODERS[conv.encoder]
    rows = []
    for at in product(*map(range, positions)):
        g = np.ravel_multi_index([i % t for i, t in zip(at, period, strict=True)], period)
        D = banks[g].reshape(len(banks[g]), -1)
        rows.append(encode(preprocess.apply(raw[at][None])[0], D, conv.threshold))
    return np.array(rows).reshape(*positions, -1)


def features(conv, x):
    """Row of features of a sample (*space, C) by a fitted ConvFeatures."""
    one = not isinstance(conv.kernels_, list)
    banks = zip(*(([a] if one else a) for a in (conv.kernels_, conv.preprocess_)), strict=True)
    row = []
    for kernels, preprocess in banks:
        size = kernels.shape[-1 - (x.ndim - 1) : -1]
        m = feature_map(conv, x, kernels, preprocess, size)
        names = conv.pooling if isinstance(conv.pooling, tuple) else (conv.pooling,)
        d = m.ndim - 1
        if conv.window is not None:
            w = conv.window if isinstance(conv.window, tuple) else (conv.window,) * d
            s = w if conv.window_stride is None else conv.window_stride
            s = s if isinstance(s, tuple) else (s,) * d
            cells = [[window_cells(*a) for a in zip(m.shape, w, s, strict=False)]]
        else:
            usual = {1: 4, 2: Grid(3, overlap=0.5)}
            grids = usual.get(d, 2) if conv.grid is None else conv.grid
            grids = grids if isinstance(grids, list) else [grids]
            cells = [level_cells(m.shape[:-1], g) for g in grids]
        row.append(pool(m, names, cells))
    row = np.concatenate(row)
    return np.sign(row) * abs(row) ** conv.power


def ink_of(image, ground):
    """How far each entry of an image (H, W, C) is from the ground."""
    return np.array([[sum(abs(p - ground)) for p in row] for row in image])


def pose(ink):
    """Row, column, slant and width of the ink (H, W) of one image."""
    at = list(product(*map(range, ink.shape)))
    total = sum(ink[i, j] for i, j in at)
    if total == 0:
        return (ink.shape[0] - 1) / 2, (ink.shape[1] - 1) / 2, 0.0, 0.0
    row = sum(ink[i, j] * i for i, j in at) / total
    column = sum(ink[i, j] * j for i, j in at) / total
    tall = sum(ink[i, j] * (i - row) ** 2 for i, j in at) / total
    both = sum(ink[i, j] * (i - row) * (j - column) for i, j in at) / total
    slant = min(max(both / tall, -1), 1) if tall > 0 else 0.0
    rest = sum(ink[i, j] * (j - column - slant * (i - row)) ** 2 for i, j in at) / total
    return row, column, slant, math.sqrt(rest)


def upright(image, ground, width):
    """An image (H, W, C) set upright, its ink's columns of a standard deviation of W width."""
    height, across, _ = image.shape
    row, column, slant, own = pose(ink_of(image, ground))
    step = min(max(own / (width * across), 0.5), 2)

    def entry(i, j):
        inside = 0 <= i < height and 0 <= j < across
        return image[i, j] if inside else ground

    out = np.empty(image.shape)
    for i, j in product(range(height), range(across)):
        y = row + i - (height - 1) / 2
        x = column + slant * (y - row) + step * (j - (across - 1) / 2)
        top, left = math.floor(y), math.floor(x)
        out[i, j] = sum(
            (1 - abs(y - k)) * (1 - abs(x - m)) * entry(k, m)
            for k, m in product((top, top + 1), (left, left + 1))
        )
    return out
