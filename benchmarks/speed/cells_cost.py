"""Cost of a cell against the leaky one, at equal units and links into each.

tanh, radius 0.9, one channel U(-1, 1), float64, one thread. "sequences" are 64 sequences of 300
steps, which run side by side. "alone" is one series of 5000 steps, run from end to end. Both write
all states. A third of the 10 links of a unit has each of the delays 1, 5 and 20. A gated cell has
10 links for the candidate and 10 for each gate. Orthogonal paths are rings: with a dense random
matrix a path would have N links a unit.
"""

import numpy as np
from _bench import AtMost, Benchmark, Ratio

from dlkit import ReservoirStates
from dlkit.reservoir import ES2N, Leaky, Legendre, Residual

LEAK = {"leak_rate": 0.3}
DELAYED = {"delays 1, 5, 20": LEAK | {"cell": Leaky(delays=(1, 5, 20))}}
GATED = {name: {"cell": name} for name in ("gru", "mgu", "lstm")}
OTHERS = {
    "es2n": LEAK | {"cell": ES2N(path="ring")},
    "residual": LEAK | {"cell": Residual(path="ring")},
    "euler": LEAK | {"cell": "euler"}, "clockwork": LEAK | {"cell": "clockwork"},
    "legendre, 16 polynomials": LEAK | {"cell": Legendre(memory_units=16)},
}  # fmt: skip


def setup(threads, n_units, data):
    rng = np.random.RandomState(0)
    X = rng.uniform(-1, 1, (64, 300, 1) if data == "sequences" else (1, 5000, 1))
    cells = {"leaky": LEAK} | DELAYED | GATED | OTHERS

    def contender(params):
        esn = ReservoirStates(n_units, n_lanes=1, n_jobs=1, random_state=0, **params)
        esn.fit(X[:1, :2])
        return lambda i: esn.transform(X)

    return {name: contender(params) for name, params in cells.items()}


class Cost(AtMost):
    """Asked: a contender's figure over that of the first, at most so much."""

    measure = Ratio.measure


BENCHMARK = Benchmark(
    title="Cost of cells: delays, gates, orthogonal paths",
    setup=setup,
    cases=[
        {"n_units": n_units, "data": data}
        for n_units in (100, 500, 1000)
        for data in ("sequences", "alone")
    ],
    quick=[{"n_units": 50, "data": "sequences"}],
    judged=[
        *(Cost(name, 1.3, label=f"cost of {name}") for name in DELAYED),
        *(Cost(name, 5, label=f"cost of {name}") for name in GATED),
    ],
    unit="ms",
)
