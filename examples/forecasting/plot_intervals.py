"""
Put intervals around forecasts, and raise alarms
================================================

Hourly demand for electricity: intervals that widen where the series is hard to foretell and adapt
after it changes, and an alarm at steps that no forecast foresaw.
"""

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from dlkit import ConformalForecaster, ForecastDetector, NVARForecaster
from dlkit.forecasting import backtest
from dlkit.metrics import coverage, interval_score

# %%
# Demand of a year or so: days and weeks, loud afternoons, and in the last weeks a higher level.

rng = np.random.RandomState(0)
hour = np.arange(24 * 7 * 12)
day, week = 2 * np.pi * hour / 24, 2 * np.pi * hour / 168
loud = np.clip(np.sin(day - 1.5), 0, 1)
demand = 40 + 9 * np.sin(day - 2) + 3 * np.cos(2 * day) + 4 * np.cos(week)
noise = rng.normal(size=len(hour)) * (0.4 + 1.6 * loud)
for t in range(1, len(hour)):
    noise[t] += 0.6 * noise[t - 1]
demand += noise
demand[-24 * 14 :] += 12
known = len(hour) - 24 * 21

# %%
# Any forecaster can be wrapped. ``follow`` gives the interval that was made for each value before
# it came, and learns from every error.

forecaster = NVARForecaster(48, order=1)
model = ConformalForecaster(forecaster, random_state=0).fit(demand[:known])
lower, upper = model.follow(demand[known:], coverage=0.9)
inside = coverage(demand[known:], lower, upper)
score = interval_score(demand[known:], lower, upper)
print(f"90 % intervals cover {inside:.1%} of three weeks, interval score {score:.1f}")
ahead_low, ahead_high = model.forecast_interval(48, coverage=0.9)

# %%
# A backtest is one line, too.

found = backtest(forecaster, demand[:known], n_steps=24, n_origins=7)
error = (found.truth - found.forecast).abs().groupby(found.step).mean()
held = found.truth.between(found.lower, found.upper).mean()
print(f"24 hours ahead from 7 origins: mean error {error.mean():.2f}, {held:.1%} inside")

# %%
# The detector learns what errors are usual. Three bursts of a few hours are put into a fortnight.

fortnight = demand[known - 24 * 14 : known].copy()
bursts = np.zeros(len(fortnight), dtype=bool)
for first in (60, 170, 251):
    bursts[first : first + 6] = True
fortnight[bursts] += 5 * rng.normal(size=bursts.sum())
detector = ForecastDetector(window=24).fit(demand[: known - 24 * 14])
alarm = detector.predict(fortnight) == -1
print(
    f"{alarm[bursts].mean():.0%} of the burst hours and {alarm[~bursts].mean():.1%} of the others"
)

# %%
# Both as pictures.

figure = plt.figure(figsize=(9, 7), layout="constrained")
top, bottom = figure.subplots(2)
steps = np.arange(known, len(hour))[24 * 5 : 24 * 10]
rows = steps - known
top.fill_between(
    steps, lower[rows], upper[rows], color="tab:orange", alpha=0.35, lw=0, label="90 %"
)
top.plot(steps, demand[steps], color="black", lw=1, label="demand")
outside = (demand[steps] < lower[rows]) | (demand[steps] > upper[rows])
top.plot(steps[outside], demand[steps][outside], "o", ms=4, color="tab:red", label="outside")
top.axvline(len(hour) - 24 * 14, color="0.5", ls=":", lw=1)
top.set(title="One hour ahead: intervals, and a new level", xlabel="hour", ylabel="demand")
top.legend(loc="upper left", frameon=False, ncols=3)
time = np.arange(len(fortnight))
bottom.plot(time, fortnight, color="black", lw=1, label="demand")
bottom.plot(time[alarm], fortnight[alarm], "o", ms=4, color="tab:red", label="alarm")
for first in np.flatnonzero(np.diff(bursts.astype(int)) == 1):
    bottom.axvspan(first + 0.5, first + 6.5, color="tab:blue", alpha=0.25, lw=0)
bottom.set(title="Bursts (blue) and alarms", xlabel="hour", ylabel="demand")
bottom.set_ylim(top=62)
bottom.legend(loc="upper left", frameon=False, ncols=2)
figure.savefig(Path("intervals.png"), dpi=110)
