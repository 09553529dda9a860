"""Nine packaged series of load, passengers, wine, beer and sunspots: forecasts and intervals.

    python benchmarks/accuracy/nine_series.py              # against FLAIR, if flaircast is there
    python benchmarks/accuracy/nine_series.py --hold-out   # on what lies before the test windows

Protocol: the last five windows of each series, one after another, each forecast from all that lies
before it. MASE is scaled by the seasonal naive forecast within what lies before, with the shortest
season; CRPS is twice the mean of the pinball losses at 0.1, 0.2, ..., 0.9, in the same scale; the
interval is one of 90 %. All are means over the windows. dlkit's forecaster is
`SeasonalForecaster(period=...)` with the seasons that the calendar has, and no other setting; FLAIR
(flaircast 0.6.1) gets the frequency, and its point forecast is the mean of 200 paths. Settings of
dlkit were chosen on the M3 competition (see m3.py) and by `--hold-out`, in which five windows
before the five above take their place (fewer where 25 steps or 3 seasons are not left).

Errors within a window come together, so that five windows tell little of a coverage. The last
column says how little: of a thousand futures drawn from dlkit's own forecast (`sample_paths`), for
which its intervals are exactly right, the share in which the five windows cover .85 to .95.
"""

import argparse
import time

import _above  # noqa: F401
import numpy as np
from _common import limit_threads, print_protocol, summary, table
from _peers import installed
from get_data import load_series

from dlkit import SeasonalForecaster
from dlkit.metrics import coverage, mase, pinball

SERIES = {  # steps to forecast, seasons, frequency
    "taylor": (336, (48, 336), "30min"), "vic": (168, (24, 168), "h"),
    "airpassengers": (12, 12, "M"), "wineind": (12, 12, "M"), "ausbeer": (8, 4, "Q"),
    "austres": (8, 4, "Q"), "lynx": (10, None, "Y"), "sunspots": (132, 12, "M"),
    "woolyrnq": (8, 4, "Q"),
}  # fmt: skip
N_WINDOWS = 5
LEVELS = np.round(np.arange(1, 10) / 10, 1)
ENDS = (0.05, 0.95)
N_PATHS = 1000


def ours(x, n_steps, period, frequency):
    model = SeasonalForecaster(period=period).fit(x)
    levels = (*LEVELS, *ENDS)
    return model.forecast(n_steps), model.forecast_quantiles(n_steps, quantiles=levels)


def of_flair(x, n_steps, period, frequency):
    from flaircast import FLAIR

    paths = FLAIR({"30min": "30T", "h": "H"}.get(frequency, frequency), seed=0).predict(x, n_steps)
    return paths.mean(axis=0), np.quantile(paths, (*LEVELS, *ENDS), axis=0)


def naive(x, n_steps, period, frequency):
    season = np.min(period) if period else 1
    future = x[len(x) - season + np.arange(n_steps) % season]
    return future, np.tile(future, (11, 1))


def windows(x, n_steps, season, hold_out):
    if hold_out:
        x = x[: -N_WINDOWS * n_steps]
    for w in range(N_WINDOWS, 0, -1):
        end = len(x) - (w - 1) * n_steps
        if not hold_out or end - n_steps >= max(3 * season, 25):
            yield x[: end - n_steps], x[end - n_steps : end]


def measure(forecast, name, hold_out):
    """Means over windows of MASE, CRPS, coverage, and seconds a forecast."""
    n_steps, period, frequency = SERIES[name]
    x, season = load_series(name)
    rows = []
    for train, test in windows(x, n_steps, season, hold_out):
        began = time.process_time()
        future, quantiles = forecast(train, n_steps, period, frequency)
        seconds = time.process_time() - began
        scale = np.abs(train[season:] - train[:-season]).mean()
        score = 2 * pinball(test, quantiles[:9], quantiles=LEVELS) / scale
        error = mase(test, future, y_train=train, period=season)
        rows.append((error, score, coverage(test, quantiles[9], quantiles[10]), seconds))
    return np.mean(rows, axis=0)


def chance(name, hold_out):
    """Share of futures for which exact intervals cover .85 to .95 over the windows."""
    n_steps, period, _ = SERIES[name]
    x, season = load_series(name)
    found = []
    for k, (train, _) in enumerate(windows(x, n_steps, season, hold_out)):
        model = SeasonalForecaster(period=period).fit(train)
        lower, upper = model.forecast_interval(n_steps, coverage=0.9)
        paths = model.sample_paths(n_steps, N_PATHS, random_state=k)
        found.append(((lower <= paths) & (paths <= upper)).mean(axis=1))
    whole = np.mean(found, axis=0).round(9)
    return ((whole >= 0.85) & (whole <= 0.95)).mean()


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--hold-out", action="store_true")
    args = parser.parse_args()
    limit_threads(1)
    print_protocol(__doc__)
    ours(np.random.RandomState(0).standard_normal(60), 8, 4, None)  # compiles the loops
    contenders = {"dlkit": ours, "seasonal naive": naive}
    if installed("flaircast"):
        contenders["FLAIR"] = of_flair
    found = {
        who: np.array([measure(forecast, name, args.hold_out) for name in SERIES])
        for who, forecast in contenders.items()
    }
    header = ["MASE / CRPS / coverage of 90 %", *found, "seconds", "chance of .85 to .95"]
    chances = [chance(name, args.hold_out) for name in SERIES]
    rows = []
    for i, name in enumerate(SERIES):
        cells = [f"{a[i, 0]:.3f} / {a[i, 1]:.3f} / {a[i, 2]:.2f}" for a in found.values()]
        rows.append((f"{name} ({SERIES[name][0]})", *cells, found["dlkit"][i, 3], chances[i]))
    means = {who: np.exp(np.log(a[:, :2]).mean(axis=0)) for who, a in found.items()}
    rows.append(("geometric mean", *(f"{m:.3f} / {c:.3f}" for m, c in means.values()), "", ""))
    print(f"{table(header, rows)}\n")
    mine = found["dlkit"]
    if "FLAIR" in found:
        share = means["dlkit"][0] / means["FLAIR"][0]
        better = int((mine[:, 1] < found["FLAIR"][:, 1]).sum())
        what = "nine series, geometric mean of MASE, of FLAIR's"
        summary(what, "≤ 0.97", f"{share:.3f}", share <= 0.97)
        summary("nine series, CRPS below FLAIR's", "≥ 7 of 9", f"{better} of 9", better >= 7)
    inside = mine[:, 2]
    good = int(((inside >= 0.85) & (inside <= 0.95)).sum())
    span = f"{good} of 9 ({inside.min():.2f} to {inside.max():.2f}, mean {inside.mean():.2f})"
    span += f"; {sum(chances):.1f} if intervals are exact"
    summary("nine series, coverage of 90 % in .85 to .95", "9 of 9", span, good == 9)
    slowest = mine[:, 3].max()
    summary(
        "nine series, seconds a series, the slowest", "≤ 0.05", f"{slowest:.3f}", slowest <= 0.05
    )


if __name__ == "__main__":
    main()
