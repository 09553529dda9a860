"""
Recall images by a part of them
===============================

A memory stores two hundred digits as they are, and completes one of which only a part is seen. Each
step of the recall is a softmax over what is stored, so that one step is usually enough.
"""

# %%
# Four ways to spoil an image: only the upper half is known, only the left half, only a third of the
# pixels; or every pixel, but under noise.

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits

from dlkit import AssociativeMemory

rng = np.random.default_rng(0)
stored = load_digits().data[:200] / 16
memory = AssociativeMemory().fit(stored)
row, column = np.divmod(np.arange(64), 8)
known = {
    "upper half": np.tile(row < 4, (200, 1)),
    "left half": np.tile(column < 4, (200, 1)),
    "a third": rng.random((200, 64)) < 1 / 3,
}
seen = {name: np.where(mask, stored, 0) for name, mask in known.items()}
seen["noise"] = stored + 0.4 * rng.normal(size=stored.shape)
recalled = {name: memory.predict(X, known=known.get(name)) for name, X in seen.items()}
for name, found in recalled.items():
    print(f"{name:12} {np.mean(np.abs(found - stored).max(axis=1) < 1e-3):.0%} as they were stored")

# %%

figure, axes = plt.subplots(8, 10, figsize=(9, 7.4), layout="constrained")
for k, name in enumerate(seen):
    for i in range(10):
        shown = seen[name][i].copy()
        if name in known:
            shown[~known[name][i]] = np.nan
        for ax, image in zip(axes[2 * k : 2 * k + 2, i], (shown, recalled[name][i]), strict=True):
            ax.imshow(image.reshape(8, 8), cmap="cividis", vmin=0, vmax=1)
            ax.set(xticks=[], yticks=[])
            ax.set_facecolor("#8C8C8C")
    axes[2 * k, 0].set_ylabel(f"{name}:\nseen", fontsize=8)
    axes[2 * k + 1, 0].set_ylabel("recalled", fontsize=8)
plt.show()
