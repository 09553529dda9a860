"""What a closed loop may answer: bounds in the data's units."""

from dataclasses import dataclass

import numpy as np

__all__ = ["Bounds"]


@dataclass(frozen=True, eq=False)
class Bounds:
    """Range that the values of each series may take.

    Attributes
    ----------
    low, high : ndarray of shape (n_series, n_channels)
        Least and greatest value seen in training, in the data's units.
    """

    low: np.ndarray
    high: np.ndarray

    @classmethod
    def of(cls, batch, columns=slice(None)):
        """Bounds of series, in some of their channels; NaN counts as not seen."""
        values = batch.values[:, columns]
        low = np.fmin.reduceat(values, batch.offsets[:-1])
        high = np.fmax.reduceat(values, batch.offsets[:-1])
        return cls(low, high)
