"""Whole-fit time on JapaneseVowels, side by side with ReservoirPy and PyRCN doing the same work.

The work, from parameters to a fitted classifier: draw a sparse reservoir of 500 units with 10
links each, scale it to a spectral radius of 0.9, run it from rest over the 270 training utterances
(12 channels, 7 to 29 steps; leak rate 0.3, input weights U(-0.3, 0.3), bias U(-0.2, 0.2), tanh),
take the mean state of each, and fit a ridge classifier with one alpha to these 270 rows. All in
float64, by functions of the library alone.

Each peer appears twice: as its documentation shows the task, and with its parts put together in the
fastest way found, which is the harder comparison.

ReservoirPy, tutorial  `run` and `reset` for each sequence, and `Ridge.fit` on a list of one-row
                       arrays, as in its tutorial 5 (but with the mean in place of the last state).
ReservoirPy, fastest   `run` on the list of sequences, and `Ridge.fit` on one array. Links are 10 a
                       unit on average, which it draws faster than 10 for each.
PyRCN, ESNClassifier   It does sequences its own way: the readout is trained on every step and a
                       sequence gets the class of the largest sum.
PyRCN, fastest         Its blocks `InputToNode` and `NodeToNode` for each sequence, then its
                       `IncrementalRegression` on the mean states.

Round r uses seed r for all contenders, so every round has other random matrices (labels are 0 to
8). "dlkit, as it comes" is `ESNClassifier(500)` untuned: six statistics of each unit, alpha chosen
from 19. Two columns are over seven draws: the mean accuracy, and "radius off by". That is
the largest relative error of the spectral radius, measured by LAPACK, because a library that finds
the wrong eigenvalue is faster.
"""

import numpy as np
from _bench import Benchmark, Ratio
from _peers import installed, one_hot

from dlkit import ESNClassifier
from dlkit.datasets import load_japanese_vowels

N_UNITS, N_LINKS, RADIUS, LEAK, INPUT, BIAS, ALPHA = 500, 10, 0.9, 0.3, 0.3, 0.2, 0.01
N_DRAWS = 7


def fit_dlkit(X, y, seed):
    esn = ESNClassifier(
        N_UNITS, n_links=N_LINKS, spectral_radius=RADIUS, leak_rate=LEAK, input_scaling=INPUT,
        bias_scaling=BIAS, pooling="mean", alpha=ALPHA, random_state=seed,
    ).fit(X, y)  # fmt: skip
    return esn.predict, esn.reservoir_.matrix


def fit_default(X, y, seed):
    esn = ESNClassifier(N_UNITS, random_state=seed).fit(X, y)
    return esn.predict, esn.reservoir_.matrix


def reservoirpy_nodes(seed):
    from reservoirpy.mat_gen import uniform
    from reservoirpy.nodes import Reservoir, Ridge

    reservoir = Reservoir(
        N_UNITS, lr=LEAK, sr=RADIUS, rc_connectivity=N_LINKS / N_UNITS, Win=uniform,
        input_scaling=INPUT, input_connectivity=1.0, bias=uniform(low=-BIAS, high=BIAS), seed=seed,
    )  # fmt: skip
    return reservoir, Ridge(ridge=ALPHA)


def fit_reservoirpy(X, y, seed):
    reservoir, readout = reservoirpy_nodes(seed)

    def features(X):
        if reservoir.initialized:
            reservoir.reset()  # else `run` begins where the last one ended
        return np.array([states.mean(axis=0) for states in reservoir.run(X)])

    readout.fit(features(X), one_hot(y))
    return lambda X: readout.run(features(X)).argmax(axis=1), reservoir.W


def fit_reservoirpy_tutorial(X, y, seed):
    reservoir, readout = reservoirpy_nodes(seed)

    def features(X):
        rows = []
        for x in X:
            rows.append(reservoir.run(x).mean(axis=0, keepdims=True))
            reservoir.reset()
        return rows

    readout.fit(features(X), list(one_hot(y)[:, None]))
    return lambda X: np.concatenate(readout.run(features(X))).argmax(axis=1), reservoir.W


def pyrcn_parts(seed):
    from pyrcn.base.blocks import InputToNode, NodeToNode
    from pyrcn.linear_model import IncrementalRegression

    return (
        InputToNode(
            hidden_layer_size=N_UNITS, input_activation="identity", input_scaling=INPUT,
            bias_scaling=BIAS, random_state=seed,
        ),
        NodeToNode(
            hidden_layer_size=N_UNITS, k_rec=N_LINKS, spectral_radius=RADIUS, leakage=LEAK,
            random_state=seed,
        ),
        IncrementalRegression(alpha=ALPHA),
    )  # fmt: skip


def fit_pyrcn_blocks(X, y, seed):
    enter, recur, readout = pyrcn_parts(seed)

    def features(X):
        return np.array([recur.transform(enter.transform(x)).mean(axis=0) for x in X])

    steps = np.concatenate(X)
    recur.fit(enter.fit_transform(steps))
    readout.fit(features(X), one_hot(y))
    return lambda X: readout.predict(features(X)).argmax(axis=1), RADIUS * recur.recurrent_weights


def fit_pyrcn_classifier(X, y, seed):
    from pyrcn.echo_state_network import ESNClassifier as PyRCNClassifier

    def objects(items):
        array = np.empty(len(items), dtype=object)
        array[:] = items
        return array

    enter, recur, readout = pyrcn_parts(seed)
    esn = PyRCNClassifier(
        input_to_node=enter, node_to_node=recur, regressor=readout, requires_sequence=True
    ).fit(objects(X), objects([np.array([label]) for label in y]))
    return lambda X: np.concatenate(esn.predict(objects(X))), RADIUS * recur.recurrent_weights


CONTENDERS = {  # name: package, function
    "dlkit": ("dlkit", fit_dlkit),
    "dlkit, as it comes": ("dlkit", fit_default),
    "ReservoirPy, tutorial": ("reservoirpy", fit_reservoirpy_tutorial),
    "ReservoirPy, fastest": ("reservoirpy", fit_reservoirpy),
    "PyRCN, ESNClassifier": ("pyrcn", fit_pyrcn_classifier),
    "PyRCN, fastest": ("pyrcn", fit_pyrcn_blocks),
}


def setup(threads):
    X, y = load_japanese_vowels(subset="train", return_X_y=True)
    return {
        name: (lambda i, fit=fit: fit(X, y, i)) if installed(package) else None
        for name, (package, fit) in CONTENDERS.items()
    }


def radius_error(W):
    return abs(np.abs(np.linalg.eigvals(W.toarray())).max() / RADIUS - 1)


def check(contenders):
    """Accuracy on the test half, and how far the spectral radius is off, over several draws."""
    X, y = load_japanese_vowels(subset="test", return_X_y=True)
    columns = {}
    for name, call in contenders.items():
        fitted = [call(seed) for seed in range(N_DRAWS)]
        accuracy = np.mean([np.mean(predict(X) == y) for predict, _ in fitted])
        off = max(radius_error(W) for _, W in fitted)
        columns[name] = {"test accuracy": f"{accuracy:.4f}", "radius off by": f"{off:.0e}"}
    return columns


BENCHMARK = Benchmark(
    title="A whole fit on JapaneseVowels, from parameters to a fitted classifier, 500 units",
    setup=setup,
    cases=[{}],
    quick=[{}],
    judged=[Ratio(name, 10) for name in CONTENDERS if not name.startswith("dlkit")],
    check=check,
)
