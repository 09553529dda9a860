"""Memory that `StreamedReadout` takes to choose among alphas, in matrices of its moments.

    python benchmarks/memory/readout_memory.py                 # 10,000 features (20 min)
    python benchmarks/memory/readout_memory.py --features 3000
    python benchmarks/memory/readout_memory.py --quick         # does it run? figures mean nothing

Random ReLU features of 20 numbers, one and a half times as many samples as features, ten classes,
seven alphas. Fresh processes choose by generalised cross-validation, by leave-one-out, and have a
single alpha. The figure is the peak of resident memory during `fit` (VmHWM, reset before), minus
the resident memory before, in units of the p × p matrix of float64 that moments are. Blocks of
features and their tiles in float64 count too. Linux only.
"""

import argparse
from pathlib import Path
from time import perf_counter, process_time

import _above  # noqa: F401
import numpy as np
from _child import arguments, call, memory, peak_memory, report
from _common import limit_threads, print_protocol, summary, table
from sklearn.base import BaseEstimator, TransformerMixin

from dlkit import RidgeReadoutClassifier, StreamedReadout

ASKED, BLOCK = 2.0, 256
SEVERAL = np.logspace(-3, 3, 7)
WAYS = {
    "gcv": {"alpha": SEVERAL, "selection": "gcv"},
    "loo": {"alpha": SEVERAL, "selection": "loo"},
    "one alpha": {"alpha": 1.0},
}


class Units(TransformerMixin, BaseEstimator):
    """Random ReLU units."""

    def __init__(self, n_units):
        self.n_units = n_units

    def fit(self, X, y=None):
        """Draw the weights."""
        self.weights_ = np.random.RandomState(0).randn(X.shape[1], self.n_units).astype(X.dtype)
        return self

    def transform(self, X):
        """Features of shape (n, n_units)."""
        features = X @ self.weights_
        return np.maximum(features, 0.5, out=features)


def child(way, p):
    limit_threads(2)
    p = int(p)
    rng = np.random.RandomState(1)
    X = rng.randn(3 * p // 2, 20).astype(np.float32)
    y = np.argmax(X[:, :10] + rng.randn(len(X), 10), axis=1)
    model = StreamedReadout(Units(p), RidgeReadoutClassifier(**WAYS[way]), block_size=BLOCK)
    small = StreamedReadout(Units(50), RidgeReadoutClassifier(**WAYS[way]), block_size=BLOCK)
    small.fit(X[:300], y[:300])  # libraries are loaded
    Path("/proc/self/clear_refs").write_text("5")  # forget the peak so far
    before, start, used = memory("VmRSS"), perf_counter(), process_time()
    model.fit(X, y)
    report(
        seconds=perf_counter() - start,
        processor=process_time() - used,
        extra=peak_memory() - before,
        alpha=model.readout_.alpha_,
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--features", type=int, default=10_000)
    parser.add_argument("--quick", action="store_true", help="500 features")
    args = parser.parse_args()
    print_protocol(__doc__)
    p = 500 if args.quick else args.features
    one, rows = 8e-6 * p * p, []
    for way in WAYS:
        found = call(__file__, way, p)
        rows.append([way, found["seconds"], found["processor"], found["extra"],
                     found["extra"] / one, found["alpha"]])  # fmt: skip
    header = ["alpha by", "seconds", "CPU (s)", "beyond the start (MB)", "moments", "chosen"]
    print(table(header, rows))
    most = max(row[4] for row in rows)
    summary(f"{p} features, memory of a fit beside its moments", f"≤ {ASKED}", f"{most:.2f}",
            most <= ASKED)  # fmt: skip


if __name__ == "__main__":
    if (given := arguments()) is not None:
        child(*given)
    else:
        main()
