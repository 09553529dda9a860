"""Errors of sequences against recursion."""

from functools import cache

import numpy as np
import pytest

from dlkit.metrics import edit_distance, sequence_accuracy, token_error_rate


def naive(a, b):
    @cache
    def at(i, j):
        if not i or not j:
            return i + j
        return min(at(i - 1, j) + 1, at(i, j - 1) + 1, at(i - 1, j - 1) + (a[i - 1] != b[j - 1]))

    return at(len(a), len(b))


def test_edit_distance():
    rng = np.random.RandomState(0)
    for _ in range(100):
        a, b = (rng.randint(3, size=rng.randint(8)).tolist() for _ in range(2))
        assert edit_distance(a, b) == naive(a, b)
        assert edit_distance(np.array(a), tuple(b)) == naive(a, b)


def test_rates():
    true, found = ["abc", [1, 2], ""], ["ab", [1, 2], "x"]
    assert token_error_rate(true, found) == 2 / 5
    assert sequence_accuracy(true, found) == 1 / 3
    with pytest.raises(ValueError, match="as many"):
        sequence_accuracy(true, found[:2])
    with pytest.raises(ValueError, match="no symbols"):
        token_error_rate([""], ["a"])
    with pytest.raises(ValueError, match="at least"):
        sequence_accuracy([], [])
    with pytest.raises(TypeError, match="one must be"):
        edit_distance(3, "a")
