"""MNIST by one convolutional layer learned without labels, and a linear readout.

    python benchmarks/accuracy/mnist.py                        # both recipes, on the test half
    python benchmarks/accuracy/mnist.py fast --validate        # how settings were chosen
    python benchmarks/accuracy/mnist.py --quick                # does it run? figures mean nothing

The standard split: 60,000 images to train on, 10,000 to test on, no augmentation, a border of one
blank pixel. Kernels are spherical k-means on whitened patches, which see no labels. `fast` reads
images as they are, with kernels of one size and a ridge readout, which learns block by block.
`accurate` reads each image twice: as it is, and without slant and with one width (sheared until
rows and columns of its ink are uncorrelated, then stretched to 20 columns). It has kernels of two
sizes for each, larger windows, and a readout by the squared hinge. That readout reads the features
many times, so all of them are in memory. The settings below were chosen by errors on parts of the
training half that were left out. The test half is looked at once for each figure, except for
`accurate`, of which earlier designs had been tested too: see the notes in README.md. `--validate`
trains on the first 50,000 images of the training half and counts errors on the other 10,000.

Each recipe runs in a process of its own. Time is that of the whole run, from raw pixels in memory
to the score, compilation and all; memory is the most the process ever held (VmHWM).
"""

import argparse
from time import perf_counter

import _above  # noqa: F401
import _child
import numpy as np
from _common import limit_threads, print_protocol, settings, summary, table
from get_data import load_mnist
from scipy.ndimage import affine_transform
from sklearn.base import clone
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import FunctionTransformer

from dlkit import ConvFeatures, HingeReadoutClassifier, RidgeReadoutClassifier, StreamedReadout

LAYER = {
    "kernel_size": (11, 11), "padding": "same", "window": 10, "window_stride": 5, "contrast": 1.0,
    "whitening": 1.0, "encoder": "split_threshold", "threshold": 0.5, "random_state": 0,
}  # fmt: skip
SIZES = [(9, 9), (13, 13)]
RECIPES = {  # name: (settings of the layer, readout, read upright too?, asked: error in %, seconds)
    "fast": ({"n_kernels": 100}, RidgeReadoutClassifier(1.0), False, (0.65, 90)),
    "accurate": (
        {"n_kernels": 75, "kernel_size": SIZES, "window": 12, "window_stride": 6},
        HingeReadoutClassifier(tol=0.015), True, (0.50, 900),
    ),
}  # fmt: skip
MEMORY = 6000  # MB
WIDTH, INK = 20, 64  # columns of upright images; what of 255 counts as ink


def border(X):
    """Put a blank pixel around each image."""
    return np.pad(X, ((0, 0), (1, 1), (1, 1)))


def upright(X):
    """Take slant and width out of images: the same shape, ink `WIDTH` columns wide, centred."""
    out = np.zeros_like(X)
    middle = (X.shape[1] - 1) / 2
    at = np.arange(X.shape[1])
    for image, result in zip(X.astype(np.float32), out, strict=True):
        rows, columns = image.sum(axis=1), image.sum(axis=0)
        total = max(rows.sum(), 1.0)
        r, c = rows @ at / total, columns @ at / total
        slope = ((at - r) @ image @ (at - c)) / max(rows @ (at - r) ** 2, 1.0)
        straight = affine_transform(
            image, [[1, 0], [slope, 1]], [r - middle, c - (1 + slope) * middle], order=1
        )
        inked = np.flatnonzero(straight.max(axis=0) > INK)
        first, last = (inked[0], inked[-1]) if len(inked) else (0, X.shape[2] - 1)
        step = (last - first + 1) / WIDTH
        start = (first + last) / 2 - step * middle
        result[:] = affine_transform(straight, [1, step], [0, start], order=1).clip(0, 255)
    return out


def joined(layers, readout, twice=False):
    """Features of the images with a border (and of them upright, too), and a readout."""
    features = make_pipeline(FunctionTransformer(border), layers)
    if twice:
        again = make_pipeline(FunctionTransformer(upright), clone(features))
        features = make_union(features, again)
    if isinstance(readout, RidgeReadoutClassifier):
        return StreamedReadout(features, readout, block_size=1000)
    return make_pipeline(features, readout)


def model(layer, readout, twice=False, n_jobs=2):
    """Feature map and readout."""
    return joined(ConvFeatures(**LAYER | layer, n_jobs=n_jobs), readout, twice)


def coefficients(learned):
    """Coefficients of the readout, a row for each class."""
    readout = getattr(learned, "readout_", None) or learned[-1]
    return readout.coef_


def run(make, validate, n_train):
    """Errors in percent, seconds and MB of one run, in a process of its own.

    ``make()`` returns the model. With few images to train on, as few of the others are read.
    """
    (X, y), (X_test, y_test) = load_mnist()
    if validate:
        X, X_test, y, y_test = X[:50_000], X[50_000:], y[:50_000], y[50_000:]
    if n_train < len(X):
        X_test, y_test = X_test[:n_train], y_test[:n_train]
    start = perf_counter()
    learned = make().fit(X[:n_train], y[:n_train])
    wrong = int(np.sum(learned.predict(X_test) != y_test))
    seconds = perf_counter() - start
    _child.report(
        error=100 * wrong / len(y_test),
        seconds=seconds,
        memory=_child.peak_memory(),
        features=int(coefficients(learned).shape[1]),
    )


def recipe(name):
    """Model of a recipe."""
    layer, readout, twice, _ = RECIPES[name]
    return model(layer, readout, twice)


def figures_of(script, names, args):
    """Figures of each recipe of a script, as `run` reports them."""
    n_train = 1000 if args.quick else 60_000
    return {name: _child.call(script, name, int(args.validate), n_train) for name in names}


def parse(doc, recipes):
    """Arguments of a script that holds recipes."""
    parser = argparse.ArgumentParser(description=doc.partition("\n")[0])
    parser.add_argument("names", nargs="*", metavar="recipe", help=f"of {list(recipes)}")
    parser.add_argument("--validate", action="store_true", help="leave the test half alone")
    parser.add_argument("--quick", action="store_true", help="1,000 images")
    return parser.parse_args()


def start(main, recipe):
    """Start a script: `main`, or one recipe where a parent process asks for it."""
    if (child := _child.arguments()) is None:
        main()
        return
    name, validate, n_train = child
    with limit_threads(2):
        run(lambda: recipe(name), int(validate), int(n_train))


def main():
    args = parse(__doc__, RECIPES)
    print_protocol(__doc__)
    rows, verdicts = [], []
    for name, found in figures_of(__file__, args.names or RECIPES, args).items():
        layer, readout, twice, (error, seconds) = RECIPES[name]
        reads = "as they are, and upright" if twice else "as they are"
        rows.append([name, reads, settings(layer), readout, *found.values()])
        for what, limit, measured, unit in [
            ("error", error, round(found["error"], 4), "%"),
            ("whole run", seconds, round(found["seconds"]), "s"),
            ("peak memory", MEMORY, round(found["memory"]), "MB"),
        ]:
            limits = f"≤ {limit} {unit}", f"{measured} {unit}", measured <= limit
            verdicts.append((f"{name}: {what}", *limits))
    header = ["recipe", "images", "layer", "readout", "error (%)", "seconds", "peak MB", "features"]
    print(table(header, rows))
    for verdict in verdicts if not args.validate else ():
        summary(*verdict)


if __name__ == "__main__":
    start(main, recipe)
