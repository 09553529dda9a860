"""Slow, obvious twins of dlkit.layerwise, from the formulas."""

from itertools import product

import numpy as np


def states(n):
    """All binary states of n units, shape (2ⁿ, n)."""
    return np.array(list(product([0.0, 1.0], repeat=n))).reshape(-1, n)


def energy(v, h, W, b, c, visible="bernoulli"):
    own = -(b @ v) if visible == "bernoulli" else 0.5 * ((v - b) ** 2).sum()
    return own - c @ h - h @ W @ v


def free_energy(v, W, b, c, visible="bernoulli"):
    return -np.log(sum(np.exp(-energy(v, h, W, b, c, visible)) for h in states(len(c))))


def log_partition(W, b, c):
    return np.log(
        sum(np.exp(-energy(v, h, W, b, c)) for v in states(len(b)) for h in states(len(c)))
    )


def log_likelihood(X, W, b, c):
    """Mean over rows, binary units."""
    return -np.mean([free_energy(v, W, b, c) for v in X]) - log_partition(W, b, c)


def visible_distribution(W, b, c):
    """Probability of every visible state, in the order of ``states``."""
    p = np.array([np.exp(-free_energy(v, W, b, c)) for v in states(len(b))])
    return p / p.sum()


def pseudo_likelihood(v, W, b, c):
    """Σ log p(vᵢ | others), binary units; vᵢ in (0, 1) is the probability of a one."""
    total = 0.0
    for i in range(len(v)):
        on, off = v.copy(), v.copy()
        on[i], off[i] = 1.0, 0.0
        gap = free_energy(on, W, b, c) - free_energy(off, W, b, c)
        p = 1 / (1 + np.exp(gap))
        total += v[i] * np.log(p) + (1 - v[i]) * np.log(1 - p)
    return total


def gradient(function, *arrays, step=1e-5):
    """Central differences of a function of arrays."""
    found = []
    for k, array in enumerate(arrays):
        slope = np.empty(array.shape)
        for index in np.ndindex(array.shape):
            up, down = array.copy(), array.copy()
            up[index] += step
            down[index] -= step
            args = list(arrays)
            args[k] = up
            high = function(*args)
            args[k] = down
            slope[index] = (high - function(*args)) / (2 * step)
        found.append(slope)
    return found


def corrupted_copies(X, noise, n_copies, random_state):
    """Copies with each entry set to zero with probability noise, and the originals."""
    clean = np.tile(X, (n_copies, 1))
    return clean * (random_state.random_sample(clean.shape) >= noise), clean


def block_states(n_blocks, n_kernels, block_size):
    """All hidden states of a one-dimensional convolutional machine, (n_positions, K) each."""
    one = [np.zeros(block_size), *np.eye(block_size)]
    for choice in product(range(block_size + 1), repeat=n_blocks * n_kernels):
        h = np.zeros((n_blocks * block_size, n_kernels))
        for i, state in enumerate(choice):
            block, k = divmod(i, n_kernels)
            h[block * block_size : (block + 1) * block_size, k] = one[state]
        yield h


def conv_energy(v, h, kernels, b, c, visible="bernoulli"):
    """Of a series v of shape (T, C), kernels (K, size, C); position i sees v[i : i + size]."""
    total = -(v @ b).sum() if visible == "bernoulli" else 0.5 * ((v - b) ** 2).sum()
    for i, k in zip(*np.nonzero(h), strict=True):
        total -= (kernels[k] * v[i : i + kernels.shape[1]]).sum() + c[k]
    return total


def conv_free_energy(v, kernels, b, c, pool_size, visible="bernoulli"):
    n_blocks = (len(v) - kernels.shape[1] + 1) // pool_size
    hidden = block_states(n_blocks, len(kernels), pool_size)
    return -np.log(sum(np.exp(-conv_energy(v, h, kernels, b, c, visible)) for h in hidden))
