"""QUANT: transform of random walks, and how far its features lie from aeon's.

Series are float32, of one channel; the settings are the defaults, which draw nothing. aeon computes
with PyTorch, whose threads are held to one: with two, aeon took five times as long. *apart* is the
largest difference of dlkit's features from aeon's, relative to the largest number among the
features of a series; *white noise* is the same for N(0, 1) series.
"""

import numpy as np
from _bench import Benchmark, Limit, Ratio
from _peers import installed, quant_peer
from _timing import Figures, perf_counter

from dlkit import Quant


def setup(threads, n_series, n_steps):
    noise = np.random.RandomState(0).standard_normal((n_series, n_steps)).astype(np.float32)
    X = noise.cumsum(axis=1)
    here = installed("aeon") and installed("torch")
    distance, white = (apart(X[:100]), apart(noise[:100])) if here else (np.nan, np.nan)
    model = Quant(n_jobs=threads).fit(X)
    alone = Quant(n_jobs=1).fit(X)

    def ours(i):
        start = perf_counter()
        alone.transform(X)
        seconds = perf_counter() - start
        return Figures(seconds=seconds, apart=distance, **{"apart, white noise": white})

    def theirs(i):
        import torch

        before = torch.get_num_threads()
        torch.set_num_threads(1)
        try:
            peer.transform(X[:, None])
        finally:
            torch.set_num_threads(before)

    peer = quant_peer().fit(X[:, None]) if here else None
    return {
        "dlkit, one thread": ours,
        "dlkit": lambda i: model.transform(X),
        "aeon, one thread": theirs if here else None,
    }


def apart(X):
    theirs = quant_peer().fit(X[:, None]).transform(X[:, None])
    largest = np.abs(theirs).max(axis=1, keepdims=True)
    return np.max(np.abs(Quant().fit_transform(X) - theirs) / largest)


BENCHMARK = Benchmark(
    title="QUANT: transform",
    setup=setup,
    cases=[{"n_series": 200, "n_steps": 500}, {"n_series": 1000, "n_steps": 1000}],
    quick=[{"n_series": 20, "n_steps": 50}],
    judged=[
        Ratio("aeon, one thread", 5, label="aeon, seconds, one thread each"),
        Limit("dlkit, one thread", 1e-5, figure="apart"),
        Limit("dlkit, one thread", 1e-5, figure="apart, white noise"),
    ],
)
