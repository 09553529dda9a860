"""How time grows with size: the exponent of time, by least squares on logarithms of medians.

An exponent of 1 is linear growth. Steps, units and links: `ReservoirStates.transform` of one series
of 10,000 steps, by 500 units with 10 links each; one of the three numbers varies at a time. Number
of sequences: `ReservoirFeatures.transform` to the last state, for sequences of 100 steps and 3
channels, by 300 units. Leak rate 1, radius 0.9.
"""

from math import inf

from _bench import Benchmark, Exponent
from _work import links, sequences, series

from dlkit import ReservoirFeatures, ReservoirStates

SIZES = {
    "steps": [2500, 5000, 10_000, 20_000, 40_000, 80_000],
    "units": [125, 250, 500, 1000, 2000, 4000],
    "links": [5, 10, 20, 40, 80, 160],
    "sequences": [500, 1000, 2000, 4000, 8000, 16_000],
}


def work(of, size, threads):
    """Return a call that does the work of one size."""
    if of == "sequences":
        X = sequences(size)
        ours = ReservoirFeatures(
            topology=links(300, 10), leak_rate=1.0, pooling="last", random_state=0, n_jobs=threads
        ).fit(X[:2])
    else:
        n_steps, n_units, n_links = (
            size if of == name else usual
            for name, usual in (("steps", 10_000), ("units", 500), ("links", 10))
        )
        X = series(n_steps)
        ours = ReservoirStates(topology=links(n_units, n_links), random_state=0, n_jobs=threads)
        ours.fit(X[:2])
    return lambda i: ours.transform(X)


def setup(threads, number_of, up_to):
    sizes = [size for size in SIZES[number_of] if size <= up_to]
    return {size: work(number_of, size, threads) for size in sizes}


def asked(name, at_most):
    return Exponent(
        at_most, where=lambda number_of, **_: number_of == name,
        label=f"exponent of time in the number of {name}",
    )  # fmt: skip


BENCHMARK = Benchmark(
    title="Growth of time with size",
    setup=setup,
    cases=[{"number_of": name, "up_to": sizes[-1]} for name, sizes in SIZES.items()],
    quick=[{"number_of": "steps", "up_to": 5000}, {"number_of": "sequences", "up_to": 1000}],
    judged=[asked("steps", 1.05), asked("sequences", 1.05), asked("units", inf),
            asked("links", inf)],
)  # fmt: skip
