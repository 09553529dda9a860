"""Calls that a type checker reads and never runs: right ones pass, wrong ones are found.

``make lint`` checks this file: an ``ignore`` that is not needed is an error, too.
"""

from typing import TYPE_CHECKING, assert_type

import numpy as np
import pandas as pd
import polars as pl

import dlkit
from dlkit import ConvFeatures, ESNClassifier, ESNForecaster, RidgeReadout, SeasonalForecaster
from dlkit.forecasting import backtest
from dlkit.plotting import ForecastDisplay
from dlkit.reservoir import ES2N, memory_capacity
from dlkit.sequences import from_long

if TYPE_CHECKING:
    series = np.sin(np.arange(100.0))

    assert_type(dlkit.__version__, str)
    assert_type(ESNClassifier(100, random_state=0), ESNClassifier)
    assert_type(ESNClassifier(leak_rate=0.3).fit([series, series[:50]], [0, 1]), ESNClassifier)
    assert_type(ESNForecaster().partial_fit(series), ESNForecaster)
    ESNClassifier(cell=ES2N(), leak_rate=0.3, random_state=np.random.RandomState(0))
    ESNForecaster(horizon=24).fit(pd.Series(series)).forecast(24)
    ESNForecaster().fit(pl.DataFrame({"a": series})).forecast(24)
    SeasonalForecaster(period=12).fit(series).forecast_interval(12, coverage=0.8)
    ConvFeatures(32, kernel_size=(5, 5), padding="same").fit(np.zeros((9, 8, 8))).transform(series)
    assert_type(ForecastDisplay.from_predictions(None, series), ForecastDisplay)
    assert_type(RidgeReadout().fit(series, series).n_features_in_, int)
    backtest(ESNForecaster(), series, n_steps=3)
    memory_capacity(ESNForecaster(), n_steps=1000)
    from_long(pd.DataFrame({"id": [1], "time": [1], "x": [1.0]}), id="id")

    ESNClassifier("many")  # type: ignore[arg-type]
    ESNClassifier(100, 0.9)  # type: ignore[call-arg]
    ESNClassifier(spectral_radios=0.9)  # type: ignore[call-arg]
    ESNForecaster().forecast("soon")  # type: ignore[arg-type]
    ESNClassifier(control="some")  # type: ignore[arg-type]
    backtest(ESNForecaster(), series)  # type: ignore[call-arg]
    dlkit.ESNClasifier  # type: ignore[attr-defined]  # noqa: B018
