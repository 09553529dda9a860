"""Smoothing of maps of values, as it is or along the edges of the image."""

import numpy as np
from scipy import ndimage

__all__ = ["RADIUS", "WIDEST", "check_smoothing", "smoothed", "smoothing_margin"]

TRUNCATE = 3.0
WIDEST = 10_000  # positions: the greatest standard deviation of a Gaussian, which is held whole
RADIUS = 4  # of the boxes of the guided filter
EDGE = 0.01  # share of the intensities' variance from which on a difference is an edge


def check_smoothing(smoothing):
    """Refuse what is neither None, a positive number nor "guided"."""
    number = isinstance(smoothing, (int, float, np.number)) and not isinstance(smoothing, bool)
    if not (smoothing is None or smoothing == "guided" or (number and 0 < smoothing <= WIDEST)):
        raise ValueError(
            f"smoothing={smoothing!r} is not allowed; it must be None, the standard deviation of a "
            f"Gaussian in positions, up to {WIDEST}, or 'guided'."
        )


def smoothing_margin(smoothing):
    """How far a smoothed value looks."""
    if smoothing is None:
        return 0
    return 2 * RADIUS if smoothing == "guided" else int(TRUNCATE * smoothing + 0.5)


def smoothed(values, smoothing, guide=None, variance=1.0):
    """Smooth maps along their axes of space, borders reflected.

    Parameters
    ----------
    values : ndarray of shape (*space, C)
        Maps.
    smoothing : None, float or "guided"
        Nothing, a Gaussian of this standard deviation, or the guided filter.
    guide : ndarray of shape (*space,)
        Intensities, for the guided filter.
    variance : float
        Of all intensities.
    """
    if smoothing is None:
        return values
    if smoothing != "guided":
        sigma = [float(smoothing)] * (values.ndim - 1) + [0.0]
        return ndimage.gaussian_filter(values, sigma, truncate=TRUNCATE)
    return guided(values, guide, RADIUS, EDGE * variance)


def guided(values, guide, radius, edge):
    """Guided filter: in each box values are a line of the guide, and boxes are averaged.

    He, Sun & Tang (2013). Guided image filtering. IEEE TPAMI 35(6), eq. 5, 6 and 8.
    """

    def mean(a):
        return ndimage.uniform_filter(a, 2 * radius + 1)

    I = guide.astype(np.float64)
    I_mean = mean(I)
    spread = np.maximum(mean(I * I) - I_mean**2, 0) + edge
    out = np.empty_like(values)
    for c in range(values.shape[-1]):
        p = values[..., c].astype(np.float64)
        p_mean = mean(p)
        a = (mean(I * p) - I_mean * p_mean) / spread
        out[..., c] = mean(a) * I + mean(p_mean - a * I_mean)
    return out
