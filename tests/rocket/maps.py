"""Small maps of the family and series for them, that tests share."""

from pathlib import Path

import numpy as np

from dlkit import Hydra, MiniRocket, MultiRocket, Rocket

from .. import naive_rocket as naive

SMALL = {
    "Rocket": Rocket(12, normalize=False, random_state=0),
    "MiniRocket": MiniRocket(3 * 84, random_state=0),
    "MultiRocket": MultiRocket(2 * 84, random_state=0),
    "Hydra": Hydra(5, n_kernels=3, random_state=0),
}
TWIN = {
    "Rocket": naive.rocket,
    "MiniRocket": naive.minirocket,
    "MultiRocket": naive.multirocket,
    "Hydra": naive.hydra,
}
REFERENCE = np.load(Path(__file__).parent.parent / "data" / "rocket_reference.npz")
LENGTHS = (23, 1, 2, 8, 9, 10, 40, 17)


def series(n_channels=1, lengths=LENGTHS, seed=0):
    """Series in steps of 1/64: sums of them have no rounding, so ties are ties in any order."""
    r = np.random.RandomState(seed)
    return [np.round(64 * r.standard_normal((n, n_channels))) / 64 for n in lengths]


def row(estimator, x):
    return estimator.transform([x])[0]
