"""Images as they come: `ConvFeatures()` or its preset, and a linear readout, nothing else set.

    python benchmarks/accuracy/images.py                       # every set
    python benchmarks/accuracy/images.py digits faces
    python benchmarks/accuracy/images.py --quick               # does it run? figures mean nothing

- digits: scikit-learn's, 8 × 8 pixels, ten stratified folds.
- optdigits: the same kind, 3823 of 30 writers to learn from, 1797 of 13 others to test on.
- faces: ORL's forty people, 112 × 92 pixels. Of each five pictures are learned from, the other five
  tested on, and the other way round.
- MNIST: the standard split, no augmentation.

`StreamedReadout` joins features and a readout by ridge. "margin" is the preset's features behind a
readout by the squared hinge, which reads features many times, so that all are in memory; that, and
how far it iterates, was chosen on left-out training images of MNIST. The defaults were chosen by
`image_defaults.py`, on other images and on training parts. Digits are the test part of optdigits.
The preset reads images on a blank ground twice, which was tried on left-out training images of
MNIST. Each run is a process of its own, with two threads. Time is that of the whole run, without
imports; memory is the most the process ever held (VmHWM).
"""

import argparse
from time import perf_counter, process_time

import _above  # noqa: F401
import _child
import numpy as np
from _common import limit_threads, print_protocol, summary, table
from get_data import load_mnist
from get_pictures import load_faces, load_optdigits
from sklearn.datasets import load_digits
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import make_pipeline

from dlkit import ConvFeatures, HingeReadoutClassifier, RidgeReadoutClassifier, StreamedReadout


def default(**parameters):
    return StreamedReadout(ConvFeatures(**parameters), RidgeReadoutClassifier())


def accurate(**parameters):
    conv = ConvFeatures.preset("accurate", **parameters)
    return StreamedReadout(conv, RidgeReadoutClassifier())


def margin(**parameters):
    conv = ConvFeatures.preset("accurate", **parameters)
    return make_pipeline(conv, HingeReadoutClassifier(tol=0.015))


MAKE = {"default": default, "accurate": accurate, "margin": margin}


def digits():
    X, y = load_digits(return_X_y=True)
    X = X.reshape(-1, 8, 8).astype(np.float32)
    for train, test in StratifiedKFold(10, shuffle=True, random_state=0).split(X, y):
        yield X[train], y[train], X[test], y[test]


def optdigits():
    train, test = load_optdigits()
    yield *train, *test


def faces():
    X, y = load_faces()
    half = np.tile(np.arange(10) < 5, 40)
    for own in (half, ~half):
        yield X[own], y[own], X[~own], y[~own]


def mnist():
    train, test = load_mnist()
    yield *train, *test


SETS = {"digits": digits, "optdigits": optdigits, "faces": faces, "MNIST": mnist}
ASKED = {  # errors in percent, seconds, MB
    ("digits", "default"): (1.0, None, None),
    ("optdigits", "default"): (1.0, None, None),
    ("faces", "default"): (3.0, None, None),
    ("MNIST", "default"): (0.75, 120, None),
    ("MNIST", "accurate"): (0.50, 300, 6000),
    ("MNIST", "margin"): (0.50, 300, 6000),
}


def coefficients(model):
    """Coefficients of the readout, a row for each class."""
    readout = getattr(model, "readout_", None) or model[-1]
    return np.atleast_2d(readout.coef_)


def run(name, make, quick):
    """One set by one recipe, in a process of its own."""
    wrong = total = seconds = used = 0
    for X, y, X_test, y_test in SETS[name]():
        if quick:
            X, y, X_test, y_test = X[:400], y[:400], X_test[:400], y_test[:400]
        wall, cpu = perf_counter(), process_time()
        model = MAKE[make](random_state=0, n_jobs=2).fit(X, y)
        wrong += int(np.sum(model.predict(X_test) != y_test))
        seconds, used = seconds + perf_counter() - wall, used + process_time() - cpu
        total += len(y_test)
        if quick:
            break
    _child.report(
        error=100 * wrong / total, features=int(coefficients(model).shape[1]), seconds=seconds,
        cpu=used, memory=_child.peak_memory(),
    )  # fmt: skip


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("sets", nargs="*", metavar="set", help=f"of {list(SETS)}")
    parser.add_argument("--features", nargs="*", default=list(MAKE), choices=list(MAKE))
    parser.add_argument("--quick", action="store_true", help="400 images")
    args = parser.parse_args()
    print_protocol(__doc__)
    rows, verdicts = [], []
    for name in args.sets or SETS:
        for make in args.features:
            found = _child.call(__file__, name, make, int(args.quick))
            rows.append([name, make, *found.values()])
            print(rows[-1], flush=True)
            for what, limit, key, unit in zip(
                ("errors", "whole run", "peak memory"), ASKED.get((name, make), ()),
                ("error", "seconds", "memory"), ("%", "s", "MB"), strict=False,
            ):  # fmt: skip
                if limit is not None:
                    met = found[key] <= limit
                    verdicts.append((f"{name}, {make}: {what}", f"≤ {limit} {unit}",
                                     f"{found[key]:.3g} {unit}", met))  # fmt: skip
    header = ["set", "features", "errors (%)", "columns", "seconds", "CPU (s)", "peak MB"]
    print(table(header, rows), "\n")
    for verdict in () if args.quick else verdicts:
        summary(*verdict)


if __name__ == "__main__":
    with limit_threads(2):
        if (child := _child.arguments()) is None:
            main()
        else:
            run(child[0], child[1], bool(int(child[2])))
