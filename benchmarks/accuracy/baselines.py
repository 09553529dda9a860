"""The table of baselines on twelve packaged data sets, beside pipelines found by hand.

    python benchmarks/accuracy/baselines.py                 # four minutes
    python benchmarks/accuracy/baselines.py digits wine     # these
    python benchmarks/accuracy/baselines.py --quick         # does it run? figures mean nothing

Three data sets each of rows, sequences, images and series. `compare_baselines` has 60 seconds and
two processes for each, and its defaults else. Then pipelines of dlkit that somebody would put
together by hand, knowing the kind of data (`by_hand`, three or four of each kind), are scored on
the same folds, without a budget. *gap* is the table's best beside the best of these and of the
table: points of accuracy, or percent of the error (root mean squared error; MASE for series). It
is above zero where something by hand was better. Its best was the best of several on the same folds
that are shown, by hand and in the table alike.

*told* is the share of fits whose seconds were expected within a factor of two, by the clock and of
the processor (in which other work on the machine counts less); of fits of a twentieth of a second
and more. *overrun* is how far the budget was.
"""

import argparse
from time import perf_counter

import _above  # noqa: F401
import numpy as np
from _common import print_protocol, summary, table
from get_data import load_mnist, load_problem, load_series
from sklearn.base import clone
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_wine
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.model_selection import cross_val_predict
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import StandardScaler

import dlkit
from dlkit import compare_baselines
from dlkit.baselines._problem import loss, read_problem
from dlkit.readout import AttentionReadout, AttentionReadoutClassifier

BUDGET = 60
BRIEF = 0.05  # seconds; of briefer fits chance decides
ALPHAS = np.logspace(-3, 3, 10)


def whole(name):
    (X, y), (X_test, y_test) = load_problem(name)
    return [*X, *X_test], np.concatenate([y, y_test])


def some_images(name):
    (X, y), _ = load_mnist(name)
    return X[:1500], y[:1500]


DATA = {
    "breast cancer": ("rows", lambda: load_breast_cancer(return_X_y=True)),
    "wine": ("rows", lambda: load_wine(return_X_y=True)),
    "diabetes": ("rows", lambda: load_diabetes(return_X_y=True)),
    "JapaneseVowels": ("sequences", lambda: whole("JapaneseVowels")),
    "BasicMotions": ("sequences", lambda: whole("BasicMotions")),
    "GunPoint": ("sequences", lambda: whole("GunPoint")),
    "digits": ("images", lambda: (load_digits().images, load_digits().target)),
    "mnist": ("images", lambda: some_images("mnist")),
    "fashion": ("images", lambda: some_images("fashion_mnist")),
    "airpassengers": ("forecast", lambda: (load_series("airpassengers")[0], None)),
    "wineind": ("forecast", lambda: (load_series("wineind")[0], None)),
    "ausbeer": ("forecast", lambda: (load_series("ausbeer")[0], None)),
}


def by_hand(kind, problem):
    """Pipelines of dlkit by name."""
    scaled, seed = StandardScaler(), {"random_state": 1}
    classify = problem.target == "classification"
    ridge = dlkit.RidgeReadoutClassifier(ALPHAS) if classify else dlkit.RidgeReadout(ALPHAS)
    if kind == "rows":
        ask = AttentionReadoutClassifier(**seed) if classify else AttentionReadout(**seed)
        return {
            "attention": make_pipeline(scaled, ask),
            "wide layer": make_pipeline(scaled, dlkit.RandomAutoencoder(1500, **seed), ridge),
            "denoising layer": make_pipeline(
                scaled, dlkit.MarginalizedDenoisingAutoencoder(), StandardScaler(), ridge
            ),
        }
    if kind == "sequences":
        both = make_union(
            make_pipeline(dlkit.Hydra(**seed), dlkit.SparseScaler()),
            make_pipeline(dlkit.MultiRocket(**seed), StandardScaler()),
        )
        return {
            "MultiRocket + Hydra": make_pipeline(both, ridge),
            "MiniRocket": make_pipeline(dlkit.MiniRocket(**seed), StandardScaler(), ridge),
            "ESN, slow": make_pipeline(
                dlkit.PerStep(StandardScaler()),
                dlkit.ESNClassifier(500, leak_rate=0.1, bidirectional=True, **seed),
            ),
            "Quant": make_pipeline(
                dlkit.Quant(), ExtraTreesClassifier(200, max_features=0.1, **seed)
            ),
        }
    if kind == "images":
        size = (5, 5) if problem.X[0].shape[0] < 24 else (9, 9)
        more = {"kernel_size": size, "padding": "same", **seed}
        return {
            "k-means": make_pipeline(dlkit.ConvFeatures(**more), ridge),
            "k-means, split": make_pipeline(
                dlkit.ConvFeatures(100, encoder="split_threshold", threshold=0.5, grid=3, **more),
                dlkit.RidgeReadoutClassifier(ALPHAS),
            ),
            "PCA kernels": make_pipeline(dlkit.ConvFeatures(25, kernels="pca", **more), ridge),
        }
    season, ahead = max(problem.periods, default=1), {"horizon": problem.n_steps}
    return {
        "seasonal": dlkit.SeasonalForecaster(period=season if season > 1 else None),
        "seasonal, additive": dlkit.SeasonalForecaster(form="additive"),
        "lags": dlkit.NVARForecaster(2 * season, order=1, alpha=ALPHAS, **ahead),
        "ESN": dlkit.ESNForecaster(200, **ahead, **seed),
    }


def error(problem, prediction):
    """Percent of errors, or the root mean squared error over all samples, or the mean loss."""
    if problem.kind == "forecast":
        losses = []
        for away, parts in zip(problem.folds, prediction, strict=True):
            x = np.asarray(problem.X[0], dtype=float).reshape(-1, 1)
            origin = len(x) - away
            truth = x[origin : origin + problem.n_steps]
            losses.append(loss(problem, x[:origin], truth, np.reshape(parts[0], (-1, 1))))
        return np.mean(losses)
    if problem.target == "classification":
        return 100 * np.mean(np.asarray(prediction) != problem.y)
    return np.sqrt(np.mean((np.asarray(prediction, dtype=float) - problem.y) ** 2))


def predict(problem, model):
    if problem.kind != "forecast":
        return cross_val_predict(model, problem.X, problem.y, cv=problem.folds)
    x = problem.X[0]
    return [
        [clone(model).fit(x[: len(x) - away]).forecast(problem.n_steps)] for away in problem.folds
    ]


def told(found):
    """Ratios of expected to measured seconds, by the clock and of the processor."""
    ratios = []
    for row in found._rows.values():
        for fit in row.fits.values():
            if row.expected and fit.total >= BRIEF:
                cpu = row.expected.map + row.expected.own
                ratios.append((row.expected.total / fit.total, cpu / sum(fit.cpu.values())))
    return np.array(ratios).reshape(-1, 2)


def within(ratios):
    return np.mean((ratios > 0.5) & (ratios < 2), axis=0) if len(ratios) else np.ones(2)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="*", default=list(DATA))
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    budget = 8 if options.quick else BUDGET
    names = ["wine", "ausbeer"] if options.quick else options.names
    print_protocol(__doc__)
    rows, every, gaps, over = [], [], [], []
    for name in names:
        kind, load = DATA[name]
        X, y = load()
        start = perf_counter()
        found = compare_baselines(X, y, task=kind, budget=budget, n_jobs=2, verbose=0)
        seconds = perf_counter() - start
        problem = read_problem(X, y, kind, 5, None, None, None, 0)
        best = found.names[0]
        mine = error(problem, found.oof_predictions_[best])
        errors = {best: mine}
        start = perf_counter()
        for other, model in ({} if options.quick else by_hand(kind, problem)).items():
            errors[f"by hand: {other}"] = error(problem, predict(problem, model))
        by = min(errors, key=errors.get)
        points = problem.target == "classification"
        gap = mine - errors[by] if points else 100 * (mine / errors[by] - 1)
        gaps.append(gap / (1 if points else 2))
        over.append(max(0.0, seconds / budget - 1))
        ratios = told(found)
        every.append(ratios)
        naive = error(problem, found.oof_predictions_["naive"])
        clock, processor = within(ratios)
        rows.append((
            name, kind, naive, best, mine, by if by != best else "–", errors[by],
            f"{gap:.2f} {'points' if points else '%'}", f"{seconds:.0f}",
            f"{sum(one['status'] == 'ok' for one in found.records)} of {len(found)}",
            f"{clock:.2f}", f"{processor:.2f}", f"{perf_counter() - start:.0f}",
        ))  # fmt: skip
        print(f"{name}: done, {best}", flush=True)
    header = (
        "data", "kind", "naive error", "table's best", "error", "better by hand", "its error",
        "gap", "seconds", "rows done", "told, clock", "told, processor", "seconds by hand",
    )  # fmt: skip
    print(f"\n{table(header, rows)}")
    worst = int(np.argmax(gaps))
    near = sum(gap <= 1 for gap in gaps)
    summary(
        "table's best within a point, or 2 % of the error", f"{len(gaps)} of {len(gaps)}",
        f"{near} of {len(gaps)}; worst {rows[worst][7]} ({names[worst]})", near == len(gaps),
    )  # fmt: skip
    clock, processor = within(np.concatenate(every))
    summary(
        "seconds told within a factor of two", "≥ 0.9 of fits",
        f"{clock:.2f} by the clock, {processor:.2f} of the processor, "
        f"of {sum(map(len, every))} fits", clock >= 0.9,
    )  # fmt: skip
    summary("budget overrun", "≤ 10 %", f"{100 * max(over):.1f} %", max(over) <= 0.1)


if __name__ == "__main__":
    main()
