"""States as a transformer: the formula, and series that go on."""

import numpy as np
import pytest

from dlkit import ReservoirStates

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
