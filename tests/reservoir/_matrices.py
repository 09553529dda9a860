"""Matrices that are hard to measure, and their measures by LAPACK."""

import numpy as np
from scipy import sparse

from dlkit.reservoir._matrices.topology import CycleJumps, Dense, Sparse, draw_recurrent

GOOD = 1e-9  # what is reached in fact


def weighted(topology, weights):
    """The topology of a name, with its weights drawn from a distribution, if it has one."""
    kind = {"sparse": Sparse, "dense": Dense}.get(topology)
    return topology if kind is None else kind(weights=weights)


def full(W):
    return W.toarray() if sparse.issparse(W) else np.asarray(W)


def naive_radius(W, leak=1.0):
    leak = np.broadcast_to(leak, W.shape[:1])
    return np.abs(np.linalg.eigvals(np.diag(1 - leak) + np.diag(leak) @ full(W))).max()


def nearly_equal_blocks(n_units, seed, coupling):
    """Two blocks whose radii differ in the seventh digit, linked one way or both ways."""
    rng = np.random.RandomState(seed)
    half = n_units // 2
    one, two = (draw_recurrent("sparse", half, random_state=rng) for _ in range(2))
    one, two = one / naive_radius(one), two / naive_radius(two) * (1 - 1e-7)
    link = sparse.csr_array(([0.5], ([3], [4])), shape=(half, half))
    return sparse.csr_array(sparse.block_array([[one, link], [coupling * link, two]]))


def behind_a_rotation(D, seed):
    q = draw_recurrent("orthogonal", len(D), random_state=seed)
    return q @ D @ q.T


def with_leading(values, n_units, seed, rest=0.9):
    """A random matrix of radius `rest` and the eigenvalues `values` with their conjugates."""
    D = np.zeros((n_units, n_units))
    for i, value in enumerate(values):
        block = [[value.real, -value.imag], [value.imag, value.real]]
        D[2 * i : 2 * i + 2, 2 * i : 2 * i + 2] = block
    k = 2 * len(values)
    block = draw_recurrent("dense", n_units - k, random_state=seed)
    D[k:, k:] = rest * block / naive_radius(block)
    D[:k, k:] = np.random.RandomState(seed).standard_normal((k, n_units - k)) / n_units
    return behind_a_rotation(D, seed)


def two_colours(n_units, seed):
    """Links only between two halves: with every eigenvalue its negative is one."""
    half = n_units // 2
    A, B = (draw_recurrent("sparse", half, random_state=seed + i) for i in range(2))
    return sparse.csr_array(sparse.block_array([[None, A], [B, None]]))


HARD = {
    "sparse": lambda n, seed: draw_recurrent("sparse", n, random_state=seed),
    "three signs": lambda n, seed: draw_recurrent(
        Sparse(weights="rademacher"), n, n_links=3, random_state=seed
    ),
    "two links": lambda n, seed: draw_recurrent("sparse", n, n_links=2, random_state=seed),
    "one link": lambda n, seed: draw_recurrent("sparse", n, n_links=1, random_state=seed),
    "half full": lambda n, seed: draw_recurrent("sparse", n, n_links=n // 2, random_state=seed),
    "dense": lambda n, seed: draw_recurrent(Dense(weights="uniform"), n, random_state=seed),
    "symmetric": lambda n, seed: (W := draw_recurrent("sparse", n, random_state=seed)) + W.T,
    "skew": lambda n, seed: (W := draw_recurrent("sparse", n, random_state=seed)) - W.T,
    "positive": lambda n, seed: abs(draw_recurrent("sparse", n, random_state=seed)),
    "cycle with jumps": lambda n, seed: draw_recurrent(CycleJumps(2 + seed), n, random_state=seed),
    "orthogonal": lambda n, seed: 3 * draw_recurrent("orthogonal", n, random_state=seed),
    "badly scaled": lambda n, seed: (
        (d := np.logspace(-4, 4, n))[:, None] * draw_recurrent("dense", n, random_state=seed) / d
    ),
    "plus and minus": two_colours,
    "a pair below a real one": lambda n, seed: with_leading(
        [1 + 0j, (1 - 1e-7) * np.exp(2j)], n, seed
    ),
    "a pair above a real one": lambda n, seed: with_leading(
        [1 + 0j, (1 + 1e-7) * np.exp(0.1j)], n, seed
    ),
    "rank two": lambda n, seed: (
        (A := np.random.RandomState(seed).standard_normal((2, 2, n)))[0].T @ A[1]
    ),
    "graded": lambda n, seed: (
        (d := np.logspace(0, 9, n))[:, None]
        * behind_a_rotation(full(draw_recurrent("sparse", n, random_state=seed)), seed)
        / d
    ),
    "equal blocks": lambda n, seed: nearly_equal_blocks(n, seed, 0.0),
    "coupled blocks": lambda n, seed: nearly_equal_blocks(n, seed, 1e-4),
}


def acyclic(n_units, seed=0):
    rng = np.random.RandomState(seed)
    order = rng.permutation(n_units)
    return np.triu(rng.standard_normal((n_units, n_units)), 1)[order][:, order]
