"""States as a transformer: the formula, and series that go on."""

import numpy as np
import pytest

from dlkit import NVARFeatures, ReservoirStates

from .. import naive
from ._ragged import RAGGED, TOPOLOGY, rng


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("topology", TOPOLOGY)
def test_states_follow_the_formula(topology, dtype):
    model = ReservoirStates(13, topology=topology, leak_rate=0.7, passthrough=True, random_state=1)
    x = RAGGED[5].astype(dtype)
    got = model.fit_transform(x)
    assert got.dtype == dtype
    want = naive.estimator_states(model, x)
    np.testing.assert_allclose(got, want, atol=1e-10 if dtype == np.float64 else 2e-5)
    np.testing.assert_allclose(model.final_state_, want[-1:, :13], atol=2e-5)
    several = [x.astype(dtype) for x in RAGGED]
    for got, x in zip(model.fit_transform(several), several, strict=True):
        np.testing.assert_allclose(got, naive.estimator_states(model, x), atol=2e-5)
    assert model.final_state_.shape == (len(RAGGED), 13)
    cube = rng.randn(3, 6, 2)
    assert model.fit_transform(cube).shape == (3, 6, 15)


def test_states_go_on_where_a_series_stopped():
    x = RAGGED[5]
    model = ReservoirStates(13, random_state=1).fit(x[:20])
    whole = model.transform(x)
    np.testing.assert_array_equal(model.transform(x[20:], model.final_state_), whole[20:])
    np.testing.assert_array_equal(model.transform(x[20:], initial_state=whole[19]), whole[20:])
    model.set_params(start="fit")
    np.testing.assert_array_equal(model.transform(x[20:]), whole[20:])
    np.testing.assert_array_equal(model.transform(x[20:]), whole[20:])  # nothing was changed
    with pytest.raises(ValueError, match='start="fit" gives states of shape'):
        ReservoirStates(13, start="fit").fit(RAGGED).transform(RAGGED[:2])
    with pytest.raises(ValueError, match="initial_state gives states of shape"):
        model.transform(x, initial_state=np.zeros(12))
    with pytest.raises(ValueError, match="initial_state holds NaN"):
        model.transform(x, initial_state=np.full(13, np.nan))


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_rows_of_the_training_data_begin_at_rest(dtype):
    """With ``start="fit"`` they would begin where the series ends: in the future."""
    x = np.arange(1.0, 8.0, dtype=dtype)[:, None]
    rows = NVARFeatures(3, order=1, constant=False, start="fit").fit_transform(x)
    np.testing.assert_array_equal(rows[:3], [[1, 0, 0], [2, 1, 0], [3, 2, 1]])
    u = RAGGED[5].astype(dtype)
    for series in (u, [u, u[:4]]):
        model = ReservoirStates(13, topology="ring", start="fit", random_state=0)
        got, ends = model.fit_transform(series), model.final_state_
        want = model.set_params(start="rest").transform(series)
        for a, b in zip(got, want, strict=True):
            np.testing.assert_array_equal(a, b)
        np.testing.assert_array_equal(model.fit(series).final_state_, ends)


def test_noise_is_on_the_rows_of_training_alone():
    x = RAGGED[5]
    plain, noisy = (ReservoirStates(13, noise=n, random_state=0) for n in (0.0, 0.1))
    want, got = plain.fit_transform(x), noisy.fit_transform(x)
    noise = naive_noise(noisy, x) - want
    np.testing.assert_allclose(got - want, noise, atol=1e-12)
    assert 0.05 < np.abs(got - want).max() < 1
    np.testing.assert_array_equal(noisy.final_state_, plain.final_state_)
    np.testing.assert_array_equal(noisy.transform(x), want)
    np.testing.assert_array_equal(noisy.fit_transform(x), got)  # and repeats
    np.testing.assert_array_equal(noisy.fit(x).final_state_, plain.final_state_)


def naive_noise(model, x):
    """States with the noise of the first sequence."""
    r = model.reservoir_
    drawn = 0.1 * np.random.RandomState([r.noise_seed, 0, 0]).standard_normal((len(x), 13))
    return naive.states(r.matrix, r.w_in, r.bias, r.leak_rate, "tanh", x, noise=drawn)
