"""Small engines of every form of W, and what their states are by the formula."""

import numpy as np
from scipy import sparse

from dlkit._jit.links import Hadamard, Ring
from dlkit.reservoir._engine.lanes import Lanes
from dlkit.reservoir._engine.links import make_links
from dlkit.reservoir._matrices.topology import CycleJumps, draw_recurrent
from dlkit.sequences import pack

from .. import naive

N, C = 23, 3
TOLERANCE = {np.float64: 1e-12, np.float32: 2e-5}


def matrix(kind):
    r = np.random.RandomState(1)
    if kind == "dense":
        return 0.2 * r.randn(N, N)
    if kind == "fixed in-degree":
        W = np.zeros((N, N))
        for row in W:
            row[r.choice(N, 7, replace=False)] = 0.4 * r.randn(7)
        return sparse.csr_array(W)
    if kind == "unequal rows":
        W = 0.4 * r.randn(N, N) * (r.uniform(size=(N, N)) < np.linspace(0, 0.6, N)[:, None])
        return sparse.csr_array(W)
    if kind in ("ring", "cycle_jumps", "hadamard"):
        W = 0.8 * draw_recurrent(
            CycleJumps(4) if kind == "cycle_jumps" else kind, N, random_state=0
        )
        assert isinstance(make_links(W, np.ones((N, 1)), np.ones(N), float).matrix, SPECIAL[kind])
        return W
    return sparse.csr_array((N, N))  # no links at all


SPECIAL = {"ring": Ring, "cycle_jumps": Ring, "hadamard": Hadamard}


def make(kind="fixed in-degree", dtype=np.float64, activation="tanh", leak_rate=0.4, **options):
    r = np.random.RandomState(2)
    return Lanes(
        matrix(kind), r.randn(N, C), 0.3 * r.randn(N), leak_rate, activation, dtype, **options
    )


def expected(lanes, kind, x, *, activation="tanh", leak_rate=0.4, start=None, noise=None):
    r = np.random.RandomState(2)
    w_in, bias = r.randn(N, C), 0.3 * r.randn(N)
    return naive.states(matrix(kind), w_in, bias, leak_rate, activation, x, start, noise)


def ragged(lengths, dtype=np.float64):
    r = np.random.RandomState(3)
    return pack([r.randn(n, C).astype(dtype) for n in lengths])
