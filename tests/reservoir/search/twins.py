"""Data, and both searches over them: ours and scikit-learn's, which fits one by one."""

import numpy as np
import pytest
from sklearn.model_selection import GridSearchCV

from dlkit import ReservoirSearchCV


def walks(n=40, n_classes=3, seed=0):
    """Random walks of unequal length with one of several drifts, and which."""
    r = np.random.RandomState(seed)
    y = np.arange(n) % n_classes
    X = [np.cumsum(r.randn(r.randint(8, 20), 2) + c - 1, axis=0) / 5 for c in y]
    return X, y


def product(n=160, seed=0):
    """A series of noise, a product of its past, and the sign of that."""
    u = np.random.RandomState(seed).uniform(-1, 1, (n, 2))
    y = np.roll(u[:, 0], 1) * np.roll(u[:, 1], 2) + 0.1 * u[:, 0]
    return u, y, np.where(y > 0, "plus", "minus")


X, LABELS = walks()
NUMBERS = np.array([x[:, 0].max() for x in X])
U, V, SIGNS = product()
GROUPS = np.arange(40) // 4
GRID = {"spectral_radius": [0.3, 0.9], "leak_rate": [0.2, 1.0], "alpha": [1e-3, 0.3, 10.0]}
# no two of these choose the same alpha, which would be a tie up to rounding
LISTS = [1e-9, [1e-5, 1e-4], [0.02, 0.03], "auto"]


def some_uncompiled(first, *others):
    """Parameters of which only the first is for the uncompiled run, which is slow."""
    return [first, *(pytest.param(other, marks=pytest.mark.compiled) for other in others)]


def twins(estimator, grid, X, y=None, *, fit=None, cls=ReservoirSearchCV, **options):
    """Both searches, fitted."""
    fit = fit or {}
    ours = cls(estimator, grid, **options).fit(X, y, **fit)
    theirs = GridSearchCV(estimator, grid, **options).fit(X, y, **fit)
    return ours, theirs


def assert_same(ours, theirs, tolerance=1e-8):
    """The same results, but for times."""
    mine, other = ours.cv_results_, theirs.cv_results_
    assert list(mine) == list(other)
    assert mine["params"] == other["params"]
    for key, expected in other.items():
        if key.startswith(("split", "mean_t", "std_t")):
            np.testing.assert_allclose(
                mine[key], expected, rtol=tolerance, atol=tolerance, err_msg=key
            )
        elif key.startswith("rank"):
            np.testing.assert_array_equal(mine[key], expected, err_msg=key)
        elif key.startswith("param_"):
            assert mine[key].dtype == expected.dtype
        elif key.endswith("time"):
            assert (mine[key] >= 0).all()
    for name in ("best_index_", "best_params_", "n_splits_", "multimetric_"):
        assert hasattr(ours, name) == hasattr(theirs, name)
        assert getattr(ours, name, None) == getattr(theirs, name, None)
    if hasattr(theirs, "best_score_"):
        assert ours.best_score_ == pytest.approx(theirs.best_score_, rel=tolerance, abs=tolerance)
