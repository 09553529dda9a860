"""One row a graph."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.linear_model import RidgeClassifier
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline

from dlkit import _budgets
from dlkit.trees import Graph, GraphFeatures, NodeFeatures


def graphs(n=40):
    """Rings and paths of the same lengths."""
    found = []
    for i in range(n):
        size = 4 + i // 2 % 6
        A = np.diag(np.ones(size - 1), 1) + np.diag(np.ones(size - 1), -1)
        A[0, -1] = A[-1, 0] = i % 2
        found.append(Graph(A))
    return found, np.arange(n) % 2


def test_rings_are_told_from_paths():
    X, y = graphs(24)
    model = make_pipeline(GraphFeatures(20, n_steps=6, random_state=0), RidgeClassifier())
    assert cross_val_score(model, X, y, cv=2).mean() > 0.9


def test_rows_are_sums_over_nodes():
    X, _ = graphs(6)
    features = GraphFeatures(20, n_steps=5, pooling=("sum", "mean"), random_state=0)
    rows = clone(features).fit_transform(X)
    states = NodeFeatures(20, n_steps=5, random_state=0).fit_transform(X)
    want = [np.concatenate([x.sum(axis=0), x.mean(axis=0)]) for x in states]
    np.testing.assert_allclose(rows, want, atol=1e-12)
    assert len(features.fit(X).get_feature_names_out()) == 40


def test_rows_do_not_depend_on_how_the_batch_is_cut(monkeypatch):
    X, _ = graphs(10)
    features = GraphFeatures(20, n_steps=5, random_state=0).fit(X)
    whole = features.transform(X)
    monkeypatch.setattr(_budgets, "CHUNKED_SPAN_BYTES", 20 * 8 * 12)
    np.testing.assert_allclose(features.transform(X), whole, atol=1e-14)


def test_graphs_have_no_root():
    X, _ = graphs(4)
    for pooling in ("root", ("sum", "root"), ()):
        features = GraphFeatures(20, pooling=pooling, random_state=0)
        with pytest.raises(ValueError, match="one or several of .'max', 'mean', 'scaled_sum'"):
            features.fit(X)
