"""Accuracy of the ROCKET family, beside aeon's, on the problems that the aeon wheel ships.

    python benchmarks/rocket_accuracy.py

Seven problems of one channel and two of several, on their default splits; mean of seeds 0 to 4.
dlkit's and aeon's transforms have the same number of features, and are followed by the same scaler
(SparseScaler for Hydra, StandardScaler without centring for the others) and the same classifier,
RidgeReadoutClassifier(np.logspace(-3, 3, 10)): nothing is tuned. Two problems have series of
unequal length: both libraries get them as aeon needs them, cut or filled to one length, and dlkit
also gets them as they are. "Both" is a FeatureUnion of Hydra and MultiRocket, each scaled (the
latter centred), as MultiRocketHydraClassifier has it.
"""

import numpy as np
from _common import print_protocol, summary, table
from _peers import installed, rocket_peer
from get_data import PROBLEMS, UNEQUAL, load_problem
from sklearn.preprocessing import StandardScaler

import dlkit
from dlkit import RidgeReadoutClassifier, SparseScaler

METHODS = ("Rocket", "MiniRocket", "MultiRocket", "Hydra")
SEEDS = range(5)
THREADS = 2


def ours(method, seed, train, test):
    model = getattr(dlkit, method)(random_state=seed, n_jobs=THREADS)
    return model.fit_transform(train), model.transform(test)


def theirs(method, seed, train, test):
    train, test = (np.ascontiguousarray(np.array(X).transpose(0, 2, 1)) for X in (train, test))
    model = rocket_peer(method, random_state=seed, n_jobs=THREADS)
    return np.asarray(model.fit_transform(train)), np.asarray(model.transform(test))


def scaled(scaler, features):
    train, test = (np.asarray(part, dtype=np.float32) for part in features)
    return scaler.fit_transform(train), scaler.transform(test)


def score(features, y, y_test):
    train, test = features
    return 100 * RidgeReadoutClassifier(np.logspace(-3, 3, 10)).fit(train, y).score(test, y_test)


def scores(transform, problem, equal):
    """Accuracy in percent of every method and of both, one row a seed."""
    (X, y), (X_test, y_test) = load_problem(problem, equal)
    X, X_test = ([x.astype(np.float32) for x in part] for part in (X, X_test))
    rows = []
    for seed in SEEDS:
        row, parts = [], []
        for method in METHODS:
            features = transform(method, seed, X, X_test)
            scaler = SparseScaler() if method == "Hydra" else StandardScaler(with_mean=False)
            row.append(score(scaled(scaler, features), y, y_test))
            if method == "MultiRocket":
                parts.append(scaled(StandardScaler(), features))
            if method == "Hydra":
                parts.append(scaled(SparseScaler(), features))
        union = [np.hstack(halves) for halves in zip(*parts, strict=True)]
        rows.append([*row, score(union, y, y_test)])
    return np.array(rows)


def main():
    print_protocol(__doc__)
    aeon = installed("aeon") and installed("torch")
    names = (*METHODS, "both")
    mine, peers = {}, {}
    for problem in PROBLEMS:
        mine[problem] = scores(ours, problem, True)
        if aeon:
            peers[problem] = scores(theirs, problem, True)
        if problem in UNEQUAL:
            mine[f"{problem}, as it comes"] = scores(ours, problem, False)
        print(f"{problem}: done", flush=True)
    rows = [
        (
            problem,
            library,
            *(f"{m:.2f} ± {s:.2f}" for m, s in zip(r.mean(0), r.std(0), strict=True)),
        )
        for problem in mine
        for library, found in (("dlkit", mine), ("aeon", peers))
        if (r := found.get(problem)) is not None
    ]
    means = {
        library: np.mean([found[problem].mean(axis=0) for problem in PROBLEMS], axis=0)
        for library, found in (("dlkit", mine), ("aeon", peers))
        if found
    }
    rows += [("mean", library, *(f"{m:.2f}" for m in mean)) for library, mean in means.items()]
    print(f"\n{table(('problem', 'library', *names), rows)}")
    if aeon:
        gaps = np.array([(mine[p] - peers[p]).mean(axis=0) for p in PROBLEMS])
        for i, name in enumerate(names):
            worst = gaps[:, i].argmin()
            summary(
                f"{name}, points above aeon's, in the worst problem", "≥ -0.5",
                f"{gaps[worst, i]:+.2f} ({PROBLEMS[worst]})", gaps[worst, i] >= -0.5,
            )  # fmt: skip
            gap = gaps[:, i].mean()
            summary(f"{name}, points above aeon's, mean", "≥ 0", f"{gap:+.3f}", gap >= 0)
    alone = means["dlkit"][[names.index("MultiRocket"), names.index("Hydra")]]
    gap = means["dlkit"][-1] - alone.max()
    summary("Hydra and MultiRocket, points above the better alone", "> 0", f"{gap:+.2f}", gap > 0)


if __name__ == "__main__":
    main()
