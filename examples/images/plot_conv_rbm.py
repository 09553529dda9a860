"""
Learn strokes from photographs
==============================

A convolutional restricted Boltzmann machine with probabilistic max-pooling [1]_ learns, without
labels, from whitened patches of two photographs. Most of its kernels become strokes of all
directions, as cells of the primary visual cortex prefer them.

.. [1] Lee, Grosse, Ranganath & Ng (2009). Convolutional deep belief networks for scalable
   unsupervised learning of hierarchical representations. ICML, fig. 2.
"""

from pathlib import Path
from time import perf_counter

import matplotlib.pyplot as plt
import numpy as np
from scipy.ndimage import gaussian_filter
from sklearn.datasets import load_sample_images

from dlkit.layerwise import ConvRBM

# %%
# Two photographs that come with scikit-learn, made grey and whitened. Amplitudes of natural images
# fall with frequency, so each amplitude is multiplied by its frequency, up to where noise begins.
# Regions of low contrast are brought up to the contrast of the others.


def whiten(image, cutoff=0.25):
    """Flatten the spectrum of an image, and its contrast."""
    y, x = (np.fft.fftfreq(n) for n in image.shape)
    frequency = np.hypot(y[:, None], x)
    gain = frequency * np.exp(-((frequency / cutoff) ** 4))
    white = np.fft.ifft2(gain * np.fft.fft2(image)).real
    white /= np.sqrt(gaussian_filter(white**2, 12) + 0.3 * white.var())
    return white / white.std()


photos = [whiten(image.mean(axis=2)) for image in load_sample_images().images]
rng = np.random.default_rng(0)
tiles = np.array(
    [
        photo[i : i + 40, j : j + 40]
        for photo in photos
        for i, j in rng.integers(10, np.array(photo.shape) - 50, size=(600, 2))
    ],
    dtype=np.float32,
)

# %%
# 24 kernels of 10 x 10 and real visible units. A penalty lets few hidden units be on at a time, and
# so kernels specialise. Whitened data have a variance of one; with a slightly larger variance the
# machine learns better.

machine = ConvRBM(
    24, kernel_size=(10, 10), visible="gaussian", learning_rate=0.03, sparsity_target=0.003,
    sparsity_cost=10.0, weight_decay=0.003, batch_size=5, n_epochs=15, output="map",
    random_state=0,
)  # fmt: skip
start = perf_counter()
machine.fit(1.5 * tiles)
print(f"{len(tiles)} tiles, {machine.n_epochs} epochs: {perf_counter() - start:.1f} s")

# %%
# The kernels can be applied to images of any size. Below are the pooling units of a whole
# photograph; the colour of each position is the direction of the kernel with the strongest response
# there.


def direction(kernel):
    """Direction of a stroke in degrees, and how directed it is, from its spectrum."""
    size = 64
    energy = np.abs(np.fft.fft2(kernel - kernel.mean(), (size, size))) ** 2
    y, x = np.meshgrid(np.fft.fftfreq(size), np.fft.fftfreq(size), indexing="ij")
    twice = (energy * np.exp(2j * np.arctan2(y, x))).sum() / energy.sum()
    return (np.degrees(np.angle(twice)) / 2 + 90) % 180, np.abs(twice)


kernels = machine.kernels_[..., 0]
found = np.array([direction(kernel) for kernel in kernels])
order = np.lexsort((found[:, 0], found[:, 1] < 0.3))
photo = photos[0]
maps = machine.transform(1.5 * photo[None].astype(np.float32))[0]

hue = plt.get_cmap("hsv")(found[:, 0] / 180)[:, :3]
strokes = np.where(found[:, 1] >= 0.3)[0]
strongest = strokes[maps[..., strokes].argmax(axis=-1)]
picture = hue[strongest] * maps[..., strokes].max(axis=-1, keepdims=True) ** 0.5

figure = plt.figure(figsize=(10, 7.3), layout="constrained")
top, bottom = figure.subfigures(2, 1, height_ratios=[3.1, 3.5])
for axis, k in zip(top.subplots(3, 8).ravel(), order, strict=True):
    limit = np.abs(kernels[k]).max()
    axis.imshow(kernels[k], cmap="gray", vmin=-limit, vmax=limit)
    axis.set(xticks=[], yticks=[])
    for spine in axis.spines.values():
        spine.set(color=hue[k] if k in strokes else "0.7", linewidth=3)
top.suptitle("kernels, framed in the colour of their direction")
axes = bottom.subplots(1, 2)
axes[0].imshow(photo, cmap="gray", vmin=-3, vmax=3)
axes[0].set_title("a whitened photograph")
axes[1].imshow(picture)
axes[1].set_title("direction of the strongest pooling unit")
for axis in axes:
    axis.set_axis_off()
figure.savefig(Path("conv_rbm.png"), dpi=120)
