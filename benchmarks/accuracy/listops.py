"""ListOps: the value of nested operations on digits, from the state of the root.

    python benchmarks/accuracy/listops.py            (5 minutes)

`make_listops`, up to five operations deep, up to five arguments: 24,000 trees of seed 0, of which
4000 are tested. The state of the root alone enters a ridge readout. Scaling of labels and spectral
radius are chosen for each kind of node with 500 units on 6000 training trees, a quarter of which
are left out; then 2000 units learn from all 20,000.
"""

import sys
from time import process_time

import _above  # noqa: F401
import numpy as np
from _common import limit_threads, print_protocol, settings, summary, table

from dlkit.datasets import make_listops
from dlkit.trees import Bilinear, TreeClassifier

KINDS = {
    "additive": {"node": "additive"},
    "positional": {"node": "positional"},
    "bilinear": {"node": Bilinear(1, products="label")},
}
GRID = [
    {"input_scaling": scaling, "spectral_radius": radius}
    for scaling in (0.5, 2.0) for radius in (0.3, 0.5, 1.0)
]  # fmt: skip


def model(n_units, **setting):
    return TreeClassifier(n_units, pooling="root", random_state=0, **setting)


def main():
    limit_threads(1)
    print_protocol(__doc__)
    quick = "--quick" in sys.argv
    n_units, n_train, n_test, n_chosen = (
        (200, 1500, 500, 1000) if quick else (2000, 20000, 4000, 6000)
    )
    X, y = make_listops(n_train + n_test, random_state=0)
    test, y_test = X[n_train:], y[n_train:]
    inner = n_chosen * 3 // 4
    usual = np.bincount(y[:n_train]).argmax()
    rows = [("most frequent", np.mean(y_test == usual), "", 0.0)]
    for name, kind in KINDS.items():
        start = process_time()

        def left_out(setting, kind=kind):
            part = model(min(n_units, 500), **kind, **setting).fit(X[:inner], y[:inner])
            return part.score(X[inner:n_chosen], y[inner:n_chosen])

        chosen = max(GRID, key=left_out)
        fitted = model(n_units, **kind, **chosen).fit(X[:n_train], y[:n_train])
        score = fitted.score(test, y_test)
        rows.append((name, score, settings(chosen), process_time() - start))
        print(rows[-1], file=sys.stderr, flush=True)
    print(table(("node", "accuracy", "chosen", "CPU seconds"), rows))
    summary("ListOps, bilinear nodes", "≥ 0.60", f"{score:.4f}", score >= 0.6)


if __name__ == "__main__":
    main()
