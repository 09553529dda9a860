"""Marginalized denoising: in closed form, and by `Ridge` on 20 corrupted copies.

Colour patches of 4 x 4 out of scikit-learn's two photographs, a third of the entries set to zero.
Ridge is given the copies ready-made, so that only its own fit is timed; its penalty is 20 times as
large, for 20 times as many rows. What is compared is the matrix W.
"""

import numpy as np
from _bench import Benchmark, Ratio
from sklearn.datasets import load_sample_images
from sklearn.feature_extraction.image import extract_patches_2d
from sklearn.linear_model import Ridge

from dlkit.layerwise import MarginalizedDenoisingAutoencoder

NOISE, COPIES, ALPHA = 1 / 3, 20, 1.0


def data(n):
    """Patches of shape (n, 48), centred and scaled."""
    parts = [
        extract_patches_2d(image, (4, 4), max_patches=n // 2, random_state=0).reshape(n // 2, -1)
        for image in load_sample_images().images
    ]
    X = np.concatenate(parts).astype(np.float64)
    return (X - X.mean()) / X.std()


def setup(threads, n):
    X = data(n)
    rng = np.random.default_rng(0)
    clean = np.tile(X, (COPIES, 1))
    corrupted = np.where(rng.random(clean.shape) < NOISE, 0.0, clean)
    return {
        "dlkit": lambda i: MarginalizedDenoisingAutoencoder(NOISE, alpha=ALPHA).fit(X).coef_,
        "Ridge": lambda i: Ridge(COPIES * ALPHA).fit(corrupted, clean).coef_,
    }


BENCHMARK = Benchmark(
    title="Marginalized denoising autoencoder, against Ridge on 20 corrupted copies",
    setup=setup,
    cases=[{"n": 80_000}],
    quick=[{"n": 2000}],
    judged=[Ratio("Ridge", 10)],
    agree=0.01,
)
