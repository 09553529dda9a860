"""The scaler of Hydra's features."""

import numpy as np
import pytest

from dlkit import SparseScaler

pytestmark = pytest.mark.kernels


def test_sparse_scaler_follows_the_formula():
    r = np.random.RandomState(0)
    X = r.poisson(0.7, (20, 6)) * 1.0
    X[0, 0] = -3
    X[:, 5] = 0
    roots = np.sqrt(np.maximum(X, 0))
    share = (roots == 0).mean(axis=0) ** 4
    want = (roots - roots.mean(axis=0)) / (roots.std(axis=0, ddof=1) + share + 1e-8)
    plain = SparseScaler(mask=False).fit(X)
    np.testing.assert_allclose(plain.transform(X), want)
    np.testing.assert_allclose(SparseScaler().fit_transform(X), want * (roots != 0))
    assert SparseScaler().fit_transform(X.astype(np.float32)).dtype == np.float32
    assert np.isfinite(SparseScaler().fit(X[:1]).transform(X)).all()


def test_counts_beyond_all_squares_are_named():
    with pytest.raises(ValueError, match="Input X holds numbers so large"):
        SparseScaler().fit([[1e308], [0.0]] * 9)
