"""Units: by their formulas, there and back, and what they cannot take."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.preprocessing import MinMaxScaler, PowerTransformer, StandardScaler

from dlkit import _budgets
from dlkit._forecasts.units import Scaling, fit_units, units_like
from dlkit.sequences import pack

R = np.random.RandomState(0)
MANY = [np.exp(R.randn(n, 2) * [1.0, 0.3]) * 10.0**k for k, n in enumerate((40, 7, 90))]


def naive(x, method):
    known = [x[~np.isnan(x[:, c]), c] for c in range(x.shape[1])]
    if method == "standard":
        return [(k.mean(), k.std()) for k in known]
    if method == "minmax":
        return [((k.min() + k.max()) / 2, (k.max() - k.min()) / 2) for k in known]
    spans = [np.quantile(k, [0.25, 0.5, 0.75]) for k in known]
    return [(m, (b - a) / 1.349) for a, m, b in spans]


@pytest.mark.parametrize("rows", [2**18, 11])
@pytest.mark.parametrize("each", [True, False])
@pytest.mark.parametrize("method", ["standard", "minmax", "robust"])
def test_scales_are_those_of_the_formula(method, each, rows, monkeypatch):
    monkeypatch.setattr(_budgets, "LOOK_ROWS", rows)
    series = [x.copy() for x in MANY]
    series[0][[0, 3], 0] = np.nan
    batch = pack([np.nan_to_num(x, nan=-1) for x in series])
    batch.values[batch.values == -1] = np.nan
    units = fit_units(method, batch, each=each)
    parts = series if each else [np.concatenate(series)]
    want = np.array([naive(x, method) for x in parts])
    assert_allclose(units.shift, want[:, :, 0], rtol=1e-12)
    assert_allclose(units.scale, want[:, :, 1], rtol=1e-12)
    scaled = units.forward(batch)
    for i, x in enumerate(series):
        one = want[i if each else 0]
        assert_allclose(scaled[i], (x - one[:, 0]) / one[:, 1], rtol=1e-12, atol=1e-12)
    assert_allclose(units.back(scaled.values, batch.lengths), batch.values, rtol=1e-12)
    few = units.of([2, 0])
    assert_allclose(few.back(scaled.values[-90:], [90, 0]), batch.values[-90:], rtol=1e-12)


@pytest.mark.parametrize("power", ["log", "box-cox", "auto"])
def test_powers_go_back_to_where_they_came_from(power):
    batch = pack(MANY)
    units = Scaling(power=power).units_of(batch)
    scaled = units.forward(batch)
    assert_allclose(units.back(scaled.values, batch.lengths), batch.values, rtol=1e-9)
    assert np.isfinite(units.back(scaled.values - 1e3, batch.lengths)).all()
    new = pack([5 * MANY[1]])
    like = units_like(units, Scaling(power=power), new)
    assert_array_equal(like.power, units.power)
    assert_allclose(like.forward(new).values.mean(axis=0), 0, atol=1e-12)


def test_the_power_is_the_one_of_the_swings():
    t = np.arange(240)
    level, swing = np.exp(0.01 * t), np.sin(2 * np.pi * t / 12)

    def chosen(x):
        return Scaling(power="auto").units_of(pack([x[:, None]])).power[0, 0]

    assert chosen(level * (2 + swing)) == 0
    assert np.isnan(chosen(5 * level + swing))
    assert chosen((5 * level + swing) ** 2) == 0.5
    assert np.isnan(chosen(level * swing))  # not positive
    found = Scaling(power="box-cox").units_of(pack([((5 * level + swing) ** 3)[:, None]]))
    assert 0.2 < found.power[0, 0] < 0.45
    assert np.isnan(chosen(np.full(40, 3.0))) or chosen(np.full(40, 3.0)) >= 0
    assert np.isnan(chosen(np.arange(1.0, 6.0)))  # too short to tell


def test_what_has_no_logarithm_is_named():
    x = np.abs(R.randn(50, 2)) + 1
    x[30, 1] = 0.0
    for scaling in ("log", Scaling(power="box-cox")):
        with pytest.raises(ValueError, match="positive values.* 0.0 in sequence 0, step 30, chan"):
            fit_units(scaling, pack([x]))
    units = fit_units("log", pack([x[:30]]), each=False)
    with pytest.raises(ValueError, match="The logarithm, or power, that fit chose.*step 30"):
        units.forward(pack([x]))


@pytest.mark.parametrize("transformer", [StandardScaler(), MinMaxScaler(), PowerTransformer()])
def test_transformers_of_scikit_learn(transformer):
    batch = pack(MANY)
    units = fit_units(transformer, batch)
    scaled = units.forward(batch)
    for i, x in enumerate(MANY):
        assert_allclose(scaled[i], type(transformer)().fit_transform(x), atol=1e-12)
    assert_allclose(units.back(scaled.values, batch.lengths), batch.values, rtol=1e-6)
    assert_allclose(units.of([2]).back(scaled[2], [90]), MANY[2], rtol=1e-6)
    free = fit_units(transformer, batch, np.array([1])).forward(batch)
    assert_array_equal(free.values[:, 0], batch.values[:, 0])


class Two(StandardScaler):
    def transform(self, X):
        return np.hstack([X, X])


def test_a_transformer_must_keep_the_columns():
    with pytest.raises(ValueError, match="makes 4 columns of 2 channels"):
        fit_units(Two(), pack(MANY)).forward(pack(MANY))


@settings(deadline=None, max_examples=60, derandomize=True)
@given(
    st.floats(1e-6, 1e6), st.floats(-1e4, 1e4),
    st.sampled_from(["standard", "minmax", "robust"]), st.integers(2, 30),
)  # fmt: skip
def test_a_map_of_the_data_leaves_model_units(a, b, method, n):
    x = np.random.RandomState(n).randn(n, 1)
    b *= a
    both = pack([x]), pack([a * x + b])
    one, other = (fit_units(method, batch).forward(batch) for batch in both)
    assert_allclose(one.values, other.values, atol=1e-9)


@pytest.mark.parametrize("value", [0.0, 3.0, -1e9, 1e300, 1e-300])
def test_constant_series_have_a_scale_of_one(value):
    batch = pack([np.full((30, 1), value)])
    for method in ("standard", "minmax", "robust"):
        units = fit_units(method, batch)
        assert_array_equal(units.scale, 1.0)
        assert_allclose(units.back(units.forward(batch).values, [30]), batch.values)


def test_what_overflows_is_named():
    batch = pack([np.array([[1.7e308], [-1.7e308], [1e308]])])
    units = fit_units("standard", batch)
    with pytest.raises(ValueError, match="X holds numbers so large"):
        units.forward(batch)


def test_a_mapped_series_is_scaled_into_a_file(tmp_path, monkeypatch):
    x = R.randn(1000, 2).astype(np.float32)
    np.save(tmp_path / "x.npy", x)
    mapped = pack(np.load(tmp_path / "x.npy", mmap_mode="r"), rows="steps")
    want = fit_units("standard", mapped).forward(mapped)
    monkeypatch.setattr(_budgets, "STATES_BYTES", 1)
    monkeypatch.setattr(_budgets, "LOOK_ROWS", 128)
    got = fit_units("standard", mapped).forward(mapped)
    assert isinstance(got.values, np.memmap)
    assert got.values.dtype == np.float32
    assert_allclose(got.values, want.values, rtol=1e-6)


@pytest.mark.parametrize("scaling", [Scaling("no"), Scaling(power="sqrt"), Scaling(method=3)])
def test_parameters(scaling):
    with pytest.raises(ValueError, match="method|power"):
        scaling.units_of(pack(MANY))
