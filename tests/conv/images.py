"""Images, and ConvFeatures of small kernels, that tests of convolution share."""

import numpy as np

from dlkit import ConvFeatures

RNG = np.random.RandomState(0)
IMAGES = RNG.randn(12, 9, 8, 2)
SINGLE = IMAGES.astype(np.float32)


def conv(n_kernels=6, **options):
    defaults = {
        "kernel_size": (3, 2), "kernels": "random", "padding": "valid", "whitening": 1.0,
        "encoder": "soft_threshold", "threshold": 0.25, "random_state": 0,
    }  # fmt: skip
    return ConvFeatures(n_kernels, **(defaults | options))
