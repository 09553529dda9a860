"""How the defaults of `ConvFeatures` were chosen: settings by errors on many kinds of images.

    python benchmarks/accuracy/image_defaults.py               # every setting (20 min)
    python benchmarks/accuracy/image_defaults.py --settings before default
    python benchmarks/accuracy/image_defaults.py --quick       # does it run? figures mean nothing

Eight sets, none of their test parts: digits of 8 × 8 pixels (the 30 writers of optdigits that are
learned from), MNIST and Fashion-MNIST (6000 of the training images), letters of 16 × 8 black and
white pixels, faces of 112 × 92 (of five pictures of each person, two to learn from), faces and
pieces without one of 25 × 25, textures of 16 × 16 (brick, grass, gravel) and pieces of 24 × 24 of
seven pictures in colour. Textures and pieces come from the left halves of pictures, and
rows of pieces are left out in bands. A readout by ridge with its default penalty, or one by margins
(the squared hinge), learns from one part of each set and is tested on what was left out of it;
errors in percent. "mean" is the
geometric mean, over sets, of errors relative to those of the first setting, half an error added
to each, so that no set counts for more than another and none can be bought by one.
"""

import argparse
from time import process_time

import _above  # noqa: F401
import numpy as np
from _common import limit_threads, print_protocol, table
from get_data import load_mnist
from get_pictures import (
    load_faces,
    load_letters,
    load_optdigits,
    load_pictures,
    load_small_faces,
)
from sklearn.base import clone
from sklearn.datasets import load_sample_images
from sklearn.model_selection import StratifiedKFold

from dlkit import ConvFeatures, HingeReadoutClassifier, RidgeReadoutClassifier
from dlkit.conv import Grid
from dlkit.conv._features import PRESETS

SIX, FORTY = "6 × 6", "40 %"  # usual sizes of kernels that were compared
FIRST = {
    "encoder": "soft_threshold", "threshold": 0.25, "whitening": 1.0, "padding": "valid",
    "kernel_size": SIX, "grid": 3, "n_kernels": 256,
}  # fmt: skip
SETTINGS = {  # what differs from the defaults; "first", "before": earlier ones
    "before": {"grid": 3, "n_kernels": 256},
    "default": {},
    "first": FIRST,
    "cells side by side": {"grid": 3},
    "256 kernels": {"n_kernels": 256},
    "4 × 4 cells that overlap, 192 kernels": {"grid": Grid(4, 0.5), "n_kernels": 192},
    "that, no contrast": {"grid": Grid(4, 0.5), "n_kernels": 192, "contrast": None},
    "kernels of 6 × 6": {"kernel_size": SIX},
    "kernels of 40 %": {"kernel_size": FORTY},
    "whitening 1": {"whitening": 1.0},
    "whitening 0.1": {"whitening": 0.1},
    "contrast 3": {"contrast": 3.0},
    "no contrast": {"contrast": None},
    "threshold 0.25": {"threshold": 0.25},
    "threshold 1": {"threshold": 1.0},
    "no borders": {"padding": "valid"},
    "soft threshold, twice the kernels": {"encoder": "soft_threshold", "n_kernels": 640},
    "power 0.25": {"power": 0.25},
    "patches as kernels": {"kernels": "patches"},
    "accurate": PRESETS["accurate"],
    "default, by margins": {"readout": HingeReadoutClassifier(tol=0.015)},
    "accurate, by margins": {**PRESETS["accurate"], "readout": HingeReadoutClassifier(tol=0.015)},
}


def sized(parameters, space):
    """Parameters with a size of kernels in place of what it is called."""
    rules = {
        SIX: lambda n: min(6, max(3, n // 2)),
        FORTY: lambda n: min(11, max(4, round(0.4 * n))),
    }
    rule = rules.get(parameters.get("kernel_size"))
    if rule is None:
        return dict(parameters)
    return parameters | {"kernel_size": tuple(int(rule(n)) for n in space)}


def pieces(pictures, side):
    """Square pieces of the left halves of pictures, which picture, and which of four bands."""
    X, y, bands = [], [], []
    for k, picture in enumerate(pictures):
        half = picture[:, : picture.shape[1] // 2]
        rows = range(0, half.shape[0] - side + 1, side)
        for r, row in enumerate(rows):
            for column in range(0, half.shape[1] - side + 1, side):
                X.append(half[row : row + side, column : column + side])
                y.append(k)
                bands.append(4 * r // len(rows))
    return np.array(X), np.array(y), np.array(bands)


def of_bands(X, y, bands):
    """Two of the bands are left out, each in its turn."""
    return X, y, [(np.flatnonzero(bands != b), np.flatnonzero(bands == b)) for b in (0, 2)]


def of_many(X, y, n=2000, n_test=4000):
    """Some images to learn from, and others."""
    chosen = np.random.RandomState(0).permutation(len(X))[: n + n_test]
    return X[chosen], y[chosen], [(np.arange(n), np.arange(n, n + n_test))]


def sets():
    """Images, labels, and pairs of what is learned from and what is left out, by name."""
    found = {}
    (X, y), _ = load_optdigits()
    found["optdigits"] = X, y, list(StratifiedKFold(3).split(X, y))[:2]
    found["MNIST"] = of_many(*load_mnist()[0])
    found["Fashion"] = of_many(*load_mnist("fashion_mnist")[0])
    words, labels, folds = load_letters()
    order = np.random.RandomState(0).permutation(np.flatnonzero(folds != 0))[:800]
    parts = [(np.concatenate([a[i] for i in order])) for a in (words, labels)]
    n = sum(len(labels[i]) for i in order[:270])  # words of their own are left out
    X = parts[0].reshape(-1, 16, 8).astype(np.float32)
    found["letters"] = X, parts[1], [(np.arange(n), np.arange(n, len(X)))]
    X, y = load_faces()
    X, y, number = (a[np.tile(np.arange(10) < 5, 40)] for a in (X, y, np.tile(np.arange(10), 40)))
    folds = [np.isin(number, pair) for pair in ((0, 1), (3, 4))]
    found["faces"] = X, y, [(np.flatnonzero(own), np.flatnonzero(~own)) for own in folds]
    X, y = load_small_faces()
    folds = StratifiedKFold(5, shuffle=True, random_state=0).split(X, y)
    found["face or not"] = X, y, list(folds)
    found["textures"] = of_bands(*pieces(load_pictures("textures"), 16))
    pictures = [*load_sample_images().images, *load_pictures()]
    found["colour"] = of_bands(*pieces(pictures, 24))
    return found


def errors(parameters, X, y, folds):
    """Errors of one setting on what was left out, in percent, how many there were, and columns."""
    wrong = total = 0
    parameters = sized(parameters, X.shape[1:3])
    model = parameters.pop("readout", RidgeReadoutClassifier())
    for train, test in folds:
        conv = ConvFeatures(**parameters, random_state=0, n_jobs=2)
        features = conv.fit_transform(X[train])
        readout = clone(model).fit(features, y[train])
        wrong += int(np.sum(readout.predict(conv.transform(X[test])) != y[test]))
        total += len(test)
    return 100 * wrong / total, 100 / total, features.shape[1]


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--settings", nargs="*", metavar="setting", help=f"of {list(SETTINGS)}")
    parser.add_argument("--quick", action="store_true", help="one setting, few images")
    args = parser.parse_args()
    print_protocol(__doc__)
    data = sets()
    names = args.settings or SETTINGS
    if args.quick:
        names = ["default"]
        data = {
            name: (X, y, [tuple(part[:: max(len(part) // 90, 1)] for part in folds[0])])
            for name, (X, y, folds) in data.items()
        }
    rows, first = [], None
    for name in names:
        start = process_time()
        found = [errors(SETTINGS[name], *one) for one in data.values()]
        shares = np.array([error + one / 2 for error, one, _ in found])
        first = shares if first is None else first
        mean = float(np.exp(np.mean(np.log(shares / first))))
        columns = found[list(data).index("MNIST")][2]
        rows.append([name, *(round(error, 2) for error, _, _ in found), mean, columns,
                     process_time() - start])  # fmt: skip
        print(rows[-1], flush=True)
    print(table(["setting", *data, "mean", "columns of MNIST", "CPU (s)"], rows))


if __name__ == "__main__":
    with limit_threads(2):
        main()
