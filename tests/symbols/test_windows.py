"""Windows and histories, a symbol at a time."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from dlkit.symbols._windows import Alphabet, Windows


def test_windows():
    alphabet = Alphabet(["abc", "ba"], "X")
    codes, offsets = alphabet.encode(["abc", "a"], "X")
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
    alphabet = Alphabet(["ab"], "X")
    with pytest.raises(ValueError, match=r"X\[1\] holds a symbol .* 'z'"):
        alphabet.encode(["a", "az"], "X")
    assert_array_equal(alphabet.encode(["az"], "X", "ignore")[0], [1, -1])
    with pytest.raises(ValueError, match="in order"):
        Alphabet([["a", 1]], "X")


def test_symbols_that_cannot_be_told_apart_are_refused_by_name():
    with pytest.raises(ValueError, match="y must hold symbols that can be hashed"):
        Alphabet([[["a"]]], "y")
    with pytest.raises(ValueError, match="X must hold symbols as those of fit"):
        Alphabet(["ab"], "X").encode([[["a"]]], "X")
