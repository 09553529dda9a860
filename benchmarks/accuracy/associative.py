"""Recall of 1000 MNIST digits, the lower half of which is blanked, by `AssociativeMemory`.

    python benchmarks/accuracy/associative.py

The first 1000 images are stored, as float32. The memory sees the upper 14 rows of each; the lower
ones are unknown, or black (zero, which the memory takes for what is there).
Recalled exactly: all 784 numbers, rounded, are those of the image. Besides: 10 and 30 % of all
pixels replaced by random bytes, and the classical rule, the dot product with nothing masked. The
baseline is the image of the nearest mean of a digit's class.
"""

from time import perf_counter

import _above  # noqa: F401
import numpy as np
from _common import limit_threads, print_protocol, summary, table
from get_data import load_mnist

from dlkit import AssociativeMemory


def exact(found, images):
    return float((np.rint(found) == images).all(axis=1).mean())


def main():
    limit_threads(1)
    print_protocol(__doc__)
    (images, labels), _ = load_mnist()
    images, labels = images[:1000].reshape(1000, -1).astype(np.float32), labels[:1000]
    rng = np.random.default_rng(0)
    upper = np.tile(np.arange(784) < 14 * 28, (1000, 1))
    black = np.where(upper, images, 0)
    queries = {"lower half unknown": (black, upper), "lower half black": (black, None)}
    for share in (0.1, 0.3):
        noisy = images.copy()
        wrong = rng.random(images.shape) < share
        noisy[wrong] = rng.integers(0, 256, wrong.sum())
        queries[f"{share:.0%} of pixels random"] = noisy, None
    means = np.stack([images[labels == k].mean(axis=0) for k in range(10)])
    rows, figure = [], {}
    for steps in (1, 20):
        memory = AssociativeMemory(max_iter=steps)
        start = perf_counter()
        memory.fit(images)
        fitting = perf_counter() - start
        for name, query in queries.items():
            start = perf_counter()
            share = exact(memory.predict(*query), images)
            rows.append(
                (
                    name,
                    f"at most {steps} steps" if steps > 1 else "one step",
                    share,
                    perf_counter() - start,
                )
            )
            figure[name, steps] = share
    near = np.square(black[:, None, : 14 * 28] - means[None, :, : 14 * 28]).sum(axis=2)
    rows.append(("lower half unknown", "nearest class mean",
                 exact(means[near.argmin(axis=1)], images), 0.0))  # fmt: skip
    product = black @ images.T
    rows.append(("lower half unknown", "largest dot product",
                 exact(images[product.argmax(axis=1)], images), 0.0))  # fmt: skip
    print(table(("query", "by", "exactly recalled", "seconds"), rows))
    print(f"\nfit: {fitting:.2f} s")
    share = figure["lower half unknown", 20]
    summary("1000 digits, lower half unknown, recalled exactly", "≥ 99 %", f"{share:.1%}",
            share >= 0.99)  # fmt: skip


if __name__ == "__main__":
    main()
