"""Volumes to features: `conv3d`, rectification and pooling, against PyTorch."""

import numpy as np
from _bench import Benchmark, Ratio
from _peers import fastest, needs

from dlkit import ConvFeatures

SIZE, CELLS = (5, 5, 5), 2


@needs("torch")
def pytorch(conv, X, threads):
    """The same by PyTorch, in the batch size and memory format that a trial finds fastest."""
    import torch
    from torch.nn import functional

    torch.set_num_threads(threads)
    weights = torch.tensor(conv.kernels_[..., 0].astype(np.float32))[:, None]
    samples = torch.tensor(X)[:, None]

    def run(batch, layout):
        x, w = (a.contiguous(memory_format=getattr(torch, layout)) for a in (samples, weights))
        parts = []
        with torch.inference_mode():
            for start in range(0, len(x), batch):
                z = functional.conv3d(x[start : start + batch], w).clamp_(min=0)
                parts.append(functional.adaptive_avg_pool3d(z, CELLS))
            return torch.cat(parts).permute(0, 2, 3, 4, 1).flatten(1).numpy()

    forms = [(n, f) for n in (1, 4) for f in ("contiguous_format", "channels_last_3d")]
    best = fastest({form: lambda i, form=form: run(*form) for form in forms})

    def call(i):
        return run(*best)

    call.note = f"batches of {best[0]}, {best[1]}"
    return call


def setup(threads, n_volumes, shape):
    X = np.random.RandomState(0).standard_normal((n_volumes, *shape)).astype(np.float32)
    conv = ConvFeatures(
        64, kernel_size=SIZE, kernels="random", padding="valid", encoder="relu", grid=CELLS,
        power=1.0, contrast=None, whitening=None, n_patches=1000, random_state=0, n_jobs=threads,
    ).fit(X)  # fmt: skip
    return {"dlkit": lambda i: conv.transform(X), "PyTorch": pytorch(conv, X, threads)}


BENCHMARK = Benchmark(
    title="32×64×64 volumes, 64 kernels of 5×5×5, rectified, 2×2×2 cells, float32",
    setup=setup,
    cases=[{"n_volumes": 8, "shape": (32, 64, 64)}],
    quick=[{"n_volumes": 2, "shape": (8, 9, 10)}],
    judged=[Ratio("PyTorch", 3)],
    unit="ms a volume",
    scale=lambda n_volumes, **case: 1e3 / n_volumes,
    agree=1e-4,
)
