"""A forest of a million nodes, 500 units: time, peak memory, and how time grows.

    python benchmarks/memory/forest_memory.py        (3 minutes)

Random trees of 1 to 40 nodes whose labels are one of 20 symbols, from 62,500 nodes to 1,000,000.
Each size is run in a fresh process on one thread: `TreeFeatures(500).fit(...)` and `transform`, to
the state of the root, means and maxima, compiled code in the cache. Peak resident memory is the
record of the operating system (VmHWM) and counts everything, the trees as lists of Python, too.
Growth is the exponent of CPU time, by least squares on logarithms. *Node by node*: the states of
2000 nodes, by recursion in NumPy with a dense matrix, and the largest difference.
"""

import sys
from time import perf_counter, process_time

import _above  # noqa: F401
import _child
import numpy as np
from _bench import exponent
from _common import limit_threads, print_protocol, summary, table

from dlkit.trees import TreeFeatures, TreeStates

SIZES = 62_500, 125_000, 250_000, 500_000, 1_000_000
N_UNITS = 500


def forest(n_nodes, seed=0):
    """Random trees: the parent of a node is any of the nodes before."""
    rng = np.random.RandomState(seed)
    trees, left = [], n_nodes
    symbols = np.array([f"s{i}" for i in range(20)])
    while left:
        n = min(rng.randint(1, 41), left)
        parents = (rng.uniform(size=n) * np.arange(n)).astype(int)
        parents[0] = -1
        trees.append((symbols[rng.randint(20, size=n)].tolist(), parents))
        left -= n
    return trees


def measure(n_nodes):
    limit_threads(1)
    trees = forest(n_nodes)
    TreeFeatures(N_UNITS, random_state=0).fit_transform(trees[:20])
    start, busy = perf_counter(), process_time()
    TreeFeatures(N_UNITS, random_state=0).fit(trees).transform(trees)
    _child.report(
        seconds=perf_counter() - start, cpu=process_time() - busy, peak=_child.peak_memory()
    )


def node_by_node(n_nodes=2000):
    """Largest difference from states computed one node after the other, and CPU seconds of both."""
    trees = forest(n_nodes, seed=1)
    model = TreeStates(N_UNITS, direction="up", random_state=0).fit(trees)
    start = process_time()
    fast = np.concatenate(model.transform(trees))
    middle = process_time()
    drawn, W = model.reservoir_, model.reservoir_.matrix.toarray()
    number = {symbol: i for i, symbol in enumerate(model.runner_.vocabulary.symbols)}
    slow = []
    for labels, parents in trees:
        heard = np.zeros((len(parents), N_UNITS))
        states = np.zeros_like(heard)
        for i in reversed(range(len(parents))):  # parents come before their children
            inner = W @ heard[i] + drawn.w_in[:, number[labels[i]]] + drawn.bias
            states[i] = np.tanh(inner)
            if parents[i] >= 0:
                heard[parents[i]] += states[i]
        slow.append(states)
    return np.abs(fast - np.concatenate(slow)).max(), middle - start, process_time() - middle


def main():
    print_protocol(__doc__)
    sizes = SIZES[:2] if "--quick" in sys.argv else SIZES
    rows = [(size, *_child.call(__file__, size).values()) for size in sizes]
    print(table(("nodes", "seconds", "CPU seconds", "peak resident (MB)"), rows))
    limit_threads(1)
    difference, fast, slow = node_by_node()
    print(f"\n2000 nodes: {fast:.3f} CPU seconds, node by node {slow:.3f}")
    n_nodes, _, busy, peak = rows[-1]
    summary(f"{n_nodes} nodes, CPU seconds", "≤ 60", f"{busy:.1f}", busy <= 60)
    summary(f"{n_nodes} nodes, peak resident", "≤ 4000 MB", f"{peak:.0f} MB", peak <= 4000)
    growth = exponent(np.array(sizes), [row[2] for row in rows])
    summary("exponent of CPU time in nodes", "≤ 1.05", f"{growth:.3f}", growth <= 1.05)
    summary("difference from node by node", "≤ 1e-10", f"{difference:.1e}", difference <= 1e-10)


if __name__ == "__main__":
    if (given := _child.arguments()) is not None:
        measure(int(given[0]))
    else:
        main()
