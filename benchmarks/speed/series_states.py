"""States of one series, with the same matrices.

One channel, U(-1, 1); tanh, radius 0.9, input weights U(-0.1, 0.1), bias U(-0.2, 0.2), float64.
`ReservoirStates(topology=W).transform` against `Reservoir.run`, both from rest. ReservoirPy is
given the matrices in three forms. "Fastest form": W as CSR or dense, whichever a trial finds
faster, and dense input weights. "Its own form": W and input weights as CSR, as `Reservoir(units)`
makes them. "W dense": W as an array, as its user guide hands over a matrix; with 4000 units only
the first twentieth of the steps is run, and the time is multiplied by 20.
"""

from _bench import Benchmark, Ratio
from _peers import reservoirpy_dense, reservoirpy_fastest, reservoirpy_own
from _work import N_STEPS, links, series

from dlkit import ReservoirStates


def setup(threads, n_units, links_each, leak_rate):
    W, u = links(n_units, links_each), series()
    ours, alone = (
        ReservoirStates(topology=W, leak_rate=leak_rate, random_state=0, n_jobs=n).fit(u[:2])
        for n in (threads, 1)
    )
    return {
        "dlkit": lambda i: ours.transform(u),
        **({"dlkit, one thread": lambda i: alone.transform(u)} if threads > 1 else {}),
        "ReservoirPy, fastest form": reservoirpy_fastest(ours.reservoir_, u, threads),
        "ReservoirPy, its own form": reservoirpy_own(ours.reservoir_, u),
        "ReservoirPy, W dense": reservoirpy_dense(ours.reservoir_, u, 20 if n_units > 1000 else 1),
    }


def asked(against):
    """What is asked of one peer."""

    def ratio(what, at_least, where):
        return Ratio(against, at_least, where=where, label=f"{what}: {against}")

    def sparse(n_units, links_each, **_):
        return links_each == 10 and n_units <= 1000

    def large(n_units, links_each, **_):
        return links_each == 10 and n_units == 4000

    def tenth(n_units, links_each, **_):
        return links_each == n_units // 10 > 10

    return [
        ratio("10 links, N ≤ 1000", 20, sparse),
        ratio("10 links, N = 4000", 12, large),
        ratio("density 0.1", 10, tenth),
    ]


BENCHMARK = Benchmark(
    title="States of one series of 10,000 steps",
    setup=setup,
    cases=[
        {"n_units": n_units, "links_each": links, "leak_rate": leak_rate}
        for leak_rate in (1.0, 0.3)
        for n_units, links in [
            (100, 10), (500, 10), (1000, 10), (4000, 10), (500, 50), (1000, 100)
        ]
    ],
    quick=[{"n_units": 100, "links_each": 10, "leak_rate": 1.0}],
    judged=[
        *asked("ReservoirPy, fastest form"),
        *asked("ReservoirPy, its own form"),
        *asked("ReservoirPy, W dense"),
    ],
    unit="µs a step",
    scale=lambda **case: 1e6 / N_STEPS,
    agree=1e-10,
)  # fmt: skip
