"""Few labels: MNIST with 10 and 100 labelled images a class, the others unlabelled.

    python benchmarks/accuracy/few_labels.py
    python benchmarks/accuracy/few_labels.py --quick           # does it run? figures mean nothing

Features are learned once on all 60,000 training images, without labels. A ridge readout, its
penalty chosen by leave-one-out, is then fitted on 10 (100) images a class, drawn at random five
times, and tested on the 10,000 test images. Raw pixels (also with an RBF kernel machine, its
settings chosen by five-fold cross-validation on the labelled images), one convolutional layer and
two, the second on groups of the first one's maps.
"""

import argparse

import _above  # noqa: F401
import numpy as np
from _common import limit_threads, print_protocol, summary, table
from get_data import load_mnist
from mnist import border
from sklearn.model_selection import GridSearchCV
from sklearn.svm import SVC

from dlkit import ConvFeatures, GreedyLayerwise, RidgeReadoutClassifier
from dlkit.layerwise import GroupedMaps

PIXELS = {
    "padding": "same", "contrast": 1.0, "whitening": 2.0, "threshold": 0.25,
    "encoder": "soft_threshold", "random_state": 0,
}  # fmt: skip
MAPS = {
    "padding": "same", "whitening": 1.0, "encoder": "soft_threshold", "threshold": 0.25,
    "output": "map", "power": 1.0, "n_patches": 50_000, "random_state": 0,
}  # fmt: skip
ALPHAS = np.logspace(-3, 3, 13)
DRAWS = 5
GRID = {"C": [1, 10, 100], "gamma": [0.003, 0.01, 0.03]}


def one_layer(n_kernels, n_jobs=2, kernel_size=(11, 11)):
    """A single layer, 25 windows for each kernel."""
    return ConvFeatures(
        n_kernels, kernel_size=kernel_size, window=10, window_stride=5, n_jobs=n_jobs, **PIXELS
    )


def two_layers(n_kernels, n_groups, group_size, n_second, n_jobs=2):
    """Kernels on pixels, then on groups of maps; 36 windows for each kernel of both."""
    first = ConvFeatures(
        n_kernels, kernel_size=(7, 7), window=2, output="map", power=1.0, n_jobs=n_jobs, **PIXELS
    )
    second = ConvFeatures(n_second, kernel_size=(5, 5), n_jobs=n_jobs, **MAPS)
    groups = GroupedMaps(second, n_groups=n_groups, group_size=group_size, random_state=0)
    return GreedyLayerwise(
        [("pixels", first), ("groups", groups)], features="all", window=5, window_stride=2,
        power=0.5, n_samples=5000, block_size=500, random_state=0,
    )  # fmt: skip


def chosen(y, n_labels, seed):
    """Numbers of n_labels images of each class."""
    rng = np.random.default_rng(seed)
    classes = (np.flatnonzero(y == c) for c in range(10))
    return np.concatenate([rng.choice(c, n_labels, replace=False) for c in classes])


def transform(learned, X, block=1000):
    """Features, block by block."""
    parts = [X[i : i + block] for i in range(0, len(X), block)]
    return np.concatenate([learned.transform(border(part)) for part in parts])


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="500 images, small layers")
    quick = parser.parse_args().quick
    print_protocol(__doc__)
    (X, y), (X_test, y_test) = load_mnist()
    sizes, draws = (10, 100), DRAWS
    one, two = (280,), (64, 8, 4, 16)
    if quick:
        X, y, X_test, y_test = X[:2000], y[:2000], X_test[:500], y_test[:500]
        sizes, draws, one, two = (10,), 1, (16,), (8, 2, 2, 4)
    picks = {(n, seed): chosen(y, n, seed) for n in sizes for seed in range(draws)}
    used = np.unique(np.concatenate(list(picks.values())))

    def pixels(images):
        return images.reshape(len(images), -1).astype(np.float32) / 255

    maps = {"raw pixels": (None, pixels(X[used]), pixels(X_test))}
    for name, layers in (("one layer", one_layer(*one)), ("two layers", two_layers(*two))):
        learned = layers.fit(border(X))
        maps[name] = (learned, transform(learned, X[used]), transform(learned, X_test))
    rows, means = [], {}
    readouts = {name: (name, RidgeReadoutClassifier(alpha=ALPHAS)) for name in maps}
    machine = GridSearchCV(SVC(), GRID)
    readouts = {"raw pixels, RBF kernel": ("raw pixels", machine)} | readouts
    for what, (name, readout) in readouts.items():
        _, F, F_test = maps[name]
        row = [what, F.shape[1]]
        for n in sizes:
            errors = []
            for seed in range(draws):
                rows_of = np.searchsorted(used, picks[n, seed])
                fitted = readout.fit(F[rows_of], y[picks[n, seed]])
                errors.append(100 * (1 - fitted.score(F_test, y_test)))
            means[what, n] = np.mean(errors)
            row.append(f"{np.mean(errors):.2f} ± {np.std(errors):.2f}")
        rows.append(row)
    print(table(["features", "columns", *(f"error (%), {n} a class" for n in sizes)], rows))
    for n in sizes:
        best = min(means["raw pixels", n], means["raw pixels, RBF kernel", n])
        got = min(means["one layer", n], means["two layers", n])
        measured = f"{got:.2f} against {best:.2f} %"
        summary(f"{n} labels a class, learned features against pixels", "fewer errors", measured,
                got < best)  # fmt: skip


if __name__ == "__main__":
    with limit_threads(2):
        main()
