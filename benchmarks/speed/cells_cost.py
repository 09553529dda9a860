"""Cost of a cell against the leaky one, at equal units and links into each.

tanh, radius 0.9, one channel U(-1, 1), float64, one thread. "sequences": 64 of 300 steps, which are
lanes; "alone": one series of 5000 steps run from end to end; both write all states. Delays of 1, 5
and 20 steps have a third of the 10 links each; a gated cell has 10 links for the candidate and 10
for each gate. Orthogonal paths are rings (with a dense random matrix, a path has N links a unit).
"""

import numpy as np
from _bench import Benchmark, Ratio

from dlkit import ReservoirStates

DELAYED = {"delays 1, 5, 20": {"delays": (1, 5, 20)}}
GATED = {name: {"cell": name} for name in ("gru", "mgu", "lstm")}
RING = {"path": "ring"}
OTHERS = {
    "es2n": {"cell": "es2n", "cell_params": RING},
    "residual": {"cell": "residual", "cell_params": RING},
    "euler": {"cell": "euler"}, "clockwork": {"cell": "clockwork"},
    "legendre, 16 polynomials": {"cell": "legendre", "cell_params": {"memory_units": 16}},
}  # fmt: skip


def setup(threads, n_units, data):
    rng = np.random.RandomState(0)
    X = rng.uniform(-1, 1, (64, 300, 1) if data == "sequences" else (1, 5000, 1))
    cells = {"leaky": {}} | DELAYED | GATED | OTHERS

    def contender(params):
        esn = ReservoirStates(
            n_units, leak_rate=0.3, n_lanes=1, n_jobs=1, random_state=0, **params
        ).fit(X[:1, :2])
        return lambda i: esn.transform(X)

    return {name: contender(params) for name, params in cells.items()}


class Cost(Ratio):
    """Asked: a contender's figure over that of the first, at most so much (``at_least``)."""

    @property
    def asked(self):
        """The limit as text."""
        return f"≤ {self.at_least:g}"

    def met(self, measured):
        """Whether the ratio is small enough."""
        return measured <= self.at_least

    worst = staticmethod(max)


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
