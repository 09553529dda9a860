"""Accuracy on spoken digits: the Free Spoken Digit Dataset, by a reservoir in both directions.

    python benchmarks/accuracy/spoken_digits.py

3000 utterances of the ten digits by six speakers, as 13 cepstral coefficients at 6 to 92 steps.
Five stratified folds, shuffled once. Within the training part of each, channels are standardised
and settings chosen by three folds of it; the part left out is looked at once. `ReservoirSearchCV`
runs each reservoir once for all folds and penalties.
"""

from time import perf_counter

import _above  # noqa: F401
import numpy as np
from _common import limit_threads, print_protocol, settings, summary, table
from get_data import load_spoken_digits
from sklearn.model_selection import StratifiedKFold
from sklearn.preprocessing import StandardScaler

from dlkit import ESNClassifier, PerStep, ReservoirSearchCV

GRID = {
    "leak_rate": [0.3, 0.6],
    "input_scaling": [0.3, 0.6],
    "alpha": [0.1, 1.0, 10.0],
}


def main():
    limit_threads(1)
    print_protocol(__doc__)
    X, y = load_spoken_digits()
    rows, scores = [], []
    for fold, (train, test) in enumerate(
        StratifiedKFold(5, shuffle=True, random_state=0).split(X, y)
    ):
        start = perf_counter()
        scale = PerStep(StandardScaler())
        known = scale.fit_transform([X[i] for i in train])
        esn = ESNClassifier(300, bidirectional=True, pooling="moments", random_state=fold)
        search = ReservoirSearchCV(esn, GRID, cv=3).fit(known, y[train])
        score = search.score(scale.transform([X[i] for i in test]), y[test])
        scores.append(score)
        rows.append(
            (fold, score, search.best_score_, settings(search.best_params_), perf_counter() - start)
        )
        print(f"fold {fold}: {score:.4f}", flush=True)
    header = ("fold", "accuracy", "in the folds within", "chosen", "seconds")
    print(f"\n{table(header, rows)}")
    mean = np.mean(scores)
    what = "spoken digits, mean accuracy of 5 folds"
    summary(what, "≥ 0.985", f"{mean:.4f}", mean >= 0.985)


if __name__ == "__main__":
    main()
