"""Convolutional restricted Boltzmann machine: 24 kernels of 10 x 10 on 5,000 MNIST images.

    python benchmarks/accuracy/conv_rbm.py
    python benchmarks/accuracy/conv_rbm.py --quick             # does it run? figures mean nothing

One epoch of contrastive divergence with one step, blocks of 2 x 2, sparsity. Time is that of `fit`
on images in memory, without compilation (a fit on ten images comes first). How much a kernel is a
stroke is one number: the share of the kernel's energy spectrum, over directions modulo 180 degrees,
that lies within 30 degrees to either side of the strongest direction. The number is a third if no
direction is preferred.
"""

import argparse
from time import perf_counter

import _above  # noqa: F401
import numpy as np
from _common import limit_threads, print_protocol, summary, table
from get_data import load_mnist

from dlkit.layerwise import ConvRBM

MACHINE = ConvRBM(
    24, kernel_size=(10, 10), n_epochs=1, batch_size=2, learning_rate=0.5, sparsity_target=0.02,
    random_state=0,
)  # fmt: skip
SECONDS = 20


def orientation(kernel):
    """Largest share of the spectrum's energy within 30 degrees of a direction."""
    size = 32
    energy = np.abs(np.fft.fft2(kernel - kernel.mean(), (size, size))) ** 2
    y, x = np.meshgrid(np.fft.fftfreq(size), np.fft.fftfreq(size), indexing="ij")
    angle = np.degrees(np.arctan2(y, x)) % 180
    away = np.abs(angle - np.arange(0, 180, 5)[:, None, None])
    near = np.minimum(away, 180 - away) <= 30
    return float((near * energy).sum(axis=(1, 2)).max() / energy.sum())


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="200 images")
    n = 200 if parser.parse_args().quick else 5000
    print_protocol(__doc__)
    X = load_mnist()[0][0][:n].astype(np.float32) / 255
    MACHINE.fit(X[:10])
    times = []
    for _ in range(3):
        start = perf_counter()
        MACHINE.fit(X)
        times.append(perf_counter() - start)
    shares = [orientation(kernel[..., 0]) for kernel in MACHINE.kernels_]
    error = np.square(MACHINE.reconstruct(X[:500])[..., 0] - X[:500]).mean() / X[:500].var()
    rows = [[n, np.median(times), min(times), np.median(shares), error]]
    header = [
        "images", "seconds, median of 3", "least", "directedness, median",
        "reconstruction error / variance",
    ]  # fmt: skip
    print(table(header, rows))
    median = np.median(times)
    summary("one epoch", f"≤ {SECONDS} s", f"{median:.2g} s", median <= SECONDS)
    share = np.median(shares)
    summary("kernels are strokes: directedness", "> 0.6", f"{share:.2f}", share > 0.6)


if __name__ == "__main__":
    with limit_threads(2):
        main()
