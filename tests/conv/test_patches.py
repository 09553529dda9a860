"""Patches drawn at random are those there are."""

import numpy as np

from dlkit.conv import sample_patches

from .. import naive_conv as naive


def test_patches_are_distinct_positions():
    rng = np.random.RandomState(0)
    X = rng.randn(6, 7, 5, 2)
    every = np.concatenate(
        [naive.patches(x, (3, 2), (1, 2), (2, 1), "same").reshape(-1, 12) for x in X]
    )
    options = {"stride": (1, 2), "dilation": (2, 1), "padding": "same"}
    np.testing.assert_array_equal(sample_patches(X, (3, 2), 10**6, **options), every)
    some = sample_patches(X, (3, 2), 40, random_state=0, **options)
    assert some.shape == (40, 12)
    rows = {tuple(row) for row in some}
    assert len(rows) == 40
    assert rows <= {tuple(row) for row in every}
    again = sample_patches(X, (3, 2), 40, random_state=0, **options)
    np.testing.assert_array_equal(some, again)
    listed = sample_patches([*X[:3], X[3][:4], *X[4:]], (3, 2), 10**6, **options)
    assert len(listed) < len(every)
    np.testing.assert_array_equal(listed[: 3 * 21], every[: 3 * 21])
