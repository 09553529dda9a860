"""
Look at kernels: drawn, taken, learned
======================================

The same architecture with kernels of five kinds, learned from patches of a photograph without any
label, and what each is worth for telling digits apart.
"""

# %%
# Kernels of photographs are small strokes and patches of colour.

import matplotlib.pyplot as plt
from sklearn.datasets import load_digits, load_sample_image
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline

from dlkit import ConvFeatures, RidgeReadoutClassifier
from dlkit.plotting import KernelsDisplay

photo = load_sample_image("flower.jpg")[None, ::2, ::2]
digits = load_digits()
figure, axes = plt.subplots(2, 5, figsize=(12, 5.4), layout="constrained")
for (top, bottom), kernels in zip(
    axes.T, ("random", "gabor", "patches", "pca", "kmeans"), strict=True
):
    conv = ConvFeatures(36, kernel_size=(7, 7), kernels=kernels, random_state=0).fit(photo)
    KernelsDisplay.from_estimator(conv, ax=top)
    top.set_title(kernels)
    small = ConvFeatures(36, kernel_size=(5, 5), kernels=kernels, padding="same", random_state=0)
    if kernels == "pca":
        small.set_params(n_kernels=24)  # as many as patches of 5 × 5 have directions, less one
    model = make_pipeline(small, RidgeReadoutClassifier())
    score = cross_val_score(model, digits.images, digits.target, cv=5).mean()
    KernelsDisplay.from_estimator(small.fit(digits.images), ax=bottom)
    bottom.set_title(f"digits: {score:.3f}")
    print(f"{kernels:8} {score:.4f}")
plt.show()
