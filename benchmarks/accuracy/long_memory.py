"""Tasks with long delays, where a plain reservoir fails, by all kinds of units.

    python benchmarks/accuracy/long_memory.py

*Delayed parity*: the input is ±1 at random; the target at step t is the parity of two bits that lie
d and d + 1 steps back, for d of 5, 10, 20 and 40. The task needs memory and a nonlinearity. *Copy*:
the input is eight bits in eight steps, then zeros, then, after 20, 50 or 100 further steps, a mark
on a second channel. After the mark the outputs must be the eight bits in their order. 400
sequences.

300 units, bias scaling 0.2, a ridge readout. The free parameters of each kind of unit are chosen
from the grid in `KINDS` by the share of right bits on a validation part. The figures are shares of
right bits on a test part, means of three seeds. "Solved" is 0.99 or more.
"""

from itertools import product

import _above  # noqa: F401
import numpy as np
from _common import settings, summary

from dlkit import ESNForecaster, RidgeReadout
from dlkit.reservoir import GRU, LSTM, MGU, Euler, Leaky, Legendre, Residual

N_UNITS, SEEDS = 300, range(3)
PARITY, COPY = (5, 10, 20, 40), (20, 50, 100)
N_BITS = 8

TANH = {"spectral_radius": (0.9, 1.0), "input_scaling": (0.1, 1.0)}
MEMORIES = [Legendre(memory_units=100, window=w) for w in (20, 60, 120)]
KINDS = {
    "leaky": TANH | {"leak_rate": (0.1, 0.5, 1.0)},
    "leak rates log-uniform": TANH | {"leak_rate": [("log_uniform", 1, t) for t in (10, 100)]},
    "delays (1, 5, 20)": TANH | {"cell": [Leaky(delays=(1, 5, 20))], "leak_rate": (0.5, 1.0)},
    "delays (1, d)": {
        "spectral_radius": (0.5, 0.9), "input_scaling": (0.1, 1.0),
        "cell": [Leaky(delays=(1, d)) for d in (5, 10, 20, 40)],
    },
    "ES2N": TANH | {"cell": ["es2n"], "leak_rate": (0.02, 0.1, 0.3)},
    "residual": TANH | {
        "leak_rate": (0.1, 1.0), "cell": [Residual(alpha=alpha) for alpha in (0.9, 0.97)],
    },
    "Euler": TANH | {
        "leak_rate": (0.1, 0.3), "cell": [Euler(diffusion=gamma) for gamma in (0.1, 0.5)],
    },
    "clockwork": TANH | {"cell": ["clockwork"]},
    "GRU": TANH | {"cell": [GRU(update_bias=b) for b in (-2, 0, 2)]},
    "MGU": TANH | {"cell": [MGU(forget_bias=b) for b in (-2, 0, 2)]},
    "LSTM": TANH | {"cell": [LSTM(forget_bias=b) for b in (0, 1, 3)]},
    "Legendre": TANH | {"cell": MEMORIES},
}  # fmt: skip


def parity(delay, seed):
    """Input and target of training, validation and test, and which steps count."""
    u = 2.0 * np.random.RandomState(seed).randint(0, 2, 9000) - 1
    y = np.roll(u, delay) * np.roll(u, delay + 1)
    counts = np.arange(9000) >= 100
    parts = np.split(np.arange(9000), [5000, 7000])
    return [([u[part, None]], [y[part]], counts[: len(part)]) for part in parts]


def copy(blank, seed):
    """The same of sequences: bits, a blank, a mark and N_BITS steps to tell them."""
    rng = np.random.RandomState(seed)
    n, length = 400, 2 * N_BITS + blank
    bits = 2.0 * rng.randint(0, 2, (n, N_BITS)) - 1
    X, y = np.zeros((n, length, 2)), np.zeros((n, length))
    X[:, :N_BITS, 0], y[:, -N_BITS:] = bits, bits
    X[:, -N_BITS, 1] = 1.0
    counts = np.tile(np.arange(length) >= length - N_BITS, n)
    parts = np.split(np.arange(n), [200, 300])
    return [(list(X[part]), list(y[part]), counts[: len(part) * length]) for part in parts]


def shares(options, seed, parts):
    """Share of right bits on the validation and on the test part."""
    (X, y, counts), *others = parts
    esn = ESNForecaster(
        N_UNITS,
        readout=RidgeReadout(1e-6),
        bias_scaling=0.2,
        random_state=seed,
        **options,
        scaling=None,
    )
    esn.fit(X, y, sample_weight=np.split(counts.astype(float), np.cumsum([len(x) for x in X])[:-1]))
    found = []
    for X, y, counts in others:
        told = np.concatenate(esn.predict(X))
        found.append(np.mean((told * np.concatenate(y) > 0)[counts]))
    return found


def main():
    tasks = {f"parity {d}": (parity, d) for d in PARITY} | {f"copy {b}": (copy, b) for b in COPY}
    print("| units | " + " | ".join(tasks) + " | solved |")
    print("|---" * (len(tasks) + 2) + "|")
    chosen, solved = {}, {}
    for name, grid in KINDS.items():
        candidates = [dict(zip(grid, values, strict=True)) for values in product(*grid.values())]
        row = []
        for task, (make, length) in tasks.items():
            parts = make(length, 1000)
            best = max(candidates, key=lambda options: shares(options, 1000, parts)[0])
            chosen[name, task] = settings({k: v for k, v in best.items() if len(grid[k]) > 1})
            row.append(np.mean([shares(best, s, make(length, s))[1] for s in SEEDS]))
        solved[name] = [share >= 0.99 for share in row]
        print(
            f"| {name} | {' | '.join(f'{share:.3f}' for share in row)} "
            f"| {sum(solved[name])} of {len(row)} |",
            flush=True,
        )
    print("\n| units | task | chosen |\n|---|---|---|")
    for (name, task), text in chosen.items():
        print(f"| {name} | {task} | {text} |")
    plain, some = solved.pop("leaky"), np.any(list(solved.values()), axis=0)
    what = f"tasks that some cell solves of those {len(some) - sum(plain)} that leaky units do not"
    n = int(np.sum(some & ~np.array(plain)))
    summary(what, "≥ 1", n, n >= 1)


if __name__ == "__main__":
    main()
