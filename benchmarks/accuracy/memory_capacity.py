"""Memory capacity of 100 units: linear rings and orthogonal matrices against theory, then cells.

    python benchmarks/accuracy/memory_capacity.py

Capacity is the sum over the delays d = 1 to 200 of the squared correlation of the input d steps
ago with a ridge readout of the state, on steps the readout has not seen; chance is taken off (see
`dlkit.reservoir.memory_capacity`). Ten seeds, each with its own input weights (U(-1, 1), no bias),
input (U(-1, 1)) and, if orthogonal, its own W.

Two columns of theory. "All delays" is N - 1 + det(W)^2 = N - (1 - r^(2N)), for either topology
and any input weights that excite all units. "Delays to 200" is what of it lies there: the sum of
w' (W')^d R^-1 W^d w, where w are the input weights and R = W R W' + w w' the covariance of the
states; for a ring, N (1 - r^(4N)) - (1 - r^(2N)).

The second table has all kinds of units, tanh unless noted, with delays up to 300 and without bias.
The free parameters of each kind are chosen from the grid in `KINDS` by the capacity on 20,000
steps, with another seed than the figures. The figures are of five seeds, 50,000 steps each.
"""

from itertools import product
from time import perf_counter

import _above  # noqa: F401
import numpy as np
from _common import settings, summary
from scipy.linalg import solve, solve_discrete_lyapunov
from scipy.sparse import issparse

from dlkit import ReservoirStates
from dlkit.reservoir import (
    GRU,
    LSTM,
    MGU,
    Euler,
    Leaky,
    Legendre,
    Residual,
    memory_capacity,
)

N_UNITS = 100
MAX_DELAY = 2 * N_UNITS
SEEDS = range(10)

INPUTS, LEAKS = (0.01, 0.1, 1.0), (0.01, 0.02, 0.05, 0.1, 0.3, 1.0)
LINEAR = {"activation": ["identity"], "spectral_radius": [0.9, 0.95, 0.99], "input_scaling": [1.0]}
TANH = {"spectral_radius": [0.9, 0.99], "input_scaling": INPUTS}
KINDS = {
    "leaky": TANH | {"leak_rate": LEAKS},
    "delays (1, 5, 20)": TANH | {"cell": [Leaky(delays=(1, 5, 20))], "leak_rate": (0.3, 1.0)},
    "delays (1, 5, 20), linear": LINEAR | {"cell": [Leaky(delays=(1, 5, 20))]},
    "leak rates log-uniform": TANH | {"leak_rate": [("log_uniform", 1, t) for t in (10, 50, 200)]},
    "ES2N": TANH | {"cell": ["es2n"], "leak_rate": LEAKS},
    "residual": TANH | {
        "leak_rate": (0.01, 0.1, 1.0),
        "cell": [Residual(alpha=alpha) for alpha in (0.9, 0.97, 0.99)],
    },
    "Euler": TANH | {
        "leak_rate": (0.03, 0.1, 0.3),
        "cell": [Euler(diffusion=gamma) for gamma in (0.001, 0.1, 0.3, 1.0)],
    },
    "clockwork": TANH | {"cell": ["clockwork"]},
    "GRU": TANH | {"cell": [GRU(update_bias=b) for b in (-2, 0, 2)]},
    "MGU": TANH | {"cell": [MGU(forget_bias=b) for b in (-2, 0, 2)]},
    "LSTM": TANH | {"cell": [LSTM(forget_bias=b) for b in (0, 1, 3)]},
    "Legendre": TANH | {"cell": [Legendre(memory_units=90, window=w) for w in (60, 80, 100, 150)]},
    "ring, linear": LINEAR | {"topology": ["ring"]},
    "orthogonal, linear": LINEAR | {"topology": ["orthogonal"]},
}  # fmt: skip


def exact(W, w, max_delay):
    """Capacity of the linear reservoir x(t) = W x(t - 1) + w u(t) for delays 1 to max_delay."""
    R = solve_discrete_lyapunov(W, np.outer(w, w))
    past = [w]
    for _ in range(max_delay):
        past.append(W @ past[-1])
    past = np.array(past[1:]).T
    return np.sum(past * solve(R, past, assume_a="sym"))


def of_kind(options, seed, n_steps):
    """Capacity at the delays 1 to 300."""
    reservoir = ReservoirStates(N_UNITS, bias_scaling=0.0, random_state=seed, **options)
    return memory_capacity(
        reservoir, n_steps=n_steps, max_delay=300, washout=2000, random_state=seed
    ).total


def cells():
    """Print the table of all kinds of units."""
    print("\n| units | capacity, mean ± sd of 5 | least | chosen |")
    print("|---|---|---|---|")
    means = {}
    for name, grid in KINDS.items():
        candidates = [dict(zip(grid, values, strict=True)) for values in product(*grid.values())]
        best = max(candidates, key=lambda options: of_kind(options, 1000, 20_000))
        found = [of_kind(best, seed, 50_000) for seed in range(5)]
        means[name] = np.mean(found)
        chosen = {key: value for key, value in best.items() if len(grid[key]) > 1}
        print(
            f"| {name} | {means[name]:.2f} ± {np.std(found):.2f} | {np.min(found):.2f} "
            f"| {settings(chosen)} |",
            flush=True,
        )
    for name in ("ES2N", "orthogonal, linear"):
        what = f"memory capacity of delays 1 to 300, N=100, {name}"
        summary(what, "≥ 95", f"{means[name]:.2f}", means[name] >= 95)
    ratio = means["delays (1, 5, 20)"] / means["leaky"]
    summary("memory capacity, delays (1, 5, 20) over leaky", "> 1", f"{ratio:.2f}", ratio > 1)


def main():
    print("| topology | radius | capacity, mean ± sd of 10 | least | delays to 200 | all delays |")
    print("|---|---|---|---|---|---|")
    start = perf_counter()
    worst = N_UNITS
    for topology in ("ring", "orthogonal"):
        for radius in (0.9, 0.95, 0.98, 0.99):
            found, theory = [], []
            for seed in SEEDS:
                reservoir = ReservoirStates(
                    N_UNITS, topology=topology, spectral_radius=radius, activation="identity",
                    input_scaling=1.0, bias_scaling=0.0, random_state=seed,
                ).fit(np.zeros((1, 1))).reservoir_  # fmt: skip
                W = reservoir.matrix.toarray() if issparse(reservoir.matrix) else reservoir.matrix
                theory.append(exact(W, reservoir.w_in[:, 0], MAX_DELAY))
                capacity = memory_capacity(
                    reservoir, n_steps=100_000, max_delay=MAX_DELAY, washout=2000, random_state=seed
                )
                found.append(capacity.total)
            worst = min(worst, np.mean(found)) if radius == 0.95 else worst
            print(
                f"| {topology} | {radius} | {np.mean(found):.2f} ± {np.std(found):.2f} "
                f"| {np.min(found):.2f} | {np.mean(theory):.2f} "
                f"| {N_UNITS - 1 + radius ** (2 * N_UNITS):.2f} |",
                flush=True,
            )
    print(f"\n{perf_counter() - start:.0f} s")
    what = "memory capacity, N=100, radius 0.95, the lesser of ring and orthogonal"
    summary(what, "≥ 95", f"{worst:.2f}", worst >= 95)
    cells()


if __name__ == "__main__":
    main()
