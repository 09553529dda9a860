"""Memory of `ConvFeatures.transform` beyond input and output, as the number of samples grows.

    python benchmarks/memory/conv_memory.py

Fresh processes, two threads, float32: 32×32×3 images, 1600 kernels of 6×6, triangle encoding, 2×2
cells; 28×28 images, 400 kernels of 11×11 on the padded image, overlapping windows; 32×64×64
volumes, 64 kernels of 5×5×5. Input is an array in memory (and, for the first work, also a
memory-mapped uint8 file). The figure is the peak of resident memory during `transform` (VmHWM,
reset before), minus the resident memory before the call, minus the output. Linux only.
"""

import sys
import tempfile
from pathlib import Path

import _above  # noqa: F401
import numpy as np
from _child import arguments, call, memory, peak_memory, report
from _common import limit_threads, print_protocol, summary, table

from dlkit import ConvFeatures

ASKED = 200  # MB
COMMON = {"random_state": 0, "n_jobs": 2, "n_patches": 5000, "kernels": "patches"}
SOFT = {"padding": "valid", "encoder": "soft_threshold"}
WORK = {
    "32×32×3, 1600 kernels": (
        (32, 32, 3), (500, 4000),
        ConvFeatures(
            1600, kernel_size=(6, 6), encoder="triangle", padding="valid", grid=2, **COMMON
        ),
    ),
    "32×32×3, 1600 kernels, mapped file": (
        (32, 32, 3), (4000,),
        ConvFeatures(
            1600, kernel_size=(6, 6), encoder="triangle", padding="valid", grid=2, **COMMON
        ),
    ),
    "28×28, 400 kernels, windows": (
        (28, 28), (1000, 8000),
        ConvFeatures(
            400, kernel_size=(11, 11), padding="full", encoder="soft_threshold", window=10,
            window_stride=5, **COMMON
        ),
    ),
    "32×64×64, 64 kernels": (
        (32, 64, 64), (8, 32),
        ConvFeatures(64, kernel_size=(5, 5, 5), **SOFT, **COMMON),
    ),
}  # fmt: skip


def make(path, shape, n):
    """Random bytes in a file, or float32 in memory."""
    rng = np.random.RandomState(0)
    if path:
        X = np.lib.format.open_memmap(path, "w+", dtype=np.uint8, shape=(n, *shape))
    else:
        X = np.empty((n, *shape), dtype=np.float32)
    for start in range(0, n, 256):
        part = X[start : start + 256]
        part[...] = rng.randint(0, 256, part.shape)
    if not path:
        return X
    X.flush()
    del X
    return np.load(path, mmap_mode="r")


def child(name, n):
    limit_threads(2)
    shape, _, conv = WORK[name]
    with tempfile.TemporaryDirectory() as folder:
        X = make(Path(folder) / "x.npy" if "file" in name else None, shape, int(n))
        conv.fit(X[:64])
        conv.transform(X[:64])
        Path("/proc/self/clear_refs").write_text("5")  # forget the peak so far
        before = memory("VmRSS")
        out = conv.transform(X)
        report(extra=peak_memory() - before - out.nbytes / 1e6, output=out.nbytes / 1e6)


def main():
    print_protocol(__doc__)
    rows = []
    for name, (_, sizes, _) in WORK.items():
        for n in sizes:
            figures = call(__file__, name, n)
            rows.append([name, n, figures["output"], figures["extra"]])
    print(table(["work", "samples", "output (MB)", "beyond it (MB)"], rows))
    most = max(row[-1] for row in rows)
    summary("memory of transform beyond input and output", f"≤ {ASKED} MB", f"{most:.0f} MB",
            most <= ASKED)  # fmt: skip


if __name__ == "__main__":
    if (given := arguments()) is not None:
        child(*given)
        sys.exit()
    main()
