"""The closed loop through layers against one step at a time."""

import numpy as np
import pytest

from dlkit import ESNForecaster
from dlkit.reservoir import Context, Feedback, Leaky, _driver

from ..reservoir._kinds import COMMON, C, meaningful
from ..reservoir._paths import DEEP, HELD, SEQUENCES, TARGETS

pytestmark = pytest.mark.kernels


STEPS = {
    "gru": {"cell": "gru"},
    "delays": {"cell": Leaky(delays=(1, 4))},
    "layers": {"layers": DEEP["different"]},
    "skips": {"layers": DEEP["skips"], "passthrough": False},
}


@pytest.mark.parametrize("name", STEPS)
def test_the_compiled_loop_is_steps(name, monkeypatch):
    """Mixed training with noise, and forecasts under a context, against one step at a time."""
    shared = {"alpha": 0.1, **meaningful(COMMON | STEPS[name])}
    mixed = ESNForecaster(
        9,
        feedback=Feedback(sampling_ratios=[0.5]),
        noise=0.01,
        washout=2,
        **shared,
        scaling=None,
    )
    ahead = ESNForecaster(9, context=Context(C, scaling=0.5), **shared, scaling=None)
    own = mixed.fit(SEQUENCES, TARGETS).readout_.coef_
    future = ahead.fit(HELD).forecast(8)
    monkeypatch.setattr(_driver, "linear_map", lambda readout, n_outputs: None)
    np.testing.assert_allclose(mixed.fit(SEQUENCES, TARGETS).readout_.coef_, own, atol=1e-10)
    np.testing.assert_allclose(ahead.forecast(8), future, atol=1e-10)
