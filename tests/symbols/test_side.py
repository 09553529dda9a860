"""Symbols and vectors are read, and given back as they came."""

import warnings

import numpy as np
import pytest

from dlkit.exceptions import ReadingWarning
from dlkit.symbols._side import Side


@pytest.mark.parametrize(
    ("data", "symbols"),
    [
        (["ab", "c"], True),
        ([[1, 2], [3]], True),
        (np.array([[1, 2], [3, 1]]), True),
        ([["a", "bc"], ["a"]], True),
        ([[("a", 1), ("b", 2)], [("a", 1)]], True),
        ([[(1.0, 2.0), (0.0, 1.0)], [(3.0, 2.0)]], False),
        ([[1.0, 2.0], [3.0]], False),
        ([np.ones((2, 3)), np.zeros((1, 3))], False),
        (np.ones((2, 3, 1)), False),
        (np.ones((2, 3)), False),
    ],
)
def test_what_is_found_in_data(data, symbols):
    side = Side(None, "X")
    values, lengths = side.learn(data)
    assert side.symbols is symbols
    assert lengths.tolist() == [len(one) for one in data]
    assert values.shape == (sum(lengths), side.n_channels)


def test_symbols_are_indicators_and_come_back():
    side = Side(True, "y")
    values, _ = side.learn(["ca", "b"])
    assert values.tolist() == [[0, 0, 1], [1, 0, 0], [0, 1, 0]]
    assert side.give_back(np.array([2, 0])) == "ca"
    assert side.nothing().shape == (0,)
    assert side.read(["xa"], "ignore")[0].tolist() == [[0, 0, 0], [1, 0, 0]]
    with pytest.raises(ValueError, match="Sequence 0 of y has the symbol 'x'"):
        side.read(["xa"], "error")


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_vectors_are_standardised_and_come_back(dtype):
    X = [(5 + 3 * np.random.RandomState(n).randn(n, 2)).astype(dtype) for n in (2, 4)]
    side = Side(False, "X")
    values, _ = side.learn(X)
    assert values.dtype == dtype
    np.testing.assert_allclose(values.mean(axis=0), 0, atol=1e-6)
    np.testing.assert_allclose(values.std(axis=0), 1, rtol=1e-5)
    np.testing.assert_allclose(side.give_back(values[:2]), X[0], rtol=1e-5)
    flat = Side(False, "X")
    values, _ = flat.learn([x[:, 0] for x in X])
    np.testing.assert_allclose(flat.give_back(values[:2]), X[0][:, 0], rtol=1e-5)
    with pytest.raises(ValueError, match="X has 1 channels, but fit had 2"):
        side.read([x[:, :1] for x in X], "error")


def test_floats_that_look_like_symbols_are_told():
    """As whole numbers become in a column with a gap."""
    ids = [np.arange(n) % 5 for n in (9, 12, 7)]
    with pytest.warns(ReadingWarning, match=r"5 different ones.*astype\(int\)"):
        Side(None, "X").learn([x.astype(float) for x in ids])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert Side(None, "X").learn(ids)[0].shape == (28, 5)
        Side(None, "X").learn([x[:, None].astype(float) for x in ids])
        Side(None, "X").learn([x + 0.5 for x in ids])
        Side(False, "y").learn([x.astype(float) for x in ids])
