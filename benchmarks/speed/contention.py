"""What a call takes beside a busy process: the same workloads on a quiet machine, and with company.

    python benchmarks/speed/contention.py
    python benchmarks/speed/contention.py --rows search ridge --calls 24 --busy 2

Each workload is called once before anything is timed. Then calls alternate, in blocks, between a
quiet machine and one on which as many processes as --busy says count upwards without pause. A
slowest call far above the quiet median means that threads wait for one another: BLAS's threads
spin where one of them has lost its core. With two cores and one busy process, two threads that
share work freely take 1.33 times as long, one thread as long as before.

Other programs on the machine make figures worse: the load average is printed before and after.
"""

import argparse
import multiprocessing
import os
from contextlib import contextmanager
from functools import cache
from statistics import median
from time import perf_counter, sleep

import _above  # noqa: F401
import numpy as np
from _common import summary, table
from _timing import print_machine
from sklearn.datasets import load_digits
from sklearn.pipeline import make_pipeline

from dlkit import (
    RBM,
    ConvFeatures,
    ESNClassifier,
    ESNForecaster,
    Hydra,
    MiniRocket,
    MultiRocket,
    ReservoirSearchCV,
    RidgeReadoutClassifier,
)
from dlkit.datasets import load_japanese_vowels
from dlkit.reservoir import Layers

BLOCKS = 3  # that calls of a kind come in


@cache
def vowels():
    return load_japanese_vowels(subset="train", return_X_y=True)


@cache
def series():
    return np.sin(0.2 * np.arange(2000.0))[:, None]


@cache
def rows(n, p):
    rng = np.random.RandomState(0)
    return rng.standard_normal((n, p)), rng.randint(0, 10, n)


def classifier():
    ESNClassifier(random_state=0).fit(*vowels())


def gated():
    ESNClassifier(100, cell="gru", random_state=0).fit(*vowels())


def layers():
    ESNForecaster(100, layers=Layers(2), random_state=0, scaling=None).fit(series()).forecast(500)


def forecaster():
    ESNForecaster(random_state=0, scaling=None).fit(series()).forecast(500)


def search():
    grid = {
        "spectral_radius": [0.5, 0.9, 1.1], "leak_rate": [0.1, 0.3, 0.6, 1.0],
        "input_scaling": [0.1, 0.3, 1.0], "alpha": [1e-3, 0.1, 10.0],
    }  # fmt: skip
    ReservoirSearchCV(ESNClassifier(200, random_state=0), grid, cv=5).fit(*vowels())


def rocket(kind):
    kind(random_state=0).fit_transform(rows(50, 500)[0])


def rbm():
    RBM(256, n_epochs=5, random_state=0).fit(load_digits().data / 16)


def images():
    X, y = load_digits(return_X_y=True)
    features = ConvFeatures(64, kernel_size=(3, 3), input_shape=(8, 8), random_state=0)
    make_pipeline(features, RidgeReadoutClassifier()).fit(X / 16, y)


def ridge():
    RidgeReadoutClassifier().fit(*rows(2000, 1000))


def ridge_path():
    RidgeReadoutClassifier(np.logspace(-3, 3, 10)).fit(*rows(2000, 1000))


WORKLOADS = {
    "classifier": ("ESNClassifier, fit", classifier),
    "gated": ("gated cell, fit", gated),
    "layers": ("layers, fit and forecast", layers),
    "forecaster": ("ESNForecaster, fit and forecast", forecaster),
    "search": ("ReservoirSearchCV, 36 settings x 3 x 5", search),
    "minirocket": ("MiniRocket, 50 series of 500", lambda: rocket(MiniRocket)),
    "multirocket": ("MultiRocket, 50 series of 500", lambda: rocket(MultiRocket)),
    "hydra": ("Hydra, 50 series of 500", lambda: rocket(Hydra)),
    "rbm": ("RBM, 5 epochs of digits", rbm),
    "conv": ("ConvFeatures and readout, digits", images),
    "ridge": ("RidgeReadoutClassifier, 2000 x 1000", ridge),
    "path": ("the same, 10 alphas by leave-one-out", ridge_path),
}


def count_on():
    while True:
        pass


@contextmanager
def company(n_busy):
    """Processes that take all the time they get, for as long as the context lasts."""
    context = multiprocessing.get_context("spawn")
    busy = [context.Process(target=count_on, daemon=True) for _ in range(n_busy)]
    for process in busy:
        process.start()
    try:
        sleep(1.0)  # until they are there
        yield
    finally:
        for process in busy:
            process.terminate()
            process.join()


def times(call, n):
    seconds = []
    for _ in range(n):
        start = perf_counter()
        call()
        seconds.append(perf_counter() - start)
    return seconds


def measure(call, n_calls, n_busy):
    """Seconds of calls on a quiet machine, and of as many with company."""
    call()
    quiet, beside = [], []
    share = -(-n_calls // BLOCKS)
    for _ in range(BLOCKS):
        quiet += times(call, share)
        with company(n_busy):
            beside += times(call, share)
    return quiet, beside


def main(names, n_calls, n_busy):
    print(__doc__.split("\n\n")[0])
    print_machine()
    print(f"Load average {os.getloadavg()}.")
    found = []
    for name in names:
        title, call = WORKLOADS[name]
        quiet, beside = measure(call, n_calls, n_busy)
        usual = median(quiet)
        found.append(
            [
                title, f"{1e3 * usual:.0f}", f"{max(quiet) / usual:.2f}",
                f"{median(beside) / usual:.2f}", f"{max(beside) / usual:.2f}",
            ]
        )  # fmt: skip
        print(*found[-1], sep=" | ", flush=True)
    print()
    head = ["workload", "quiet median, ms", "slowest, quiet", "median beside", "slowest beside"]
    print(table(head, found))
    print(f"Load average {os.getloadavg()}.")
    for what, column, asked in (("median", 3, 1.6), ("slowest", 4, 2.5)):
        worst = max(found, key=lambda row: float(row[column]))
        value = float(worst[column])
        what = f"{what} call beside {n_busy} busy, over the quiet median"
        summary(what, f"<= {asked}", f"{value} ({worst[0]})", value <= asked)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--rows", nargs="+", choices=WORKLOADS, default=list(WORKLOADS))
    parser.add_argument("--calls", type=int, default=12, help="of each kind")
    parser.add_argument("--busy", type=int, default=1, help="processes beside")
    given = parser.parse_args()
    main(given.rows, given.calls, given.busy)
