"""Steps ahead: what is none is refused by name."""

import numpy as np
import pytest

from dlkit import ESNForecaster, NVARForecaster
from dlkit._forecasts.horizon import check_horizon
from dlkit.forecasting import Horizon

BAD = [0, -1, True, 1.5, "3", None, np.nan]


@pytest.mark.parametrize("n_steps", BAD)
def test_what_is_no_horizon_is_refused(n_steps):
    with pytest.raises(ValueError, match="n_steps must be a whole number of at least 1, got"):
        check_horizon(n_steps)
    x = np.sin(np.arange(40.0))
    with pytest.raises(ValueError, match="horizon|n_steps"):
        NVARForecaster(horizon=n_steps).fit(x)
    with pytest.raises(ValueError, match="horizon|n_steps"):
        NVARForecaster(horizon=Horizon(n_steps)).fit(x)
    with pytest.raises(ValueError, match="n_steps must be"):
        NVARForecaster().fit(x).forecast(n_steps)


def test_a_series_in_place_of_a_number_makes_a_short_message():
    with pytest.raises(ValueError, match="got array") as caught:
        check_horizon(np.zeros(500))
    assert len(str(caught.value)) < 150


def test_parameters_of_the_object_are_set_from_outside():
    assert check_horizon(np.uint8(3)) == 3
    esn = ESNForecaster().set_params(horizon__increments=True)
    assert esn.horizon.increments is True
    with pytest.raises(ValueError, match="increments"):
        NVARForecaster(horizon=Horizon(increments="no")).fit(np.sin(np.arange(40.0)))
    x = np.sin(np.arange(90.0))
    esn, nvar = ESNForecaster(5, random_state=0), NVARForecaster()
    assert (esn.fit(x)._stream.increments, nvar.fit(x)._stream.increments) == (False, True)
    assert not nvar.set_params(horizon=Horizon(increments=False)).fit(x)._stream.increments
