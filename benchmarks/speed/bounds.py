"""What share of the machine's own limit the states of one series reach.

The same series and settings as in `series_states`, leak rate 1. Limits, one below another in the
table, each for the same number of steps and units:

GEMM    dense W: NumPy's product of W with a matrix of 64 columns, once for every 64 steps, into the
        same memory. The arithmetic of lanes cannot be faster.
write   sparse W: filling a new array of the size of the states. Every call returns a new array, and
        the operating system clears each page of the array first.
rewrite the same, but into an array that exists. A call that returns states cannot do this.
tanh    NumPy's tanh of as many numbers, within the caches. One thread.
product sparse W: SciPy's product of W with a matrix of 64 columns, one thread. Not a limit: it
        shows what a compiled loop over the links takes.
"""

import numpy as np
from _bench import Benchmark, Ratio
from _work import N_STEPS, links, series

from dlkit import ReservoirStates

LANES = 64


def setup(threads, n_units, links_each):
    W, u = links(n_units, links_each), series()
    ours = ReservoirStates(topology=W, leak_rate=1.0, random_state=0, n_jobs=threads).fit(u[:2])
    there = np.empty((N_STEPS, n_units))
    X = np.random.RandomState(1).uniform(-1.0, 1.0, (n_units, LANES))
    through = np.empty_like(X)

    def write(i):
        np.empty((N_STEPS, n_units)).fill(i + 1.0)

    def tanh(i):
        for _ in range(N_STEPS // LANES):
            np.tanh(X, out=through)

    def gemm(i):
        for _ in range(N_STEPS // LANES):
            np.dot(W, X, out=through)

    def product(i):
        for _ in range(N_STEPS // LANES):
            W @ X

    bounds = {"write": write, "rewrite": lambda i: there.fill(i + 1.0), "tanh": tanh}
    through_w = {"GEMM": gemm} if links_each == "dense" else {"product": product}
    return {"dlkit": lambda i: ours.transform(u)} | through_w | bounds


def sparse(links_each, **_):
    return links_each != "dense"


BENCHMARK = Benchmark(
    title="States of one series of 10,000 steps, against the machine's limits",
    setup=setup,
    cases=[
        {"n_units": n_units, "links_each": links_each}
        for n_units, links_each in [
            (100, 10), (500, 10), (1000, 10), (4000, 10), (500, 50), (1000, 100),
            (100, "dense"), (500, "dense"), (1000, "dense"),
        ]
    ],
    quick=[{"n_units": 100, "links_each": 10}, {"n_units": 100, "links_each": "dense"}],
    judged=[
        Ratio("GEMM", 0.6, label="dense: share of the GEMM's speed"),
        Ratio("write", 0.6, where=sparse, label="sparse: share of the speed of writing"),
    ],
    unit="µs a step",
    scale=lambda **case: 1e6 / N_STEPS,
)  # fmt: skip
