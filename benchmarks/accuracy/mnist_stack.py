"""MNIST by two convolutional layers, learned one after the other without labels.

    python benchmarks/accuracy/mnist_stack.py                  # all recipes, on the test half
    python benchmarks/accuracy/mnist_stack.py two --validate   # how settings were chosen
    python benchmarks/accuracy/mnist_stack.py --quick          # does it run? figures mean nothing

The standard split: 60,000 images to train on, 10,000 to test on, no augmentation, a border of one
blank pixel. `one` is a single layer of spherical k-means kernels on pixels, that of `fast` in
`mnist.py` with twice its kernels. In `two` the first layer has half as many kernels and is pooled
over 5 × 5 overlapping windows. The kernels of the second layer take 3 × 3 of these windows, which
is most of a digit. A ridge readout sees both layers, in all as many features as of `one`. `best`
has a larger second layer and a readout by the squared hinge. Settings were chosen by errors on the
last 20,000 training images after learning from the first 20,000; `--validate` learns from the first
50,000 and counts errors on the last 10,000. The test half is looked at once for each figure.

Each recipe runs in a process of its own. Time is that of the whole run, from raw pixels in memory
to the score, compilation and all; memory is the most the process ever held (VmHWM).
"""

import _above  # noqa: F401
import numpy as np
from _common import print_protocol, summary, table
from mnist import LAYER, figures_of, joined, parse, start

from dlkit import ConvFeatures, GreedyLayerwise, HingeReadoutClassifier, RidgeReadoutClassifier

ERROR, TIMES, MEMORY = 0.40, 3, 6000  # %, the single layer's time, MB


def split(responses):
    """Split soft threshold, as small as the features of the first layer, for one penalty."""
    return np.maximum(np.hstack([responses, -responses]) - 0.5, 0) / 4


def two_layers(n_first, n_second, n_jobs=2):
    """Kernels on pixels, then on all maps pooled over 5 × 5 windows; 25 and 9 places for each."""
    first = ConvFeatures(n_first, output="map", n_jobs=n_jobs, **LAYER)
    second = ConvFeatures(
        n_second, kernel_size=(3, 3), padding="valid", contrast=None, whitening=1.0, encoder=split,
        n_patches=20_000, output="map", power=1.0, random_state=0, n_jobs=n_jobs,
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


def recipe(name):
    """Model of a recipe."""
    layers, readout = RECIPES[name]
    return joined(layers(), readout)


def main():
    args = parse(__doc__, RECIPES)
    print_protocol(__doc__)
    found = figures_of(__file__, args.names or RECIPES, args)
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
    start(main, recipe)
