"""The table's best pipeline on the packaged UCR and UEA problems, beside aeon's MultiRocketHydra.

    python benchmarks/accuracy/ucr_packaged.py              # with aeon three minutes
    python benchmarks/accuracy/ucr_packaged.py GunPoint     # these
    python benchmarks/accuracy/ucr_packaged.py --esn        # the ESN as it comes, and MiniRocket

Nine problems of the aeon wheel on their default splits. `compare_baselines` ranks pipelines by five
folds of the training half, within 100 seconds and two processes; its choice (`best()`) is fitted to
all of the training half, and looks at the test half once. Problems of unequal length come as they
are; aeon's classifier, which needs PyTorch, gets them cut or filled to one length.
*seconds* are processor seconds of fitting and scoring the pipeline and aeon's, one thread each;
choosing the pipeline took what *table* says, by the clock. Beside them are ESN and MiniRocket with
default settings, each channel standardised for the ESN.
"""

import argparse
from time import perf_counter, process_time

import _above  # noqa: F401
import numpy as np
from _common import limit_threads, print_protocol, summary, table
from _peers import installed
from get_data import PROBLEMS, UNEQUAL, load_problem
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from dlkit import ESNClassifier, MiniRocket, PerStep, RidgeReadoutClassifier, compare_baselines

SEEDS = 5
BUDGET = 100


def score(model, train, test):
    """Accuracy in percent on the test half, and processor seconds."""
    start = process_time()
    (X, y), (X_test, y_test) = train, test
    return 100 * model.fit(X, y).score(X_test, y_test), process_time() - start


def theirs(problem):
    from aeon.classification.convolution_based import MultiRocketHydraClassifier

    halves = [
        (np.ascontiguousarray(np.array(X).transpose(0, 2, 1)), y)
        for X, y in load_problem(problem, problem in UNEQUAL)
    ]
    return score(MultiRocketHydraClassifier(random_state=0, n_jobs=1), *halves)


def esn(seed):
    return make_pipeline(PerStep(StandardScaler()), ESNClassifier(random_state=seed))


def mini(seed):
    ridge = RidgeReadoutClassifier(np.logspace(-3, 3, 10))
    return make_pipeline(MiniRocket(random_state=seed), StandardScaler(with_mean=False), ridge)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="*", default=list(PROBLEMS))
    parser.add_argument("--esn", action="store_true")
    options = parser.parse_args()
    print_protocol(__doc__)
    peer = installed("aeon") and installed("torch") and not options.esn
    rows = []
    for name in options.names:
        train, test = load_problem(name)
        row = [name]
        if not options.esn:
            start = perf_counter()
            found = compare_baselines(*train, task="sequences", budget=BUDGET, n_jobs=2, verbose=0)
            choosing = perf_counter() - start
            with limit_threads(1):
                accuracy, seconds = score(found.best(), train, test)
            row += [found.choice, accuracy, seconds, choosing]
        else:
            row += ["–", np.nan, np.nan, np.nan]
        if peer:
            import torch

            torch.set_num_threads(1)
            with limit_threads(1):
                row += theirs(name)
        else:
            row += [np.nan, np.nan]
        for model in (esn, mini):
            row.append(np.mean([score(model(seed), train, test)[0] for seed in range(SEEDS)]))
        rows.append(row)
        print(f"{name}: done", flush=True)
    figures = np.array([row[2:] for row in rows], dtype=float)
    means, totals = figures.mean(axis=0), figures.sum(axis=0)
    rows.append(["mean", "", *means])
    header = (
        "problem", "table's best", "accuracy", "seconds", "table", "aeon's MultiRocketHydra",
        "its seconds", f"ESN as it comes ({SEEDS} seeds)", f"MiniRocket ({SEEDS} seeds)",
    )  # fmt: skip
    print(f"\n{table(header, rows)}")
    if peer:
        summary(
            "table's best, mean on the test halves", f"≥ {means[3]:.2f} (aeon's)",
            f"{means[0]:.2f}", means[0] >= means[3],
        )  # fmt: skip
        summary(
            "its share of aeon's seconds", "≤ 0.333", f"{totals[1] / totals[4]:.3f}",
            totals[1] <= totals[4] / 3,
        )  # fmt: skip


if __name__ == "__main__":
    main()
