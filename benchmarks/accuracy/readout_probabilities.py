"""Logistic and ridge readouts on the same features: accuracy, Brier score and log loss.

    python benchmarks/accuracy/readout_probabilities.py

JapaneseVowels, its own split, means over ten reservoirs; spoken digits, five stratified folds,
shuffled once. Channels are standardised by the training part. Features are those of
`ReservoirFeatures`, default settings, in both directions: 100 units for the vowels, 300 for the
digits. Penalties are chosen on the training part: of ridge readouts by leave-one-out among 13 from
1e-3 to 1e3, of the logistic readout by its own `alpha="auto"` on five folds. The Brier score is the
mean squared distance of the probabilities from the truth, summed over classes. The baseline knows
the shares of the classes.
"""

from time import perf_counter

import _above  # noqa: F401
import numpy as np
from _common import limit_threads, print_protocol, summary, table
from get_data import load_spoken_digits
from sklearn.dummy import DummyClassifier
from sklearn.metrics import log_loss
from sklearn.model_selection import StratifiedKFold
from sklearn.preprocessing import StandardScaler

from dlkit import LogisticReadoutClassifier, PerStep, ReservoirFeatures, RidgeReadoutClassifier
from dlkit.datasets import load_japanese_vowels

ALPHAS = np.logspace(-3, 3, 13)
READOUTS = {
    "class shares": DummyClassifier(strategy="prior"),
    "ridge": RidgeReadoutClassifier(ALPHAS),
    "ridge, calibrated": RidgeReadoutClassifier(ALPHAS, calibrate=True),
    "logistic": LogisticReadoutClassifier("auto", cv=5),
}


def measure(train, test, n_units, seed, found):
    """Add what each readout makes of one reservoir's features to ``found``."""
    scale = PerStep(StandardScaler())
    map_ = ReservoirFeatures(n_units, bidirectional=True, random_state=seed)
    X = map_.fit_transform(scale.fit_transform(train[0]))
    Z = map_.transform(scale.transform(test[0]))
    for name, readout in READOUTS.items():
        start = perf_counter()
        readout.fit(X, train[1])
        seconds = perf_counter() - start
        P, truth = readout.predict_proba(Z), test[1][:, None] == readout.classes_
        found.setdefault(name, []).append(
            (
                readout.score(Z, test[1]),
                np.square(P - truth).sum(axis=1).mean(),
                log_loss(test[1], np.maximum(P, 1e-15)),
                seconds,
            )
        )


def report(name, found):
    mean = {readout: np.mean(values, axis=0) for readout, values in found.items()}
    header = (name, "accuracy", "Brier score", "log loss", "seconds to fit")
    print(table(header, [(readout, *map(float, values)) for readout, values in mean.items()]))
    ridge, logistic = mean["ridge"], mean["logistic"]
    summary(f"{name}, accuracy of the logistic readout", f"≥ ridge's {ridge[0]:.4f}",
            f"{logistic[0]:.4f}", logistic[0] >= ridge[0])  # fmt: skip
    summary(f"{name}, its Brier score", f"< ridge's {ridge[1]:.4f}", f"{logistic[1]:.4f}",
            logistic[1] < ridge[1])  # fmt: skip


def main():
    limit_threads(1)
    print_protocol(__doc__)
    halves = (load_japanese_vowels(subset=part, return_X_y=True) for part in ("train", "test"))
    train, test = halves
    found = {}
    for seed in range(10):
        measure(train, test, 100, seed, found)
    report("JapaneseVowels", found)
    X, y = load_spoken_digits()
    found = {}
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    for seed, (train, test) in enumerate(folds.split(X, y)):
        parts = ([X[i] for i in train], y[train]), ([X[i] for i in test], y[test])
        measure(*parts, 300, seed, found)
    report("spoken digits", found)


if __name__ == "__main__":
    main()
