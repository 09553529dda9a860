"""
Label a picture by a few scribbles
==================================

Strokes over some three per cent of the pixels say what is sky, water, tower and trees. What remains
is labelled by :class:`~dlkit.PixelClassifier`, from what is seen around each pixel at several
scales; further stages also see what the first found around.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_sample_image

from dlkit import PixelClassifier
from dlkit.plotting import MaskDisplay

# %%
# A stroke is a line of some width between two points, given by row and column. 0 stands for "not
# said".

NAMES = ["nothing", "sky", "water", "tower", "trees"]
STROKES = {
    1: [((20, 20), (20, 170)), ((15, 260), (60, 600)), ((150, 340), (170, 560))],
    2: [((235, 350), (240, 520)), ((265, 360), (258, 520))],
    3: [((60, 205), (110, 205)), ((125, 110), (112, 300)), ((150, 130), (150, 290)),
        ((185, 110), (178, 310)), ((215, 120), (215, 300)), ((270, 90), (265, 340)),
        ((315, 100), (310, 310)), ((375, 220), (378, 300))],
    4: [((375, 20), (400, 180)), ((230, 20), (250, 40)), ((320, 400), (390, 420)),
        ((170, 590), (340, 600)), ((400, 340), (395, 560))],
}  # fmt: skip
image = load_sample_image("china.jpg")
marks = np.zeros(image.shape[:2], dtype=np.uint8)
for label, strokes in STROKES.items():
    for (row, column), (last_row, last_column) in strokes:
        for t in np.linspace(0, 1, 1000):
            r, c = row + t * (last_row - row), column + t * (last_column - column)
            marks[int(r) - 1 : int(r) + 2, int(c) - 1 : int(c) + 2] = label
print(f"{100 * np.mean(marks > 0):.1f} % of the pixels are marked.")

# %%
# ``unlabeled=0`` leaves out what is not marked. Stages stop where they no longer pay on strokes
# that were left out. The guided filter lets labels end where the image has edges.

model = PixelClassifier(200, unlabeled=0, smoothing="guided", random_state=0, n_jobs=2)
model.fit([image], [marks])
for n, stage in enumerate(model.stage_scores_, start=1):
    print(f"stage {n}: {100 * stage['score']:.1f} % of what was left out is labelled rightly")

# %%
# What was marked, and what was found, with the probability of a tower:

fig, axes = plt.subplots(2, 2, figsize=(9, 6.4), layout="constrained")
MaskDisplay.from_predictions(image, marks, labels=np.arange(5), axes=axes[0])
axes[0, 1].set_title("marked")
display = MaskDisplay.from_estimator(model, [image], label=3)
plt.close(display.figure_)
found, tower = display.y_pred, display.proba
MaskDisplay(image, found, labels=np.arange(5)).plot(axes=axes[1])
axes[1, 0].clear()
axes[1, 0].imshow(tower, cmap="cividis", vmin=0, vmax=1)
axes[1, 0].set_axis_off()
axes[1, 0].set_title("probability of the tower")
axes[1, 1].set_title("found")

# %%
# How much of the picture each is:

for label in model.classes_:
    print(f"{NAMES[label]}: {100 * np.mean(found == label):.0f} %")
plt.show()
