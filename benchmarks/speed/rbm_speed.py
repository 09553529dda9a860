"""A restricted Boltzmann machine: `RBM` and scikit-learn's `BernoulliRBM`, one epoch.

Binary 28 x 28 images (digits of 8 x 8, enlarged and sampled pixel by pixel), 256 hidden units,
persistent contrastive divergence with one step and as many chains as a mini-batch has rows, the
same learning rate. Pseudo-likelihood is the exact mean over every fifth image after the epoch, of
both by dlkit (the peer estimates it from one pixel a row). Each round has a seed of its own.
"""

from time import perf_counter

import numpy as np
from _bench import Benchmark, Ratio
from _timing import Figures
from sklearn.datasets import load_digits
from sklearn.neural_network import BernoulliRBM

from dlkit.layerwise import RBM

N_HIDDEN, RATE = 256, 0.05
LOSS = "minus pseudo-likelihood"


def data(n, dtype):
    """Binary images of shape (n, 784)."""
    rng = np.random.default_rng(0)
    small = load_digits().images / 16
    large = np.pad(np.kron(small, np.ones((3, 3))), ((0, 0), (2, 2), (2, 2)))
    chosen = large[rng.integers(0, len(large), n)].reshape(n, -1)
    return (rng.random(chosen.shape) < chosen).astype(dtype)


def loss(machine, X):
    """Minus the mean pseudo-likelihood, of a machine of either library."""
    judge = RBM(N_HIDDEN, n_epochs=0, random_state=0).fit(X)
    judge.components_[...] = machine.components_
    judge.intercept_visible_[...] = machine.intercept_visible_
    judge.intercept_hidden_[...] = machine.intercept_hidden_
    return -judge.score(X)


def setup(threads, n, batch_size, dtype):
    X = data(n, dtype)
    settings = {"learning_rate": RATE, "batch_size": batch_size}

    def contender(machine):
        def call(i):
            machine.set_params(random_state=i)
            start = perf_counter()
            machine.fit(X)
            seconds = perf_counter() - start
            return Figures({"seconds": seconds, LOSS: loss(machine, X[::5])})

        return call

    return {
        "dlkit": contender(RBM(N_HIDDEN, n_epochs=1, **settings)),
        "scikit-learn": contender(BernoulliRBM(N_HIDDEN, n_iter=1, **settings)),
    }


BENCHMARK = Benchmark(
    title="A restricted Boltzmann machine, 784 visible and 256 hidden units, one epoch",
    setup=setup,
    cases=[
        {"n": 10_000, "batch_size": 10, "dtype": "float32"},
        {"n": 10_000, "batch_size": 10, "dtype": "float64"},
        {"n": 10_000, "batch_size": 100, "dtype": "float32"},
        {"n": 10_000, "batch_size": 100, "dtype": "float64"},
    ],
    quick=[{"n": 500, "batch_size": 10, "dtype": "float32"}],
    judged=[Ratio("scikit-learn", 1), Ratio("scikit-learn", 1, figure=LOSS)],
)
