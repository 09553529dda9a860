"""
Choose a convolutional architecture
===================================

Learning kernels takes time. Random kernels already show whether an architecture suits the data.
Here an ordinary ``GridSearchCV`` ranks 40 convolutional architectures with random kernels, and
kernels are learned only for the best one [1]_. To see what this shortcut misses, the example then
learns kernels for all 40.

.. [1] Saxe, Koh, Chen, Bhand, Suresh & Ng (2011). On random weights and unsupervised feature
   learning. ICML.
"""

from pathlib import Path
from time import perf_counter

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.ticker import FixedLocator, NullLocator
from scipy.stats import spearmanr
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.model_selection import GridSearchCV, StratifiedShuffleSplit, train_test_split
from sklearn.pipeline import make_pipeline

from dlkit import ConvFeatures, RidgeReadoutClassifier

# %%
# The data are 1797 images of handwritten digits, 8 × 8 pixels. A third of them is for testing. The
# architecture is all of ``ConvFeatures`` except the values of the kernels: their size, what is done
# at the border, and how responses are pooled.

digits = load_digits()
X, X_test, y, y_test = train_test_split(
    digits.images.astype(np.float32), digits.target, test_size=600, random_state=0
)
grid = {
    "convfeatures__kernel_size": [(2, 2), (3, 3), (4, 4), (5, 5), (6, 6)],
    "convfeatures__padding": ["valid", "same"],
    "convfeatures__grid": [1, 2, 3, [1, 2]],
}
folds = StratifiedShuffleSplit(4, train_size=300, test_size=800, random_state=0)


def search(kernels):
    """Scores of all architectures with kernels of one kind."""
    conv = ConvFeatures(24, kernels=kernels, n_patches=5000, random_state=0)
    model = make_pipeline(conv, RidgeReadoutClassifier(alpha=[0.01, 0.1, 1.0, 10.0]))
    start = perf_counter()
    found = GridSearchCV(model, grid, cv=folds).fit(X, y)
    n = len(found.cv_results_["params"])
    print(f"{n} architectures, {kernels} kernels: {perf_counter() - start:.1f} s")
    return found


# %%
# First the search with random kernels; then the best architecture with kernels learned by k-means.

random = search("random")
winner = random.best_estimator_
learned_winner = clone(winner).set_params(convfeatures__kernels="kmeans").fit(X, y)
print("best architecture:", {k.partition("__")[2]: v for k, v in random.best_params_.items()})
print(f"test accuracy, random kernels: {winner.score(X_test, y_test):.4f}")
print(f"test accuracy, learned kernels: {learned_winner.score(X_test, y_test):.4f}")

# %%
# For comparison, kernels learned for every architecture.

learned = search("kmeans")
error = [100 - 100 * found.cv_results_["mean_test_score"] for found in (random, learned)]
rank = spearmanr(*error).statistic
print(f"rank correlation over {len(error[0])} architectures: {rank:.2f}")

# %%
# Each mark is an architecture. Random kernels rank nearly all architectures as learned kernels do.
# Small kernels gain little by learning, large kernels more. Right: the kernels of the best
# architecture, random and learned.

NAMES = {"1": "pooled over all", "2": "2 × 2 cells", "3": "3 × 3 cells", "[1, 2]": "all and 2 × 2"}
MARKERS = {"1": "o", "2": "s", "3": "^", "[1, 2]": "D"}
figure = plt.figure(figsize=(11, 5.6), layout="constrained")
left, right = figure.subfigures(1, 2, width_ratios=[1.5, 1])
axes = left.subplots()
shades = plt.get_cmap("viridis")(np.linspace(0, 0.9, 5))
sizes = dict(zip(grid["convfeatures__kernel_size"], shades, strict=True))
for params, x, height in zip(random.cv_results_["params"], *error, strict=True):
    size, padding, cells = (
        params[f"convfeatures__{name}"] for name in ("kernel_size", "padding", "grid")
    )
    face = sizes[size] if padding == "same" else "none"
    axes.scatter(x, height, 60, marker=MARKERS[str(cells)], fc=face, ec=sizes[size], lw=1.5)
ends = 0.85 * np.min(error), 1.15 * np.max(error)
axes.plot(ends, ends, color="0.7", lw=1, zorder=0)
x, height = (found[random.best_index_] for found in error)
axes.annotate(
    "the random kernels' choice", (x, height), (60, -4), textcoords="offset points",
    arrowprops={"arrowstyle": "->", "shrinkB": 6},
)  # fmt: skip
axes.set(
    xlabel="error with random kernels (%)",
    ylabel="error with learned kernels (%)",
    xscale="log",
    yscale="log",
    title=f"{len(error[0])} architectures, rank correlation {rank:.2f}",
    xlim=ends,
    ylim=ends,
    aspect="equal",
)
for axis in (axes.xaxis, axes.yaxis):
    axis.set_major_locator(FixedLocator([4, 5, 7, 10, 15, 20, 30]))
    axis.set_major_formatter("{x:.0f}")
    axis.set_minor_locator(NullLocator())
for size, shade in sizes.items():
    axes.scatter([], [], 60, marker="o", color=shade, label=f"{size[0]} × {size[1]} kernels")
for cells, marker in MARKERS.items():
    name = NAMES[cells]
    axes.scatter([], [], 60, marker=marker, color="0.4", label=name)
for name, face in (("blank border", "0.4"), ("no border", "none")):
    axes.scatter([], [], 60, marker="o", fc=face, ec="0.4", label=name)
axes.legend(fontsize=8, frameon=False, loc="lower right")


def show(part, model, title):
    """Draw a layer's kernels, each on its own scale."""
    part.suptitle(title, fontsize=11)
    kernels = model["convfeatures"].kernels_[..., 0]
    for axes, kernel in zip(part.subplots(4, 6).flat, kernels, strict=True):
        limit = np.abs(kernel).max()
        axes.imshow(kernel, cmap="RdBu_r", vmin=-limit, vmax=limit)
        axes.set_axis_off()


upper, lower = right.subfigures(2, 1)
show(upper, winner, "kernels of the best architecture: random")
show(lower, learned_winner, "learned")

path = Path.cwd() / "architectures.png"
figure.savefig(path, dpi=120)
print("figure written to", path)
