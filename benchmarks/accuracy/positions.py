"""A target for every pixel and voxel: pixel estimators beside scikit-image's features and a forest.

    python benchmarks/accuracy/positions.py                  # all tasks
    python benchmarks/accuracy/positions.py nuclei --quick   # does it run? figures mean nothing

- snakes: 200 small images of snakes of ten pieces, 100 to test on. A label is the number of a
  piece, which only the way along the snake from its end tells. Share of pixels labelled rightly.
- nuclei: 20,000 pixels of the left half of one image are learned from, all of the right half are
  told apart; intersection over union. Nuclei have no direction: the row that counts takes means
  over mirror images, without deviations, which was better on what was left out of the left half
  (.88 against .87 with the one, and .836 against .835 without the other between its quarters).
- brain: grey and white matter of the MNI template of a head; 20,000 voxels of one hemisphere are
  learned from, all voxels of the other told apart; mean Dice coefficient of the two. One hemisphere
  is the mirror image of the other: means over mirror images were better from the front to the back
  of the first, too (.967 against .964).
- textures: mosaics of brick, grass and gravel, with noise. Three are learned from, 2000 pixels of
  each, and three others, of other parts of the three photographs, are told apart. Share of pixels
  labelled rightly.
- stereo: disparity of a pair of pictures, as a number at each pixel. The columns are the left
  picture and twelve shifts of the right one. The left half is learned from, 20,000 pixels. Mean
  absolute error, in pixels, on the right half.

The peer is what people use: scikit-image's `multiscale_basic_features` at four scales and
scikit-learn's random forest of 50 trees, on the same labelled positions. The dumb baseline says the
commonest label, or the median, everywhere. Each contender runs in a process of its own, with two
threads. Time is that of fit and prediction, without imports, after a warm-up on a corner of the
data; memory is the most the process ever held (VmHWM), its data included. Settings are the
defaults, but for what a row says, which was chosen by what was left out of the training part.
"""

import argparse
from time import perf_counter, process_time

import _above  # noqa: F401
import _child
import numpy as np
from _common import limit_threads, print_protocol, summary, table
from get_pictures import load_brain, load_nuclei, load_pictures, load_snakes, load_stereo
from scipy.ndimage import gaussian_filter

N_POSITIONS, UNKNOWN, SHIFTS = 20_000, 255, range(4, 64, 5)


def marked(y, n):
    """Labels of so many random positions, all others unknown."""
    found = np.full(y.shape, UNKNOWN, np.uint8)
    at = np.random.RandomState(0).choice(y.size, min(n, y.size), replace=False)
    found.ravel()[at] = y.ravel()[at]
    return found


def snakes(quick):
    train, test = load_snakes()
    n = 20 if quick else 200
    return (train[0][:n], train[1][:n]), test


def nuclei(quick):
    image, mask = load_nuclei()
    half = image.shape[1] // 2
    y = mask.astype(np.uint8)
    n = 500 if quick else N_POSITIONS
    train = [image[:, :half]], [marked(y[:, :half], n)]
    return train, ([image[:, half:]], [y[:, half:]])


def brain(quick):
    t1, tissue = load_brain()
    if quick:
        t1, tissue = t1[:, 100:130, 80:110], tissue[:, 100:130, 80:110]
    half, n = 98, 500 if quick else N_POSITIONS
    train = [t1[:half]], [marked(tissue[:half], n)]
    return train, ([t1[half + 1 :]], [tissue[half + 1 :]])


def mosaic(seed, part, side):
    """Picture of three textures in patches, from the left or the right of their photographs."""
    rng = np.random.RandomState(seed)
    heights = [gaussian_filter(rng.standard_normal((side, side)), side / 10) for _ in range(3)]
    y = np.argmax(heights, axis=0)
    picture = np.zeros((side, side), np.float32)
    for k, texture in enumerate(load_pictures("textures")):
        half = texture[:, :256] if part == "left" else texture[:, 256:]
        top = rng.randint(half.shape[0] - side + 1)
        picture[y == k] = half[top : top + side, :side][y == k]
    return picture + 8 * rng.standard_normal(picture.shape).astype(np.float32), y


def textures(quick):
    side, n = (64, 200) if quick else (256, 2000)
    X, y = zip(*(mosaic(seed, "left", side) for seed in range(3)), strict=True)
    train = list(X), [marked(one, n) for one in y]
    X, y = zip(*(mosaic(seed, "right", side) for seed in range(3, 6)), strict=True)
    return train, (list(X), list(y))


def stereo(quick):
    left, right, disparity = load_stereo()
    if quick:
        left, right, disparity = left[:60], right[:60], disparity[:60]
    left, right = left.mean(axis=2), right.mean(axis=2)
    shifted = [np.abs(left - np.roll(right, s, axis=1)) for s in SHIFTS]
    X = np.stack([left, *shifted], axis=2).astype(np.float32)
    half = X.shape[1] // 2
    y = np.full(disparity[:, :half].shape, np.nan, np.float32)
    known = np.flatnonzero(~np.isnan(disparity[:, :half].ravel()))
    at = np.random.RandomState(0).choice(known, 500 if quick else N_POSITIONS, replace=False)
    y.ravel()[at] = disparity[:, :half].ravel()[at]
    return ([X[:, :half]], [y]), ([X[:, half:]], [disparity[:, half:]])


def accuracy(y, found):
    return float(np.mean(np.concatenate([(a == b).ravel() for a, b in zip(y, found, strict=True)])))


def overlap(y, found):
    from dlkit.metrics import mean_iou

    return mean_iou(y, found, labels=[1])


def mean_dice(y, found):
    from dlkit.metrics import dice

    return dice(y, found, labels=[1, 2])


def absolute(y, found):
    a, b = (np.concatenate([one.ravel() for one in many]) for many in (y, found))
    return float(np.nanmean(np.abs(a - b)))


PLAIN = {"deviation": False}
SMALL = {"sigmas": 0.5, "neighbours": False, "deviation": False}
TASKS = {  # name: (data, metric, what it is called, contenders of ours: parameters, asked)
    "snakes": (
        snakes, accuracy, "accuracy",
        {
            "as it comes": {},
            "3 × 3 pixels": {"n_units": 1000, "features": SMALL, "context_rings": ()},
            "3 × 3 pixels, one stage": {"features": SMALL, "n_stages": 1},
        },
    ),
    "nuclei": (
        nuclei, overlap, "IoU",
        {
            "as it comes": {"unlabeled": UNKNOWN},
            "mirror images, one stage": {
                "unlabeled": UNKNOWN, "mirrored": True, "n_stages": 1,
                "features": PLAIN,
            },
            "two stages": {"unlabeled": UNKNOWN, "n_stages": 2},
        },
    ),
    "brain": (
        brain, mean_dice, "Dice",
        {
            "as it comes": {"unlabeled": UNKNOWN},
            "one stage": {"unlabeled": UNKNOWN, "n_stages": 1},
            "mirror images, one stage": {
                "unlabeled": UNKNOWN, "mirrored": True, "n_stages": 1, "features": PLAIN,
            },
        },
    ),
    "textures": (
        textures, accuracy, "accuracy",
        {
            "as it comes": {"unlabeled": UNKNOWN},
            "one stage": {"unlabeled": UNKNOWN, "n_stages": 1},
            "one stage, without deviations": {
                "unlabeled": UNKNOWN, "n_stages": 1, "features": PLAIN,
            },
        },
    ),
    "stereo": (
        stereo, absolute, "error (pixels)",
        {
            "as it comes": {"unlabeled": float("nan")},
            "one stage": {"unlabeled": float("nan"), "n_stages": 1},
        },
    ),
}  # fmt: skip


def ours(task, parameters):
    """An estimator of ours, unfitted."""
    from dlkit import PixelClassifier, PixelRegressor, ScaleFeatures

    parameters = dict(parameters)
    if "features" in parameters:
        parameters["features"] = ScaleFeatures(**parameters["features"])
    make = PixelRegressor if task == "stereo" else PixelClassifier
    return make(**parameters, random_state=0, n_jobs=2)


class Forest:
    """scikit-image's features at each position, and a random forest."""

    def __init__(self, regression):
        from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

        make = RandomForestRegressor if regression else RandomForestClassifier
        self.forest = make(50, n_jobs=2, random_state=0)
        self.regression = regression

    def features(self, x, n_axes):
        """Describe each position."""
        from skimage.feature import multiscale_basic_features

        axis = -1 if x.ndim > n_axes else None
        return multiscale_basic_features(x, sigma_min=1, sigma_max=8, channel_axis=axis)

    def fit(self, X, y):
        """Learn from known positions."""
        rows, targets = [], []
        for x, one in zip(X, y, strict=True):
            known = ~np.isnan(one) if self.regression else one != UNKNOWN
            rows.append(self.features(x, one.ndim)[known])
            targets.append(one[known])
        self.n_axes = y[0].ndim
        self.forest.fit(np.concatenate(rows), np.concatenate(targets))
        return self

    def predict(self, X):
        """Predict all positions."""
        found = []
        for x in X:
            F = self.features(x, self.n_axes)
            found.append(self.forest.predict(F.reshape(-1, F.shape[-1])).reshape(F.shape[:-1]))
        return found


class Commonest:
    """The commonest label, or the median, everywhere."""

    def fit(self, X, y):
        """Learn from known positions."""
        values = np.concatenate([one.ravel() for one in y])
        if values.dtype.kind == "f":
            self.value = np.nanmedian(values)
        else:
            self.value = np.bincount(values[values != UNKNOWN]).argmax()
        self.n_axes = y[0].ndim
        return self

    def predict(self, X):
        """Predict all positions."""
        return [np.full(x.shape[: self.n_axes], self.value) for x in X]


def run(task, name, quick):
    """One contender, in a process of its own."""
    load, metric, _, settings = TASKS[task]
    (X, y), (X_test, y_test) = load(quick)
    if name == "forest":
        from importlib.util import find_spec

        if find_spec("skimage") is None:
            _child.report(missing=1)
            return
        model = Forest(task == "stereo")
    else:
        model = Commonest() if name == "baseline" else ours(task, settings[name])
    if name in settings:  # compiled loops are read from the cache
        ours(task, {**settings[name], "n_stages": 1}).fit(X, y)
    wall, cpu = perf_counter(), process_time()
    model.fit(X, y)
    fitted = perf_counter()
    found = model.predict(X_test)
    stages = [float(s["score"]) for s in getattr(model, "stage_scores_", ())]
    end, used = perf_counter(), process_time() - cpu
    _child.report(
        figure=metric(y_test, found), fit=fitted - wall, predict=end - fitted, cpu=used,
        memory=_child.peak_memory(), stages=stages,
    )  # fmt: skip


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("tasks", nargs="*", metavar="task", help=f"of {list(TASKS)}")
    parser.add_argument("--quick", action="store_true", help="few positions")
    args = parser.parse_args()
    print_protocol(__doc__)
    results = {}
    for task in args.tasks or TASKS:
        rows = []
        for name in [*TASKS[task][3], "forest", "baseline"]:
            found = _child.call(__file__, task, name, int(args.quick))
            if "missing" in found:
                print(f"{task}: scikit-image is not installed.")
                continue
            results[task, name] = found
            parts = [found[key] for key in ("figure", "fit", "predict", "cpu", "memory")]
            rows.append([name, *parts, " ".join(f"{s:.4f}" for s in found["stages"])])
        header = [task, TASKS[task][2], "fit (s)", "predict (s)", "CPU (s)", "peak MB", "left out"]
        print(table(header, rows), "\n", flush=True)
    judge(results)


def judge(results):
    """Print what was asked beside what was measured."""
    if ("snakes", "as it comes") in results:
        one = results["snakes", "3 × 3 pixels"]
        took = one["fit"] + one["predict"]
        summary("snakes, accuracy", "≥ 0.995", f"{one['figure']:.4f}", one["figure"] >= 0.995)
        summary("snakes, time", "≤ 60 s", f"{took:.1f} s", took <= 60)
    if ("nuclei", "as it comes") in results:
        one = results["nuclei", "mirror images, one stage"]
        summary("nuclei, IoU", "≥ 0.905", f"{one['figure']:.4f}", one["figure"] >= 0.905)
        if ("nuclei", "forest") in results:
            other = results["nuclei", "forest"]
            times = [found["fit"] + found["predict"] for found in (one, other)]
            limits = f"≤ {times[1]:.1f} s", f"{times[0]:.1f} s", times[0] <= times[1]
            summary("nuclei, time", *limits)
    if ("brain", "as it comes") in results:
        one = results["brain", "mirror images, one stage"]
        if ("brain", "forest") in results:
            other = results["brain", "forest"]["figure"]
            met = one["figure"] >= other
            summary("brain, mean Dice", f"≥ {other:.4f}", f"{one['figure']:.4f}", met)
        memory = max(found["memory"] for (task, name), found in results.items()
                     if task == "brain" and name not in ("forest", "baseline"))  # fmt: skip
        summary("brain, peak memory", "≤ 1000 MB", f"{memory:.0f} MB", memory <= 1000)


if __name__ == "__main__":
    with limit_threads(2):
        if (child := _child.arguments()) is None:
            main()
        else:
            run(child[0], child[1], bool(int(child[2])))
