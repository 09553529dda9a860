"""Ridge readouts against least squares, refits without each row, and scikit-learn's checks."""

import pickle

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.sparse import csr_array
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.utils.estimator_checks import parametrize_with_checks

from dlkit.exceptions import ForgottenRowsWarning
from dlkit.readout import Moments, RidgeReadout, RidgeReadoutClassifier

from .. import naive_readout as naive
from .drawn import ALPHAS, SHAPES, SOLVERS, data


@pytest.mark.compiled
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
    with pytest.raises(ValueError, match=r"y has shape .* targets of shape \(n, 3\)"):
        readout.partial_fit(X, Y[:, :2])
    assert readout.partial_fit(X, Y, np.zeros(10)).moments_.weight_sum == 10


@pytest.mark.parametrize("options", [{}, {"solver": "svd"}, {"solver": "moments"}])
@pytest.mark.parametrize("selection", ["loo", "gcv"])
def test_targets_whose_squares_vanish_choose_no_alpha(options, selection):
    """Errors of all alphas would be zero, and the first the best."""
    rng = np.random.RandomState(0)
    X, y = rng.randn(60, 4), rng.randn(60)
    readout = RidgeReadout(np.logspace(-3, 6, 10), selection=selection, **options)
    want = clone(readout).fit(X, y).alpha_
    assert want > 1e-3
    assert clone(readout).fit(X, 1e-140 * y).alpha_ == want
    for faint in (1e-150, 1e-200, 1e-310):
        with pytest.raises(ValueError, match="Products of y underflow"):
            clone(readout).fit(X, faint * y)
        assert_allclose(
            RidgeReadout().fit(X, faint * y).coef_ / faint, RidgeReadout().fit(X, y).coef_
        )
        assert clone(readout).fit(X, np.c_[faint * y, X[:, 0]]).alpha_ == 1e-3
        with pytest.raises(ValueError, match="Products of y underflow"):
            clone(readout).set_params(alpha_per_target=True).fit(X, np.c_[faint * y, X[:, 0]])
    assert clone(readout).fit(X, np.full(60, 1e-200)).alpha_ == 1e-3
    if selection == "gcv":
        with pytest.raises(ValueError, match="Products of y underflow"):
            _ = clone(readout).partial_fit(X, 1e-200 * y).alpha_
