"""
Forecast demand with weather and holidays
=========================================

The demand for electricity of a town follows the hour, the weekday, the temperature and holidays.
Calendar and holidays are known ahead, and of the temperature there is a forecast: these are
*covariates*, given for the past with ``fit`` and for the steps to come with ``forecast``. The
series is synthetic, has dates, and lacks some hours.
"""

import numpy as np
import pandas as pd

from dlkit import ESNForecaster, SeasonalForecaster
from dlkit.plotting import plot_forecast

# %%
# Ten weeks of hours. Cold days need heating, holidays are like Sundays, and a meter failed for a
# day and a half.

rng = np.random.default_rng(0)
hours = pd.date_range("2024-11-04", periods=24 * 70, freq="h", name="hour")
day = hours.hour / 24
holiday = hours.normalize().isin(pd.to_datetime(["2024-12-25", "2024-12-26", "2025-01-01"]))
free_day = holiday | (hours.day_of_week >= 5)
drift = np.cumsum(rng.standard_normal(len(hours)))
temperature = 4 + 3 * np.sin(2 * np.pi * (day - 0.35)) + 0.25 * (drift - drift.mean())
demand = 400 + 90 * np.sin(2 * np.pi * (day - 0.3)) + 40 * np.sin(4 * np.pi * (day - 0.1))
demand = demand - 80 * free_day - 12 * (temperature - 4) + 6 * rng.standard_normal(len(hours))
load = pd.Series(demand, hours, name="load (MW)")
load.iloc[700:736] = np.nan

known = pd.DataFrame(
    {
        "temperature": temperature,
        "day off": free_day,
        "sin": np.sin(2 * np.pi * day),
        "cos": np.cos(2 * np.pi * day),
    },
    index=hours,
)

# %%
# The last week is forecast, with New Year's Day before it. The forecaster scales the series, fills
# the gap by its own expectation, and answers in megawatts on the hours to come. The week before,
# which has the weekdays but neither this weather nor these holidays, is the plain guess.

past, future = load[: -24 * 7], load[-24 * 7 :]
informed = ESNForecaster(300, leak_rate=0.3, washout=48, random_state=0)
informed.fit(past, covariates=known[: len(past)])
ahead = informed.forecast(len(future), covariates=known[len(past) :])
week = past[-24 * 7 :].to_numpy()

# %%
# Every forecaster takes covariates this way. Seasons, a level and linear effects:

weather = known[["temperature", "day off"]]
seasonal = SeasonalForecaster().fit(past, covariates=weather[: len(past)])
linear = seasonal.forecast(len(future), covariates=weather[len(past) :])

for name, forecast in (("reservoir", ahead), ("seasons", linear), ("the week before", week)):
    error = np.abs(future.to_numpy() - np.asarray(forecast)).mean()
    print(f"{name}: mean absolute error {error:.1f} MW")

# %%
# The week, on its dates.

ax = plot_forecast(future, ahead, past=past[-24 * 7 :], title="Load, with weather and holidays")
ax.figure.set_size_inches(9, 3.6)

# %%
# What if it gets five degrees colder? The same forecaster, other covariates.

colder = known[len(past) :].assign(temperature=lambda rows: rows["temperature"] - 5)
change = informed.forecast(len(future), covariates=colder).mean() - ahead.mean()
print(f"five degrees colder: {change:+.0f} MW")
