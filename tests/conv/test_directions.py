"""Rows as directions: seeds and passes over the rows."""

import warnings

import numpy as np
import pytest
from numpy.testing import assert_allclose

from dlkit.conv import SphericalKMeans, _directions


def data(seed=0, n=60, p=5, dtype=np.float64):
    rng = np.random.RandomState(seed)
    return (rng.randn(n, p) * rng.lognormal(size=(n, 1))).astype(dtype)


pytestmark = pytest.mark.kernels


def test_seeds_are_far_apart():
    """Every one of well separated groups gets a seed."""
    rng = np.random.RandomState(0)
    X = np.concatenate([axis + 0.01 * rng.randn(9, 12) for axis in np.eye(12)])
    for seed in range(3):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            kmeans = SphericalKMeans(12, max_iter=1, random_state=seed).fit(X)
        assert len(set(kmeans.labels_[::9])) == 12


def test_seeds_of_many_rows(monkeypatch):
    X = data(5, n=4500, p=3)
    rows = _directions.Directions.of(X, None, True)
    seeds = rows.seed(9, np.random.RandomState(0))  # among 4096 draws
    unit = X / np.linalg.norm(X, axis=1, keepdims=True)
    found = [np.abs(unit - seed).max(axis=1).argmin() for seed in seeds]
    assert len(set(found)) == 9
    assert_allclose(unit[found], seeds)


@pytest.mark.parametrize("signed", [False, True])
def test_passes_over_rows_are_sums_over_unit_rows(signed):
    X, centers = data(1), np.linalg.qr(np.random.RandomState(2).randn(5, 5))[0][:3]
    rows = _directions.Directions.of(X, np.arange(60.0), signed)
    cosines = X / np.linalg.norm(X, axis=1, keepdims=True) @ centers.T
    label, cosine = rows.assign(centers)
    want = (cosines if signed else np.abs(cosines)).argmax(axis=1)
    assert label.tolist() == want.tolist()
    assert_allclose(cosine, cosines[np.arange(60), want])
    sums, totals = rows.add_up(label, cosine, 3)
    units = X / np.linalg.norm(X, axis=1, keepdims=True)
    factor = np.arange(60) * (1 if signed else cosine)
    for k in range(3):
        assert_allclose(sums[k], factor[want == k] @ units[want == k], atol=1e-12)
        assert totals[k] == np.arange(60)[want == k].sum()


@pytest.mark.parametrize("scale", [1e-310, 1e-200, 1.0, 1e200, 1e307])
def test_norms_at_every_scale(scale):
    A = np.array([[3.0, 4.0], [0.0, 0.0], [-1.0, 0.0]])
    with np.errstate(all="raise"):
        norms = _directions.row_norms(A * scale)
        vectors, directed = _directions.unit(A * scale)
    assert_allclose(norms / scale, [5, 0, 1])
    assert_allclose(vectors, [[0.6, 0.8], [0, 0], [-1, 0]], atol=1e-9)
    assert directed.tolist() == [True, False, True]
