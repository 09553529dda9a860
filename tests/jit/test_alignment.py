"""The best alignment against all alignments there are."""

from itertools import product

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from dlkit._jit.alignment import align, room

pytestmark = pytest.mark.kernels


@pytest.mark.parametrize("longest", [1, 2, 3])
def test_the_best_of_all(longest):
    rng = np.random.RandomState(longest)
    powers = 4 ** np.arange(longest + 1)
    scores = rng.randn(2, powers[-1])
    lengths, targets = np.array([3, 1, 4, 2]), np.array([2, longest + 1, 4, 0])
    x, y = rng.randint(2, size=10), rng.randint(3, size=targets.sum())
    x_offsets, y_offsets = (np.concatenate([[0], np.cumsum(n)]) for n in (lengths, targets))
    counts, found = np.zeros(scores.shape), np.empty(10, dtype=np.int64)
    total = align(
        x, x_offsets, y, y_offsets, scores, powers, *room(4, targets.max()), counts, found
    )
    want = 0.0
    for i in range(4):
        source = x[x_offsets[i] : x_offsets[i + 1]]
        target = y[y_offsets[i] : y_offsets[i + 1]]
        best, taken = -np.inf, None
        for cuts in product(range(longest + 1), repeat=len(source)):
            if sum(cuts) != len(target):
                continue
            ends = np.cumsum(cuts)
            chunks = [
                sum((s + 1) * 4**k for k, s in enumerate(target[end - n : end]))
                for end, n in zip(ends, cuts, strict=True)
            ]
            score = sum(scores[a, c] for a, c in zip(source, chunks, strict=True))
            if score > best:
                best, taken = score, chunks
        mine = found[x_offsets[i] : x_offsets[i + 1]]
        if taken is None:
            assert_array_equal(mine, -1)
            continue
        assert_allclose(sum(scores[a, c] for a, c in zip(source, mine, strict=True)), best)
        parts = [[c // 4**k % 4 - 1 for k in range(longest) if c // 4**k] for c in mine]
        assert_array_equal([symbol for part in parts for symbol in part], target)
        want += best
    assert_allclose(total, want)
    assert counts.sum() == (found >= 0).sum()
