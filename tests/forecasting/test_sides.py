"""A series as a product and as a sum: against both forms by themselves."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from dlkit import SeasonalForecaster
from dlkit.forecasting._sides import mixed, share_of_product

T = np.arange(96)
RNG = np.random.RandomState(0)
GROWS = np.exp(0.02 * T + 0.3 * np.sin(2 * np.pi * T / 12) + 0.03 * RNG.standard_normal(96)) * 50
ADDS = 150 + 10 * T + 80 * np.sin(2 * np.pi * T / 12) + 9 * RNG.standard_normal(96)


def naive_share(x, lag):
    """By the likelihood of normal differences, of logarithms with the Jacobian."""
    z, n = np.log(x), len(x) - lag
    dz, dx = z[lag:] - z[:-lag], x[lag:] - x[:-lag]
    product = -0.5 * n * np.log(np.mean(dz**2)) - z[lag:].sum()
    plain = -0.5 * n * np.log(np.mean(dx**2))
    odds = np.exp(np.clip(0.3 * (product - plain), -25, 25))
    return 0.25 + 0.5 * odds / (1 + odds)


@pytest.mark.compiled
@pytest.mark.parametrize("x", [GROWS, ADDS, GROWS[:20], ADDS[:20]])
@pytest.mark.parametrize("period", [12, None])
def test_forecasts_are_the_mean_of_both_forms_by_their_likelihood(x, period):
    if period and len(x) < 24:
        period = 4
    model, product, plain = (
        SeasonalForecaster(period=period, form=form).fit(x)
        for form in ("auto", "multiplicative", "additive")
    )
    share = naive_share(x, period or 1)
    assert 0.25 <= share <= 0.75

    def mean(call):
        return share * call(product) + (1 - share) * np.maximum(call(plain), 0)

    for call in (
        lambda m: m.forecast(15),
        lambda m: np.array(m.forecast_quantiles(15)),
        lambda m: np.array(m.forecast_interval(15, coverage=0.9)),
        lambda m: m.predict(x),
        lambda m: m.forecast(9, x[:-5]),
        lambda m: m.forecast(9, np.concatenate([x, x[-3:]])),
    ):
        assert_allclose(call(model), mean(call), rtol=1e-9)
    weights = share * product.weights_ + (1 - share) * plain.weights_
    assert_allclose(model.weights_, weights)


def test_products_and_sums_are_told_by_long_series():
    assert naive_share(GROWS, 12) > 0.7 > 0.3 > naive_share(ADDS, 12)


def test_series_that_are_not_positive_are_sums():
    x = ADDS - ADDS.mean()
    both, plain = (SeasonalForecaster(period=12, form=f).fit(x) for f in ("auto", "additive"))
    assert_allclose(both.forecast(12), plain.forecast(12))
    together = SeasonalForecaster(period=12).fit([x, GROWS]).forecast(12)
    plain = SeasonalForecaster(period=12, form="additive").fit([x, GROWS]).forecast(12)
    assert len(together) == 2
    assert not np.allclose(together[1], plain[1])


def test_no_forecast_of_what_was_positive_is_negative():
    x = np.linspace(100, 1, 40) + RNG.uniform(0, 0.5, 40)
    model = SeasonalForecaster(period=None).fit(x)
    assert (SeasonalForecaster(period=None, form="additive").fit(x).forecast(30) < 0).any()
    assert (model.forecast(30) > 0).all()
    assert (np.array(model.forecast_interval(30, coverage=0.99)) > 0).all()
    assert (model.sample_paths(30, 50, random_state=0) > 0).all()


def test_paths_are_distributed_as_the_quantiles_say():
    model = SeasonalForecaster(period=12).fit(GROWS)
    paths = model.sample_paths(6, 4000, random_state=0)
    low, high = model.forecast_interval(6, coverage=0.8)
    assert_allclose(((low < paths) & (paths < high)).mean(axis=0), 0.8, atol=0.03)


def test_with_a_forecaster_one_form_is_chosen():
    for x, form in ((GROWS, "multiplicative"), (ADDS, "additive")):
        auto, given = (
            SeasonalForecaster(SeasonalForecaster(period=None, form="additive"), period=12, form=f)
            for f in ("auto", form)
        )
        assert_allclose(auto.fit(x).forecast(5), given.fit(x).forecast(5))


def test_shares_of_series_that_fit_did_not_see_are_their_own():
    model = SeasonalForecaster(period=12).fit([GROWS, ADDS])
    sides = model._sides
    _, found, _ = sides.read(model, [GROWS, 3 * GROWS[:70]], None, 0)
    shares = sides.shares_of(found)
    assert_allclose(shares.sum(axis=1), 1)
    assert_allclose(shares[:, 0], [naive_share(GROWS, 12), naive_share(GROWS[:70], 12)], rtol=1e-6)
    assert [c.number for c in found[0]] == [0, -1]
    assert share_of_product(found[0][0], found[1][0]) == pytest.approx(shares[0, 0])


def test_values_of_sides_are_put_together():
    class Shape:
        log = True

    class Product:
        shape = Shape

    assert_allclose(mixed([np.array([4.0, 2.0])], [1.0], Product), [4, 2])
    both = [np.array([4.0, 2.0]), np.array([8.0, -6.0])]
    assert_allclose(mixed(both, [0.25, 0.75], Product), [7, 0.5])
    Shape.log = False
    assert_allclose(mixed(both, [0.0, 1.0], Product), [8, -6])
