"""
Label a picture by a few scribbles
==================================

Strokes over some three per cent of the pixels say what is sky, water, tower and woods. What remains
is labelled by :class:`~dlkit.PixelClassifier`, from what is seen around each pixel at several
scales; further stages also see what the first found around.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_sample_image

from dlkit import PixelClassifier
from dlkit.plotting import MaskDisplay

# %%
# A stroke is a line of some width between two points, given by row and column. Labels are names,
# and "" stands for "not said".

STROKES = {
    "sky": [((20, 20), (20, 170)), ((15, 260), (60, 600)), ((150, 340), (170, 560)),
            ((90, 20), (150, 80)), ((60, 250), (110, 300)), ((175, 10), (160, 75))],
    "tower": [((35, 203), (110, 205)), ((125, 110), (112, 300)), ((150, 130), (150, 290)),
              ((185, 110), (178, 310)), ((215, 100), (215, 300)), ((270, 90), (265, 340)),
              ((315, 100), (310, 310)), ((375, 220), (378, 300)), ((95, 170), (85, 240)),
              ((200, 105), (255, 105)), ((240, 150), (242, 280))],
    "water": [((235, 350), (240, 520)), ((265, 360), (258, 520)), ((285, 380), (280, 470)),
              ((265, 25), (290, 70))],
    "woods": [((375, 20), (400, 180)), ((215, 8), (240, 40)), ((320, 400), (390, 420)),
              ((170, 590), (340, 600)), ((400, 340), (395, 560)), ((345, 20), (350, 85)),
              ((210, 560), (280, 560)), ((320, 480), (320, 600)), ((360, 60), (330, 60)),
              ((158, 600), (200, 575)), ((262, 55), (228, 62))],
}  # fmt: skip
image = load_sample_image("china.jpg")
marks = np.full(image.shape[:2], "", dtype="U5")
for label, strokes in STROKES.items():
    for (row, column), (last_row, last_column) in strokes:
        for t in np.linspace(0, 1, 1000):
            r, c = row + t * (last_row - row), column + t * (last_column - column)
            marks[int(r) - 1 : int(r) + 2, int(c) - 1 : int(c) + 2] = label
print(f"{100 * np.mean(marks != ''):.1f} % of the pixels are marked.")

# %%
# ``unlabeled=""`` leaves out what is not marked. Stages stop where they no longer pay on strokes
# that were left out: those of slabs of the picture, which is harder than what is asked in the end,
# since a slab may hold most of what was marked as water. The guided filter lets labels end where
# the image has edges.

model = PixelClassifier(200, unlabeled="", smoothing="guided", random_state=0, n_jobs=2)
model.fit([image], [marks])
for n, stage in enumerate(model.stage_scores_, start=1):
    print(f"stage {n}: {100 * stage['score']:.1f} % of what was left out is labelled rightly")

# %%
# What was marked, and what was found, with the probability of the tower, which cuts it out:

fig, axes = plt.subplots(2, 2, figsize=(10, 7.4), layout="constrained")
display = MaskDisplay.from_estimator(model, [image], label="tower", axes=axes.ravel()[:3])
for label, colour in zip(STROKES, ("white", "#E69F00", "#56B4E9", "#009E73"), strict=True):
    for (row, column), (last_row, last_column) in STROKES[label]:
        axes[0, 0].plot([column, last_column], [row, last_row], color=colour, linewidth=2)
axes[0, 0].set_title("marked")
axes[0, 1].set_title("found")
axes[1, 1].imshow(np.where(display.proba[..., None] > 0.5, image, 255))
axes[1, 1].set_title("more probably tower than not")
axes[1, 1].set_axis_off()

# %%
# How much of the picture each is:

for label in model.classes_:
    print(f"{label}: {100 * np.mean(display.y_pred == label):.0f} %")
plt.show()
