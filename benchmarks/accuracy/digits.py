"""scikit-learn's digits, 10-fold: convolutional features without labels, a linear readout.

    python benchmarks/accuracy/digits.py
    python benchmarks/accuracy/digits.py --quick               # does it run? figures mean nothing

1797 images of 8 × 8 pixels. In each of ten stratified folds the kernel size and the grid of cells
are chosen on the training part alone, by `GridSearchCV` with random kernels; then kernels are
learned for the winner, and the readout chooses alpha by leave-one-out.
"""

import argparse
from time import perf_counter

import _above  # noqa: F401
import numpy as np
from _common import limit_threads, print_protocol, settings, summary, table
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.model_selection import GridSearchCV, StratifiedKFold
from sklearn.pipeline import make_pipeline

from dlkit import ConvFeatures, RidgeReadoutClassifier

GRID = {"convfeatures__kernel_size": [(3, 3), (4, 4), (5, 5)], "convfeatures__grid": [2, 3]}
ASKED = 99.0


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="two folds, 20 kernels")
    quick = parser.parse_args().quick
    print_protocol(__doc__)
    digits = load_digits()
    X, y = digits.images.astype(np.float32), digits.target
    conv = ConvFeatures(
        20 if quick else 200, kernels="random", padding="same", whitening=1.0,
        encoder="soft_threshold", threshold=0.25, n_patches=20_000, random_state=0,
    )  # fmt: skip
    model = make_pipeline(conv, RidgeReadoutClassifier(alpha=np.logspace(-3, 2, 6)))
    rows, right, start = [], 0, perf_counter()
    folds = StratifiedKFold(2 if quick else 10, shuffle=True, random_state=0)
    for i, (train, test) in enumerate(folds.split(X, y), start=1):
        search = GridSearchCV(model, GRID, cv=3, refit=False).fit(X[train], y[train])
        best = clone(model).set_params(**search.best_params_, convfeatures__kernels="kmeans")
        correct = (best.fit(X[train], y[train]).predict(X[test]) == y[test]).sum()
        chosen = {k.partition("__")[2]: v for k, v in search.best_params_.items()}
        rows.append([i, settings(chosen), float(100 * correct / len(test))])
        right += correct
    print(table(["fold", "chosen", "accuracy (%)"], rows))
    print(f"\n{perf_counter() - start:.0f} s")
    accuracy = 100 * right / len(X)
    summary("digits, 10-fold accuracy", f"≥ {ASKED} %", f"{accuracy:.2f} %", accuracy >= ASKED)


if __name__ == "__main__":
    with limit_threads(2):
        main()
