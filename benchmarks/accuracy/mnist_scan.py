"""MNIST by reservoirs that scan the images in four directions, and a linear readout.

    python benchmarks/accuracy/mnist_scan.py                   # on the test half
    python benchmarks/accuracy/mnist_scan.py --validate        # how settings were chosen
    python benchmarks/accuracy/mnist_scan.py --quick           # does it run? figures mean nothing

The standard split: 60,000 images to train on, 10,000 to test on, no augmentation, no distortion.
Strips of eight lines, one every four, are sequences of 28 steps; a random reservoir for each
direction runs over them, and its states are averaged over five by five cells of the image.
Nothing but the readout is trained. The settings below were chosen by errors on parts of the
training half that were left out; the test half is looked at once. `--validate` trains on the first
50,000 images of the training half and counts errors on the other 10,000.
"""

import argparse
from time import perf_counter

import _above  # noqa: F401
from _common import limit_threads, print_protocol, settings, summary, table
from get_data import load_mnist

from dlkit import ImageScanFeatures, RidgeReadoutClassifier

SCAN = {
    "n_units": 100, "strip": 8, "strip_stride": 4, "grid": 5, "input_scaling": 2.0,
    "leak_rate": 0.5, "random_state": 0,
}  # fmt: skip
ALPHA = 1.0
ASKED = 1.5
BLOCK = 2000  # images


def blocks(X, *more):
    """Yield successive parts."""
    for start in range(0, len(X), BLOCK):
        yield [part[start : start + BLOCK] for part in (X, *more)]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--validate", action="store_true")
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    limit_threads(2)
    print_protocol(__doc__)
    (X, y), (X_test, y_test) = load_mnist()
    if options.validate:
        X, X_test, y, y_test = X[:50_000], X[50_000:], y[:50_000], y[50_000:]
    if options.quick:
        X, y, X_test, y_test = X[:2000], y[:2000], X_test[:1000], y_test[:1000]
    start = perf_counter()
    scan = ImageScanFeatures(**SCAN, n_jobs=2).fit(X[:1])
    readout = RidgeReadoutClassifier(ALPHA)
    for images, labels in blocks(X, y):
        readout.partial_fit(scan.transform(images), labels, classes=range(10))
    wrong = sum(
        (readout.predict(scan.transform(images)) != labels).sum()
        for images, labels in blocks(X_test, y_test)
    )
    error = 100 * wrong / len(y_test)
    seconds = perf_counter() - start
    n_features = len(scan.get_feature_names_out())
    row = error, n_features, seconds, settings(SCAN | {"alpha": ALPHA})
    print(f"\n{table(('error in %', 'features', 'seconds', 'settings'), [row])}")
    what = f"MNIST by a scan in four directions, error in %, {'validation' * options.validate}"
    summary(what.strip(", "), f"≤ {ASKED}", f"{error:.2f}", error <= ASKED)


if __name__ == "__main__":
    main()
