"""Ridge readouts from blocks, and alpha by folds, against explicit refits."""

import gc

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.model_selection import GroupKFold, KFold, PredefinedSplit, StratifiedKFold
from sklearn.preprocessing import FunctionTransformer

from dlkit import RidgeReadout, RidgeReadoutClassifier, StreamedReadout
from dlkit.exceptions import RoundingWarning
from dlkit.readout import Moments, _blocks

from .. import naive_readout as naive
from .streams import ALPHAS, CLASSIFIERS, LABELS, POLY, WEIGHT, F, X, Y, left_out_errors, same


@pytest.mark.parametrize("readout", [*CLASSIFIERS, RidgeReadoutClassifier(solver="svd")])
def test_fewer_samples_than_features(readout):
    part = np.r_[:12, 100:110]
    streamed = StreamedReadout(POLY, readout, block_size=5).fit(X[part], LABELS[part])
    same(streamed, clone(readout).fit(F[part], LABELS[part]))


@pytest.mark.parametrize("alpha", [1e-13, [1e-13, 1e-12]])
def test_ill_conditioned_fit_is_solved_from_the_rows(alpha):
    rng = np.random.RandomState(0)
    x = rng.randn(200, 1)
    steep = FunctionTransformer(lambda x: np.hstack([x, x + 1e-7 * np.sin(9 * x), x**2]))
    y = np.sin(9 * x[:, 0]) + 1e-9 * rng.randn(200)
    streamed = StreamedReadout(steep, RidgeReadout(alpha=alpha), block_size=50).fit(x, y)
    exact = RidgeReadout(alpha=alpha, solver="svd").fit(steep.fit_transform(x), y)
    exact = exact.predict(steep.transform(x))
    assert_allclose(streamed.predict(x), exact, atol=1e-6)
    assert abs(exact).max() > 0.1  # of which moments alone get little right
    streamed.set_params(readout__solver="moments", readout__selection="gcv").fit(x, y)
    assert_allclose(streamed.predict(x), exact, atol=1e-6)
    streamed.partial_fit(x[:1], y[:1], sample_weight=0.0)
    with pytest.warns(RoundingWarning, match="lost in the rounding"):
        assert abs(streamed.predict(x) - exact).max() > 1e-4


FOLDS = np.arange(120) % 3


@pytest.mark.parametrize("few", [12, 0])  # by Cholesky factors, or by one eigendecomposition
@pytest.mark.parametrize("weight", [None, WEIGHT])
@pytest.mark.parametrize("fit_intercept", [True, False])
@pytest.mark.parametrize("folds", [FOLDS, np.where(np.arange(120) < 70, -1, 0)])
def test_alpha_by_folds_is_that_of_explicit_refits(folds, fit_intercept, weight, few, monkeypatch):
    monkeypatch.setattr(_blocks, "FEW", few)
    readout = RidgeReadout(alpha=ALPHAS, fit_intercept=fit_intercept)
    streamed = StreamedReadout(POLY, readout, cv=PredefinedSplit(folds), block_size=17)
    streamed.fit(X, Y, weight)
    errors = left_out_errors(Y, folds, weight, readout, ALPHAS).mean(axis=1)
    assert_allclose(streamed.readout_.alpha_scores_, -errors, rtol=1e-8)
    assert_allclose(streamed.readout_.best_score_, -errors.min())
    best = ALPHAS[np.argmin(errors)]
    plain = RidgeReadout(alpha=best, fit_intercept=fit_intercept).fit(F, Y, weight)
    assert streamed.readout_.alpha_ == best
    assert_allclose(streamed.predict(X), plain.predict(F), atol=1e-8)


def test_alpha_by_folds_for_each_target():
    y = np.c_[Y, np.random.RandomState(1).randn(120)]
    readout = RidgeReadout(alpha=ALPHAS, alpha_per_target=True)
    streamed = StreamedReadout(POLY, readout, cv=KFold(3)).fit(X, y)
    errors = left_out_errors(y, np.arange(120) // 40, None, readout, ALPHAS)
    assert_allclose(streamed.readout_.alpha_scores_, -errors.T, rtol=1e-8)
    best = np.array(ALPHAS)[errors.argmin(axis=0)]
    assert len(set(best)) > 1
    assert_array_equal(streamed.readout_.alpha_, best)
    for j, alpha in enumerate(best):
        plain = RidgeReadout(alpha=alpha).fit(F, y[:, j])
        assert_allclose(streamed.predict(X)[:, j], plain.predict(F), atol=1e-8)


def test_folds_are_stratified_for_labels_and_grouped_where_asked():
    readout = RidgeReadoutClassifier(alpha=ALPHAS)
    by_number = StreamedReadout(POLY, readout, cv=4).fit(X, LABELS).readout_
    by_name = StreamedReadout(POLY, readout, cv=StratifiedKFold(4)).fit(X, LABELS).readout_
    assert_array_equal(by_number.alpha_scores_, by_name.alpha_scores_)
    groups = list(GroupKFold(3).split(X, LABELS, np.arange(120) // 7))
    grouped = StreamedReadout(POLY, readout, cv=groups).fit(X, LABELS).readout_
    assert not np.array_equal(grouped.alpha_scores_, by_name.alpha_scores_)
    single = StreamedReadout(POLY, RidgeReadoutClassifier(), cv=4).fit(X, LABELS)
    same(single, RidgeReadoutClassifier().fit(F, LABELS))  # nothing to choose


def living_moments():
    gc.collect()
    return [thing for thing in gc.get_objects() if issubclass(type(thing), Moments)]  # no proxies


def test_solved_moments_are_dropped_or_kept():
    before = len(living_moments())
    readout = RidgeReadout(alpha=ALPHAS, selection="gcv")
    streamed = StreamedReadout(POLY, readout).fit(X, Y)
    assert len(living_moments()) == before
    streamed.set_params(readout__solver="moments").fit(X, Y)
    assert len(living_moments()) == before + 1
    streamed.partial_fit(X, Y)
    assert len(living_moments()) == before + 1
    assert streamed.readout_.moments_.n == 240


@pytest.mark.parametrize("large", [1e6, 1e9])
@pytest.mark.parametrize("solver", ["auto", "moments"])
def test_a_fold_that_dwarfs_the_rest(large, solver):
    rows = np.random.RandomState(0).randn(100, 5)
    rows[:20] *= large
    y = rows @ np.ones((5, 1)) + 0.5 * np.random.RandomState(1).randn(100, 1)
    alphas = [1e-3, 1.0, 1e3]
    errors = np.zeros(3)
    for train, test in KFold(5).split(rows):
        for a, alpha in enumerate(alphas):
            coef, intercept = naive.ridge(rows[train], y[train], alpha)
            errors[a] += np.sum((rows[test] @ coef + intercept - y[test]) ** 2) / 100
    streamed = StreamedReadout(FunctionTransformer(), RidgeReadout(alphas, solver=solver), cv=5)
    streamed.fit(rows, y)
    assert_allclose(-streamed.readout_.alpha_scores_, errors, rtol=1e-6)


@pytest.mark.parametrize("weight", [None, WEIGHT])
@pytest.mark.parametrize("few", [12, 0])
def test_errors_that_moments_cannot_tell_are_those_of_rows(weight, few, monkeypatch):
    monkeypatch.setattr(_blocks, "FEW", few)
    y = X @ [1.0, 2.0, -1.0, 0.5] + 3  # without noise: errors are the smaller, the smaller alpha
    alphas = [1e-11, 1e-10, 1.0]
    readout = RidgeReadout(alpha=alphas)
    streamed = StreamedReadout(FunctionTransformer(), readout, cv=PredefinedSplit(FOLDS))
    streamed.fit(X, y, weight)
    weight, errors = np.ones(120) if weight is None else weight, np.zeros(3)
    for k in range(3):
        test, train = k == FOLDS, k != FOLDS
        for a, alpha in enumerate(alphas):
            coef, intercept = naive.ridge(X[train], y[train, None], alpha, weight[train])
            errors[a] += weight[test] @ (X[test] @ coef[:, 0] + intercept - y[test]) ** 2
    errors /= weight.sum()
    assert_allclose(-streamed.readout_.alpha_scores_[2], errors[2], rtol=1e-8)
    assert_allclose(-streamed.readout_.alpha_scores_[:2], errors[:2], rtol=0.1)
    assert streamed.readout_.alpha_ == 1e-11


def test_groups_reach_the_folds():
    groups = np.arange(120) // 7
    readout = RidgeReadoutClassifier(alpha=ALPHAS)
    by_hand = list(GroupKFold(3).split(X, LABELS, groups))
    want = StreamedReadout(POLY, readout, cv=by_hand).fit(X, LABELS).readout_
    got = StreamedReadout(POLY, readout, cv=GroupKFold(3)).fit(X, LABELS, groups=groups).readout_
    assert_array_equal(got.alpha_scores_, want.alpha_scores_)
    with pytest.raises(ValueError, match="groups"):
        StreamedReadout(POLY, readout, cv=GroupKFold(3)).fit(X, LABELS)
    with pytest.raises(ValueError, match="groups are for a cv"):
        StreamedReadout(POLY, readout).fit(X, LABELS, groups=groups)
    with pytest.raises(ValueError, match=r"at least one pair.*got \[\]"):
        StreamedReadout(POLY, readout, cv=[]).fit(X, LABELS)


def test_relative_alphas_by_folds():
    weight = np.random.RandomState(2).uniform(0.5, 1.5, 120)
    weight /= weight.mean()
    want = StreamedReadout(POLY, RidgeReadout(ALPHAS), cv=3).fit(X, Y, weight).readout_
    readout = RidgeReadout(ALPHAS, relative=True)
    got = StreamedReadout(POLY, readout, cv=3).fit(X, Y, weight / 120).readout_
    assert got.alpha_ == want.alpha_
    assert_allclose(got.coef_, want.coef_, rtol=1e-6, atol=1e-8)
    few = StreamedReadout(POLY, readout).fit(X[:20], Y[:20], weight[:20] / 120).readout_
    share = weight[:20] / weight[:20].mean()
    plain = RidgeReadout(ALPHAS).fit(F[:20], Y[:20], share)
    assert_allclose(few.coef_, plain.coef_, rtol=1e-6, atol=1e-8)
