"""Make tests/data/rocket_reference.npz: features as aeon, after the authors' code, computes them.

    python benchmarks/make_rocket_reference.py

Needs aeon 1.6.0 and PyTorch. For each of the four transforms with kernels, with one channel and
with three: the series, the kernels aeon drew, in dlkit's form, and the features aeon made with
them. Some of the series have flat stretches, where outputs equal biases. Hydra's have none: there
the winner among kernels is a matter of rounding.

QUANT draws nothing: of its five cases, channels and steps, there are the series, and the features
with the default settings and with four levels and an eighth of the steps.
"""

from pathlib import Path

import numpy as np
from _peers import quant_peer, rocket_kernels, rocket_peer

OUT = Path(__file__).parent.parent / "tests" / "data" / "rocket_reference.npz"
SMALL = {
    "Rocket": {"n_kernels": 40, "normalise": False},
    "MiniRocket": {"n_kernels": 3 * 84},
    "MultiRocket": {"n_kernels": 2 * 84},
    "Hydra": {"n_groups": 6, "n_kernels": 5},
}


def series(name, n_channels):
    rng = np.random.RandomState(n_channels)
    X = rng.standard_normal((4, 45, n_channels)).cumsum(axis=1)
    if name != "Hydra":
        X = X.round(1)
        X[1, 10:30] = X[1, 10]
        X[2, :20] = 0
        X[3] = X[3].round()
    return X.astype(np.float32)


def main():
    found = {}
    for name, size in SMALL.items():
        for n_channels in (1, 3):
            X = series(name, n_channels)
            aeon = rocket_peer(name, random_state=0, **size)
            cube = np.ascontiguousarray(X.transpose(0, 2, 1))
            found[f"{name}/{n_channels}/features"] = np.asarray(aeon.fit(cube).transform(cube))
            found[f"{name}/{n_channels}/X"] = X
            kernels = rocket_kernels(name, aeon)
            kernels = kernels if isinstance(kernels[0], tuple) else (kernels,)
            for i, own in enumerate(kernels):
                for field, value in own._asdict().items():
                    found[f"{name}/{n_channels}/{i}/{field}"] = value
    for n_channels, n_steps in ((1, 45), (3, 45), (1, 16), (2, 130), (1, 64)):
        rng = np.random.RandomState(n_steps)
        X = rng.standard_normal((4, n_steps, n_channels)).cumsum(axis=1).astype(np.float32)
        cube = np.ascontiguousarray(X.transpose(0, 2, 1))
        place = f"Quant/{n_channels}/{n_steps}"
        found[f"{place}/X"] = X
        found[f"{place}/features"] = quant_peer().fit(cube).transform(cube)
        coarse = quant_peer(interval_depth=4, quantile_divisor=8)
        found[f"{place}/coarse"] = coarse.fit(cube).transform(cube)
    OUT.parent.mkdir(exist_ok=True)
    np.savez_compressed(OUT, **found)
    print(f"{OUT}: {OUT.stat().st_size} bytes")


if __name__ == "__main__":
    main()
