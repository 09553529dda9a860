from dataclasses import replace

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter
from sklearn.linear_model import LogisticRegression

from dlkit import PixelClassifier, PixelRegressor, ScaleFeatures
from dlkit.conv._samples import check_samples
from dlkit.positions import _trials as trials
from dlkit.positions._blocks import fit_describers
from dlkit.positions._data import check_numbers
from dlkit.positions._described import Described
from dlkit.positions._rows import draw_rows
from dlkit.positions._stages import Problem, Settings, context_of, learn_chain

from .pictures import squares


def numbers(n=4, side=12, folds=3):
    X, y = squares(n, side, classes=3)
    samples = check_samples(X, 2)
    maps = check_numbers(list(y.astype(float)), None, None)
    rows, regions = draw_rows(maps, samples, 300, folds, np.random.RandomState(0), reach=(2, 2))
    features = ScaleFeatures(0.7, neighbours=False, deviation=False)
    return Problem(samples, rows, regions, None, fit_describers(features, samples, None))


@pytest.mark.parametrize("shape", [{}, {"n": 1, "side": 30}])
def test_a_trial_is_a_chain_that_has_seen_nothing_of_a_part(shape, monkeypatch):
    """The same by a chain learned on the other rows, at work on the samples like any chain."""
    monkeypatch.setattr(trials, "pays", lambda *_: True)
    monkeypatch.setattr(trials, "MOST_STAGES", 3)
    one = numbers(**shape)
    settings = Settings(15, 4, "auto", 3, (2,), None, "predict")
    context, cache = context_of(one, settings), Described(one)
    columns = cache.rows()
    found = trials._trial(one, settings, np.random.RandomState(3), context, cache, columns)
    assert len(found) == 3
    fold = 1  # of three
    keep = (one.rows.folds != fold) & (one.rows.near != fold)
    assert (keep.sum() + (one.rows.folds == fold).sum() < len(one.rows)) == (shape != {})
    rest, left = one.rows.part(keep), one.rows.part(one.rows.folds == fold)
    assert not set(rest.folds) & {fold}
    for s, (errors, weights, loss, score) in enumerate(found):
        chain, _ = learn_chain(
            replace(one, rows=rest), settings, s + 1, np.random.RandomState(3), context, cache,
            columns[keep],
        )  # fmt: skip
        spread = np.average(
            (left.targets - np.average(left.targets, weights=left.weight)) ** 2,
            weights=left.weight,
        )
        lost = np.zeros(len(one.samples))
        for i, (positions, part) in enumerate(zip(left.positions, left.slices(), strict=True)):
            space = one.samples.space(i)
            values = chain.values(one.samples, i, (0, 0), space).reshape(-1)[positions]
            weight = np.ones(len(values)) if left.weight is None else left.weight[part]
            lost[i] = weight @ (values - left.targets[part]) ** 2 / spread
        there = [i for i, p in enumerate(left.positions) if len(p)]
        # next to a slab a chain's maps are those of its own, a trial's of what had not seen them
        rtol = 1e-6 if s == 0 or not shape else 5e-3
        np.testing.assert_allclose(errors * weights, lost[there], rtol=rtol)
        np.testing.assert_allclose(loss, lost.sum() / weights.sum(), rtol=rtol)
        assert score == 1 - loss


def test_stages_that_know_parts_by_what_is_left_out_of_them_do_not_pay():
    """Numbers are those of a slab, of which images say nothing: maps left out tell them, falsely.

    A fit without a slab is the lower, the higher the slab's own numbers are.
    """
    rng = np.random.RandomState(0)
    X = gaussian_filter(rng.standard_normal((1, 60, 50)), (0, 1, 1))
    y = np.repeat(rng.permutation(5), 12)[None, :, None] + 0.3 * rng.standard_normal(X.shape)
    settings = {"features": ScaleFeatures(0.5, window=1, neighbours=False), "random_state": 0}
    two = PixelRegressor(100, n_stages=2, **settings).fit(X, y).stage_scores_
    assert two[1]["loss"] < 0.5 * two[0]["loss"]
    assert PixelRegressor(100, **settings).fit(X, y).n_stages_ == 1


def test_a_class_that_one_part_alone_holds_stays_in_what_is_learned():
    X, y = squares(6, 12)
    y = y.copy()
    y[0, :2, :2] = 9
    model = PixelClassifier(8, random_state=0).fit(X, y)
    assert model.predict_proba(X).shape[-1] == 3
    y[:] = np.arange(6)[:, None, None]  # every part has a class of its own: nothing can be tried
    assert PixelClassifier(8, random_state=0).fit(X, y).n_stages_ == 1


def test_a_readout_of_the_users_own_is_last():
    X, y = squares(5, 12)
    model = PixelClassifier(8, readout=LogisticRegression(), random_state=0).fit(X, y)
    assert len(model.stage_scores_) == model.n_stages_
    alone = PixelClassifier(8, readout=LogisticRegression(), n_stages=1, random_state=0)
    assert alone.fit(X, y).stage_scores_ == []


@pytest.mark.parametrize("shape", [(1, 40), (1, 20, 24), (2, 10, 12, 8)])
def test_series_images_and_volumes_are_cut_along_two_axes_at_most(shape, monkeypatch):
    rng = np.random.RandomState(0)
    X = rng.standard_normal((*shape, 1))
    y = (X[..., 0] > 0).astype(int)
    ranks = []
    real = trials.cut_anew
    monkeypatch.setattr(trials, "cut_anew", lambda *a: ranks.append(a[-1]) or real(*a))
    PixelClassifier(5, random_state=0).fit(X, y)
    assert ranks == ([] if len(shape) == 2 else [1])


@pytest.mark.parametrize("n", [1, 5])
def test_trials_change_nothing_of_the_chain(n):
    """Stages that are counted are those that so many would be, to the last bit."""
    X, y = squares(n, 24, classes=3)
    one = PixelClassifier(15, cv=3, random_state=0).fit(X, y)
    other = PixelClassifier(15, cv=3, n_stages=one.n_stages_, random_state=0).fit(X, y)
    np.testing.assert_array_equal(one.predict_proba(X), other.predict_proba(X))
