"""
Classify sequences by random convolution
========================================

``MiniRocket``, ``MultiRocket`` and ``Hydra`` turn sequences of any length into rows of features.
Here each of them, and a ``FeatureUnion`` of two, tells nine speakers apart by a spoken vowel. The
example also shows what a single feature measures.
"""

from pathlib import Path
from time import perf_counter

import matplotlib.pyplot as plt
import numpy as np
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.preprocessing import StandardScaler

from dlkit import Hydra, MiniRocket, MultiRocket, RidgeReadoutClassifier, SparseScaler
from dlkit.datasets import load_japanese_vowels

# %%
# The data are utterances of 7 to 29 steps and 12 channels. Each feature map is followed by the
# scaler that its paper uses. The classifier chooses among ten penalties by leave-one-out.

X_train, y_train = load_japanese_vowels(subset="train", return_X_y=True)
X_test, y_test = load_japanese_vowels(subset="test", return_X_y=True)

maps = {
    "MiniRocket": make_pipeline(MiniRocket(random_state=0), StandardScaler(with_mean=False)),
    "MultiRocket": make_pipeline(MultiRocket(random_state=0), StandardScaler()),
    "Hydra": make_pipeline(Hydra(random_state=0), SparseScaler()),
}
maps["Hydra + MultiRocket"] = FeatureUnion(
    [(name, maps[name]) for name in ("Hydra", "MultiRocket")]
)
errors, seconds = {}, {}
for name, features in maps.items():
    start = perf_counter()
    model = make_pipeline(features, RidgeReadoutClassifier(np.logspace(-3, 3, 10)))
    predicted = model.fit(X_train, y_train).predict(X_test)
    seconds[name] = perf_counter() - start
    errors[name] = int((predicted != y_test).sum())
    print(f"{name:20} {errors[name]:2} errors of {len(y_test)}, {seconds[name]:.1f} s")

# %%
# A feature of MiniRocket is the share of steps at which the output of a kernel is above a bias. Of
# the features of 84 kernels, this picks the one that best separates the first speaker from the
# second. The output of its kernel takes three lines to compute.

pair = [np.flatnonzero(y_train == label) for label in np.unique(y_train)[:2]]
mini = MiniRocket(84, random_state=0).fit(X_train)
one, two = (mini.transform([X_train[i] for i in members]) for members in pair)
strength = np.abs(one.mean(axis=0) - two.mean(axis=0))
strength[1::2] = 0  # kernels without padding, whose outputs are fewer
k = int(strength.argmax())
kernels = mini.kernels_  # one dilation, and one bias for each of the 84
channels = kernels.channels[kernels.starts[k] : kernels.starts[k + 1]]
weights = np.where(np.isin(np.arange(9), kernels.taps[k]), 2.0, -1.0)


def output(x):
    return np.correlate(np.pad(x[:, channels].sum(axis=1), 4), weights, mode="valid")


# %%
# The features of the union for the test utterances, in the two directions that best separate the
# speakers of the training utterances.

union = maps["Hydra + MultiRocket"]
reduce = make_pipeline(PCA(60, random_state=0), LinearDiscriminantAnalysis(n_components=2))
plane = reduce.fit(union.transform(X_train), y_train).transform(union.transform(X_test))

figure = plt.figure(figsize=(11, 5.5), layout="constrained")
left, right = figure.subfigures(1, 2, width_ratios=[1, 1.15])
axes = left.subplots(3, 1, height_ratios=[1, 1, 0.8])
for axis, members, share, color in zip(axes, pair, (one, two), ("C0", "C1"), strict=False):
    i = members[np.argsort(share[:, k])[len(members) // 2]]
    out, bias = output(X_train[i]), kernels.biases[k]
    axis.plot(out, color=color)
    axis.axhline(bias, color="gray", linewidth=0.8)
    above = {"where": out > bias, "interpolate": True, "alpha": 0.4}
    axis.fill_between(np.arange(len(out)), bias, out, color=color, **above)
    axis.set_title(
        f"speaker {y_train[i]}: above the bias {np.mean(out > bias):.0%} of the time", fontsize=10
    )
    axis.set_ylabel("output")
axes[1].set_xlabel("step")
bars = axes[2].barh(list(errors), list(errors.values()), color="tab:gray")
axes[2].bar_label(
    bars, [f"{errors[n]} errors, {seconds[n]:.1f} s" for n in errors], fontsize=8, padding=2
)
axes[2].set_xlim(0, 1.6 * max(errors.values()))
axes[2].invert_yaxis()
axes[2].set_xlabel(f"errors of {len(y_test)}")

axis = right.subplots()
for label in np.unique(y_test):
    axis.scatter(*plane[y_test == label].T, s=14, alpha=0.8, label=f"{label}")
axis.legend(title="speaker", fontsize=8, ncols=3, loc="best")
axis.set_title("Test utterances in the features of the union", fontsize=10)
axis.set_xticks([])
axis.set_yticks([])

target = Path("rocket.png")
figure.savefig(target, dpi=120)
print(f"The figure is drawn in {target}")
