"""What the ridge readouts share: merges, failures, interrupts, and what is refused."""

import copy
import pickle

import joblib
import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.exceptions import NotFittedError

from dlkit.readout import Moments, RidgeReadout, RidgeReadoutClassifier, _moments

from .drawn import data


def test_merge_refuses():
    X, Y, _ = data(10, 3)
    readout = RidgeReadout().partial_fit(X, Y)
    before = readout.coef_.copy()
    with pytest.raises(TypeError, match="RidgeReadoutClassifier"):
        readout.merge(RidgeReadoutClassifier())
    with pytest.raises(NotFittedError):
        readout.merge(RidgeReadout())
    with pytest.raises(ValueError, match="solver='moments'"):
        readout.merge(RidgeReadout().fit(X, Y))
    with pytest.raises(ValueError, match="2 features"):
        readout.merge(RidgeReadout().partial_fit(X[:, :2], Y))
    assert_array_equal(readout.coef_, before)
    first = RidgeReadoutClassifier().partial_fit(X, Y[:, 0] > 5, [False, True])
    with pytest.raises(ValueError, match="classes"):
        first.merge(RidgeReadoutClassifier().partial_fit(X, np.repeat([3, 4], 5), [3, 4]))


@pytest.mark.parametrize("kind", [RidgeReadout, RidgeReadoutClassifier])
def test_failed_calls_change_nothing(kind):
    X, y = np.arange(20.0).reshape(10, 2), np.repeat([0, 1], 5)
    readout = kind(solver="moments").fit(X, y)
    before = pickle.dumps(readout)
    for bad in (
        lambda: readout.fit(X[:, :1], y, np.zeros(10)),
        lambda: readout.fit(np.ones((5, 4)), [1, 2, 3, np.nan, 5]),
        lambda: readout.partial_fit(X, y, sample_weight=-np.ones(10)),
        lambda: readout.partial_fit(X, np.full(10, np.inf)),
        lambda: readout.partial_fit(X[:, :1], y),
    ):
        with pytest.raises(ValueError):  # noqa: PT011
            bad()
        assert pickle.dumps(readout) == before
    fresh = kind()
    with pytest.raises(ValueError, match="all-zero"):
        fresh.fit(X, y, np.zeros(10))
    assert vars(fresh) == vars(kind())


@pytest.mark.parametrize("kind", [RidgeReadout, RidgeReadoutClassifier])
def test_not_fitted(kind):
    readout = kind()
    for name in ("coef_", "intercept_", "alpha_", "best_score_", "alpha_scores_"):
        assert not hasattr(readout, name)
    with pytest.raises(NotFittedError):
        readout.predict([[1.0]])


# what fails, is interrupted or comes back read-only


@pytest.mark.parametrize("kind", [RidgeReadout, RidgeReadoutClassifier])
def test_an_interrupt_changes_nothing(kind, monkeypatch):
    X, y = np.arange(20.0).reshape(10, 2) % 7, np.repeat([0, 1], 5)
    more = () if kind is RidgeReadout else ([0, 1],)
    other = kind().partial_fit(X + 1, y, *more)

    def stop(*_):
        raise KeyboardInterrupt

    interrupts = 0
    for owner, name in ((_moments, "add_gram"), (kind, "_set"), (Moments, "_become")):
        for call in (
            lambda readout: readout.fit(X + 1, y),
            lambda readout: readout.partial_fit(X + 1, y),
            lambda readout: readout.merge(other),
            lambda readout: readout.fit_moments(other.moments_, *more),
        ):
            readout = kind(solver="moments").partial_fit(X, y, *more)
            before = joblib.hash(vars(readout))
            with monkeypatch.context() as patch:
                patch.setattr(owner, name, stop)
                try:
                    call(readout)
                except KeyboardInterrupt:
                    interrupts += 1
                    assert joblib.hash(vars(readout)) == before
    assert interrupts >= 7


@pytest.mark.parametrize("kind", [RidgeReadout, RidgeReadoutClassifier])
def test_read_only_sums_are_copied_and_shallow_copies_share_none(kind, tmp_path):
    X, Y, _ = data(60, 40)
    y = Y[:, 0] if kind is RidgeReadout else (Y[:, 0] > np.median(Y[:, 0])).astype(int)
    more = () if kind is RidgeReadout else ([0, 1],)
    readout = kind().partial_fit(X[:30], y[:30], *more)
    joblib.dump(readout, tmp_path / "readout")
    for read_only in (
        joblib.load(tmp_path / "readout", mmap_mode="r"),
        from_read_only_buffers(readout),
    ):
        twin = copy.copy(read_only)
        read_only.partial_fit(X[30:], y[30:])
        assert_allclose(read_only.coef_, kind().fit(X, y).coef_, rtol=1e-7, atol=1e-10)
        assert_array_equal(twin.coef_, readout.coef_)
        twin.merge(kind().partial_fit(X[30:], y[30:], *more))
        assert_allclose(twin.coef_, read_only.coef_, rtol=1e-7, atol=1e-10)


def from_read_only_buffers(thing):
    """Copy by a pickle of protocol 5, as between the workers of a cluster."""
    buffers = []
    text = pickle.dumps(thing, protocol=5, buffer_callback=buffers.append)
    return pickle.loads(text, buffers=[bytes(buffer.raw()) for buffer in buffers])


def test_predictions_beyond_the_dtype_of_x_are_refused():
    (X, Y, _), scale = data(30, 4), 1e60
    readout = RidgeReadout().fit(X, Y * scale)
    assert_allclose(readout.predict(X) / scale, RidgeReadout().fit(X, Y).predict(X), rtol=1e-9)
    with np.errstate(all="raise"), pytest.raises(ValueError, match="float32.*as float64"):
        readout.predict(X.astype(np.float32))
    with np.errstate(all="raise"), pytest.raises(ValueError, match="overflow float64"):
        readout.predict(X * 1e300)


def test_targets_in_the_cells_of_a_column():
    X, Y, _ = data(12, 3)
    want = RidgeReadout().fit(X, Y[:, :1]).predict(X)
    assert want.shape == (12, 1)
    cells = np.empty(12, dtype=object)
    cells[:] = list(Y[:, :1])
    for y in (list(Y[:, :1]), cells, pd.Series(list(Y[:, :1]), index=range(5, 17))):
        assert_array_equal(RidgeReadout().fit(X, y).predict(X), want)
    assert_array_equal(RidgeReadout().fit(X, pd.Series(list(Y))).predict(X).shape, (12, 3))
    cells[3] = np.ones(2)
    with pytest.raises(ValueError, match=r"different shapes, as \(1,\) and \(2,\)"):
        RidgeReadout().fit(X, cells)
    flat = np.array([np.array(v) for v in Y[:, 0]], dtype=object)
    assert_array_equal(RidgeReadout().fit(X, flat).predict(X), want[:, 0])


@pytest.mark.parametrize(
    ("weight", "match"),
    [
        (np.full(12, 1 + 1j), "real numbers of float64, got dtype complex"),
        (np.full(12, np.inf), "infinity"),
        (np.arange(12.0) - 1, "negative"),
        (np.full(12, 1e308), "what sums to less than 1e308"),
        (np.full(12, 5e-324), "between 1e-290"),
        (np.full(12, "2020-01-01", dtype="M8[D]"), "real numbers of float64, got dtype datetime64"),
        ([10**400] * 12, "real numbers of float64, got dtype object"),
        ({"a": 1}, "real numbers of float64"),
        (np.full(12, "1"), "real numbers of float64, got dtype <U1"),
    ],
)
def test_weights_that_mean_nothing_are_refused(weight, match):
    X, Y, _ = data(12, 3)
    readout = RidgeReadout().partial_fit(X, Y)
    for call in (readout.fit, readout.partial_fit):
        with np.errstate(all="raise"), pytest.raises(ValueError, match=match):
            call(X, Y, sample_weight=weight)
    assert readout.moments_.n == 12


def test_whole_numbers_beyond_floats_are_refused_by_name():
    with pytest.raises(ValueError, match="X cannot be taken: int too large"):
        RidgeReadout().fit(np.full((3, 2), 10**400, dtype=object), [1.0, 2.0, 3.0])
    with pytest.raises(ValueError, match="y cannot be taken: int too large"):
        RidgeReadout().fit(np.eye(3), np.full(3, 10**400, dtype=object))
