"""All public estimators, small, each with data of its kind: what the tests in this folder run over.

A new estimator has an entry here (`test_catalogue.py` asks for it), and so is in all of them.
"""

import inspect
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from sklearn.preprocessing import StandardScaler

import dlkit
import dlkit.conv
import dlkit.layerwise
import dlkit.positions
import dlkit.readout
import dlkit.reservoir
import dlkit.rocket
import dlkit.symbols
import dlkit.trees
from dlkit.conv import SphericalKMeans, ZCAWhitening
from dlkit.layerwise import GroupedMaps
from dlkit.trees import Graph, Tree


class Entry(NamedTuple):
    """An estimator, what one of its samples is, and what its targets are (None if it has none)."""

    make: Any
    sample: str
    target: Any = None


def _esn(name, home=dlkit, **parameters):
    return lambda: getattr(home, name)(20, random_state=0, **parameters)


def _small():
    """What describes pixels in little time."""
    return dlkit.ConvFeatures(4, kernel_size=(3, 3), output="map", padding="same", random_state=0)


ENTRIES = {
    "ESNClassifier": Entry(_esn("ESNClassifier"), "sequence", "label"),
    "ESNRegressor": Entry(_esn("ESNRegressor"), "sequence", "number"),
    "ESNForecaster": Entry(_esn("ESNForecaster"), "step"),
    "ESNTagger": Entry(_esn("ESNTagger"), "step", "label"),
    "ReservoirFeatures": Entry(_esn("ReservoirFeatures"), "sequence"),
    "ReservoirStates": Entry(_esn("ReservoirStates"), "step"),
    "NVARFeatures": Entry(dlkit.NVARFeatures, "step"),
    "NVARForecaster": Entry(dlkit.NVARForecaster, "step"),
    "ConformalForecaster": Entry(
        lambda: dlkit.ConformalForecaster(
            dlkit.NVARForecaster(order=1), n_units=10, random_state=0
        ),
        "step",
    ),
    "ForecastDetector": Entry(
        lambda: dlkit.ForecastDetector(window=8, false_alarms=0.05), "step"
    ),
    "SeasonalForecaster": Entry(dlkit.SeasonalForecaster, "step"),
    "ReservoirSearchCV": Entry(
        lambda: dlkit.ReservoirSearchCV(
            dlkit.ESNClassifier(20, random_state=0), {"alpha": [0.1, 1.0]}, cv=2
        ),
        "sequence", "label",
    ),
    "ReservoirMemoryMachine": Entry(
        lambda: dlkit.ReservoirMemoryMachine(10, max_rounds=2, random_state=0), "step", "number"
    ),
    "SequenceModel": Entry(
        lambda: dlkit.SequenceModel(10, output="gaussian", random_state=0), "sequence"
    ),
    "Seq2SeqESN": Entry(
        lambda: dlkit.symbols.Seq2SeqESN(
            10, decoder_units=10, output="gaussian", stop="length", n_rounds=2, random_state=0
        ),
        "sequence", "sequence",
    ),
    "SequenceTransducer": Entry(
        lambda: dlkit.symbols.SequenceTransducer(window=2, n_rounds=2, random_state=0),
        "word", "word",
    ),
    "Rocket": Entry(lambda: dlkit.Rocket(50, random_state=0), "sequence"),
    "MiniRocket": Entry(lambda: dlkit.MiniRocket(84, random_state=0), "sequence"),
    "MultiRocket": Entry(lambda: dlkit.MultiRocket(84, random_state=0), "sequence"),
    "Hydra": Entry(lambda: dlkit.Hydra(2, random_state=0), "sequence"),
    "Quant": Entry(lambda: dlkit.Quant(3), "sequence"),
    "PerStep": Entry(lambda: dlkit.PerStep(StandardScaler()), "sequence"),
    "ConvFeatures": Entry(
        lambda: dlkit.ConvFeatures(8, kernel_size=(3, 3), random_state=0), "image"
    ),
    "ScaleFeatures": Entry(lambda: dlkit.ScaleFeatures((0.7, 1.5)), "image"),
    "PixelClassifier": Entry(
        lambda: dlkit.PixelClassifier(8, n_stages=2, context_rings=(), random_state=0),
        "image", "label map",
    ),
    "PixelRegressor": Entry(
        lambda: dlkit.PixelRegressor(8, n_stages=2, context_rings=(), random_state=0),
        "image", "number map",
    ),
    "StackedContext": Entry(
        lambda: dlkit.StackedContext(
            dlkit.PixelClassifier(4, features=_small(), n_stages=1, random_state=0),
            n_stages=2, context_size=3, cv=2,
        ),
        "image", "label map",
    ),
    "ConvRBM": Entry(
        lambda: dlkit.ConvRBM(4, kernel_size=(3, 3), n_epochs=1, random_state=0), "image"
    ),
    "ImageScanFeatures": Entry(_esn("ImageScanFeatures"), "image"),
    "GreedyLayerwise": Entry(
        lambda: dlkit.GreedyLayerwise(
            [(f"layer {n}", dlkit.RandomAutoencoder(n, random_state=0)) for n in (4, 3)]
        ),
        "row",
    ),
    "RBM": Entry(lambda: dlkit.RBM(4, n_epochs=2, random_state=0), "row"),
    "RandomAutoencoder": Entry(lambda: dlkit.RandomAutoencoder(4, random_state=0), "row"),
    "MarginalizedDenoisingAutoencoder": Entry(dlkit.MarginalizedDenoisingAutoencoder, "row"),
    "SparseScaler": Entry(dlkit.SparseScaler, "row"),
    "HingeReadoutClassifier": Entry(dlkit.HingeReadoutClassifier, "row", "label"),
    "AssociativeMemory": Entry(dlkit.AssociativeMemory, "row"),
    "AttentionReadout": Entry(
        lambda: dlkit.AttentionReadout(n_queries=20, random_state=0), "row", "number"
    ),
    "AttentionReadoutClassifier": Entry(
        lambda: dlkit.AttentionReadoutClassifier(n_queries=20, random_state=0), "row", "label"
    ),
    "BoundedReadout": Entry(dlkit.BoundedReadout, "row", "number"),
    "LogisticReadoutClassifier": Entry(dlkit.LogisticReadoutClassifier, "row", "label"),
    "RLSReadout": Entry(dlkit.RLSReadout, "row", "number"),
    "RLSReadoutClassifier": Entry(dlkit.RLSReadoutClassifier, "row", "label"),
    "RidgeReadout": Entry(dlkit.RidgeReadout, "row", "number"),
    "RidgeReadoutClassifier": Entry(dlkit.RidgeReadoutClassifier, "row", "label"),
    "StreamedReadout": Entry(
        lambda: dlkit.StreamedReadout(StandardScaler(), dlkit.RidgeReadout()), "row", "number"
    ),
    "TreeFeatures": Entry(_esn("TreeFeatures", dlkit.trees), "tree"),
    "TreeStates": Entry(_esn("TreeStates", dlkit.trees), "tree"),
    "TreeClassifier": Entry(_esn("TreeClassifier", dlkit.trees), "tree", "label"),
    "TreeRegressor": Entry(_esn("TreeRegressor", dlkit.trees), "tree", "number"),
    "GraphFeatures": Entry(_esn("GraphFeatures", dlkit.trees), "graph"),
    "NodeFeatures": Entry(_esn("NodeFeatures", dlkit.trees), "graph"),
    "ZCAWhitening": Entry(ZCAWhitening, "row"),
    "SphericalKMeans": Entry(lambda: SphericalKMeans(4, random_state=0), "row"),
    "GroupedMaps": Entry(
        lambda: GroupedMaps(
            dlkit.ConvFeatures(4, kernel_size=3, output="map", random_state=0),
            n_groups=2, group_size=2, random_state=0,
        ),
        "map",
    ),
}  # fmt: skip

# Settings that take other ways through the same estimators: "estimator, setting".
ENTRIES |= {
    "ConvFeatures, maps": Entry(
        lambda: dlkit.ConvFeatures(2, kernel_size=(3, 3), output="map", random_state=0), "image"
    ),
    "ConvFeatures, drawn from a state": Entry(
        lambda: dlkit.ConvFeatures(
            4, kernel_size=[(3, 3), (4, 4)], random_state=np.random.RandomState(0)
        ),
        "image",
    ),
    "GreedyLayerwise, maps": Entry(
        lambda: dlkit.GreedyLayerwise(
            [("a", ENTRIES["ConvFeatures, maps"].make()), ("b", PCA(2))], block_size=7
        ),
        "image",
    ),
    "SequenceModel, symbols": Entry(
        lambda: dlkit.SequenceModel(
            10,
            readout=dlkit.LogisticReadoutClassifier(tol=1e-3),
            mixer=dlkit.symbols.NGramMixer(3),
            random_state=0,
        ),
        "word",
    ),
    "SequenceTransducer, logistic": Entry(
        lambda: dlkit.symbols.SequenceTransducer(
            dlkit.LogisticReadoutClassifier(tol=1e-3),
            window=1,
            n_rounds=2,
            encoder=dlkit.ReservoirStates(5, bidirectional=True, random_state=0),
        ),
        "word",
        "word",
    ),
    "Seq2SeqESN, symbols": Entry(
        lambda: dlkit.symbols.Seq2SeqESN(
            10,
            decoder_units=10,
            n_rounds=2,
            random_state=0,
            readout=dlkit.LogisticReadoutClassifier(tol=1e-3),
        ),
        "word",
        "word",
    ),
    "Seq2SeqESN, the last state": Entry(
        lambda: dlkit.symbols.Seq2SeqESN(
            10,
            decoder_units=10,
            context="both",
            stop="length",
            random_state=0,
            readout=dlkit.LogisticReadoutClassifier(tol=1e-3),
        ),
        "word",
        "word",
    ),
    "GroupedMaps, columns": Entry(
        lambda: GroupedMaps(PCA(2), n_groups=2, group_size=3, random_state=0), "row"
    ),
    "RBM, gaussian": Entry(
        lambda: dlkit.RBM(
            3, visible="gaussian", hidden="relu", persistent=False, n_epochs=1, random_state=0
        ),
        "row",
    ),
}

HOMES = (
    dlkit,
    dlkit.conv,
    dlkit.layerwise,
    dlkit.positions,
    dlkit.readout,
    dlkit.reservoir,
    dlkit.rocket,
    dlkit.symbols,
    dlkit.trees,
)
PUBLIC = {
    name
    for home in HOMES
    for name in getattr(home, "__all__", ())
    if inspect.isclass(one := getattr(home, name)) and issubclass(one, BaseEstimator)
    if hasattr(one, "fit")
}


def as_graph(tree):
    """The links of a tree without their direction."""
    A = np.zeros((len(tree), len(tree)))
    for child, parent in enumerate(tree.parents[1:], start=1):
        A[child, parent] = A[parent, child] = 1.0
    return Graph(A, tree.labels)


def apply(X, change):
    """Samples whose numbers are changed: an array, or the labels of trees and graphs."""
    if isinstance(X, np.ndarray):
        return change(X)
    return [replace(one, labels=change(one.labels)) for one in X]


def data(entry, dtype=np.float64):
    """Samples of an estimator's kind, scaled as is usual, and their targets."""
    rng = np.random.RandomState(0)
    if entry.sample == "sequence":
        label = np.arange(12) % 2
        t = np.arange(24) + rng.uniform(0, 9, (12, 1))
        wave = np.sin(t * np.where(label, 0.4, 0.9)[:, None])
        X = np.stack([wave, np.cumsum(wave, axis=1)], axis=2) + 0.1 * rng.standard_normal(
            (12, 24, 2)
        )
        number = X[:, -4:, 0].mean(axis=1)
        if entry.target == "sequence":
            return X.astype(dtype), [x[: 3 + i % 4, :1].astype(dtype) for i, x in enumerate(X)]
    elif entry.sample == "word":
        X = ["".join(rng.choice(list("abc"), n)) for n in rng.randint(2, 6, 24)]
        return X, [x.replace("ab", "x") for x in X] if entry.target == "word" else None
    elif entry.sample == "step":
        t = np.arange(150)
        X = np.stack([np.sin(0.3 * t), np.cos(0.2 * t) * np.sin(0.05 * t)], axis=1)
        X += 0.01 * rng.standard_normal(X.shape)
        label, number = (X[:, 0] > 0).astype(int), X[:, 1]
    elif entry.sample in ("tree", "graph"):
        sizes = rng.randint(2, 9, 24)
        labels = [rng.uniform(0, 1, (n, 2)).astype(dtype) for n in sizes]
        parents = [[-1, *(rng.randint(i) for i in range(1, n))] for n in sizes]
        trees = [Tree(u, above) for u, above in zip(labels, parents, strict=True)]
        number = np.array([u.sum() for u in labels])
        label = (number > np.median(number)).astype(int)
        X = trees if entry.sample == "tree" else [as_graph(tree) for tree in trees]
        y = {"label": label, "number": number, None: None}[entry.target]
        return X, y
    elif entry.sample == "map":
        X, label, number = rng.uniform(0, 1, (12, 6, 6, 4)), None, None
    elif entry.sample == "image":
        X, label = load_digits(return_X_y=True)
        X, label = X[:16].reshape(-1, 8, 8) / 16, label[:16] % 2
        number = X.mean(axis=(1, 2))
        maps = {"label map": (X > 0.5).astype(int), "number map": X**2}
        if entry.target in maps:
            return X.astype(dtype), maps[entry.target]
    else:
        X = rng.uniform(0, 1, (40, 6))
        label, number = (X[:, 0] > X[:, 1]).astype(int), X @ np.arange(6.0)
    y = {"label": label, "number": number, None: None}[entry.target]
    return X.astype(dtype), y


def fitted(name, dtype=np.float64):
    """Fitted estimator, its samples and targets."""
    X, y = data(ENTRIES[name], dtype)
    return ENTRIES[name].make().fit(X, y), X, y


def learned(name):
    """Estimator that has learned by ``partial_fit``, its samples, and what the method takes."""
    X, y = data(ENTRIES[name])
    more = (X,) if y is None else (X, y)
    first = {"classes": np.unique(y)} if ENTRIES[name].target == "label" else {}
    return ENTRIES[name].make().partial_fit(*more, **first), X, more


def having(method):
    """Names of the estimators that have a method."""
    return [name for name in ENTRIES if hasattr(ENTRIES[name].make(), method)]


METHODS = ("transform", "predict", "predict_proba", "decision_function")


def answers(estimator, X):
    """What an estimator tells of samples: a list of arrays, by method."""
    found = {
        method: getattr(estimator, method)(X) for method in METHODS if hasattr(estimator, method)
    }
    if hasattr(estimator, "forecast"):
        found["forecast"] = estimator.forecast(5)
    return {
        method: [np.asarray(a) for a in answer] if isinstance(answer, list | tuple) else
        [np.asarray(answer)] for method, answer in found.items()
    }  # fmt: skip


def assert_same(got, want, rtol=0.0, atol=0.0):
    """Compare answers."""
    assert got.keys() == want.keys()
    for method, arrays in want.items():
        assert len(got[method]) == len(arrays), method
        for one, other in zip(got[method], arrays, strict=True):
            if other.dtype.kind == "f":
                np.testing.assert_allclose(one, other, rtol=rtol, atol=atol, err_msg=method)
            else:
                np.testing.assert_array_equal(one, other, err_msg=method)
