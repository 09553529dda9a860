"""A grid search on JapaneseVowels, side by side with GridSearchCV over the same estimator.

    python benchmarks/speed/grid_search.py
    python benchmarks/speed/grid_search.py --peers     (needs pip install -e ".[benchmarks]")

The grid: 5 spectral radii × 4 leak rates × 3 input scalings = 60 settings, times 10 values of
alpha from 1e-6 to 1e3: 600 candidates on 5 stratified folds of the 270 training utterances. 500
units with 10 links each, mean and deviation of each unit as features, accuracy as the score.
Nothing is fitted again in the end (refit=False).

dlkit, ReservoirSearchCV  the whole grid.
dlkit, GridSearchCV       scikit-learn's search over the same `ESNClassifier`, one fit for each of
                          3000 pairs of candidate and fold. By default a share of the settings
                          (spread over the grid, all alphas and folds) is timed and the time
                          scaled up; --share 1 times them all. Scores of what both searched are
                          compared.
ReservoirPy               the same search as a loop: for each setting, alpha and fold a
                          `Reservoir`, run over the training utterances, a `Ridge` readout, a run
                          over the test utterances. The fastest assembly found in `fit_speed.py`.
PyRCN                     its blocks `InputToNode`, `NodeToNode` and `IncrementalRegression`, again
                          in the fastest assembly, wrapped into an estimator under GridSearchCV.

Of the last two --peer-fits pairs of candidate and fold are timed, spread over the grid, and scaled
up: they draw, run and solve anew for each, so that each takes the same time. All draw with seed 0.
"""

import argparse
from statistics import median
from time import perf_counter

import _above  # noqa: F401
import numpy as np
from _common import limit_threads, summary, table
from _timing import print_machine
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.model_selection import GridSearchCV, ParameterGrid, StratifiedKFold

from dlkit import ESNClassifier, ReservoirSearchCV
from dlkit.datasets import load_japanese_vowels

SETTINGS = {
    "spectral_radius": [0.3, 0.5, 0.7, 0.9, 1.1],
    "leak_rate": [0.1, 0.3, 0.6, 1.0],
    "input_scaling": [0.1, 0.3, 1.0],
}
ALPHAS = np.logspace(-6, 3, 10).tolist()
N_FOLDS, N_UNITS, N_LINKS, BIAS = 5, 500, 10, 0.2


def search(cls, settings, X, y, n_jobs=None):
    grid = [{**{k: [v] for k, v in one.items()}, "alpha": ALPHAS} for one in settings]
    drawn = {"n_links": N_LINKS, "bias_scaling": BIAS, "random_state": 0}
    esn = ESNClassifier(N_UNITS, pooling="moments", **drawn)
    start = perf_counter()
    found = cls(esn, grid, cv=N_FOLDS, refit=False, n_jobs=n_jobs).fit(X, y)
    return found.cv_results_, perf_counter() - start


def pooled(states):
    return np.array([np.concatenate([x.mean(axis=0), x.std(axis=0)]) for x in states])


def one_hot(y):
    return (y[:, None] == np.arange(9)).astype(float)


def reservoirpy_fit(params, X, y, train, test):
    """One pass of the loop: from parameters to the accuracy on a fold."""
    from reservoirpy.mat_gen import uniform
    from reservoirpy.nodes import Reservoir, Ridge

    reservoir = Reservoir(
        N_UNITS, lr=params["leak_rate"], sr=params["spectral_radius"],
        rc_connectivity=N_LINKS / N_UNITS, Win=uniform, input_scaling=params["input_scaling"],
        input_connectivity=1.0, bias=uniform(low=-BIAS, high=BIAS), seed=0,
    )  # fmt: skip
    readout = Ridge(ridge=params["alpha"])
    readout.fit(pooled(reservoir.run([X[i] for i in train])), one_hot(y[train]))
    reservoir.reset()  # else `run` begins where the last one ended
    decision = readout.run(pooled(reservoir.run([X[i] for i in test])))
    return np.mean(decision.argmax(axis=1) == y[test])


class PyRCN(ClassifierMixin, BaseEstimator):
    """PyRCN's blocks as an estimator that GridSearchCV can take."""

    def __init__(self, spectral_radius=0.9, leak_rate=0.3, input_scaling=0.3, alpha=1.0):
        self.spectral_radius = spectral_radius
        self.leak_rate = leak_rate
        self.input_scaling = input_scaling
        self.alpha = alpha

    def _features(self, X):
        return pooled([self.recur_.transform(self.enter_.transform(x)) for x in X])

    def fit(self, X, y):  # noqa: D102
        from pyrcn.base.blocks import InputToNode, NodeToNode
        from pyrcn.linear_model import IncrementalRegression

        self.classes_ = np.arange(9)
        self.enter_ = InputToNode(
            hidden_layer_size=N_UNITS, input_activation="identity",
            input_scaling=self.input_scaling, bias_scaling=BIAS, random_state=0,
        )  # fmt: skip
        self.recur_ = NodeToNode(
            hidden_layer_size=N_UNITS, k_rec=N_LINKS, spectral_radius=self.spectral_radius,
            leakage=self.leak_rate, random_state=0,
        )  # fmt: skip
        self.recur_.fit(self.enter_.fit_transform(np.concatenate(X)))
        self.readout_ = IncrementalRegression(alpha=self.alpha)
        self.readout_.fit(self._features(X), one_hot(y))
        return self

    def predict(self, X):  # noqa: D102
        return self.readout_.predict(self._features(X)).argmax(axis=1)


def time_peers(X, y, n_fits):
    """Seconds of single fits, spread over the grid, of ReservoirPy and PyRCN in turn."""
    candidates = list(ParameterGrid({**SETTINGS, "alpha": ALPHAS}))
    folds = list(StratifiedKFold(N_FOLDS).split(X, y))
    places = np.linspace(0, len(candidates) * N_FOLDS - 1, n_fits + 1).astype(int)
    seconds = {"ReservoirPy": [], "PyRCN": []}
    for place in places:
        params, (train, test) = candidates[place // N_FOLDS], folds[place % N_FOLDS]
        start = perf_counter()
        reservoirpy_fit(params, X, y, train, test)
        seconds["ReservoirPy"].append(perf_counter() - start)
        grid = {name: [value] for name, value in params.items()}
        start = perf_counter()
        GridSearchCV(PyRCN(), grid, cv=[(train, test)], refit=False, error_score="raise").fit(X, y)
        seconds["PyRCN"].append(perf_counter() - start)
    return {name: np.array(one[1:]) for name, one in seconds.items()}  # the first warms up


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--share", type=float, default=0.1, help="of settings, for GridSearchCV")
    parser.add_argument("--n-jobs", type=int, default=None)
    parser.add_argument("--peers", action="store_true")
    parser.add_argument("--peer-fits", type=int, default=20)
    parser.add_argument("--threads", type=int, default=1, help="of BLAS")
    arguments = parser.parse_args()
    print(__doc__)
    X, y = load_japanese_vowels(subset="train", return_X_y=True)
    settings = list(ParameterGrid(SETTINGS))
    n_timed = max(round(arguments.share * len(settings)), arguments.rounds)
    timed = np.linspace(0, len(settings) - 1, n_timed).astype(int)
    with limit_threads(arguments.threads):
        print_machine(*(("reservoirpy", "PyRCN") if arguments.peers else ()))
        for cls in (ReservoirSearchCV, GridSearchCV):  # compile, and fetch from disk
            search(cls, settings[:1], X, y, arguments.n_jobs)
        ours, theirs = [], []
        for part in np.array_split(timed, arguments.rounds):
            full, seconds = search(ReservoirSearchCV, settings, X, y, arguments.n_jobs)
            ours.append(seconds)
            some, seconds = search(
                GridSearchCV, [settings[i] for i in part], X, y, arguments.n_jobs
            )
            theirs.append(seconds * len(settings) / len(part))
            same = np.concatenate([i * len(ALPHAS) + np.arange(len(ALPHAS)) for i in part])
            for k in range(N_FOLDS):
                key = f"split{k}_test_score"
                np.testing.assert_allclose(full[key][same], some[key], rtol=1e-8)
        found = {"dlkit, ReservoirSearchCV": ours, "dlkit, GridSearchCV": theirs}
        n_fits = len(settings) * len(ALPHAS) * N_FOLDS
        if arguments.peers:
            peers = time_peers(X, y, arguments.peer_fits)
            found |= {name: (one * n_fits).tolist() for name, one in peers.items()}
    print(
        f"\n{len(settings)} settings × {len(ALPHAS)} alphas × {N_FOLDS} folds = {n_fits} fits; "
        f"n_jobs={arguments.n_jobs}; GridSearchCV timed on {n_timed} settings; best mean accuracy "
        f"{full['mean_test_score'].max():.4f}\n"
    )
    best = median(ours)
    rows = [
        (name, float(median(one)), float(min(one)), f"{median(one) / best:.0f}")
        for name, one in found.items()
    ]
    print(table(("search", "seconds, median", "least", "× ReservoirSearchCV"), rows))
    ratio = median(t / o for t, o in zip(theirs, ours, strict=True))
    summary("GridSearchCV, times as long", "≥ 30", f"{ratio:.1f}", ratio >= 30)
    if arguments.peers:
        for name in peers:
            ratio = median(found[name]) / best
            summary(f"{name}, times as long", "≥ 100", f"{ratio:.0f}", ratio >= 100)


if __name__ == "__main__":
    main()
