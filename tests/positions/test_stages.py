import numpy as np
import pytest
from sklearn.linear_model import Ridge

from dlkit import PixelClassifier, ScaleFeatures
from dlkit.conv._samples import check_samples
from dlkit.positions import _stages as stages
from dlkit.positions._blocks import fit_describers
from dlkit.positions._data import check_labels
from dlkit.positions._described import Described
from dlkit.positions._rows import draw_rows

from .pictures import squares


def problem(n=4, budget=None, side=12, reach=None):
    X, y = squares(n, side, classes=3)
    samples = check_samples(X, 2)
    maps = check_labels(list(y), None, None)
    rows, regions = draw_rows(
        maps, samples, budget, 3, np.random.RandomState(0), reach=reach and (reach, reach)
    )
    return stages.Problem(samples, rows, regions, 3, fit_describers(None, samples, None))


@pytest.mark.parametrize(
    "settings", [{"budget": 300}, {"n": 1, "side": 40, "budget": 900, "reach": 4}]
)
def test_parts_left_out_by_subtraction_are_ridges_on_the_others(settings):
    one = problem(**settings)
    assert (one.rows.near >= 0).any() == ("reach" in settings)
    table = Described(one).rows()
    expansion = stages.Expansion.draw(table, one.rows.weight, 15, 4, np.random.RandomState(0))
    fit = stages._fit_stage(expansion, table, one, None)
    F, Y = expansion(table), np.where(one.rows.targets[:, None] == np.arange(3), 1.0, -1.0)
    weight = np.ones(len(F)) if one.rows.weight is None else one.rows.weight
    for fold, part in fit.parts.items():
        mine = (one.rows.folds != fold) & (one.rows.near != fold)
        ridge = Ridge(fit.alpha, solver="svd").fit(F[mine], Y[mine], weight[mine])
        np.testing.assert_allclose(part.coef.T, ridge.coef_, atol=1e-7)
        np.testing.assert_allclose(part.intercept, ridge.intercept_, atol=1e-7)


def test_maps_left_out_are_those_of_parts_that_have_not_seen_them():
    one = problem()
    cache = Described(one)
    table = cache.rows()
    expansion = stages.Expansion.draw(table, None, 15, 4, np.random.RandomState(0))
    fit = stages._fit_stage(expansion, table, one, None)
    maps = stages._left_out_maps(one, cache, fit, None, None)
    for region in one.regions:
        columns = one.describer(one.samples, region.sample, region.low, region.high)
        want = fit.parts[region.fold].values(columns.reshape(144, -1)).reshape(12, 12, 3)
        np.testing.assert_allclose(maps[region.sample], want)


def test_context_pays_where_a_label_depends_on_those_around():
    """Label of a step: that of the last step that says one, which no window sees."""
    rng = np.random.RandomState(0)
    X, y = [], []
    for _ in range(40):
        said = rng.choice([-1, 0, 0, 0, 0, 0, 1], size=40)
        said[0] = 1
        last = np.maximum.accumulate(np.where(said != 0, np.arange(40), 0))
        X.append(said[:, None].astype(float))
        y.append((said[last] > 0).astype(int))
    settings = {"n_units": 40, "context_rings": (), "random_state": 0}
    from dlkit import ScaleFeatures

    settings["features"] = ScaleFeatures(1.0, n_axes=1)
    one = PixelClassifier(n_stages=1, **settings).fit(X[:30], y[:30])
    auto = PixelClassifier(**settings).fit(X[:30], y[:30])
    assert auto.n_stages_ > 2
    losses = [stage["loss"] for stage in auto.stage_scores_]
    assert losses[-1] < 0.5 * losses[0]  # stages are counted by squared errors, not by this
    assert auto.score(X[30:], y[30:]) > one.score(X[30:], y[30:]) + 0.05


def test_a_given_number_of_stages_is_kept():
    X, y = squares(4, 12)
    model = PixelClassifier(10, n_stages=3, random_state=0).fit(X, y)
    assert model.n_stages_ == len(model.stage_scores_) == 3
    with pytest.raises(ValueError, match="n_stages"):
        PixelClassifier(n_stages="many").fit(X, y)


def test_probabilities_hold_on_images_that_were_not_learned_from():
    """Few noisy images, many units: scores of what was learned from are too large for others."""
    X, y = squares(14, 24, classes=3)
    X = X + np.random.RandomState(1).standard_normal(X.shape)
    model = PixelClassifier(400, n_stages=1, random_state=0).fit(X[:4], y[:4])
    P = model.predict_proba(X[4:]).astype(float)
    loss = -np.log(np.take_along_axis(P, y[4:][..., None], -1)).mean()
    stage = model._chain.stages[-1]
    factor = stage.calibration[0][0, 0]
    assert factor < 0.8
    np.testing.assert_array_equal(stage.calibration[0], factor * np.eye(3))
    raw = P ** (1 / factor)
    raw /= raw.sum(axis=-1, keepdims=True)
    assert loss < -np.log(np.take_along_axis(raw, y[4:][..., None], -1)).mean()
    sure, right = P.max(axis=-1).mean(), (P.argmax(axis=-1) == y[4:]).mean()
    assert abs(sure - right) < 0.02 < raw.max(axis=-1).mean() - right


def test_probabilities_of_what_is_learned_as_well_as_it_is_known_stay():
    X, y = squares(8, 16)
    model = PixelClassifier(5, features=ScaleFeatures(1.0), n_stages=1, random_state=0).fit(X, y)
    np.testing.assert_array_equal(model._chain.stages[-1].calibration[0], np.eye(1))


def test_a_class_of_one_part_alone_tempers_nothing():
    X, y = squares(3, 12)
    y = np.arange(3)[:, None, None] + 0 * y  # nothing can be left out
    X = X + np.random.RandomState(0).standard_normal(X.shape)
    model = PixelClassifier(200, n_stages=1, random_state=0).fit(X, y)
    np.testing.assert_array_equal(model._chain.stages[-1].calibration[0], np.eye(3))
