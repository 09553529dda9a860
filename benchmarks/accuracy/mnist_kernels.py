"""MNIST: learned against random kernels in the same architecture, at 200, 1000 and 4000 features.

    python benchmarks/accuracy/mnist_kernels.py
    python benchmarks/accuracy/mnist_kernels.py --quick        # does it run? figures mean nothing

One layer as in `mnist.py`: 11 × 11 patches, whitened, a one-sided soft threshold, overlapping
windows, square roots; 25 windows, so 8, 40 and 160 kernels. What changes is the kernels alone:
Gaussian, Gabor pairs, random patches of the data, and spherical k-means on patches. Trained on
60,000 images, tested on 10,000, for each of three seeds; alpha is chosen for each fit by
generalised cross-validation. Nothing else is chosen, so no setting has seen the test half.
"""

import argparse
from time import perf_counter

import _above  # noqa: F401
import numpy as np
from _common import limit_threads, print_protocol, table
from get_data import load_mnist
from mnist import model

from dlkit import RidgeReadoutClassifier

KERNELS = {"random": "Gaussian", "gabor": "Gabor", "patches": "patches", "kmeans": "k-means"}
N_WINDOWS = 25
SIZES = (200, 1000, 4000)
ALPHAS = np.logspace(-2, 2, 9)


def error(kernels, n_kernels, seed, train, test):
    """Share of test images that are misclassified, in percent."""
    layer = {"n_kernels": n_kernels, "encoder": "soft_threshold", "kernels": kernels}
    readout = RidgeReadoutClassifier(alpha=ALPHAS, selection="gcv")
    learned = model(layer | {"random_state": seed}, readout)
    return 100 * (1 - learned.fit(*train).score(*test))


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="1,000 images, one seed, one size")
    quick = parser.parse_args().quick
    print_protocol(__doc__)
    train, test = load_mnist()
    seeds, sizes = range(3), SIZES
    if quick:
        train, test, seeds, sizes = [a[:1000] for a in train], [a[:500] for a in test], [0], [200]
    start, rows, means = perf_counter(), [], {}
    for n_features in sizes:
        for kernels, name in KERNELS.items():
            draws = seeds if kernels != "gabor" else seeds[:1]  # nothing is drawn
            found = [error(kernels, n_features // N_WINDOWS, s, train, test) for s in draws]
            means[n_features, kernels] = np.mean(found)
            spread = f"{min(found):.2f} to {max(found):.2f}" if len(found) > 1 else "–"
            rows.append([n_features, n_features // N_WINDOWS, name, np.mean(found), spread])
    print(table(["features", "kernels", "kind", "error (%), mean", "seeds"], rows))
    print(f"\n{perf_counter() - start:.0f} s")
    for n_features in sizes:
        learned, drawn = means[n_features, "kmeans"], means[n_features, "random"]
        print(f"{n_features} features: k-means {learned:.2f} %, Gaussian kernels {drawn:.2f} %")


if __name__ == "__main__":
    with limit_threads(2):
        main()
