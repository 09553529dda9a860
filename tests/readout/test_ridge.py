"""Ridge readouts against least squares, refits without each row, and scikit-learn's checks."""

import pickle

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.sparse import csr_array
from sklearn.base import clone
from sklearn.exceptions import DataConversionWarning, NotFittedError
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from dlkit import _budgets
from dlkit.readout import Moments, RidgeReadout, RidgeReadoutClassifier, class_indicators

from .. import naive_readout as naive

ALPHAS = np.array([1e-3, 0.1, 3.0, 100.0])
SHAPES = [(30, 6), (12, 11), (11, 11), (9, 20)]
SOLVERS = ["auto", "moments", "svd"]


def data(n, p, q=3, seed=0):
    rng = np.random.RandomState(seed)
    X = rng.randn(n, p) @ rng.randn(p, p) / np.sqrt(p) + rng.randn(p)
    Y = X @ rng.randn(p, q) + 5 + rng.randn(n, q) * 10.0 ** np.arange(-1, q - 1)
    weight = rng.randint(1, 4, n).astype(float)
    weight[n // 2] = 0
    return X, Y, weight


def labels(n, p, n_classes, seed=0):
    X, _, weight = data(n, p, seed=seed)
    scores = X @ np.random.RandomState(seed + 1).randn(p, n_classes)
    y = np.argmax(scores + 0.3, axis=1)
    y[: 3 * n_classes] = np.tile(np.arange(n_classes), 3)
    return X, np.array(["d", "a", "c", "b"])[y], weight


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


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("fit_intercept", [True, False])
@pytest.mark.parametrize("weighted", [True, False])
@pytest.mark.parametrize("per_target", [True, False])
def test_leave_one_out_is_a_refit_without_each_row(
    shape, solver, fit_intercept, weighted, per_target
):
    X, Y, weight = data(*shape)
    weight = weight if weighted else None
    errors = np.array([naive.loo_errors(X, Y, a, weight, fit_intercept) for a in ALPHAS])
    readout = RidgeReadout(
        ALPHAS, alpha_per_target=per_target, fit_intercept=fit_intercept, solver=solver
    ).fit(X, Y, weight)
    check_selection(readout, X, Y, weight, errors, fit_intercept, per_target)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("fit_intercept", [True, False])
@pytest.mark.parametrize("per_target", [True, False])
def test_generalised_cross_validation(shape, solver, fit_intercept, per_target):
    X, Y, _ = data(*shape)
    errors = np.array([naive.gcv_errors(X, Y, a, fit_intercept) for a in ALPHAS])
    readout = RidgeReadout(
        ALPHAS,
        selection="gcv",
        alpha_per_target=per_target,
        fit_intercept=fit_intercept,
        solver=solver,
    )
    # moments find a residual by subtraction: where there is hardly one, with fewer digits
    rtol = 1e-5 if solver == "moments" else 1e-7
    check_selection(readout.fit(X, Y), X, Y, None, errors, fit_intercept, per_target, rtol)
    readout.fit_moments(Moments().update(X, Y))
    check_selection(readout, X, Y, None, errors, fit_intercept, per_target, rtol=1e-5)


def check_selection(readout, X, Y, weight, errors, fit_intercept, per_target, rtol=1e-7):
    if not per_target:
        errors = errors.mean(axis=1)
    assert_allclose(-readout.alpha_scores_, errors.T, rtol=rtol, atol=1e-12)
    assert_allclose(readout.best_score_, -errors.min(axis=0), rtol=rtol, atol=1e-12)
    assert_array_equal(readout.alpha_, ALPHAS[errors.argmin(axis=0)])
    alphas = np.broadcast_to(readout.alpha_, Y.shape[1])
    for j, alpha in enumerate(alphas):
        coef, intercept = naive.ridge(X, Y[:, [j]], alpha, weight, fit_intercept)
        assert_allclose(readout.coef_[j], coef[:, 0], rtol=1e-6, atol=1e-8)
        assert_allclose(readout.intercept_[j], intercept[0], rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("per_target", [True, False])
def test_selection_with_one_dimensional_targets(per_target):
    X, Y, _ = data(30, 6)
    readout = RidgeReadout(list(ALPHAS), alpha_per_target=per_target).fit(X, Y[:, 0])
    errors = [naive.loo_errors(X, Y[:, :1], a)[0] for a in ALPHAS]
    assert_allclose(readout.alpha_scores_, -np.array(errors))
    assert readout.alpha_ == ALPHAS[np.argmin(errors)]
    assert np.ndim(readout.alpha_) == np.ndim(readout.best_score_) == 0


@pytest.mark.parametrize("shape", [(50, 5), (12, 20)])
def test_leave_one_out_in_many_tiles(shape, monkeypatch):
    monkeypatch.setattr(_budgets, "TILE_ENTRIES", 0)
    monkeypatch.setattr(_budgets, "TILE_LEAST_ROWS", 7)
    X, Y, weight = data(*shape)
    for solver in SOLVERS:
        readout = RidgeReadout(ALPHAS, alpha_per_target=True, solver=solver).fit(X, Y, weight)
        errors = np.array([naive.loo_errors(X, Y, a, weight) for a in ALPHAS])
        check_selection(readout, X, Y, weight, errors, True, True)
        single = X.astype(np.float32)
        assert_allclose(readout.predict(single), readout.predict(X), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("fit_intercept", [True, False])
def test_leave_one_out_of_an_interpolating_fit(fit_intercept):
    X, Y, _ = data(8, 20)
    readout = RidgeReadout([0.0, 1e-9, 1.0], fit_intercept=fit_intercept).fit(X, Y)
    errors = [naive.loo_errors(X, Y, a, None, fit_intercept).mean() for a in (0.0, 1e-9, 1.0)]
    assert_allclose(-readout.alpha_scores_, errors, rtol=1e-6)


def test_row_that_alone_determines_a_coefficient():
    X, Y, _ = data(20, 3, q=1)
    X = np.column_stack([X, np.arange(20) == 4])
    readout = RidgeReadout([0.0, 1e-2]).fit(X, Y)
    assert readout.alpha_scores_[0] == -np.inf
    assert_allclose(readout.alpha_scores_[1], -naive.loo_errors(X, Y, 1e-2)[0], rtol=1e-8)


@pytest.mark.parametrize("selection", ["loo", "gcv"])
def test_nothing_to_choose_by(selection):
    X, Y, _ = data(3, 2, q=1)
    with pytest.raises(ValueError, match=r"No alpha can be chosen|at least 2 samples"):
        RidgeReadout([0.0], selection=selection, solver="moments").fit(X, Y)
    with pytest.raises(ValueError, match=r"No alpha can be chosen|at least 2 samples"):
        RidgeReadout([0.0, 1.0], selection=selection).fit(X[:1], Y[:1])


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
    with pytest.warns(UserWarning, match="starts anew"):
        readout.partial_fit(X[20:], Y[20:])
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


# hard numbers


@pytest.mark.parametrize("offset", [1e6, -1e6])
@pytest.mark.parametrize("shape", [(60, 5), (10, 20)])
@pytest.mark.parametrize("solver", SOLVERS)
def test_large_offset(offset, shape, solver):
    X, Y, _ = data(*shape)
    X = (X + offset) - offset  # representable there, too
    near = RidgeReadout(ALPHAS, solver=solver).fit(X, Y)
    far = RidgeReadout(ALPHAS, solver=solver).fit(X + offset, Y + offset)
    assert far.alpha_ == near.alpha_
    assert_allclose(far.coef_, near.coef_, rtol=1e-6, atol=1e-7)
    assert_allclose(far.predict(X + offset) - offset, near.predict(X), rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("shape", [(40, 4), (10, 20)])
@pytest.mark.parametrize("fit_intercept", [True, False])
def test_no_penalty_and_dependent_columns_give_the_least_norm(solver, shape, fit_intercept):
    X, Y, _ = data(*shape)
    X = np.column_stack([X, X[:, 0], X[:, 1] - X[:, 2], np.zeros(len(X))])
    coef, intercept = naive.ridge(X, Y, 0.0, None, fit_intercept)
    readout = RidgeReadout(0, solver=solver, fit_intercept=fit_intercept).fit(X, Y)
    assert_allclose(readout.coef_, coef.T, rtol=1e-6, atol=1e-8)
    assert_allclose(readout.intercept_, intercept, rtol=1e-6, atol=1e-7)
    if shape == (40, 4):
        errors = [naive.loo_errors(X, Y, a, None, fit_intercept).mean() for a in (0.0, 1.0)]
        chosen = RidgeReadout([0.0, 1.0], solver=solver, fit_intercept=fit_intercept).fit(X, Y)
        assert_allclose(-chosen.alpha_scores_, errors, rtol=1e-6)


@pytest.mark.parametrize("shape", [(100, 40), (30, 40)])
@pytest.mark.parametrize("alpha", [1e-12, [1e-12, 1e-3]])
@pytest.mark.parametrize("selection", ["loo", "gcv"])
def test_nearly_dependent_columns_and_a_tiny_penalty(shape, alpha, selection):
    # singular values from 100 to 1e-7 and targets along all of them, without noise: the squares
    # of the small ones drown in the rounding of X'X, so only a route past it sees them
    rng = np.random.RandomState(0)
    n, p = shape
    k = min(n, p)
    left, right = np.linalg.qr(rng.randn(n, k))[0], np.linalg.qr(rng.randn(p, k))[0]
    X = left * 10 ** np.linspace(2, -7, k) @ right.T
    Y = left @ rng.randn(k, 1)
    readout = RidgeReadout(alpha, selection=selection).fit(X, Y)
    if np.ndim(alpha):
        naive_errors = naive.loo_errors if selection == "loo" else naive.gcv_errors
        errors = [naive_errors(X, Y, a)[0] for a in alpha]
        assert_allclose(-readout.alpha_scores_, errors, rtol=1e-5)
    coef, intercept = naive.ridge(X, Y, readout.alpha_)
    assert_allclose(readout.predict(X), X @ coef + intercept, atol=1e-6)
    coef, intercept = naive.ridge(X, Y, 1e-12)
    by_moments = RidgeReadout(1e-12, solver="moments").fit(X, Y).predict(X)
    assert 1e-6 < np.abs(by_moments - X @ coef - intercept).max() < 10


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("alpha", [0.0, 1.0, [0.1, 1.0]])
def test_constant_columns_alone(solver, alpha):
    X, y = np.full((6, 3), 4.0), np.arange(6.0)
    readout = RidgeReadout(alpha, solver=solver).fit(X, y)
    assert_allclose(readout.coef_, 0, atol=1e-12)
    assert_allclose(readout.predict(X), 2.5)


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("alpha", [0.0, 1.0])
@pytest.mark.parametrize("p", [1, 3])
def test_one_row(solver, alpha, p):
    X, y = np.arange(1.0, p + 1)[None], np.array([7.0])
    readout = RidgeReadout(alpha, solver=solver).fit(X, y)
    assert_allclose(readout.coef_, np.zeros(p))
    assert_allclose(readout.predict(2 * X), 7.0)
    through_zero = RidgeReadout(alpha, solver=solver, fit_intercept=False).fit(X, y)
    assert_allclose(through_zero.coef_, 7 * X[0] / ((X**2).sum() + alpha))


def test_one_column():
    X, Y, _ = data(30, 1, q=1)
    readout = RidgeReadout(ALPHAS).fit(X, Y)
    errors = [naive.loo_errors(X, Y, a)[0] for a in ALPHAS]
    assert_allclose(-readout.alpha_scores_, errors)


def test_products_that_overflow():
    X, Y, _ = data(30, 4)
    with np.errstate(over="ignore"), pytest.raises(ValueError, match="overflow float64"):
        RidgeReadout().fit(X * 1e200, Y)


# the classifier


@pytest.mark.parametrize("n_classes", [2, 3, 4])
@pytest.mark.parametrize("shape", [(60, 5), (20, 30)])
@pytest.mark.parametrize("class_weight", [None, "balanced", {"a": 3.0, "d": 0.5}])
@pytest.mark.parametrize("weighted", [True, False])
def test_classifier_is_ridge_on_indicators(n_classes, shape, class_weight, weighted):
    X, y, weight = labels(*shape, n_classes)
    weight = weight if weighted else np.ones(len(X))
    classes = sorted(set(y))
    per_row = weight.copy()
    for label in classes:
        if class_weight == "balanced":
            per_row[y == label] *= weight.sum() / (n_classes * weight[y == label].sum())
        elif class_weight:
            per_row[y == label] *= class_weight.get(label, 1.0)
    Y = np.array([[1.0 if label == own else -1.0 for label in classes] for own in y])
    Y = Y[:, 1:] if n_classes == 2 else Y
    coef, intercept = naive.ridge(X, Y, 0.3, per_row)
    classifier = RidgeReadoutClassifier(0.3, class_weight=class_weight)
    classifier.fit(X, y, sample_weight=weight if weighted else None)
    scores = X @ coef + intercept
    assert classifier.classes_.tolist() == classes
    assert_allclose(np.atleast_2d(classifier.coef_), coef.T, rtol=1e-7, atol=1e-9)
    assert_allclose(classifier.decision_function(X).reshape(scores.shape), scores, atol=1e-8)
    if n_classes == 2:
        scores = np.column_stack([-scores, scores])
    assert_array_equal(classifier.predict(X), np.array(classes)[scores.argmax(axis=1)])
    P = classifier.predict_proba(X)
    assert_allclose(P, [naive.nearest_on_simplex((row + 1) / 2) for row in scores], atol=1e-8)
    check_probabilities(classifier, X)


def check_probabilities(classifier, X):
    P = classifier.predict_proba(X)
    assert P.min() >= 0
    assert_allclose(P.sum(axis=1), 1, rtol=1e-6)
    assert_array_equal(classifier.classes_[P.argmax(axis=1)], classifier.predict(X))


@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_probabilities_agree_with_predict_in_ties(n_classes, dtype):
    y = np.repeat(np.arange(n_classes), 20)
    X = np.concatenate([[[-1.0], [1.0]]] * (10 * n_classes)).astype(dtype)
    classifier = RidgeReadoutClassifier().fit(X, y)
    check_probabilities(classifier, X)
    tiny = np.linspace(-1, 1, 41)[:, None].astype(dtype) * dtype(1e-30)
    check_probabilities(RidgeReadoutClassifier(fit_intercept=False).fit(X, y > 0), tiny)


@pytest.mark.parametrize("n_classes", [2, 3])
def test_classifier_selects_by_leave_one_out(n_classes):
    X, y, weight = labels(25, 6, n_classes)
    Y = class_indicators(y, sorted(set(y))).reshape(25, -1).astype(float)
    classifier = RidgeReadoutClassifier(ALPHAS).fit(X, y, weight)
    errors = [naive.loo_errors(X, Y, a, weight).mean() for a in ALPHAS]
    assert_allclose(-classifier.alpha_scores_, errors, rtol=1e-8)
    assert classifier.alpha_ == ALPHAS[np.argmin(errors)]


@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize("alpha", [0.5, ALPHAS])
@pytest.mark.parametrize("class_weight", [None, {"a": 3.0}])
def test_classifier_in_blocks(n_classes, alpha, class_weight):
    X, y, weight = labels(60, 5, n_classes)
    classes = sorted(set(y))
    kind = RidgeReadoutClassifier(alpha, selection="gcv", class_weight=class_weight)
    whole = clone(kind).fit(X, y, weight)
    blocks = clone(kind).partial_fit(X[:1], y[:1], classes=classes[::-1], sample_weight=weight[:1])
    blocks.partial_fit(X[1:], y[1:], sample_weight=weight[1:])
    merged = clone(kind).partial_fit(X[:30], y[:30], classes, weight[:30])
    merged.merge(clone(kind).partial_fit(X[30:], y[30:], classes, weight[30:]))
    results = [blocks, merged]
    if class_weight is None:
        moments = Moments().update(X, class_indicators(y, classes), weight)
        results.append(clone(kind).fit_moments(moments, classes))
    for readout in results:
        assert readout.classes_.tolist() == classes
        assert_allclose(readout.coef_, whole.coef_, rtol=1e-8, atol=1e-10)
        assert_allclose(readout.predict_proba(X), whole.predict_proba(X), atol=1e-9)


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


def test_grid_search():
    X, y, _ = labels(90, 5, 3)
    search = GridSearchCV(
        make_pipeline(StandardScaler(), RidgeReadoutClassifier()),
        {"ridgereadoutclassifier__alpha": [1e-2, 1e3], "ridgereadoutclassifier__solver": SOLVERS},
        cv=3,
    ).fit(X, y)
    assert search.best_params_["ridgereadoutclassifier__alpha"] == 1e-2
    assert search.best_score_ > 0.8


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


def test_leave_one_out_needs_rows():
    X, Y, _ = data(10, 3)
    readout = RidgeReadout(ALPHAS)
    for call in (lambda: readout.partial_fit(X, Y), lambda: readout.fit_moments(Moments())):
        with pytest.raises(ValueError, match="selection='gcv'"):
            call()
    with pytest.raises(ValueError, match="empty"):
        RidgeReadout().fit_moments(Moments())
    with pytest.raises(TypeError, match="Moments"):
        RidgeReadout().fit_moments(X)


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


def test_bad_classes():
    X, _, _ = data(10, 3)
    y = np.repeat(["a", "b"], 5)
    with pytest.raises(ValueError, match=r"1 class: \['a'\]"):
        RidgeReadoutClassifier().fit(X[:5], y[:5])
    with pytest.raises(ValueError, match="first call"):
        RidgeReadoutClassifier().partial_fit(X, y)
    with pytest.raises(ValueError, match="balanced"):
        RidgeReadoutClassifier(class_weight="balanced").partial_fit(X, y, ["a", "b"])
    readout = RidgeReadoutClassifier().partial_fit(X, y, ["a", "b"])
    with pytest.raises(ValueError, match=r"not among the classes.*'c'"):
        readout.partial_fit(X, np.repeat(["a", "c"], 5))
    with pytest.raises(ValueError, match="differs"):
        readout.partial_fit(X, y, classes=["a", "b", "c"])
    with pytest.raises(ValueError, match="sorted"):
        readout.fit_moments(readout.moments_, ["b", "a"])
    with pytest.raises(ValueError, match="1 1-dimensional"):
        readout.fit_moments(Moments().update(X, np.eye(10)), ["a", "b"])
    with pytest.raises(ValueError, match="class_weight"):
        readout.set_params(class_weight={"a": 2}).fit_moments(readout.moments_, ["a", "b"])
    with pytest.warns(DataConversionWarning):
        RidgeReadoutClassifier().fit(X, y[:, None])


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
