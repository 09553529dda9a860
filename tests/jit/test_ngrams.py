"""N-gram tables and their mixture, against dictionaries and sums."""

import numpy as np
import pytest

from dlkit._jit import ngrams

pytestmark = pytest.mark.kernels


def test_counts_are_interpolated_after_witten_and_bell():
    keys = np.array([3, 8, 11], dtype=np.uint64)
    starts, symbols = np.array([0, 2, 3, 6]), np.array([0, 2, 1, 0, 1, 3])
    counts = np.array([5, 1, 1, 2, 2, 1])
    table = {3: {0: 5, 2: 1}, 8: {1: 1}, 11: {0: 2, 1: 2, 3: 1}}
    r = np.random.RandomState(0)
    wanted = np.array([11, 3, 7, 8, 8, 3], dtype=np.uint64)
    own = np.array([-1, 2, -1, 1, -1, 0])
    before = r.dirichlet(np.ones(4), len(wanted))
    out, seen = np.empty_like(before), np.empty(len(wanted), dtype=bool)
    ngrams.blend(keys, starts, symbols, counts, wanted, before, own, out, seen)
    for i, key in enumerate(wanted.tolist()):
        left = {s: c - (s == own[i]) for s, c in table.get(key, {}).items() if c > (s == own[i])}
        n, distinct = sum(left.values()), len(left)
        assert seen[i] == bool(left)
        want = before[i]
        if left:
            want = [(left.get(s, 0) + distinct * before[i, s]) / (n + distinct) for s in range(4)]
        np.testing.assert_allclose(out[i], want)
        assert out[i].sum() == pytest.approx(1)


@pytest.mark.parametrize("rate", [0.0, 0.05])
def test_mixtures_are_softmaxes_and_weights_go_down_the_slope(rate):
    r = np.random.RandomState(0)
    logs = np.log(r.dirichlet(np.ones(3), (12, 2)))
    which, truth = r.randint(2, size=12), r.randint(-1, 3, size=12)
    weights, learned, out = r.uniform(size=(2, 2)), np.array([0.0, 40.0]), np.empty((12, 3))
    mine, n = weights.copy(), learned.copy()

    def loss(w, i):
        scores = w @ logs[i]
        return np.log(np.exp(scores).sum()) - scores[truth[i]]

    want = []
    for i, k in enumerate(which):
        scores = mine[k] @ logs[i]
        want.append(scores - np.log(np.exp(scores).sum()))
        if truth[i] < 0 or rate == 0:
            continue
        tiny = 1e-6 * np.eye(2)
        slope = [(loss(mine[k] + e, i) - loss(mine[k] - e, i)) / 2e-6 for e in tiny]
        mine[k] -= rate / np.sqrt(1 + n[k] / 100) * np.array(slope)
        n[k] += 1
    ngrams.mix(logs, which, weights, truth, rate, learned, out)
    np.testing.assert_allclose(out, want, atol=1e-7)
    np.testing.assert_allclose(weights, mine, atol=1e-7)
    np.testing.assert_array_equal(learned, n)
