"""Windows and histories, a symbol at a time."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from dlkit.symbols._alphabet import Alphabet
from dlkit.symbols._windows import Windows, coded


def test_windows():
    codes, offsets = coded(Alphabet.of(["abc", "ba"]), ["abc", "a"], "X")
    windows = Windows(2, 3, 4, 2)
    rows = windows.symbols(codes, offsets)
    assert_array_equal(rows, [[0, 0, 1, 2, 3], [0, 1, 2, 3, 0], [1, 2, 3, 0, 0], [0, 0, 1, 0, 0]])
    numbers = windows.codes(rows)
    assert numbers.shape[1] == windows.n_shared
    for j, context in enumerate(windows.contexts):
        seen = [tuple(row[2 + place] for place in context) for row in rows]
        column = numbers[:, len(windows.places) + j]
        for a in range(4):
            for b in range(4):
                assert (seen[a] == seen[b]) == (column[a] == column[b])


def test_what_was_put_out():
    windows = Windows(1, 3, 4, 2)
    last = np.array([[1, 2], [1, 0], [2, 1]])
    past = windows.past(np.array([5, 0, 5]), last)
    assert_array_equal(past, [[5, 1, 1 * 5 + 2], [0, 1, 5], [5, 2, 11]])
    hot = windows.one_hot(np.array([[0, 1, -1]]), np.array([2]), 3, last[:1])
    assert_array_equal(np.flatnonzero(hot[0]), [0, 5, 14, 17, 23])


def test_symbols_that_were_not_there():
    alphabet = Alphabet.of(["ab"])
    with pytest.raises(ValueError, match="Sequence 1 of X has the symbol 'z' at step 1"):
        coded(alphabet, ["a", "az"], "X")
    assert_array_equal(coded(alphabet, ["az", ""], "X", "ignore")[0], [1, -1])
    assert_array_equal(coded(alphabet, ["az", "", "b"], "X", "ignore")[1], [0, 2, 2, 3])
    assert len(coded(alphabet, [], "X")[0]) == 0
