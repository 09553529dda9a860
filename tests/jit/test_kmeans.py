"""The passes of spherical k-means that are no matrix product."""

import numpy as np
import pytest

from dlkit._jit import kmeans

pytestmark = pytest.mark.kernels


@pytest.mark.parametrize("absolute", [False, True])
def test_the_nearest_is_the_first_of_the_largest(absolute):
    S = np.random.RandomState(0).randn(5, 9)
    S[3, 2] = S[1, 2] = 7.0  # of equal ones the first
    best, label = np.empty(8), np.empty(8, dtype=np.int64)  # the last column only fills
    kmeans.nearest(S, best, label, absolute)
    want = np.argmax(np.abs(S) if absolute else S, axis=0)[:8]
    np.testing.assert_array_equal(label, want)
    np.testing.assert_array_equal(best, S[want, np.arange(8)])


def test_rows_are_added_to_their_sums():
    r = np.random.RandomState(1)
    X, factor, label = r.randn(12, 6), r.randn(12), r.randint(3, size=12)
    factor[4] = 0.0
    sums = np.zeros((3, 6))
    kmeans.add_rows(X, label, factor, 2, 5, sums)
    want = np.zeros((3, 6))
    want[:, 2:5] = (np.eye(3)[label] * factor[:, None]).T @ X[:, 2:5]
    np.testing.assert_allclose(sums, want, atol=1e-14)
