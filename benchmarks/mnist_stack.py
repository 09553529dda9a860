"""MNIST by two convolutional layers, learned one after the other without labels.

    python benchmarks/mnist_stack.py                  # all recipes, on the test half
    python benchmarks/mnist_stack.py two --validate   # how settings were chosen
    python benchmarks/mnist_stack.py --quick          # does it run? figures mean nothing

The standard split: 60,000 images to train on, 10,000 to test on, no augmentation, a border of one
blank pixel. `one` is a single layer of spherical k-means kernels on pixels, that of `fast` in
`mnist.py` with twice its kernels. In `two` it has half of these, its maps are what it makes of
5 × 5 overlapping windows, and a second layer has kernels on 3 × 3 of these, which see most of a
digit; the readout, by ridge regression, sees both, and as many features as of `one`. `best` has a
larger second layer and a readout by the squared hinge. Settings were chosen by errors on the last
20,000 training images after learning from the first 20,000; `--validate` learns from the first
50,000 and counts errors on the last 10,000. The test half is looked at once for each figure.

Each recipe runs in a process of its own. Time is that of the whole run, from raw pixels in memory
to the score, compilation and all; memory is the most the process ever held (VmHWM).
"""

import argparse
from time import perf_counter

import _child
import numpy as np
from _common import limit_threads, print_protocol, summary, table
from get_data import load_mnist
from mnist import LAYER, coefficients, joined

from dlkit import ConvFeatures, GreedyLayerwise, HingeReadoutClassifier, RidgeReadoutClassifier

ERROR, TIMES, MEMORY = 0.40, 3, 6000  # %, the single layer's time, MB


def split(responses):
    """Split soft threshold, as small as the features of the first layer, for one penalty."""
    return np.maximum(np.hstack([responses, -responses]) - 0.5, 0) / 4


def two_layers(n_first, n_second, n_jobs=2):
    """Kernels on pixels, then on all maps pooled over 5 × 5 windows; 25 and 9 places for each."""
    first = ConvFeatures(n_first, output="map", n_jobs=n_jobs, **LAYER)
    second = ConvFeatures(
        n_second, kernel_size=(3, 3), contrast=None, encoder=split, n_patches=20_000, output="map",
        power=1.0, random_state=0, n_jobs=n_jobs,
    )  # fmt: skip
    return GreedyLayerwise(
        [("pixels", first), ("windows", second)], features="all", window=1, n_samples=20_000,
        random_state=0,
    )  # fmt: skip


RECIPES = {  # name: (what the layers are, and the readout)
    "one": (lambda: ConvFeatures(200, n_jobs=2, **LAYER), RidgeReadoutClassifier(1.0)),
    "two": (lambda: two_layers(100, 275), RidgeReadoutClassifier(1.0)),
    "best": (lambda: two_layers(100, 400), HingeReadoutClassifier(1.0, tol=0.015)),
}


def run(name, validate, n_train):
    """Errors in percent, seconds and MB of one run."""
    (X, y), (X_test, y_test) = load_mnist()
    if validate:
        X, X_test, y, y_test = X[:50_000], X[50_000:], y[:50_000], y[50_000:]
    if n_train < len(X):
        X_test, y_test = X_test[:n_train], y_test[:n_train]
    start = perf_counter()
    layers, readout = RECIPES[name]
    learned = joined(layers(), readout).fit(X[:n_train], y[:n_train])
    wrong = int(np.sum(learned.predict(X_test) != y_test))
    seconds = perf_counter() - start
    _child.report(
        error=100 * wrong / len(y_test),
        seconds=seconds,
        memory=_child.peak_memory(),
        features=int(coefficients(learned).shape[1]),
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("names", nargs="*", metavar="recipe", help=f"of {list(RECIPES)}")
    parser.add_argument("--validate", action="store_true", help="leave the test half alone")
    parser.add_argument("--quick", action="store_true", help="1,000 images")
    args = parser.parse_args()
    print_protocol(__doc__)
    n_train = 1000 if args.quick else 60_000
    found = {}
    for name in args.names or RECIPES:
        found[name] = _child.call(__file__, name, int(args.validate), n_train)
    header = ["recipe", "readout", "error (%)", "seconds", "peak MB", "features"]
    print(table(header, [[name, RECIPES[name][1], *own.values()] for name, own in found.items()]))
    if args.validate:
        return
    if {"one", "two"} <= found.keys():
        one, two = found["one"], found["two"]
        lower = two["error"] < one["error"]
        summary("two layers", f"< {one['error']:.4g} %", f"{two['error']:.4g} %", lower)
        times = two["seconds"] / one["seconds"]
        summary("their time", f"≤ {TIMES} of one's", f"{times:.2f}", times <= TIMES)
    if "best" in found:
        error = found["best"]["error"]
        summary("best stack", f"≤ {ERROR:.2f} %", f"{error:.4g} %", error <= ERROR)
    stacks = [own["memory"] for name, own in found.items() if name != "one"]
    if stacks:
        most = max(stacks)
        summary("peak memory", f"≤ {MEMORY} MB", f"{most:.0f} MB", most <= MEMORY)


if __name__ == "__main__":
    if (child := _child.arguments()) is not None:
        with limit_threads(2):
            run(child[0], int(child[1]), int(child[2]))
    else:
        main()
