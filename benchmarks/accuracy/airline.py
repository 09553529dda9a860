"""Airline passengers: a year ahead by the default forecaster, beside the seasonal naive.

    python benchmarks/accuracy/airline.py

Monthly passengers of 1949 to 1960 (Box, Jenkins & Reinsel, series G), as counted and as logs. Four
folds: the years 1957 to 1960, each forecast by an estimator that was fitted to all months before,
with every parameter at its default and ten values of `random_state`. An error is the mean absolute
error over the twelve months, divided by that of the seasonal naive, which repeats the last twelve
months; a forecast has diverged if it is not finite or if a `ForecastWarning` says so. "GCV" is the
same estimator with its penalty chosen by the errors of one step, out of the same candidates.

No default was chosen by these series.
"""

import time
import warnings

import _above  # noqa: F401
import numpy as np
from _common import limit_threads, print_protocol, summary, table
from get_data import load_series

from dlkit import ESNForecaster, NVARForecaster
from dlkit.exceptions import ForecastWarning
from dlkit.readout import RidgeReadout

N_AHEAD, N_FOLDS, SEEDS, ASKED = 12, 4, range(10), 2.0
CONTENDERS = {
    "ESNForecaster()": lambda seed: ESNForecaster(random_state=seed),
    "the same, alpha by GCV": lambda seed: ESNForecaster(
        random_state=seed,
        readout=RidgeReadout(np.logspace(-10, 2, 13), selection="gcv", relative=True),
    ),
    "NVARForecaster(12, order=1)": lambda seed: NVARForecaster(12, order=1),
}


def errors(series, forecast):
    """Mean absolute error of each fold over that of the seasonal naive, and seconds a fit."""
    found, seconds = [], []
    for k in range(N_FOLDS, 0, -1):
        end = len(series) - k * N_AHEAD
        train, truth = series[:end], series[end : end + N_AHEAD]
        began = time.perf_counter()
        ahead = forecast(train)
        seconds.append(time.perf_counter() - began)
        naive = np.abs(train[-N_AHEAD:] - truth).mean()
        found.append(np.abs(ahead - truth).mean() / naive)
    return found, np.median(seconds)


def main():
    limit_threads(1)
    print_protocol(__doc__)
    passengers, _ = load_series("airpassengers")
    rows, worst, n_diverged = [], 0.0, 0
    for name, series in (("passengers", passengers), ("log of passengers", np.log(passengers))):
        found, _ = errors(series, lambda train: np.repeat(train[-1], N_AHEAD))
        rows.append((name, "last value", *found, max(found), "", ""))
        for title, make in CONTENDERS.items():
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                each = [
                    errors(series, lambda train, m=make, s=s: m(s).fit(train).forecast(N_AHEAD))
                    for s in SEEDS
                ]
            told = sum(issubclass(one.category, ForecastWarning) for one in caught)
            values = np.array([found for found, _ in each])
            seconds = np.median([seconds for _, seconds in each])
            row = (*np.median(values, axis=0), values.max(), told, f"{1e3 * seconds:.0f}")
            rows.append((name, title, *row))
            if title == "ESNForecaster()":
                worst = max(worst, np.nan_to_num(values, nan=np.inf).max())
                n_diverged += told + int((~np.isfinite(values)).sum())
    years = [f"{1961 - k}" for k in range(N_FOLDS, 0, -1)]
    header = ("series", "forecaster", *years, "worst", "diverged", "ms")
    print(f"Errors over the seasonal naive's, medians over seeds:\n{table(header, rows)}")
    what = "airline, ESNForecaster(), worst of 4 folds, 10 seeds, raw and log, over seasonal naive"
    summary(what, f"≤ {ASKED}", f"{worst:.2f}", worst <= ASKED)
    what = "airline, ESNForecaster(), forecasts that diverged, of 80"
    summary(what, "0", str(n_diverged), n_diverged == 0)


if __name__ == "__main__":
    main()
