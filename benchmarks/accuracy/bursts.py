"""Bursts in hourly and half-hourly demand: how well detectors rank the steps they hit.

    python benchmarks/accuracy/bursts.py

Protocol: detectors learn on the first half of the series, as it is. 25 bursts are put into the
second half by a seeded generator: each hits 4 to 12 steps, to which Gaussian noise is added with
the standard deviation of the first half, or half of that. The figure is the area under the ROC
curve over all steps of the second half, the mean of five seeds; beside it the share of the other
steps that ``predict`` calls outliers (asked: 1 %). Detectors have their defaults, with the season
of the series as window (half a season for windows of sub-PCA, which does better so).

The dumb baselines: the absolute difference from the value one season before, and one week before,
each averaged over three steps as the detector does.
"""

import _above  # noqa: F401
import numpy as np
from _common import limit_threads, print_protocol, summary, table
from get_data import load_series
from sklearn.metrics import roc_auc_score

from dlkit import ForecastDetector

SEEDS = range(100, 105)  # none of them was seen while the detector was made
ASKED = 0.95


def with_bursts(x, start, seed, size):
    """The series with bursts from ``start`` on, and which steps these hit."""
    rng, y, hit = np.random.RandomState(seed), x.copy(), np.zeros(len(x), dtype=bool)
    places = rng.choice((len(x) - start) // 40 - 1, size=25, replace=False)
    for first in start + 40 * places + rng.randint(0, 20, size=25):
        rows = slice(first, first + rng.randint(4, 13))
        y[rows] += size * x[:start].std() * rng.normal(size=rows.stop - rows.start)
        hit[rows] = True
    return y, hit


def residual(y, lag):
    return np.convolve(np.abs(y - np.roll(y, lag)), np.ones(3) / 3, "same")


def main():
    limit_threads(1)
    print_protocol(__doc__)
    rows, verdicts = [], []
    for name in ("vic", "taylor"):
        x, period = load_series(name)
        half = len(x) // 2
        detectors = {
            "forecasts": ForecastDetector(window=period),
            "sub-PCA": ForecastDetector(method="windows", window=period // 2),
        }
        detectors = {what: one.fit(x[:half]) for what, one in detectors.items()}
        for size in (1.0, 0.5):
            areas, alarms = {}, {}
            for seed in SEEDS:
                y, hit = with_bursts(x, half, seed, size)
                y, hit = y[half:], hit[half:]
                for lag, what in ((period, "season before"), (7 * period, "week before")):
                    whole = residual(np.concatenate([x[:half], y]), lag)[half:]
                    areas.setdefault(what, []).append(roc_auc_score(hit, whole))
                for what, one in detectors.items():
                    scores = one.score_samples(y)
                    areas.setdefault(what, []).append(roc_auc_score(hit, -scores))
                    alarms.setdefault(what, []).append(np.mean(scores[~hit] < one.offset_))
            for what, found in areas.items():
                alarm = float(np.mean(alarms[what])) if what in alarms else ""
                rows.append((name, size, what, float(np.mean(found)), float(np.min(found)), alarm))
            if size == 1.0:
                area = np.mean(areas["forecasts"])
                what = f"{name}, bursts of one standard deviation, AUC of ForecastDetector"
                verdicts.append((what, f"≥ {ASKED}", f"{area:.3f}", area >= ASKED))
    header = ("series", "size", "detector", "AUC", "least AUC", "false alarms")
    print(table(header, rows))
    for verdict in verdicts:
        summary(*verdict)


if __name__ == "__main__":
    main()
