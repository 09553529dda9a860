"""Memory capacity of linear ring and orthogonal reservoirs of 100 units, against theory.

    python benchmarks/memory_capacity.py

Capacity is the sum over the delays d = 1 to 200 of the squared correlation of the input d steps
ago with a ridge readout of the state, on steps the readout has not seen; chance is taken off (see
`dlkit.reservoir.memory_capacity`). Ten seeds, each with its own input weights (U(-1, 1), no bias),
input (U(-1, 1)) and, if orthogonal, its own W.

Two columns of theory. "All delays" is N - 1 + det(W)^2 = N - (1 - r^(2N)), for either topology
and any input weights that excite all units. "Delays to 200" is what of it lies there: the sum of
w' (W')^d R^-1 W^d w, where w are the input weights and R = W R W' + w w' the covariance of the
states; for a ring, N (1 - r^(4N)) - (1 - r^(2N)).
"""

from time import perf_counter

import numpy as np
from _common import summary
from scipy.linalg import solve, solve_discrete_lyapunov
from scipy.sparse import issparse

from dlkit import ReservoirStates
from dlkit.reservoir import memory_capacity

N_UNITS = 100
MAX_DELAY = 2 * N_UNITS
SEEDS = range(10)


def exact(W, w, max_delay):
    """Capacity of the linear reservoir x(t) = W x(t - 1) + w u(t) for delays 1 to max_delay."""
    R = solve_discrete_lyapunov(W, np.outer(w, w))
    past = [w]
    for _ in range(max_delay):
        past.append(W @ past[-1])
    past = np.array(past[1:]).T
    return np.sum(past * solve(R, past, assume_a="sym"))


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


if __name__ == "__main__":
    main()
