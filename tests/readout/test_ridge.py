"""Ridge readouts against least squares, refits without each row, and scikit-learn's checks."""

import copy
import pickle

import joblib
import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.sparse import csr_array
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.utils.estimator_checks import parametrize_with_checks

from dlkit.exceptions import ForgottenRowsWarning
from dlkit.readout import Moments, RidgeReadout, RidgeReadoutClassifier, _moments

from .. import naive_readout as naive
from .drawn import ALPHAS, SHAPES, SOLVERS, data


@parametrize_with_checks(
    [
        kind(**parameters)
        for kind in (RidgeReadout, RidgeReadoutClassifier)
        for parameters in (
            {},
            {"alpha": ALPHAS, "selection": "gcv"},
            {"solver": "moments"},
            {"solver": "svd"},
        )
    ]
    + [RidgeReadout(fit_intercept=False), RidgeReadout(alpha=0.0)]
)
def test_scikit_learn(estimator, check):
    check(estimator)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("fit_intercept", [True, False])
@pytest.mark.parametrize("weighted", [True, False])
@pytest.mark.parametrize("alpha", [1e-2, 10.0])
def test_least_squares(shape, solver, fit_intercept, weighted, alpha):
    X, Y, weight = data(*shape)
    weight = weight if weighted else None
    readout = RidgeReadout(alpha, solver=solver, fit_intercept=fit_intercept)
    coef, intercept = naive.ridge(X, Y, alpha, weight, fit_intercept)
    assert readout.fit(X, Y, sample_weight=weight) is readout
    assert_allclose(readout.coef_, coef.T, rtol=1e-8, atol=1e-9)
    assert_allclose(readout.intercept_, intercept, rtol=1e-8, atol=1e-9)
    assert_allclose(readout.predict(X), X @ coef + intercept, rtol=1e-8, atol=1e-8)
    assert readout.alpha_ == alpha
    assert not hasattr(readout, "best_score_")
    readout.fit(X, Y[:, 0], weight)
    assert readout.coef_.shape == X.shape[1:]
    assert np.ndim(readout.intercept_) == 0
    assert_allclose(readout.predict(X), X @ coef[:, 0] + intercept[0], rtol=1e-8, atol=1e-8)


# weights, blocks and merging


@pytest.mark.parametrize("shape", [(30, 6), (9, 20)])
@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("alpha", [0.5, ALPHAS])
def test_weights_are_repetitions(shape, solver, alpha):
    X, Y, weight = data(*shape)
    rows = np.repeat(np.arange(len(X)), weight.astype(int))
    kind = RidgeReadout(alpha, selection="gcv", solver=solver)
    weighted = clone(kind).fit(X, Y, weight)
    repeated = clone(kind).fit(X[rows], Y[rows])
    assert weighted.alpha_ == repeated.alpha_
    assert_allclose(weighted.coef_, repeated.coef_, rtol=1e-7, atol=1e-9)
    assert_allclose(weighted.intercept_, repeated.intercept_, rtol=1e-7, atol=1e-9)
    if alpha is ALPHAS:
        assert_allclose(weighted.alpha_scores_, repeated.alpha_scores_, rtol=1e-7)


@pytest.mark.parametrize("shape", [(40, 6), (9, 20)])
@pytest.mark.parametrize("alpha", [0.5, ALPHAS])
@pytest.mark.parametrize("fit_intercept", [True, False])
@pytest.mark.parametrize("one_dimensional", [True, False])
def test_blocks_and_parts_end_where_fit_does(shape, alpha, fit_intercept, one_dimensional):
    X, Y, weight = data(*shape)
    Y = Y[:, 0] if one_dimensional else Y
    kind = RidgeReadout(alpha, selection="gcv", fit_intercept=fit_intercept)
    whole = clone(kind).fit(X, Y, weight)
    parts = [slice(0, 3), slice(3, 4), slice(4, None)]
    blocks = clone(kind)
    for part in parts:
        assert blocks.partial_fit(X[part], Y[part], weight[part]) is blocks
    first, *others = [clone(kind).partial_fit(X[part], Y[part], weight[part]) for part in parts]
    for other in others:
        assert first.merge(other) is first
    moments = Moments().update(X, Y, weight)
    from_moments = clone(kind).fit_moments(moments)
    kept = clone(kind).set_params(solver="moments").fit(X[:5], Y[:5], weight[:5])
    kept.merge(clone(kept).fit(X[5:], Y[5:], weight[5:]))
    for readout in (blocks, first, from_moments, kept):
        assert readout.alpha_ == whole.alpha_
        assert readout.coef_.shape == whole.coef_.shape
        assert_allclose(readout.coef_, whole.coef_, rtol=1e-6, atol=1e-9)
        assert_allclose(readout.intercept_, whole.intercept_, rtol=1e-6, atol=1e-8)
        assert_allclose(readout.predict(X), whole.predict(X), rtol=1e-6, atol=1e-8)
        assert readout.n_features_in_ == shape[1]
    from_moments.partial_fit(X, Y)
    assert moments.n == shape[0], "the caller's moments are left alone"


def test_moments_without_a_fold():
    X, Y, weight = data(60, 6)
    fold = np.arange(60) % 5 == 0
    rest = Moments().update(X, Y, weight)
    rest.subtract(Moments().update(X[fold], Y[fold], weight[fold]))
    readout = RidgeReadout(0.1).fit_moments(rest)
    coef, intercept = naive.ridge(X[~fold], Y[~fold], 0.1, weight[~fold])
    assert_allclose(readout.coef_, coef.T, rtol=1e-8)
    assert_allclose(readout.intercept_, intercept, rtol=1e-8)


def test_parameters_are_those_of_the_last_fitting_call():
    X, Y, _ = data(30, 4)
    readout = RidgeReadout(0.1).partial_fit(X, Y).set_params(alpha=50.0)
    assert readout.alpha_ == 0.1
    readout.partial_fit(X, Y)
    assert_allclose(readout.coef_, naive.ridge(X, Y, 50.0, np.full(30, 2.0))[0].T)


def test_fit_forgets_and_says_so():
    X, Y, _ = data(30, 4)
    readout = RidgeReadout().partial_fit(X + 1, Y).fit(X[:20], Y[:20])
    assert_array_equal(readout.coef_, RidgeReadout().fit(X[:20], Y[:20]).coef_)
    assert not hasattr(readout, "moments_")
    with pytest.warns(ForgottenRowsWarning, match="starts anew") as caught:
        readout.partial_fit(X[20:], Y[20:])
    assert caught[0].filename == __file__
    assert readout.moments_.n == 10
    classifier = RidgeReadoutClassifier().fit(X, Y[:, 0] > 5)
    with pytest.warns(UserWarning, match="starts anew"):
        classifier.partial_fit(X[:3], Y[:3, 0] > 5)
    kept = RidgeReadout(solver="moments").fit(X[:20], Y[:20]).partial_fit(X[20:], Y[20:])
    assert_allclose(kept.coef_, RidgeReadout().fit(X, Y).coef_)


# dtypes, memory layouts, names


@pytest.mark.parametrize("shape", [(300, 5), (20, 40)])
def test_float32(shape):
    X, Y, _ = data(*shape)
    X = X.astype(np.float32)
    for y in (Y, Y[:, 0]):
        single, double = RidgeReadout().fit(X, y), RidgeReadout().fit(X.astype(float), y)
        assert single.predict(X).dtype == np.float32
        assert double.predict(X.astype(float)).dtype == np.float64
        assert_allclose(single.coef_, double.coef_, rtol=1e-12)
        assert_allclose(single.predict(X), double.predict(X), rtol=1e-5)
    classifier = RidgeReadoutClassifier().fit(X, Y[:, 0] > Y[:, 0].mean())
    assert classifier.decision_function(X).dtype == np.float32
    assert classifier.predict_proba(X).dtype == np.float32


@pytest.mark.parametrize("shape", [(30, 5), (9, 20)])
def test_layouts_and_inputs_left_alone(shape):
    X, Y, weight = data(*shape)
    for A in (X, Y, weight):
        A.flags.writeable = False
    plain = RidgeReadout(ALPHAS).fit(X, Y, weight)
    for form in (np.asfortranarray(X), np.repeat(X, 2, axis=1)[:, ::2], X.tolist()):
        readout = RidgeReadout(ALPHAS).fit(form, Y, weight)
        assert_allclose(readout.coef_, plain.coef_, rtol=1e-10, atol=1e-12)
        assert_allclose(readout.predict(form), plain.predict(X), rtol=1e-10)


def test_data_frames():
    X, Y, _ = data(30, 3)
    frame = pd.DataFrame(X, columns=["u", "v", "w"])
    readout = RidgeReadout().partial_fit(frame, Y)
    assert readout.feature_names_in_.tolist() == ["u", "v", "w"]
    with pytest.raises(ValueError, match="feature names"):
        readout.predict(frame[["v", "u", "w"]])
    other = RidgeReadout().partial_fit(frame.rename(columns={"u": "z"}), Y)
    with pytest.raises(ValueError, match="other names"):
        readout.merge(other)
    assert not hasattr(readout.fit_moments(Moments().update(X, Y)), "feature_names_in_")


# pickling, cloning, pipelines


@pytest.mark.parametrize("alpha", [1.0, ALPHAS])
def test_pickle_and_clone(alpha):
    X, Y, _ = data(30, 5)
    kind = RidgeReadout(alpha, selection="gcv")
    for readout in (clone(kind).fit(X, Y), clone(kind).partial_fit(X, Y)):
        again = pickle.loads(pickle.dumps(readout))
        assert_array_equal(again.predict(X), readout.predict(X))
        assert_array_equal(again.alpha_, readout.alpha_)
        with pytest.raises(NotFittedError):
            clone(readout).predict(X)
    again.partial_fit(X, Y)
    assert (again.moments_.n, readout.moments_.n) == (60, 30)


def test_fit_keeps_no_matrix():
    X, Y, _ = data(400, 200)
    for alpha in (1.0, ALPHAS):
        assert len(pickle.dumps(RidgeReadout(alpha).fit(X, Y))) < 3 * 200 * 8 + 5000


# errors


@pytest.mark.parametrize(
    ("parameters", "match"),
    [
        ({"alpha": -1.0}, "alpha"),
        ({"alpha": np.nan}, "alpha"),
        ({"alpha": np.inf}, "alpha"),
        ({"alpha": []}, "alpha"),
        ({"alpha": [1.0, -1.0]}, "alpha"),
        ({"alpha": [[1.0]]}, "alpha"),
        ({"alpha": ["x"]}, "alpha"),
        ({"alpha": "x"}, "alpha"),
        ({"selection": "aic"}, "selection"),
        ({"fit_intercept": "yes"}, "fit_intercept"),
        ({"solver": "lsqr"}, "solver"),
    ],
)
@pytest.mark.parametrize("kind", [RidgeReadout, RidgeReadoutClassifier])
def test_bad_parameters(kind, parameters, match):
    with pytest.raises(ValueError, match=match):
        kind(**parameters).fit([[0.0], [1.0]], [0, 1])


def test_bad_data():
    X, Y, _ = data(10, 3)
    for y in (Y.astype(str), Y[:9], Y[..., None], np.where(Y > 5, np.nan, Y)):
        with pytest.raises(ValueError):  # noqa: PT011
            RidgeReadout().fit(X, y)
    with pytest.raises(TypeError, match="sparse"):
        RidgeReadout().fit(X, csr_array(Y))
    with pytest.raises(ValueError, match="all-zero"):
        RidgeReadout().fit(X, Y, np.zeros(10))
    with pytest.raises(ValueError, match="all-zero"):
        RidgeReadout().partial_fit(X, Y, np.zeros(10))
    with pytest.raises(ValueError, match="negative"):
        RidgeReadout().fit(X, Y, -np.ones(10))
    readout = RidgeReadout().partial_fit(X, Y)
    with pytest.raises(ValueError, match="3 targets"):
        readout.partial_fit(X, Y[:, :2])
    assert readout.partial_fit(X, Y, np.zeros(10)).moments_.weight_sum == 10


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
