"""States of one series of 10,000 steps, side by side with ReservoirPy running the same matrices.

    pip install -e ".[benchmarks]"
    python benchmarks/series_speed.py

One channel, tanh, leak rate 0.3, radius 0.9, float64. dlkit draws W, W_in and the bias
(`ReservoirStates`, untimed) and both run them over the series from rest: `transform` against
`Reservoir.run`. ReservoirPy is given W as a CSR or a dense array, whichever is the faster in a
short trial. Agreement is the largest difference between the two arrays of states.
"""

import argparse
from statistics import median

import numpy as np
from _common import summary
from _timing import alternate, print_machine
from reservoirpy.nodes import Reservoir

from dlkit import ReservoirStates

N_STEPS = 10_000
TRIAL = 300
SLOW = 20.0  # seconds a round of the peer may take; beyond, it gets fewer steps


def peer(drawn, dense):
    """ReservoirPy's node with the matrices of a drawn dlkit reservoir."""
    W = drawn.matrix.toarray() if dense else drawn.matrix
    return Reservoir(W=W, Win=drawn.w_in, bias=drawn.bias, lr=drawn.leak_rate)


def run(node, u):
    if node.initialized:
        node.reset()  # its state is carried from call to call otherwise
    return node.run(u)


def faster_peer(drawn, u):
    """ReservoirPy's node in the format of W that suits it, that format, and seconds per step."""
    nodes = {"CSR": peer(drawn, dense=False), "dense": peer(drawn, dense=True)}
    seconds = alternate(
        {form: lambda i, node=node: run(node, u[:TRIAL]) for form, node in nodes.items()}, rounds=5
    )
    form = min(nodes, key=lambda form: seconds[form].min())
    return nodes[form], form, seconds[form].min() / TRIAL


def compare(n_units, n_links, rounds):
    u = np.random.RandomState(0).uniform(-1.0, 1.0, (N_STEPS, 1))
    ours = ReservoirStates(n_units, n_links=n_links, leak_rate=0.3, random_state=0).fit(u[:2])
    node, form, per_step = faster_peer(ours.reservoir_, u)
    n_theirs = min(N_STEPS, int(SLOW / per_step))
    apart = np.abs(ours.transform(u)[:n_theirs] - run(node, u[:n_theirs])).max()
    seconds = alternate(
        {"dlkit": lambda i: ours.transform(u), "peer": lambda i: run(node, u[:n_theirs])}, rounds
    )
    dlkit, theirs = 1e6 * seconds["dlkit"] / N_STEPS, 1e6 * seconds["peer"] / n_theirs
    fewer = "" if n_theirs == N_STEPS else f" ({n_theirs} steps)"
    print(
        f"| {n_units} | {n_links} | {median(dlkit):.2f} | {median(theirs):.2f} ({form}){fewer} "
        f"| {median(theirs / dlkit):.1f} | {min(theirs / dlkit):.1f} | {apart:.0e} |",
        flush=True,
    )
    return median(theirs / dlkit)


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=7)
    rounds = parser.parse_args().rounds
    print_machine("reservoirpy")
    print(
        f"\n{rounds} rounds of {N_STEPS} steps, medians\n"
        "\n| units | links into each | dlkit (µs a step) | ReservoirPy (µs a step) "
        "| ratio | least ratio | states differ by |\n|---|---|---|---|---|---|---|"
    )
    least = min(compare(n_units, 10, rounds) for n_units in (100, 500, 1000, 4000))
    least_dense = min(compare(n_units, n_units // 10, rounds) for n_units in (500, 1000))
    what = "times as long as dlkit, least of the sizes"
    summary(f"10 links, {what}", "> 1", f"{least:.2f}", least > 1)
    summary(f"density 0.1, {what}", "> 1", f"{least_dense:.2f}", least_dense > 1)


if __name__ == "__main__":
    main()
