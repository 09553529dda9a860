"""Spherical k-means on patches against its own matrix products, and scikit-learn's `KMeans`.

400,000 patches of 6 × 6 × 3, cut from images of noise with a natural spectrum, contrast-normalised,
whitened and of unit norm, float32. All contenders begin with the same centres and do ten
iterations.

products  NumPy's product of the patches with the centres, ten times, in blocks that overwrite each
          other's results: the arithmetic of ten iterations cannot be faster. A short trial chooses
          the size of a block and the kind of threads. (dlkit and scikit-learn do an eleventh
          product, for the labels of the final centres.)
KMeans    scikit-learn's, with ``algorithm="lloyd"``. Centres are not normalised; all else is the
          same.
"""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
from _bench import Benchmark, Ratio
from _common import limit_threads
from _timing import Timed, alternate
from sklearn.cluster import KMeans

from dlkit.conv import PatchPreprocess, SphericalKMeans

ITERATIONS, SIZE = 10, 6


def patches(n, seed=0):
    """Preprocessed patches of unit norm from images whose amplitudes fall with frequency."""
    rng = np.random.default_rng(seed)
    frequency = np.hypot(*np.meshgrid(np.fft.fftfreq(64), np.fft.fftfreq(64)))
    images = np.fft.fft2(rng.standard_normal((200, 3, 64, 64))) / np.maximum(frequency, 1 / 64)
    images = np.fft.ifft2(images).real.astype(np.float32)
    images += images.mean(axis=1, keepdims=True)  # channels are alike
    windows = np.lib.stride_tricks.sliding_window_view(images, (SIZE, SIZE), axis=(2, 3))
    image, row, column = (rng.integers(0, m, n) for m in (200, *windows.shape[2:4]))
    raw = windows[image, :, row, column].reshape(n, -1)
    rows = PatchPreprocess(0.1, 0.1).fit(raw).apply(raw)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def products(X, centers, threads, block, own):
    """Products of all blocks: by threads of our own, or by those of BLAS."""
    out = [np.empty((len(centers), block), X.dtype) for _ in range(threads if own else 1)]

    def some(first):
        for start in range(first * block, len(X) - block + 1, len(out) * block):
            np.matmul(centers, X[start : start + block].T, out=out[first])

    if not own:
        return lambda i: [some(0) for _ in range(ITERATIONS)] and None

    def call(i):
        with limit_threads(1), ThreadPoolExecutor(threads) as pool:
            for _ in range(ITERATIONS):
                list(pool.map(some, range(threads)))

    return call


def fastest(X, centers, threads):
    """The products in their fastest form."""
    forms = {
        f"blocks of {block}, {'threads' if own else 'BLAS threads'}": (block, own)
        for block in (512, 2048, 8192)
        for own in (False, True)
    }
    part = X[: max(8192, len(X) // 20)]
    tried = alternate({f: products(part, centers, threads, *forms[f]) for f in forms}, rounds=2)
    best = min(tried, key=lambda form: tried[form].min())
    return Timed(products(X, centers, threads, *forms[best]), note=best)


def setup(threads, n, n_clusters):
    X = patches(n)
    init = X[np.random.default_rng(1).choice(n, n_clusters, replace=False)]
    common = {"init": init, "n_init": 1, "max_iter": ITERATIONS, "tol": 0}
    ours = SphericalKMeans(n_clusters, **common, n_jobs=threads)
    coates = SphericalKMeans(n_clusters, **common, sign_invariant=True, damping=1.0, n_jobs=threads)
    peer = KMeans(n_clusters, algorithm="lloyd", **common)
    return {
        "dlkit": lambda i: ours.fit(X),
        "products": fastest(X, init, threads),
        "KMeans": lambda i: peer.fit(X),
        "dlkit, sign invariant": lambda i: coates.fit(X),
    }


def check(contenders, **case):
    """Mean cosine of a patch with its centre: what spherical k-means is after."""
    X = patches(**{"n": case["n"]})
    columns = {}
    for name in ("dlkit", "KMeans", "dlkit, sign invariant"):
        fitted = contenders[name](0)
        centers = fitted.cluster_centers_[fitted.labels_]
        centers /= np.linalg.norm(centers, axis=1, keepdims=True)
        cosine = np.abs(np.einsum("ij,ij->i", X, centers)).mean(dtype=np.float64)
        columns[name] = {"mean cosine": f"{cosine:.4f}"}
    return columns


BENCHMARK = Benchmark(
    title="Spherical k-means, ten iterations, against its matrix products and scikit-learn",
    setup=setup,
    cases=[{"n": 400_000, "n_clusters": 1600}],
    quick=[{"n": 20_000, "n_clusters": 50}],
    judged=[
        Ratio("products", 0.7, label="share of the speed of its products"),
        Ratio("KMeans", 1.0),
    ],
    unit="s",
    scale=lambda **case: 1.0,
    check=check,
)
