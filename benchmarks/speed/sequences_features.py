"""Features of 10,000 sequences of 100 steps and 3 channels, 300 units.

Input U(-1, 1); 10 links into each unit, the same matrices for all; tanh, radius 0.9, float64; the
mean state, or the last. No leak and no bias: Bianchi's package has no bias, and another formula for
the leak. `ReservoirFeatures.transform` is compared with `RC_model(readout_type=None).fit`, with W
dense, as that class draws W, and with W as CSR, which the class also runs; and with ReservoirPy's
`run` on the list of sequences, in the fastest form. ReservoirPy runs the first tenth of the
sequences, and its time is multiplied by ten.
"""

import numpy as np
from _bench import Benchmark, Ratio
from _peers import bianchi, reservoirpy_fastest
from _work import links, sequences

from dlkit import ReservoirFeatures

POOL = {
    "mean": lambda states: np.array([rows.mean(axis=0) for rows in states]),
    "last": lambda states: np.array([rows[-1] for rows in states]),
}
SHARE = 10


def setup(threads, pooling, n_sequences):
    X = sequences(n_sequences)
    settings = {
        "topology": links(300, 10), "leak_rate": 1.0, "bias_scaling": 0.0, "pooling": pooling,
        "random_state": 0,
    }  # fmt: skip
    both, alone = (ReservoirFeatures(**settings, n_jobs=n).fit(X[:2]) for n in (threads, 1))
    drawn = both.reservoir_
    part = list(X[: n_sequences // SHARE])
    return {
        "dlkit": lambda i: both.transform(X),
        **({"dlkit, one thread": lambda i: alone.transform(X)} if threads > 1 else {}),
        "reservoir-computing": bianchi(drawn, X, pooling, "dense"),
        "reservoir-computing, W sparse": bianchi(drawn, X, pooling, "CSR"),
        "ReservoirPy": reservoirpy_fastest(drawn, part, threads, POOL[pooling], times=SHARE),
    }


BENCHMARK = Benchmark(
    title="10,000 sequences × 100 steps × 3 channels, 300 units, to features",
    setup=setup,
    cases=[{"pooling": pooling, "n_sequences": 10_000} for pooling in POOL],
    quick=[{"pooling": "mean", "n_sequences": 500}],
    judged=[
        Ratio("reservoir-computing", 5),
        Ratio("reservoir-computing, W sparse", 5),
        Ratio("ReservoirPy", 50),
        Ratio("dlkit, one thread", 1.7, label="two threads, times as fast as one"),
    ],
    agree=1e-12,
)
