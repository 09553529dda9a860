"""Banks of Gabor kernels in one, two and three dimensions."""

import numpy as np

from .._params import Integral
from ._geometry import MOST, Geometry, per_axis

__all__ = ["gabor_bank"]

SHORTEST = 3.0  # wavelength in samples; nearer to 2, the energy depends on the phase
BANDWIDTH = 0.56  # width of the envelope over the wavelength: about one octave
# What directions fill, a half circle and a half sphere, for equal steps of angle and log wavelength
AREA = {1: 1.0, 2: np.pi, 3: 2 * np.pi}


def gabor_bank(n_kernels, kernel_size, n_channels=1):
    """Oriented quadrature pairs over scales: the hand-designed kernels.

    Kernels come in pairs (2i, 2i + 1), even and odd: a Gaussian times the cosine and the sine of
    the same wave, so that the root of the sum of their squared responses is the local energy at
    that orientation and wavelength whatever the phase. The pairs are spread over wavelengths (from
    3 samples to the shortest side of the kernel, in geometric steps, finest first) and
    directions: a half circle in two dimensions, a half sphere in three, none in one, where the bank
    is one of wavelets. Every kernel has zero mean and unit norm and is the same in each channel.

    Parameters
    ----------
    n_kernels : int
        Kernels asked for. If it is odd, the last is an even one without its partner.
    kernel_size : tuple of int
        Extent along one, two or three axes; waves travel along axes of at least 3 samples only.
    n_channels : int, default=1
        Channels.

    Returns
    -------
    kernels : ndarray of shape (K, prod(kernel_size) * n_channels)
        float64; fewer than asked where small kernels cannot tell so many pairs apart.

    Raises
    ------
    ValueError
        If the kernel has more than three axes of at least 3 samples, or none, or a number is not a
        whole one of at least 1.

    References
    ----------
    .. [1] Daugman (1985). Uncertainty relation for resolution in space, spatial frequency, and
       orientation optimized by two-dimensional visual cortical filters. J. Opt. Soc. Am. A 2(7).
    .. [2] Adelson & Bergen (1985). Spatiotemporal energy models for the perception of motion. J.
       Opt. Soc. Am. A 2(2): the energy of quadrature pairs.

    Examples
    --------
    >>> from dlkit.conv import gabor_bank
    >>> bank = gabor_bank(24, (9, 9))
    >>> bank.shape, bool(abs(bank[0] @ bank[1]) < 1e-12)
    ((24, 81), True)
    """
    n_kernels = check_number(n_kernels)
    (n_channels,) = per_axis(n_channels, 1, "n_channels")
    kernel_size = Geometry.of(kernel_size).kernel_size
    axes = [i for i, extent in enumerate(kernel_size) if extent >= 3]
    if not 1 <= len(axes) <= 3:
        raise ValueError(
            "kernels='gabor' needs a kernel_size of at least 3 along one, two or three axes, got "
            f"{kernel_size}."
        )
    shortest = min(kernel_size[i] for i in axes)
    grid = np.indices(kernel_size).reshape(len(kernel_size), -1)[axes]
    at = grid - (np.array([kernel_size[i] for i in axes])[:, None] - 1) / 2
    bank = []
    for wavelength, direction in _waves(-(-n_kernels // 2), shortest, len(axes)):
        # no wider than the kernel can hold
        width = min(BANDWIDTH * wavelength, shortest / 4)
        envelope = np.exp(-np.square(at / width).sum(axis=0) / 2)
        phase = 2 * np.pi / wavelength * (direction @ at)
        even = envelope * (np.cos(phase) - envelope @ np.cos(phase) / envelope.sum())
        odd = envelope * np.sin(phase)
        pair = np.array([k / np.linalg.norm(k) for k in (even, odd)])
        if not any(np.abs(pair - other).max() < 1e-6 for other in bank):
            bank.append(pair)
    kernels = np.concatenate(bank)[:n_kernels]
    return np.repeat(kernels, n_channels, axis=1) / np.sqrt(n_channels)


def check_number(n_kernels):
    """Return a number of kernels, checked, as Python's own int."""
    sound = isinstance(n_kernels, Integral) and not isinstance(n_kernels, bool)
    if not sound or not 1 <= n_kernels <= MOST:
        raise ValueError(
            f"n_kernels must be a whole number of at least 1 and at most {MOST}, got {n_kernels!r}."
        )
    return int(n_kernels)


def _waves(n_pairs, shortest_side, n_axes):
    """Wavelength and direction of each pair."""
    log_range = np.log(shortest_side / SHORTEST)
    n_scales = round((n_pairs * log_range ** (n_axes - 1) / AREA[n_axes]) ** (1 / n_axes))
    n_scales = min(max(n_scales, 1), n_pairs)
    middle = np.sqrt(shortest_side * SHORTEST)
    scales = np.geomspace(SHORTEST, shortest_side, n_scales) if n_scales > 1 else [middle]
    for i, wavelength in enumerate(scales):
        n = n_pairs // n_scales + (i < n_pairs % n_scales)
        for direction in _directions(n, n_axes):
            yield wavelength, direction


def _directions(n, n_axes):
    """``n`` unit vectors, about evenly over half of all directions."""
    if n_axes == 1:
        return np.ones((n, 1))
    if n_axes == 2:
        angle = np.pi * np.arange(n) / n
        return np.column_stack([np.sin(angle), np.cos(angle)])
    # a Fibonacci spiral of 2n points over the sphere has its upper half in the first n
    height = 1 - (np.arange(n) + 0.5) / n
    angle = np.pi * (3 - np.sqrt(5)) * np.arange(n)
    across = np.sqrt(1 - height**2)
    return np.column_stack([height, across * np.sin(angle), across * np.cos(angle)])
