"""Logistic regression on n-grams, against dictionaries that need no hash."""

from collections import defaultdict
from functools import partial

import numpy as np
import pytest

from dlkit._progress import Progress
from dlkit.symbols import NGramReadout, SequenceTransducer, _loglinear
from dlkit.symbols._loglinear import LogLinear

pytestmark = pytest.mark.compiled
N_CODES, K = 4, 5


def drawn(n=60, width=2, history=2, seed=0):
    """Windows, what was put out before, and chunks that depend on them."""
    r = np.random.RandomState(seed)
    windows = r.randint(0, N_CODES, size=(n, 2 * width + 1))
    windows[:, width] = r.randint(1, N_CODES, size=n)
    chunks, lasts = r.randint(K + 1, size=n), r.randint(K + 1, size=(n, history))
    labels = (windows[:, width] + (windows[:, width + 1] > 1) + (lasts[:, :1] > 2).sum(axis=1)) % K
    return windows, chunks, lasts, labels


def features(window, chunk, last, order):
    """What has a weight, in words."""
    w, symbol = len(window) // 2, window[len(window) // 2]
    for a in range(-w, w + 1):
        for b in range(a, w + 1):
            if b - a < order and (a <= 0 <= b or b - a < 4):
                yield symbol, a, tuple(window[w + a : w + b + 1])
    beside = [(), (window[w + 1],), (window[w + 1], window[w - 1])]
    beside.append((*beside[2], *window[w + 2 : w + 3]))
    for i, about in enumerate(beside):
        if i < 2:
            yield symbol, "chunk", about, chunk
        for k in range(len(last)):
            yield symbol, i, about, tuple(last[: k + 1])


def probabilities(weights, known, window, chunk, last, order):
    """Softmax of sums of weights, of the chunks that the symbol stood for."""
    classes = known[window[len(window) // 2]]
    scores = {c: sum(weights[f, c] for f in features(window, chunk, last, order)) for c in classes}
    total = sum(np.exp(s) for s in scores.values())
    return {c: np.exp(s) / total for c, s in scores.items()}


@pytest.mark.parametrize("width", [1, 2])
@pytest.mark.parametrize("order", [2, 5])
@pytest.mark.parametrize("history", [0, 2])
def test_weights_are_those_of_gradient_descent(width, order, history, monkeypatch):
    monkeypatch.setattr(_loglinear, "ROOM", 10_000)  # none are shared
    windows, chunks, lasts, labels = drawn(width=width, history=history)
    readout = NGramReadout(order, n_passes=2, learning_rate=0.3, random_state=3)
    found = LogLinear.learn(readout, windows, chunks, lasts, labels, K)
    rows = windows.tolist(), chunks.tolist(), lasts.tolist()
    known = {s: sorted({c for w, c in zip(windows, labels, strict=True) if w[width] == s})
             for s in range(1, N_CODES)}  # fmt: skip
    weights, r = defaultdict(float), np.random.RandomState(3)
    for rate in (0.3, 0.15):
        for i in r.permutation(len(labels)):
            one = [column[i] for column in rows]
            for c, p in probabilities(weights, known, *one, order).items():
                for f in features(*one, order):
                    weights[f, c] -= rate * (p - (c == labels[i]))
    told = found.probabilities(windows, chunks, lasts)
    for i in range(len(labels)):
        want = probabilities(weights, known, *(column[i] for column in rows), order)
        assert set(np.flatnonzero(told[i])) == set(want)
        for c, p in want.items():
            assert told[i, c] == pytest.approx(p, abs=2e-4)


def test_progress_is_told_and_changes_nothing(monkeypatch, capsys):
    windows, chunks, lasts, labels = drawn()
    data = windows, chunks, lasts, labels, K
    readout = NGramReadout(n_passes=2, random_state=0)
    want = LogLinear.learn(readout, *data).weights
    assert not capsys.readouterr().out
    monkeypatch.setattr(_loglinear, "PORTION", 7)
    monkeypatch.setattr(_loglinear, "Progress", partial(Progress, every=0.0))
    np.testing.assert_array_equal(LogLinear.learn(readout, *data, verbose=1).weights, want)
    assert "[NGramReadout] 100 % after" in capsys.readouterr().out


def test_a_symbol_that_was_not_there_has_the_shares_of_all():
    windows, chunks, lasts, labels = drawn()
    found = LogLinear.learn(NGramReadout(random_state=0), windows, chunks, lasts, labels, K)
    windows[0, 2] = -1
    told = found.probabilities(windows, chunks, lasts)
    np.testing.assert_allclose(told.sum(axis=1), 1)
    np.testing.assert_allclose(told[0], np.bincount(labels, minlength=K) / len(labels))


def test_few_weights_are_shared():
    windows, chunks, lasts, labels = drawn(300)
    rows = windows, chunks, lasts
    right = {}
    for size in (1000, 2**24):
        readout = NGramReadout(n_weights=size, random_state=0)
        found = LogLinear.learn(readout, *rows, labels, K)
        assert len(found.weights) <= size + K
        right[size] = (found.probabilities(*rows).argmax(axis=1) == labels).mean()
    assert len(LogLinear.learn(readout, *rows, labels, K).weights) < 2**20
    assert right[1000] > 0.8
    assert right[2**24] > 0.95


@pytest.mark.parametrize(
    "bad", [{"order": 0}, {"n_passes": 0}, {"learning_rate": 0.0}, {"n_weights": 1}]
)
def test_bad_parameters_are_named(bad):
    with pytest.raises(ValueError, match=f"'{next(iter(bad))}'"):
        SequenceTransducer(NGramReadout(**bad)).fit(["ab", "b"], ["xy", "y"])
