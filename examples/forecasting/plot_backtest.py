"""
Compare forecasters by a backtest
=================================

Three forecasters predict a year of monthly sales from six origins, each time from what was known
then. The plain guess, last year's months, stands beside the others.
"""

# %%
# Twelve years of sales, which grow, and swing more as they grow.

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from dlkit import ESNForecaster, SeasonalForecaster
from dlkit.forecasting import backtest
from dlkit.metrics import coverage, mase
from dlkit.plotting import ForecastDisplay

rng = np.random.default_rng(1)
t = np.arange(144)
swing = 1 + 0.25 * np.sin(2 * np.pi * t / 12) + 0.1 * np.cos(4 * np.pi * t / 12)
sales = pd.Series(
    (150 + 1.5 * t) * swing * np.exp(0.03 * rng.normal(size=144)),
    pd.date_range("2013-01-01", periods=144, freq="MS"),
)


class LastYear:
    """Repeat the last twelve months."""

    def fit(self, X):
        self.last = np.asarray(X)[-12:]
        return self

    def forecast(self, n_steps, X=None):
        return np.resize(self.last, n_steps)


contenders = {
    "last year": LastYear(),
    "SeasonalForecaster": SeasonalForecaster(),
    "ESNForecaster": ESNForecaster(100, horizon=12, random_state=0),
}

# %%
# One line a contender. The frame has a row for each number that was forecast.

found = {
    name: backtest(model, sales, n_steps=12, n_origins=6) for name, model in contenders.items()
}
print(found["SeasonalForecaster"].head(3).to_string(index=False, float_format="%.1f"))
for name, rows in found.items():
    error = mase(rows.truth, rows.forecast, y_train=sales[:72], period=12)
    print(f"{name:20} MASE {error:.2f}")
    if "lower" in rows:
        held = coverage(rows.truth, rows.lower, rows.upper)
        print(f"{'':20} 90 % intervals cover {held:.0%}")

# %%
# The error grows with the steps ahead. Below, one of the forecasts on its dates.

figure, (top, bottom) = plt.subplots(2, figsize=(9, 6.5), layout="constrained")
colours = ("#8C8C8C", "#009E73", "#D55E00")
for (name, rows), colour in zip(found.items(), colours, strict=True):
    error = (rows.truth - rows.forecast).abs().groupby(rows.step).mean()
    top.plot(error, "o-", color=colour, label=name)
top.set(xlabel="months ahead", ylabel="mean error", title="From six origins")
top.legend(frameon=False)
model = SeasonalForecaster().fit(sales[:132])
ForecastDisplay.from_estimator(model, 12, past=sales[72:132], truth=sales[132:], ax=bottom)
bottom.set_title("The last origin")
plt.show()
