"""Balanced trees over sequences, beside a reservoir over their steps: accuracy, and time.

    python benchmarks/accuracy/balanced.py           (5 minutes)

JapaneseVowels (its own split) and spoken digits (five stratified folds, shuffled by seed 0),
channels standardised within the training part. Both models have 500 units, the same default
readout of their classes, and their default settings otherwise: `ESNClassifier` as it is, and
`TreeClassifier(structure="balanced")` with the means and maxima of the states of all nodes. Three
seeds each. *Digits, 8 steps a leaf*: the same with `Balanced(leaf_steps=8)`, about eight leaves a
word. *Time*: means over 16 series of 10,000 steps, by `ReservoirFeatures` and by `TreeFeatures` of
as many units and links, on one thread, in turn, best of five. A tree has twice as many nodes as
leaves, and so with a step a leaf cannot take less time than the reservoir does.
"""

import sys
from time import perf_counter, process_time

import _above  # noqa: F401
import numpy as np
from _common import limit_threads, print_protocol, summary, table
from get_data import load_spoken_digits
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from dlkit import ESNClassifier, PerStep, ReservoirFeatures
from dlkit.datasets import load_japanese_vowels
from dlkit.trees import Balanced, TreeClassifier, TreeFeatures

SEEDS = 3
MODELS = {
    "reservoir": lambda seed: ESNClassifier(
        500, leak_rate=0.3, pooling="moments", random_state=seed
    ),
    "balanced trees": lambda seed: TreeClassifier(
        500, structure="balanced", pooling=("mean", "max"), random_state=seed
    ),
}
WIDE = {
    "8 steps a leaf": lambda seed: TreeClassifier(
        500, structure=Balanced(8), pooling=("mean", "max"), random_state=seed
    )
}


def splits():
    """Name, and training and test parts, of each data set."""
    train, test = (load_japanese_vowels(subset=part, return_X_y=True) for part in ("train", "test"))
    yield "JapaneseVowels", [(*train, *test)]
    X, y = load_spoken_digits()
    folds = StratifiedKFold(5, shuffle=True, random_state=0).split(X, y)
    yield "spoken digits", [([X[i] for i in a], y[a], [X[i] for i in b], y[b]) for a, b in folds]


def seconds(model, X):
    start, busy = perf_counter(), process_time()
    model.transform(X)
    return perf_counter() - start, process_time() - busy


def main():
    limit_threads(1)
    print_protocol(__doc__)
    quick = "--quick" in sys.argv
    rows, verdicts = [], []
    for data, parts in splits():
        scores = {}
        for name, new in {**MODELS, **(WIDE if data == "spoken digits" else {})}.items():
            start = process_time()
            found = [
                make_pipeline(PerStep(StandardScaler()), new(seed)).fit(X, y).score(X_test, y_test)
                for seed in range(1 if quick else SEEDS)
                for X, y, X_test, y_test in parts[: 1 if quick else None]
            ]
            scores[name] = np.mean(found)
            rows.append((data, name, scores[name], np.std(found), process_time() - start))
            print(rows[-1], file=sys.stderr, flush=True)
        verdicts.append((data, scores["reservoir"] - 0.02, scores["balanced trees"]))
    print(table(("data", "model", "accuracy", "±", "CPU seconds"), rows))
    for data, asked, score in verdicts:
        summary(data, f"≥ {asked:.4f} (the reservoir's, less 2 points)", f"{score:.4f}",
                score >= asked)  # fmt: skip
    rows = []
    for n_series in (16,):
        X = np.random.RandomState(0).randn(n_series, 2000 if quick else 10_000, 3)
        models = {"reservoir": ReservoirFeatures(500, pooling="mean", random_state=0)}
        for steps in (1, 32, 128):
            models[f"trees, {steps} steps a leaf"] = TreeFeatures(
                500, structure=Balanced(steps), pooling="mean", random_state=0
            )
        for model in models.values():
            model.fit(X).transform(X[:, :500])
        rounds = [[seconds(model, X) for model in models.values()] for _ in range(5)]
        timed = np.min(rounds, axis=0)
        for name, (wall, busy) in zip(models, timed, strict=True):
            rows.append((n_series, name, wall, busy, timed[0, 1] / busy))
    print()
    print(table(("series of 10,000 steps", "model", "seconds", "CPU seconds", "speed"), rows))
    for _, name, _, _, speed in rows[1:]:
        summary(f"{name}, speed by CPU time", "≥ 3", f"{speed:.2f}", speed >= 3)


if __name__ == "__main__":
    main()
