"""Accuracy of the ROCKET family, beside aeon's, on the problems that the aeon wheel ships.

    python benchmarks/accuracy/rocket_accuracy.py

Seven problems of one channel and two of several, on their default splits; mean of 20 seeds, of 10
for the two whose series are long. dlkit's and aeon's transforms have the same number of features,
and are followed by the same scaler (SparseScaler for Hydra, StandardScaler without centring for the
others) and the same classifier, RidgeReadoutClassifier(np.logspace(-3, 3, 10)): nothing is tuned.
Two problems have series of unequal length: both libraries get them as aeon needs them, cut or
filled to one length, and dlkit also gets them as they are. "Both" is a FeatureUnion of Hydra and
MultiRocket, each scaled (the latter centred), as MultiRocketHydraClassifier has it.

± is the standard error of a mean over seeds, for one test set; for a difference, that of the
difference of two such means. To show how much chance alone does, the table of differences also has
five seeds against five others of the same library, and a line below tells of a thousand such pairs
of aeon's seeds.
"""

import _above  # noqa: F401
import numpy as np
from _common import print_protocol, summary, table
from _peers import installed, rocket_peer
from get_data import PROBLEMS, UNEQUAL, load_problem
from joblib import cpu_count
from sklearn.preprocessing import StandardScaler

import dlkit
from dlkit import RidgeReadoutClassifier, SparseScaler

METHODS = ("Rocket", "MiniRocket", "MultiRocket", "Hydra")
LONG = ("ACSF1", "OSULeaf")  # a seed takes aeon most of a minute
FIVE, ROUNDS = 5, 1000
THREADS = cpu_count()


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
    for seed in range(10 if problem in LONG else 20):
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


def error(rows):
    """Standard error of the mean over rows."""
    return rows.std(axis=0, ddof=1) / np.sqrt(len(rows))


def gaps(first, second):
    """Differences of means and their standard errors, a row a problem; the means' in the last."""
    pairs = [(first[p], second[p]) for p in PROBLEMS]
    gap = np.array([a.mean(axis=0) - b.mean(axis=0) for a, b in pairs])
    errors = np.array([np.hypot(error(a), error(b)) for a, b in pairs])
    mean_error = np.sqrt((errors**2).sum(axis=0)) / len(pairs)
    return np.vstack([gap, gap.mean(axis=0)]), np.vstack([errors, mean_error])


def fives(peers):
    """Worst and mean difference of five of aeon's seeds from five others, over many choices."""
    rng = np.random.RandomState(0)
    worst, mean = [], []
    for _ in range(ROUNDS):
        each = []
        for problem in PROBLEMS:
            rows = rng.permutation(peers[problem])
            each.append(rows[:FIVE].mean(axis=0) - rows[FIVE : 2 * FIVE].mean(axis=0))
        worst.append(np.min(each, axis=0))
        mean.append(np.mean(each, axis=0))
    return np.array(worst), np.array(mean)


def cells(values, errors, form=".2f"):
    return (f"{v:{form}} ± {e:.2f}" for v, e in zip(values, errors, strict=True))


def compare(names, mine, peers):
    """Print the differences, and the lines that count."""
    first = {p: rows[:FIVE] for p, rows in peers.items()}
    second = {p: rows[FIVE : 2 * FIVE] for p, rows in peers.items()}
    gap, errors = gaps(mine, peers)
    rows = []
    for what, (values, spread) in (
        ("dlkit less aeon", (gap, errors)),
        ("aeon, seeds 0–4 less 5–9", gaps(first, second)),
    ):
        rows += [
            (problem, what, *cells(v, e, "+.2f"))
            for problem, v, e in zip((*PROBLEMS, "mean"), values, spread, strict=True)
        ]
    print(f"\n{table(('problem', 'difference', *names), rows)}")
    literal = gaps({p: mine[p][:FIVE] for p in PROBLEMS}, first)[0]
    of_fives = fives(peers)
    for i, name in enumerate(names):
        g, e = gap[:, i], errors[:, i]
        worst = g[:-1].argmin()
        summary(
            f"{name}, points above aeon's, in the worst problem", "≥ -0.5",
            f"{g[worst]:+.2f} ± {e[worst]:.2f} ({PROBLEMS[worst]})", g[worst] >= -0.5,
        )  # fmt: skip
        summary(f"{name}, mean", "≥ 0", f"{g[-1]:+.3f} ± {e[-1]:.3f}", g[-1] >= 0)
        below = np.array((*PROBLEMS, "the mean"))[g < -2 * e]
        print(f"below aeon's by more than two standard errors: {', '.join(below) or 'nothing'}")
        print(f"first five seeds: worst {literal[:-1, i].min():+.2f}, mean {literal[-1, i]:+.3f}")
        worst, mean = (np.quantile(each[:, i], [0.05, 0.5]) for each in of_fives)
        print(
            "five of aeon's seeds less five others, median (and 5 % quantile): "
            f"worst {worst[1]:+.2f} ({worst[0]:+.2f}), mean {mean[1]:+.3f} ({mean[0]:+.3f})"
        )


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
    libraries = {"dlkit": mine} | ({"aeon": peers} if aeon else {})
    rows = [
        (problem, library, *cells(found[problem].mean(axis=0), error(found[problem])))
        for problem in mine
        for library, found in libraries.items()
        if problem in found
    ]
    means = {
        library: np.mean([found[problem].mean(axis=0) for problem in PROBLEMS], axis=0)
        for library, found in libraries.items()
    }
    rows += [("mean", library, *(f"{m:.2f}" for m in mean)) for library, mean in means.items()]
    print(f"\n{table(('problem', 'library', *names), rows)}")
    if aeon:
        compare(names, mine, peers)
    alone = means["dlkit"][[names.index("MultiRocket"), names.index("Hydra")]]
    gap = means["dlkit"][-1] - alone.max()
    summary("Hydra and MultiRocket, points above the better alone", "> 0", f"{gap:+.2f}", gap > 0)


if __name__ == "__main__":
    main()
