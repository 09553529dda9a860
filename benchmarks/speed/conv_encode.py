"""Images to features: contrast, whitening, kernels, triangle encoding and pooling, against PyTorch.

PyTorch does the same arithmetic. One `conv2d` has all kernels, with whitening, contrast and the
factors of the encoding folded in; further channels of it are the whitened patches, for their norms.
Box filters give mean and variance, and a chain of elementwise steps follows. PyTorch appears twice:
in the plain way, and in the fastest way found, where every step is in place and a trial decides
whether channels come last. A trial on some images chooses the batch size. "The product alone" is
NumPy's product of patches that are in memory already, block by block into one buffer. Its speed
depends on the kernels that OpenBLAS chooses (OPENBLAS_CORETYPE). The products of dlkit and of
PyTorch use every instruction set of the processor.
"""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
from _bench import Benchmark, Ratio
from _peers import fastest, needs
from threadpoolctl import threadpool_limits

from dlkit import ConvFeatures

SIZE, CELLS = (6, 6), 2
POSITIONS = 27 * 27
TRIAL = 16


def images(n, seed=0):
    """Smooth random images, float32 in [0, 1]."""
    rng = np.random.RandomState(seed)
    x = rng.rand(n, 32, 32, 3)
    for axis in (1, 2):
        for _ in range(3):
            x += np.roll(x, 1, axis=axis)
    x -= x.min(axis=(1, 2, 3), keepdims=True)
    return (x / x.max(axis=(1, 2, 3), keepdims=True)).astype(np.float32)


@needs("torch")
def pytorch(conv, X, threads, in_place):
    """The same by PyTorch, in the batch size and memory format that a trial finds fastest."""
    import torch
    from torch.nn import functional

    torch.set_num_threads(threads)
    preprocess = conv.preprocess_
    kernels = conv.kernels_.reshape(len(conv.kernels_), -1).astype(float)
    A, b = preprocess.fold(kernels)
    R, c = preprocess.norm_operator()
    weights = np.concatenate([-2 * A, R]).reshape(-1, *SIZE, 3).transpose(0, 3, 1, 2)
    weights = torch.tensor(weights, dtype=torch.float32)
    bias = torch.tensor(2 * b + np.square(kernels).sum(axis=1), dtype=torch.float32)[:, None, None]
    c = torch.tensor(c, dtype=torch.float32)[:, None, None]
    box = torch.full((1, 3, *SIZE), 1 / weights[0].numel())
    n_kernels = len(kernels)
    samples = torch.tensor(np.ascontiguousarray(X.transpose(0, 3, 1, 2)))

    def chain(x, weights):
        mean = functional.conv2d(x, box)
        variance = functional.conv2d(x * x, box) - mean**2
        z = functional.conv2d(x, weights) / torch.sqrt(variance + preprocess.eps_)
        norms = ((z[:, n_kernels:] - c) ** 2).sum(dim=1, keepdim=True)
        distances = torch.sqrt(torch.relu(z[:, :n_kernels] + bias + norms))
        code = torch.relu(distances.mean(dim=1, keepdim=True) - distances)
        return functional.adaptive_avg_pool2d(code, CELLS)

    def chain_in_place(x, weights):
        mean = functional.conv2d(x, box)
        variance = functional.conv2d(x * x, box).sub_(mean.square_())
        scale = variance.add_(preprocess.eps_).rsqrt_()
        z = functional.conv2d(x, weights).mul_(scale)
        norms = (z[:, n_kernels:] - c).square_().sum(dim=1, keepdim=True)
        z = z[:, :n_kernels].add_(bias).add_(norms).clamp_(min=0).sqrt_()
        z = z.mean(dim=1, keepdim=True).sub(z).clamp_(min=0)
        return functional.adaptive_avg_pool2d(z, CELLS)

    def run(batch, layout, most=None):
        layout, encode = getattr(torch, layout), chain_in_place if in_place else chain
        x, w = (a.contiguous(memory_format=layout) for a in (samples[:most], weights))
        with torch.inference_mode():
            parts = [encode(x[i : i + batch], w) for i in range(0, len(x), batch)]
            return torch.cat(parts).permute(0, 2, 3, 1).flatten(1).numpy()

    formats = ("contiguous_format", "channels_last")[: 1 + in_place]
    forms = [(n, f) for n in (1, 2, 4, 8, 16) for f in formats]
    best = fastest({form: lambda i, form=form: run(*form, TRIAL) for form in forms})

    def call(i):
        return run(*best)

    call.note = f"batches of {best[0]}, {best[1]}"
    return call


def product(n, n_columns, threads):
    """The matrix product alone, in the form that a trial finds fastest."""
    rng = np.random.RandomState(0)
    patches = rng.rand(n * POSITIONS, 108).astype(np.float32)
    weights = rng.rand(108, n_columns).astype(np.float32)

    def run(images, apart):
        rows = images * POSITIONS
        starts = range(0, len(patches), rows)

        def work(starts):
            out = np.empty((rows, n_columns), dtype=np.float32)
            for start in starts:
                np.matmul(patches[start : start + rows], weights, out=out)

        if not apart:
            work(starts)
            return
        with threadpool_limits(1, "blas"), ThreadPoolExecutor(threads) as pool:
            list(pool.map(work, [starts[k::threads] for k in range(threads)]))

    forms = [(images, apart) for images in (1, 4) for apart in (False, True)]
    best = fastest({form: lambda i, form=form: run(*form) for form in forms})

    def call(i):
        run(*best)

    call.note = f"{best[0]} images a product" + (", own threads" if best[1] else "")
    return call


def features(n_kernels, **options):
    """The transformer of this benchmark."""
    return ConvFeatures(
        n_kernels, kernel_size=SIZE, kernels="patches", padding="valid", encoder="triangle",
        grid=CELLS, power=1.0, contrast=0.1, whitening=0.1, n_patches=20_000, random_state=0,
        **options,
    )  # fmt: skip


def setup(threads, n_kernels, n_images):
    X = images(n_images)
    conv = features(n_kernels, n_jobs=threads).fit(X)
    n_norms = conv.preprocess_.norm_operator()[0].shape[0]
    return {
        "dlkit": lambda i: conv.transform(X),
        "product alone": product(n_images, n_kernels, threads),
        "product alone, with the norms' columns": product(n_images, n_kernels + n_norms, threads),
        "PyTorch": pytorch(conv, X, threads, in_place=False),
        "PyTorch, put together fastest": pytorch(conv, X, threads, in_place=True),
    }


def check(contenders, **case):
    """Compare dlkit's features with PyTorch's."""
    reference, columns = contenders["dlkit"](0), {}
    for name in (name for name in contenders if name.startswith("PyTorch")):
        apart = np.abs(contenders[name](0) - reference).max() / np.abs(reference).max()
        if apart > 1e-3:
            raise ValueError(f"features differ by {apart:.1g} of the largest")
        columns[name] = {"differs by": f"{apart:.0e}"}
    return columns


BENCHMARK = Benchmark(
    title="32×32×3 images, 6×6 kernels, triangle encoding, 2×2 cells, float32",
    setup=setup,
    cases=[
        {"n_kernels": 400, "n_images": 128},
        {"n_kernels": 1600, "n_images": 64},
        {"n_kernels": 4000, "n_images": 32},
    ],
    quick=[{"n_kernels": 50, "n_images": 16}],
    judged=[
        Ratio("PyTorch", 8),
        Ratio("PyTorch, put together fastest", 8),
        Ratio("product alone", 0.7, label="share of the time that is the product alone"),
    ],
    unit="ms an image",
    scale=lambda n_images, **case: 1e3 / n_images,
    check=check,
)
