"""Rocket: kernels as drawn, in pairs, on normalised series."""

import numpy as np
import pytest
from sklearn.base import clone

from dlkit import Rocket
from dlkit.rocket._rocket import normalized
from dlkit.sequences import pack

from .maps import series

pytestmark = pytest.mark.kernels


@pytest.mark.compiled
def test_pairs_of_kernels_are_worth_no_more_than_each_alone():
    X = series(1, (200, 77, 30))
    model = Rocket(300, random_state=0).fit(X)
    kernels = model.kernels_
    order = np.random.RandomState(0).permutation(300)
    begins = np.cumsum(kernels.lengths) - kernels.lengths
    mixed = clone(model).fit(X)
    mixed.kernels_ = kernels._replace(
        lengths=kernels.lengths[order],
        dilations=kernels.dilations[order],
        padded=kernels.padded[order],
        biases=kernels.biases[order],
        weights=np.concatenate(
            [kernels.weights[begins[k] : begins[k] + kernels.lengths[k]] for k in order]
        ),
    )
    want = model.transform(X).reshape(3, 300, 2)[:, order]
    np.testing.assert_array_equal(mixed.transform(X).reshape(3, 300, 2), want)


def test_rockets_kernels_are_distributed_as_the_paper_has_it():
    kernels = Rocket(3000, random_state=0).fit(series(3, (200, 50))).kernels_
    assert set(kernels.lengths) == {7, 9, 11}
    assert (kernels.dilations >= 1).all()
    assert ((kernels.lengths - 1) * kernels.dilations <= 199).all()
    assert abs(kernels.padded.mean() - 0.5) < 0.05
    assert abs(kernels.biases.mean()) < 0.05
    assert np.abs(kernels.biases).max() < 1
    rows = np.repeat(kernels.lengths, np.diff(kernels.starts))
    begins = np.cumsum(rows) - rows
    np.testing.assert_allclose(np.add.reduceat(kernels.weights, begins), 0, atol=1e-12)
    logs = np.log2(kernels.dilations[kernels.lengths == 9])
    assert abs((logs < np.log2(199 / 8) / 2).mean() - 0.5) < 0.06


def test_normalized_series():
    X = [np.c_[np.arange(5.0), np.full(5, 0.1)], np.ones((1, 2))]
    got = normalized(pack(X)).values
    np.testing.assert_allclose(got[:5, 0], (np.arange(5) - 2) / np.sqrt(2))
    assert not got[:, 1].any()
    assert not got[5].any()
    Z = [100 + 5 * x for x in X]
    model = Rocket(50, random_state=0).fit(X)
    np.testing.assert_allclose(model.transform(Z), model.transform(X), atol=1e-9)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_normalised_series_at_every_scale(dtype):
    X = [x.astype(dtype) for x in series(2, (30, 12))]
    model = Rocket(50, random_state=0).fit(X)
    want = model.transform(X)
    scales = {np.float32: (1e-37, 1e-23, 1e37), np.float64: (1e-300, 1e-165, 1e160, 1e307)}[dtype]
    for scale in scales:
        scaled = [x * dtype(scale) for x in X]
        with np.errstate(all="raise"):
            got = model.transform(scaled)
        np.testing.assert_allclose(got, want, rtol=1e-5, atol=1e-5)
    constant = [np.full((30, 2), c, dtype) for c in (0.0, 0.1, 1e30)]
    np.testing.assert_array_equal(*model.transform(constant[:2]))
    np.testing.assert_array_equal(*model.transform(constant[1:]))
