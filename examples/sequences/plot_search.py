"""
Search over the settings of a reservoir
=======================================

``ReservoirSearchCV`` gives the scores of ``GridSearchCV``, but draws the random matrices once, runs
each reservoir once for all folds, and solves for all penalties at once. The grid of this example
has 320 candidates; on 5 folds ``GridSearchCV`` would make 1600 fits.
"""

from pathlib import Path
from time import perf_counter

import matplotlib.pyplot as plt
import numpy as np

from dlkit import ESNClassifier, ReservoirSearchCV
from dlkit.datasets import load_japanese_vowels

# %%
# The data are utterances of nine speakers. The grid has the parameters that matter most: those of
# the memory (spectral radius and leak rate), of the nonlinearity (input scaling), and the penalty
# of the readout.

X_train, y_train = load_japanese_vowels(subset="train", return_X_y=True)
X_test, y_test = load_japanese_vowels(subset="test", return_X_y=True)
grid = {
    "spectral_radius": [0.1, 0.5, 0.9, 1.3],
    "leak_rate": [0.1, 0.2, 0.4, 1.0],
    "input_scaling": [0.1, 0.3, 1.0, 3.0],
    "alpha": [1e-4, 1e-2, 0.1, 1.0, 10.0],
}
search = ReservoirSearchCV(
    ESNClassifier(200, random_state=0),
    grid,
    scoring={"accuracy": "accuracy", "brier": "neg_brier_score"},
    refit="brier",
)
start = perf_counter()
search.fit(X_train, y_train)
results = search.cv_results_
print(
    f"{len(results['params'])} candidates on {search.n_splits_} folds: "
    f"{perf_counter() - start:.1f} s"
)
print("best settings:", ", ".join(f"{k}={v:.3g}" for k, v in search.best_params_.items()))
accuracy = search.best_estimator_.score(X_test, y_test)
print(f"test accuracy {accuracy:.4f}")

# %%
# The Brier score (lower is better). Left: the best score for each leak rate and input scaling.
# Right: the best score for each penalty and spectral radius.

shape = [len(values) for _, values in sorted(grid.items())]  # the order of the candidates
brier = -results["mean_test_brier"].reshape(shape)
axis = {name: i for i, name in enumerate(sorted(grid))}


def best_along(*names):
    """Best score for each combination of the named parameters."""
    others = tuple(i for name, i in axis.items() if name not in names)
    return brier.min(axis=others)


figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
landscape = best_along("leak_rate", "input_scaling")
image = left.imshow(landscape, origin="lower", cmap="viridis_r", aspect="auto")
left.set_xticks(range(landscape.shape[1]), grid["leak_rate"])
left.set_yticks(range(landscape.shape[0]), grid["input_scaling"])
left.set(xlabel="leak rate", ylabel="input scaling", title="best Brier score")
for (i, j), value in np.ndenumerate(landscape):
    shade = "black" if image.norm(value) < 0.4 else "white"
    left.text(j, i, f"{value:.3f}", ha="center", va="center", color=shade, fontsize=9)
figure.colorbar(image, ax=left)
along = best_along("alpha", "spectral_radius")
colours = plt.cm.viridis(np.linspace(0, 0.85, len(grid["spectral_radius"])))
for radius, curve, colour in zip(grid["spectral_radius"], along.T, colours, strict=True):
    right.semilogx(grid["alpha"], curve, "o-", color=colour, label=f"radius {radius}")
right.set(xlabel="alpha", ylabel="Brier score", title="best Brier score, by penalty")
right.legend(frameon=False)
right.spines[["top", "right"]].set_visible(False)
target = Path("search.png")
figure.savefig(target, dpi=120)
print(f"The scores are drawn in {target}")
