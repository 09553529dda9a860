"""Ridge classifier with leave-one-out choice of alpha: `RidgeReadoutClassifier` and scikit-learn's.

10 classes, features like those of a convolution (positive, correlated, of decaying spectrum),
float64; 10 alphas from 1e-3 to 1e3. Each fit runs in a process of its own. The process makes the
data in blocks, times `fit` alone, and reports its peak memory, data and libraries included.
"""

from pathlib import Path
from time import perf_counter

import _above  # noqa: F401
import _child
import numpy as np
from _bench import Benchmark, Ratio
from _common import limit_threads
from _timing import Figures

N_CLASSES, ALPHAS = 10, np.logspace(-3, 3, 10)
MEMORY = "peak memory (MB)"


def data(n, p):
    rng = np.random.default_rng(0)
    y = rng.integers(0, N_CLASSES, n)
    mixing = rng.standard_normal((60, p)) / 8
    centres = rng.standard_normal((N_CLASSES, 60))
    X = np.empty((n, p))
    for rows in np.array_split(np.arange(n), max(1, n // 1000)):
        hidden = centres[y[rows]] + 2 * rng.standard_normal((len(rows), 60))
        noise = 0.3 * rng.standard_normal((len(rows), p))
        X[rows] = np.maximum(hidden @ mixing + noise, 0)
    return X, y


def fit(which, n, p, threads):
    limit_threads(int(threads))
    X, y = data(int(n), int(p))
    if which == "dlkit":
        from dlkit import RidgeReadoutClassifier as Classifier
    else:
        from sklearn.linear_model import RidgeClassifierCV as Classifier
    start = perf_counter()
    fitted = Classifier(ALPHAS).fit(X, y)
    seconds = perf_counter() - start
    _child.report(
        **{"seconds": seconds, MEMORY: _child.peak_memory(), "result": float(fitted.alpha_)}
    )


def setup(threads, n, p):
    def contender(which):
        return lambda i: Figures(_child.call(Path(__file__), which, n, p, threads))

    return {"dlkit": contender("dlkit"), "RidgeClassifierCV": contender("RidgeClassifierCV")}


BENCHMARK = Benchmark(
    title="Ridge classifier with leave-one-out over 10 alphas",
    setup=setup,
    cases=[{"n": 20_000, "p": 4000}],
    quick=[{"n": 1000, "p": 200}],
    judged=[
        Ratio("RidgeClassifierCV", 4),
        Ratio("RidgeClassifierCV", 2, figure=MEMORY),
    ],
    unit="s",
    scale=lambda **case: 1.0,
    agree=0.0,
    most_rounds=3,
    warm_up=False,
)

if __name__ == "__main__":
    fit(*_child.arguments())
