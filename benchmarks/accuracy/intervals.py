"""Intervals one step ahead, for demand, sunspots, and after a level shift: coverage and score.

    python benchmarks/accuracy/intervals.py

Protocol: the series is standardised by its first 40 %, on which the forecaster learns; the next
30 % are held out for errors, and the last 30 % are tested on, each interval made before its value
comes. Intervals are for a coverage of 90 %. The forecaster is a reservoir of 200 units and lags of
the series under one ridge, no class of dlkit but an object with fit, predict and forecast; those
lags that do best on the last quarter of the first 40 %: all of one, two or seven seasons, or half a
season and the five steps about each of the last seven seasons. Everything else has the defaults of
ConformalForecaster, whose temperature is chosen on the held-out 30 %. Nothing is chosen on the test
part.

The dumb baselines: errors of the seasonal naive forecast and of the last value, as intervals of the
same width throughout. The interval score (Winkler) counts width, and 20 times what lies outside.

After a level shift: 3 standard deviations are added to the last 1000 steps.
"""

import time

import _above  # noqa: F401
import numpy as np
from _common import limit_threads, print_protocol, summary, table
from get_data import load_series

from dlkit import ConformalForecaster, ReservoirStates, RidgeReadout
from dlkit.metrics import coverage, interval_score

ASKED = {"taylor": 0.19, "vic": 0.48, "sunspots": 1.9}
ALPHAS = np.logspace(-8, 3, 12)


class _LagsAndStates:
    """A reservoir's states and lags of a series, under a ridge; lag 0 is the present step."""

    def __init__(self, lags, n_units=200):
        self.lags = np.asarray(lags)
        self.states = ReservoirStates(n_units, random_state=0)
        self.ridge = RidgeReadout(ALPHAS)

    def rows(self, x):
        last = self.lags.max()
        padded = np.concatenate([np.zeros(last), x])
        lagged = padded[np.arange(len(x))[:, None] + last - self.lags]
        return np.hstack([self.states.transform(x[:, None]), lagged])

    def fit(self, X):
        self.x = x = np.asarray(X, dtype=float)
        self.states.fit(x[:, None])
        first = self.lags.max() + 1
        self.ridge.fit(self.rows(x)[first:-1], x[first + 1 :])
        return self

    def predict(self, X):
        return self.ridge.predict(self.rows(np.asarray(X, dtype=float)))

    def forecast(self, n_steps, X=None):
        x = self.x if X is None else np.asarray(X, dtype=float)
        for _ in range(n_steps):
            x = np.append(x, self.predict(x)[-1])
        return x[-n_steps:]


def candidates(period):
    """Lags by name: all of some seasons, or the latest and those about the seasons before."""
    found = {f"{n * period} lags": np.arange(n * period) for n in (1, 2, 7)}
    about = np.arange(1, 8)[:, None] * period - 1 + np.arange(-2, 3)
    few = np.union1d(np.arange(period // 2), about)
    return found | {f"{len(few)} lags of 7 seasons": few}


def choose_lags(x, period):
    """Lags that do best on the last quarter of the part that is learned from."""
    cut = 3 * len(x) // 4
    lags = {name: one for name, one in candidates(period).items() if one.max() < cut // 3}
    errors = {
        name: np.mean((_LagsAndStates(one).fit(x[:cut]).predict(x)[cut - 1 : -1] - x[cut:]) ** 2)
        for name, one in lags.items()
    }
    name = min(errors, key=errors.get)
    return name, lags[name]


def naive(x, lag, begin, end):
    """Interval of the errors of a forecast that repeats what was ``lag`` steps ago."""
    errors = np.sort((x[lag:] - x[:-lag])[begin - lag : end - lag])
    n = len(errors)
    ends = errors[[int(0.05 * (n + 1)) - 1, min(int(np.ceil(0.95 * (n + 1))), n) - 1]]
    return x[end - lag : -lag] + ends[0], x[end - lag : -lag] + ends[1]


def main():
    limit_threads(1)
    print_protocol(__doc__)
    rows, verdicts = [], []
    for name, asked in ASKED.items():
        x, period = load_series(name)
        a, b = int(0.4 * len(x)), int(0.7 * len(x))
        x = (x - x[:a].mean()) / x[:a].std()
        which, lags = choose_lags(x[:a], period)
        for lag, what in ((1, "last value"), (period, "seasonal naive")):
            bounds = naive(x, lag, a, b)
            rows.append(
                (name, what, "", coverage(x[b:], *bounds), interval_score(x[b:], *bounds), "")
            )
        for method in ("split", "aci", "rescp"):
            began = time.process_time()
            model = ConformalForecaster(
                _LagsAndStates(lags),
                method=method,
                calibration=b - a,
                refit=False,
                random_state=0,
            )
            bounds = model.fit(x[:b]).follow(x[b:])
            seconds = time.process_time() - began
            inside, score = coverage(x[b:], *bounds), interval_score(x[b:], *bounds)
            rows.append((name, f"{method}, {which}", model.tau_, inside, score, seconds))
        verdicts += [
            (f"{name}, coverage of rescp", ".88 to .92", f"{inside:.3f}", 0.88 <= inside <= 0.92),
            (f"{name}, interval score of rescp", f"≤ {asked}", f"{score:.3f}", score <= asked),
            (f"{name}, CPU seconds of rescp", "≤ 5", f"{seconds:.1f}", seconds <= 5),
        ]
        shifted = x.copy()
        shifted[-1000:] += 3
        for method in ("aci", "rescp"):
            model = ConformalForecaster(
                _LagsAndStates(lags), method=method, refit=False, random_state=0
            )
            bounds = model.fit(shifted[:-1000]).follow(shifted[-1000:])
            inside = coverage(shifted[-1000:], *bounds)
            score = interval_score(shifted[-1000:], *bounds)
            rows.append((name, f"{method}, after a level shift", model.tau_, inside, score, ""))
            if method == "aci":
                what = f"{name}, 1000 steps after a level shift, coverage of aci"
                verdicts.append((what, ".90 ± .01", f"{inside:.3f}", abs(inside - 0.9) <= 0.0101))
    header = ("series", "intervals", "τ", "coverage", "interval score", "CPU seconds")
    print(table(header, rows))
    for verdict in verdicts:
        summary(*verdict)


if __name__ == "__main__":
    main()
