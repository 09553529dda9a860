"""Scores of forecasters without y."""

import pickle

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.metrics import make_scorer, mean_absolute_error
from sklearn.model_selection import GridSearchCV, TimeSeriesSplit, cross_val_score

from dlkit import ESNForecaster, NVARForecaster, ReservoirSearchCV
from dlkit.metrics import make_forecast_scorer, make_sequence_scorer

X = 40 + 3 * np.sin(0.3 * np.arange(120)) + np.cos(np.arange(120))
DAYS = pd.date_range("2024", periods=120)


@pytest.mark.parametrize(
    "scoring",
    [
        "neg_mean_absolute_error",
        make_scorer(mean_absolute_error, greater_is_better=False),
    ],
)
def test_predictions_are_compared_with_the_step_after(scoring):
    model = NVARForecaster(order=1).fit(X[:80])
    want = -mean_absolute_error(X[81:], model.predict(X[80:])[:-1])
    scorer = pickle.loads(pickle.dumps(make_forecast_scorer(scoring)))
    assert scorer(model, X[80:]) == pytest.approx(want)
    assert "make_forecast_scorer" in repr(scorer)
    metric = make_forecast_scorer(mean_absolute_error, greater_is_better=False)
    assert metric(model, X[80:]) == pytest.approx(want)
    y = np.r_[X[81:], 0.0]
    assert scorer(model, X[80:], y) == pytest.approx(-mean_absolute_error(y, model.predict(X[80:])))


@pytest.mark.parametrize(
    "form",
    [
        lambda x: x[:, None],
        pd.Series,
        lambda x: pd.Series(x, DAYS),
        lambda x: pl.DataFrame({"day": DAYS.to_numpy(), "a": x}),
    ],
)
def test_every_form(form):
    scorer = make_forecast_scorer("neg_mean_absolute_error")
    want = cross_val_score(NVARForecaster(), X, cv=TimeSeriesSplit(3), scoring=scorer)
    got = cross_val_score(NVARForecaster(), form(X), cv=TimeSeriesSplit(3), scoring=scorer)
    np.testing.assert_allclose(got, want)


def test_several_series_are_joined():
    parts = [X[:50], 9 * X[50:]]
    model = NVARForecaster(order=1).fit(parts)
    found = model.predict(parts)
    want = mean_absolute_error(
        np.concatenate([x[1:] for x in parts]), np.concatenate([p[:-1] for p in found])
    )
    assert make_forecast_scorer(mean_absolute_error)(model, parts) == pytest.approx(want)
    with pytest.raises(ValueError, match="no step to score"):
        make_forecast_scorer(mean_absolute_error)(model, [X[:1]])


@pytest.mark.parametrize(
    "scoring", ["neg_mean_squared_error", ["r2", "neg_mean_absolute_error"], None]
)
def test_the_search_takes_names_without_y(scoring):
    esn, grid = ESNForecaster(10, random_state=0), {"alpha": [1e-6, 1.0]}
    refit = "r2" if isinstance(scoring, list) else True
    options = {"cv": TimeSeriesSplit(3), "refit": refit}
    ours = ReservoirSearchCV(esn, grid, scoring=scoring, **options).fit(X)
    each = scoring
    if scoring is not None:
        names = scoring if isinstance(scoring, list) else [scoring]
        each = {name: make_forecast_scorer(name) for name in names}
        each = each if isinstance(scoring, list) else each[scoring]
    theirs = GridSearchCV(esn, grid, scoring=each, **options).fit(X)
    for key in ours.cv_results_:
        if key.startswith("split"):
            np.testing.assert_allclose(ours.cv_results_[key], theirs.cv_results_[key], atol=1e-9)
    assert ours.score(X[90:]) == pytest.approx(theirs.score(X[90:]))


def test_sequence_scorers_take_one_series_without_channels():
    model = NVARForecaster().fit(X, np.roll(X, 2))
    scorer = make_sequence_scorer(mean_absolute_error)
    assert scorer(model, X, np.roll(X, 2)) == pytest.approx(
        mean_absolute_error(np.roll(X, 2), model.predict(X))
    )


def test_targets_that_are_masked_or_infinite_are_refused():
    x = X[:, None]
    model = NVARForecaster(order=1).fit(x, X)
    score = make_forecast_scorer("neg_mean_absolute_error")
    with pytest.raises(ValueError, match="y has masked entries"):
        score(model, x, np.ma.masked_array(X, X > 42))
    with pytest.raises(ValueError, match="y holds infinity"):
        score(model, x, np.where(np.arange(120) == 3, np.inf, X))
    with pytest.raises(ValueError, match=r"y\[0\] has masked entries"):
        make_sequence_scorer(mean_absolute_error)(model, [x], [np.ma.masked_array(X, X > 42)])
