"""M3, the whole competition (3003 series): one default forecaster against those of statisticians.

    python benchmarks/accuracy/m3.py                       # dlkit and the peers that are installed
    python benchmarks/accuracy/m3.py --peers               # dlkit alone
    python benchmarks/accuracy/m3.py --hold-out            # on the ends of the training parts

Protocol: each kind of series (yearly, quarterly, monthly, other) is forecast over the horizon of
the competition, from its training part alone. sMAPE is the mean over series and steps of
200 |y - f| / (|y| + |f|); MASE is scaled by the seasonal naive forecast within the training part.
dlkit's forecaster, `SeasonalForecaster(period=...)` with no other setting, is fitted once to the
list of all series of a kind; peers forecast one series after another, as they do. The seconds are
those of the processor, by series. Settings of dlkit were chosen by `--hold-out`, in which the last
steps of each training part (as many as the horizon) take the place of the test part. Beside the
forecasts stands how many values of the test parts lie in dlkit's intervals of 90 %.

Peers: statsforecast 2.1.1 (AutoETS, AutoTheta, DynamicOptimizedTheta) and flaircast 0.6.1; the
seasonal naive forecast is the dumb one.
"""

import argparse
import time
import warnings

import _above  # noqa: F401
import numpy as np
from _common import limit_threads, print_protocol, summary, table
from _peers import installed
from get_data import load_m3

from dlkit import SeasonalForecaster
from dlkit.metrics import coverage, mase, smape

ASKED_SMAPE, ASKED_MASE, ASKED_SECONDS = 12.5, 1.35, 0.002
FREQUENCIES = {"yearly": "Y", "quarterly": "Q", "monthly": "M", "other": "D"}
OF_STATSFORECAST = ("DynamicOptimizedTheta", "AutoTheta", "AutoETS")


def ours(kind, series, period, n_steps):
    return SeasonalForecaster(period=period).fit(series).forecast(n_steps)


def inside(kinds):
    """Share of values within intervals of 90 %, by kind and of all."""
    found, counts = {}, []
    for kind, (period, n_steps, train, test) in kinds.items():
        bounds = SeasonalForecaster(period=period).fit(train).forecast_interval(n_steps)
        found[kind] = coverage(np.array(test), *map(np.array, bounds))
        counts.append(len(test) * n_steps)
    return {"all": np.average(list(found.values()), weights=counts), **found}


def naive(kind, series, period, n_steps):
    return [x[len(x) - period + np.arange(n_steps) % period] for x in series]


def of_statsforecast(name):
    from statsforecast import models

    def forecast(kind, series, period, n_steps):
        make = getattr(models, name)
        return [make(season_length=period).forecast(y=x, h=n_steps)["mean"] for x in series]

    return forecast


def of_flair(kind, series, period, n_steps):
    from flaircast import FLAIR

    flair = FLAIR(FREQUENCIES[kind], seed=0)
    return [flair.predict(x, n_steps).mean(axis=0) for x in series]


def contenders(peers):
    found = {"dlkit": ours, "seasonal naive": naive}
    for name in OF_STATSFORECAST:
        if name in peers and installed("statsforecast"):
            found[name] = of_statsforecast(name)
    if "FLAIR" in peers and installed("flaircast"):
        found["FLAIR"] = of_flair
    return found


def held_out(kinds):
    """The ends of the training parts in place of the test parts."""
    return {
        kind: (period, n_steps, [x[:-n_steps] for x in train], [x[-n_steps:] for x in train])
        for kind, (period, n_steps, train, _) in kinds.items()
    }


def measure(forecast, kinds):
    """SMAPE and MASE of each series, by kind; seconds a series; forecasts that failed."""
    scores, failed, began = {}, 0, time.process_time()
    futures = {}
    for kind, (period, n_steps, train, _) in kinds.items():
        futures[kind] = forecast(kind, train, period, n_steps)
    seconds = time.process_time() - began
    for kind, (period, _, train, test) in kinds.items():
        rows = []
        for x, y, f in zip(train, test, futures[kind], strict=True):
            f = np.asarray(f, dtype=float)
            wild = not np.isfinite(f).all() or np.abs(f).max() > 10 * np.abs(x).max()
            failed += wild
            f = np.nan_to_num(f)
            rows.append((smape(y, f), mase(y, f, y_train=x, period=period)))
        scores[kind] = np.array(rows)
    return scores, seconds / sum(map(len, scores.values())), failed


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--peers", nargs="*", default=[*OF_STATSFORECAST, "FLAIR"])
    parser.add_argument("--hold-out", action="store_true")
    parser.add_argument("--share", type=float, default=1.0, help="of the series")
    args = parser.parse_args()
    limit_threads(1)
    print_protocol(__doc__)
    kinds = load_m3()
    if args.hold_out:
        kinds = held_out(kinds)
    step = max(round(1 / args.share), 1)
    kinds = {k: (p, h, train[::step], test[::step]) for k, (p, h, train, test) in kinds.items()}
    for period, n_steps, train, _ in kinds.values():  # loops are compiled before the clock starts
        ours("", train[:12], period, n_steps)
    rows, measured = [], {}
    for name, forecast in contenders(args.peers).items():
        with warnings.catch_warnings():
            if name != "dlkit":
                warnings.simplefilter("ignore")
            scores, seconds, failed = measure(forecast, kinds)
        whole = np.concatenate(list(scores.values())).mean(axis=0)
        measured[name] = (*whole, seconds, failed)
        by_kind = [f"{a:.2f} / {b:.3f}" for a, b in (s.mean(axis=0) for s in scores.values())]
        rows.append((name, f"{whole[0]:.2f} / {whole[1]:.3f}", *by_kind, seconds, failed))
        print(f"{name}: sMAPE {whole[0]:.3f}, MASE {whole[1]:.4f}, {seconds:.4f} s", flush=True)
    header = ("sMAPE / MASE", "all", *kinds, "seconds a series", "failed or wild")
    print(f"\n{table(header, rows)}\n")
    covered = inside(kinds)
    print(f"{table(('coverage of 90 %', *covered), [('dlkit', *covered.values())])}\n")
    if args.hold_out or args.share < 1:
        return  # what is asked is asked of the test parts
    symmetric, scaled, seconds, failed = measured["dlkit"]
    what = "M3, 3003 series"
    summary(f"{what}, sMAPE", f"≤ {ASKED_SMAPE}", f"{symmetric:.3f}", symmetric <= ASKED_SMAPE)
    summary(f"{what}, MASE", f"≤ {ASKED_MASE}", f"{scaled:.4f}", scaled <= ASKED_MASE)
    met = seconds <= ASKED_SECONDS
    summary(f"{what}, seconds a series", f"≤ {ASKED_SECONDS}", f"{seconds:.4f}", met)
    summary(f"{what}, failed or wild", "none", failed, not failed)


if __name__ == "__main__":
    main()
