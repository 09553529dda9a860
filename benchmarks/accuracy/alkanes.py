"""Boiling points of alkanes: a reservoir over the trees of their carbon atoms.

    python benchmarks/accuracy/alkanes.py

148 alkanes of up to ten carbon atoms (package chemicals), trees rooted at the centre of each
molecule. Ten folds, shuffled by seed 0; ten seeds of the reservoir. Pooling, direction and spectral
radius are chosen among eight on other molecules, the 154 alkanes of eleven carbon atoms, by ten
folds. *Default* is `TreeRegressor` as it is. *Counts*: ridge on the number of atoms with no, one,
two, three and four neighbours, and on these and their squares.
"""

import sys
from time import process_time

import _above  # noqa: F401
import numpy as np
from _common import limit_threads, print_protocol, settings, summary, table
from sklearn.linear_model import RidgeCV
from sklearn.model_selection import KFold, cross_val_predict
from structures_data import load_alkanes

from dlkit.trees import TreeRegressor

POOLINGS = ("root", "sum"), ("scaled_sum",)
GRID = [
    {"pooling": pooling, "direction": direction, "spectral_radius": radius}
    for pooling in POOLINGS
    for direction in ("up", "both")
    for radius in (0.3, 0.5)
]


def degrees(tree):
    """Atoms with no, one, two, three and four neighbours."""
    found = np.bincount(np.array(tree.parents) + 1, minlength=len(tree) + 1)[1:]
    return np.bincount(found + (np.array(tree.parents) >= 0), minlength=5)


def error_on_others(setting):
    """Mean error on alkanes of eleven carbon atoms, which are not asked for."""
    X, y = load_alkanes(most=11, least=11)
    folds = KFold(10, shuffle=True, random_state=0)
    told = cross_val_predict(TreeRegressor(200, random_state=0, **setting), X, y, cv=folds)
    return np.abs(told - y).mean()


def main():
    limit_threads(1)
    print_protocol(__doc__)
    X, y = load_alkanes()
    folds = list(KFold(10, shuffle=True, random_state=0).split(X))
    rows = []
    counts = np.array([degrees(tree) for tree in X], dtype=float)
    for name, features in (("counts", counts), ("and squares", np.hstack([counts, counts**2]))):
        told = cross_val_predict(RidgeCV(np.logspace(-6, 3, 19)), features, y, cv=folds)
        rows.append((name, np.abs(told - y).mean(), 0.0, np.abs(told - y).max(), 0.0))
    chosen = min(GRID, key=error_on_others)
    print(f"chosen: {settings(chosen)}", file=sys.stderr, flush=True)
    for name, setting in (("default", {}), ("chosen", chosen)):
        errors, start = [], process_time()
        for seed in range(2 if "--quick" in sys.argv else 10):
            told = cross_val_predict(TreeRegressor(random_state=seed, **setting), X, y, cv=folds)
            errors.append(np.abs(told - y))
        means, worst = np.mean(errors, axis=1), np.max(errors)
        rows.append((name, means.mean(), means.std(), worst, process_time() - start))
    header = ("model", "mean absolute error, °C", "± seeds", "worst", "CPU seconds")
    print(table(header, rows))
    print(f"\nchosen: {settings(chosen)}")
    summary("alkanes, mean", "≤ 1.5 °C", f"{means.mean():.3f}", means.mean() <= 1.5)
    summary("alkanes, worst of all seeds", "≤ 12 °C", f"{worst:.1f}", worst <= 12)


if __name__ == "__main__":
    main()
