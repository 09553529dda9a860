"""The best alignment, and expected chunks, against all alignments there are."""

from itertools import product

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from dlkit._jit.alignment import align, expect, room

pytestmark = pytest.mark.kernels


X_LENGTHS = np.array([3, 1, 4, 2])


def pairs(longest):
    """Random pairs, of which the second cannot be aligned."""
    rng = np.random.RandomState(longest)
    targets = np.array([2, longest + 1, 4, 0])
    x, y = rng.randint(2, size=10), rng.randint(3, size=targets.sum())
    offsets = (np.concatenate([[0], np.cumsum(n)]) for n in (X_LENGTHS, targets))
    return rng, 4 ** np.arange(longest + 1), x, y, *offsets


def alignments(source, target, longest):
    """Yield numbers of the chunks of every alignment of a pair."""
    for cuts in product(range(longest + 1), repeat=len(source)):
        if sum(cuts) == len(target):
            yield [
                sum((s + 1) * 4**k for k, s in enumerate(target[end - n : end]))
                for end, n in zip(np.cumsum(cuts), cuts, strict=True)
            ]


@pytest.mark.parametrize("longest", [1, 2, 3])
def test_the_best_of_all(longest):
    rng, powers, x, y, x_offsets, y_offsets = pairs(longest)
    scores, found = rng.randn(2, powers[-1]), np.empty(10, dtype=np.int64)
    total = align(x, x_offsets, y, y_offsets, scores, powers, *room(4, len(y)), found)
    want = 0.0
    for i in range(4):
        source = x[x_offsets[i] : x_offsets[i + 1]]
        target = y[y_offsets[i] : y_offsets[i + 1]]
        every = [
            sum(scores[a, c] for a, c in zip(source, one, strict=True))
            for one in alignments(source, target, longest)
        ]
        mine = found[x_offsets[i] : x_offsets[i + 1]]
        if not every:
            assert_array_equal(mine, -1)
            continue
        assert_allclose(sum(scores[a, c] for a, c in zip(source, mine, strict=True)), max(every))
        parts = [[c // 4**k % 4 - 1 for k in range(longest) if c // 4**k] for c in mine]
        assert_array_equal([symbol for part in parts for symbol in part], target)
        want += max(every)
    assert_allclose(total, want)


@pytest.mark.parametrize("longest", [1, 2, 3])
def test_what_all_are_expected_to_hold(longest):
    rng, powers, x, y, x_offsets, y_offsets = pairs(longest)
    shares = rng.uniform(0.1, 1, (2, powers[-1]))
    counts, want, total = np.zeros((2, powers[-1])), np.zeros((2, powers[-1])), 0.0
    ahead, _ = room(4, len(y))
    found = expect(x, x_offsets, y, y_offsets, shares, powers, ahead, np.empty_like(ahead), counts)
    for i in range(4):
        source = x[x_offsets[i] : x_offsets[i + 1]]
        every = list(alignments(source, y[y_offsets[i] : y_offsets[i + 1]], longest))
        likely = [
            np.prod([shares[a, c] for a, c in zip(source, one, strict=True)]) for one in every
        ]
        total += np.log(sum(likely)) if every else 0.0
        for one, share in zip(every, likely, strict=True):
            for a, c in zip(source, one, strict=True):
                want[a, c] += share / sum(likely)
    assert_allclose(found, total)
    assert_allclose(counts, want)
