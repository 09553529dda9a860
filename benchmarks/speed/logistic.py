"""Logistic readout and scikit-learn's LogisticRegression(lbfgs): time to the same likelihood.

    python benchmarks/speed/logistic.py

The same features and the same penalty, alpha = 1 / C = 1. A stop rule says little of how close to
the minimum a fit is, so each is taken at the loosest tolerance (of 1e-2 to 1e-7) at which its mean
penalised loss is within 1e-3 of the best that any run of either found; the time is that of that
run. If none of scikit-learn's within 5000 iterations is, the last counts. BLAS has one thread.
Features: digits (1797 × 64, ten classes, float64); 20,000 MNIST digits through 1000 random
rectified units, ten classes and two, float32; states of a reservoir of 500 units that reads 50,000
characters, of which the class is the next one, float32, and as float64.
"""

import re
import warnings
from pathlib import Path
from time import perf_counter

import _above  # noqa: F401
import numpy as np
from _common import limit_threads, print_protocol, summary, table
from get_data import load_mnist
from sklearn.datasets import load_digits
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss

import dlkit
from dlkit import LogisticReadoutClassifier, ReservoirStates

TOLERANCES = (1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7)
GAP, ALPHA = 1e-3, 1.0


def rectified():
    (X, y), _ = load_mnist()
    X = X[:20_000].reshape(20_000, -1).astype(np.float32) / 255
    kernels = np.random.default_rng(0).standard_normal((784, 1000)).astype(np.float32) / 8
    return np.maximum(X @ kernels, 0), y[:20_000]


def characters(n=50_000, n_units=500):
    """States of a reservoir that reads the words of this package, and the characters to come."""
    files = sorted(Path(dlkit.__file__).parent.rglob("*.py"))
    text = " ".join(file.read_text(encoding="utf-8") for file in files)
    text = re.sub(r"[^a-z ]", "", re.sub(r"\s+", " ", text.lower()))[: n + 1]
    letters, codes = np.unique(list(text), return_inverse=True)
    states = ReservoirStates(n_units, leak_rate=np.linspace(0.1, 1, n_units), random_state=0)
    return states.fit_transform(np.eye(len(letters), dtype=np.float32)[codes[:-1]]), codes[1:]


def loss(model, X, y):
    """Mean of what both minimise."""
    squares = ALPHA / 2 * np.square(model.coef_).sum()
    return (log_loss(y, model.predict_proba(X), normalize=False) + squares) / len(X)


def runs(make, X, y, enough):
    """Seconds, iterations and losses at falling tolerances, until ``enough`` says of the losses."""
    found = []
    for tol in TOLERANCES:
        start = perf_counter()
        model = make(tol).fit(X, y)
        seconds = perf_counter() - start
        found.append((seconds, int(np.max(model.n_iter_)), loss(model, X, y), tol))
        if enough([one[2] for one in found]):
            break
    return found


def main():
    limit_threads(1)
    print_protocol(__doc__)
    warnings.simplefilter("ignore", ConvergenceWarning)
    X, y = rectified()
    states, following = characters()
    cases = {
        "digits": load_digits(return_X_y=True),
        "MNIST": (X, y),
        "MNIST, 0-4 or 5-9": (X, y > 4),
        "characters": (states, following),
        "characters, float64": (states.astype(np.float64), following),
    }
    cases["digits"] = cases["digits"][0] / 16, cases["digits"][1]
    rows, ratios = [], []
    for name, (X, y) in cases.items():
        ours = runs(
            lambda tol: LogisticReadoutClassifier(ALPHA, tol=tol, max_iter=5000), X, y,
            lambda losses: len(losses) == len(TOLERANCES),
        )  # fmt: skip
        best = min(one[2] for one in ours)
        theirs = runs(
            lambda tol: LogisticRegression(C=1 / ALPHA, tol=tol, max_iter=5000), X, y,
            lambda losses, best=best: losses[-1] < min(best, *losses) + GAP,
        )  # fmt: skip
        best = min(best, *(one[2] for one in theirs))
        chosen = []
        for who, found in (("dlkit", ours), ("scikit-learn", theirs)):
            close = [one for one in found if one[2] < best + GAP] or found[-1:]
            seconds, steps, value, tol = close[0]
            chosen.append(seconds)
            rows.append((name, who, tol, steps, seconds, value, value - best))
        ratios.append(chosen[1] / chosen[0])
        rows.append((name, "ratio", "", "", ratios[-1], "", ""))
        default = ours[TOLERANCES.index(LogisticReadoutClassifier().tol)]
        rows.append((name, "dlkit, default tol", default[3], default[1], *default[:1], default[2],
                     default[2] - best))  # fmt: skip
        print(name, f"{ratios[-1]:.3g}", flush=True)
    header = ("features", "by", "tol", "iterations", "seconds", "mean loss", "above the best")
    print(f"\n{table(header, rows)}")
    worst = min(ratios)
    summary(
        "LogisticRegression(lbfgs), times as long to the same likelihood, least of five",
        "≥ 3", f"{worst:.3g}", worst >= 3,
    )  # fmt: skip


if __name__ == "__main__":
    main()
