"""Peak memory of `PixelClassifier.predict` on a large picture in a mapped file.

    python benchmarks/memory/positions_memory.py
    python benchmarks/memory/positions_memory.py --side 8192
    python benchmarks/memory/positions_memory.py --quick       # does it run? figures mean nothing

A picture of 4096 × 4096 pixels in three colours (scikit-learn's two, tiled) is read from a mapped
file. The classifiers learned from strokes on one of the two. "Beyond" is the most that the process
held while it predicted, without what it held before, and without the labels. scikit-image's
features and a forest of 50 trees, on two threads too, are given a corner of 1024 × 1024 pixels,
since the features of the whole take more memory than most machines have; the time is multiplied by
the share of the picture.
"""

import argparse
import tempfile
from importlib.util import find_spec
from pathlib import Path
from time import perf_counter, process_time

import _above  # noqa: F401
import _child
import numpy as np
from _common import limit_threads, print_protocol, summary, table
from sklearn.datasets import load_sample_image

CORNER = 1024


def picture(path, side):
    """Write a picture to a file and return the file mapped."""
    tiles = np.concatenate([load_sample_image(n) for n in ("china.jpg", "flower.jpg")])
    out = np.lib.format.open_memmap(path, "w+", np.uint8, (1, side, side, 3))
    rows, columns = np.arange(side) % tiles.shape[0], np.arange(side) % tiles.shape[1]
    for start in range(0, side, 512):
        out[0, start : start + 512] = tiles[rows[start : start + 512]][:, columns]
    out.flush()
    del out
    return np.load(path, mmap_mode="r")


def marked():
    """Return a picture with what is bright, in the middle and dark at one pixel in a hundred."""
    image = load_sample_image("china.jpg")
    grey = image.mean(axis=2)
    labels = 1 + np.digitize(grey, np.quantile(grey, [1 / 3, 2 / 3]))
    labels[np.random.RandomState(0).uniform(size=labels.shape) > 0.01] = 0
    return [image], [labels.astype(np.uint8)]


def run(n_stages, side):
    """Predict, in a process of its own."""
    from dlkit import PixelClassifier

    with tempfile.TemporaryDirectory() as folder:
        X = picture(Path(folder) / "picture.npy", side)
        model = PixelClassifier(unlabeled=0, n_stages=n_stages, random_state=0, n_jobs=2)
        model.fit(*marked())
        Path("/proc/self/clear_refs").write_text("5")  # the peak so far is forgotten
        before = _child.memory("VmRSS")
        start, used = perf_counter(), process_time()
        found = model.predict(X)
        wall, cpu = perf_counter() - start, process_time() - used
        peak = _child.peak_memory()
        share = found.size / CORNER**2
    _child.report(
        seconds=wall, cpu=cpu, beyond=peak - before - found.nbytes / 1e6, share=share,
        bright=float((found == 3).mean()),
    )  # fmt: skip


def forest(side):
    """Time of scikit-image's features and a forest on a corner, times the share of the picture."""
    if find_spec("skimage") is None:
        return None
    from skimage.feature import multiscale_basic_features
    from sklearn.ensemble import RandomForestClassifier

    def features(image):
        return multiscale_basic_features(image, sigma_min=1, sigma_max=8, channel_axis=-1)

    (image,), (labels,) = marked()
    model = RandomForestClassifier(50, n_jobs=2, random_state=0)
    model.fit(features(image)[labels > 0], labels[labels > 0])
    with tempfile.TemporaryDirectory() as folder:
        X = np.array(picture(Path(folder) / "corner.npy", min(CORNER, side)))[0]
    start, used = perf_counter(), process_time()
    F = features(X)
    model.predict(F.reshape(-1, F.shape[-1]))
    share = side**2 / X[..., 0].size
    return (perf_counter() - start) * share, (process_time() - used) * share


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--side", type=int, default=4096, help="pixels along each axis")
    parser.add_argument("--quick", action="store_true", help="512 × 512 pixels")
    args = parser.parse_args()
    side = 512 if args.quick else args.side
    print_protocol(__doc__)
    rows, most = [], 0.0
    for n_stages in (1, 2):
        found = _child.call(__file__, n_stages, side)
        rows.append([f"stages: {n_stages}", found["seconds"], found["cpu"], found["beyond"]])
        most = max(most, found["beyond"])
    peer = forest(side)
    if peer is None:
        print("scikit-image is not installed.")
    else:
        rows.append(["forest (from a corner)", *peer, "–"])
    print(table([f"{side} × {side} × 3", "seconds", "CPU (s)", "beyond (MB)"], rows))
    summary(
        "memory of predict beyond picture and labels", "≤ 500 MB", f"{most:.0f} MB", most <= 500
    )


if __name__ == "__main__":
    with limit_threads(2):
        if (child := _child.arguments()) is None:
            main()
        else:
            run(*map(int, child))
