"""Closed loops through layers against the oracle."""

import numpy as np
import pytest

from dlkit import ESNForecaster

from .. import naive_paths
from ._kinds import COMMON
from ._paths import DEEP, TARGETS, check_outputs_fed_back

pytestmark = pytest.mark.kernels


@pytest.mark.parametrize("passthrough", [False, True])
@pytest.mark.parametrize("name", DEEP)
def test_outputs_fed_back_through_layers(name, passthrough):
    layers = DEEP[name]
    esn = ESNForecaster(
        9, layers=layers, feedback=True, washout=2, alpha=0.3, passthrough=passthrough,
        **COMMON, scaling=None,
    )  # fmt: skip
    check_outputs_fed_back(esn, TARGETS, read_states)


def read_states(reservoir, series):
    """What the readout sees of all layers."""
    seen = reservoir.n_units - reservoir.n_features
    return naive_paths.deep_states(reservoir, series)[:, seen:]


@pytest.mark.parametrize(
    ("name", "dtype"),  # each pair is compiled anew
    [*((name, np.float64) for name in ("two", "different", "last")), ("two", np.float32)],
)
def test_forecasts_through_layers(name, dtype):
    x = [np.sin(0.3 * np.arange(n))[:, None].astype(dtype) * [1, 0.5] for n in (40, 55, 61)]
    x = [s.astype(dtype) for s in x]
    esn = ESNForecaster(9, layers=DEEP[name], washout=5, alpha=1e-3, **COMMON, scaling=None).fit(x)
    tolerance = 1e-10 if dtype == np.float64 else 1e-3
    linear = esn.readout_.coef_, esn.readout_.intercept_
    for ahead, series in zip(esn.forecast(12), x, strict=True):
        for got in ahead:
            seen = np.hstack([read_states(esn.reservoir_, series)[-1], series[-1]])
            want = linear[0] @ seen + linear[1]
            np.testing.assert_allclose(got, want, atol=tolerance)
            series = np.vstack([series, want])
        assert ahead.dtype == dtype
