"""Tasks for explicit memory: a reservoir memory machine, beside an echo state network and ridge.

    python benchmarks/accuracy/memory_tasks.py          (some minutes)

Latch (200 steps, three spikes), copy (eight bits, 1 to 20 steps), repeat copy (1 to 10 steps, 1 to
10 times, a mark before each) and associative recall (2 to 6 items of three steps of six bits). 200
sequences in 20 folds of 10: fitted to 190, tested on 10; the figure is the mean over the folds of
the root mean squared error over all steps and channels (latch, copy and repeat copy: the protocol
of Paassen & Schulz, ESANN 2020, as far as it is told there). 128 units. Settings of the machine are
the defaults (recall: addressing="content"); the network's spectral radius and input scaling are
chosen for each task on three further folds, ridge sees the input alone. *Longer copies*: trained on
1 to 20 steps, asked for 40. *Languages*: trained on 190 words of 1 to 20 symbols; the share of
prefixes of 50 words of 500 symbols that are told right. Seconds are those of one fit.
"""

import sys
from time import perf_counter

import _above  # noqa: F401
import numpy as np
from _common import print_protocol, summary, table
from sklearn.model_selection import KFold

from dlkit import ESNForecaster, ReservoirMemoryMachine, RidgeReadout
from dlkit.datasets import (
    make_associative_recall,
    make_copy,
    make_latch,
    make_regular_language,
    make_repeat_copy,
)

N_UNITS, N_FOLDS = 128, 20
TASKS = {
    "latch": (make_latch, {}, 0.005),
    "copy": (make_copy, {}, 0.03),
    "repeat copy": (make_repeat_copy, {}, 0.06),
    "associative recall": (make_associative_recall, {"addressing": "content"}, 0.10),
}
GRID = [(radius, scaling) for radius in (0.9, 0.99) for scaling in (0.01, 0.1, 1.0)]


class Ridge:
    """Of the input of a step alone."""

    def fit(self, X, y):
        """Fit one readout to all steps."""
        self.readout = RidgeReadout(1e-3).fit(np.concatenate(X), np.concatenate(y))
        return self

    def predict(self, X):
        """Outputs of each sequence."""
        return [self.readout.predict(x).reshape(len(x), -1) for x in X]


def error(model, X, y):
    told, true = (np.concatenate(one) for one in (model.predict(X), y))
    return float(np.sqrt(np.mean((told.reshape(true.shape) - true) ** 2)))


def network(radius, scaling, seed):
    return ESNForecaster(
        N_UNITS, spectral_radius=radius, input_scaling=scaling, topology="cycle_jumps",
        random_state=seed,
    )  # fmt: skip


def best_network(make):
    X, y = make(200, random_state=1000)
    folds = list(KFold(N_FOLDS).split(X))[:3]

    def mean(setting):
        return np.mean([fold_error(network(*setting, 0), X, y, fold)[0] for fold in folds])

    return min(GRID, key=mean)


def fold_error(model, X, y, fold):
    train, test = ([[one[i] for i in part] for one in (X, y)] for part in fold)
    start = perf_counter()
    model.fit(*train)
    seconds = perf_counter() - start
    return error(model, *test), seconds


def main():
    print_protocol(__doc__)
    quick = "--quick" in sys.argv
    rows, verdicts, slowest = [], [], 0.0
    for task, (make, parameters, asked) in TASKS.items():
        X, y = make(200, random_state=0)
        folds = list(KFold(N_FOLDS).split(X))[: 1 if quick else N_FOLDS]
        setting = best_network(make)
        contenders = {
            "ridge": lambda i: Ridge(),
            "echo state network": lambda i, s=setting: network(*s, i),
            "memory machine": lambda i, p=parameters: ReservoirMemoryMachine(
                N_UNITS, random_state=i, **p
            ),
        }
        for name, new in contenders.items():
            found = [fold_error(new(i), X, y, fold) for i, fold in enumerate(folds)]
            errors, seconds = zip(*found, strict=True)
            rows.append((task, name, np.mean(errors), np.std(errors), np.median(seconds)))
            print(rows[-1], file=sys.stderr, flush=True)
        verdicts.append((f"{task}, error", f"≤ {asked}", rows[-1][2], asked))
        slowest = max(slowest, rows[-1][4])
    machine = ReservoirMemoryMachine(N_UNITS, random_state=0).fit(*make_copy(190, random_state=0))
    far = error(machine, *make_copy(20, min_length=40, max_length=40, random_state=1))
    rows.append(("copy of 40 steps", "memory machine", far, 0.0, 0.0))
    verdicts.append(("copy of 40 after at most 20, error", "≤ 0.05", far, 0.05))
    print(table(("task", "model", "RMSE", "± folds", "seconds a fit"), rows))
    for what, asked, measured, limit in verdicts:
        summary(what, asked, f"{measured:.4f}", measured <= limit)
    for language in ("parity", "(ab)*"):
        machine = ReservoirMemoryMachine(N_UNITS, addressing="states", random_state=0)
        start = perf_counter()
        machine.fit(*make_regular_language(190, language, random_state=0))
        slowest = max(slowest, perf_counter() - start)
        X, y = make_regular_language(
            50, language, min_length=500, max_length=500, stray=0.002, random_state=1
        )
        right = np.mean(np.concatenate(machine.predict(X)) == np.concatenate(y))
        summary(f"{language} of 500 symbols, prefixes right", "100 %", f"{right:.2%}", right == 1)
    summary("slowest fit", "≤ 10 s", f"{slowest:.1f} s", slowest <= 10)


if __name__ == "__main__":
    main()
