"""What a closed loop may answer: bounds in the data's units, and a warning where it meets them."""

from dataclasses import dataclass

import numpy as np

from .. import _budgets
from .._announce import announce
from ..exceptions import DivergenceWarning, ForecastWarning
from ..sequences import release

__all__ = ["Bounds", "finite", "guarded", "held"]

REACH = 10.0  # widths of what was seen that an answer may lie beyond it
STILL = 1e-6  # of that width: what moves by less is constant
WHILE = 20  # steps that must pass without a move
FAR = 1e12  # of model units: beyond all bounds in any of the data's


@dataclass(frozen=True, eq=False)
class Bounds:
    """Range that the values of each series had where they were seen.

    Attributes
    ----------
    low, high : ndarray of shape (n_series, n_channels)
        Least and greatest value, in the data's units.
    moves : ndarray of bool of shape (n_series,)
        Whether the last steps of the series differ from each other.
    """

    low: np.ndarray
    high: np.ndarray
    moves: np.ndarray

    @classmethod
    def of(cls, batch, columns=slice(None)):
        """Bounds of series, in some of their channels; NaN counts as not seen."""
        values, starts, stops = batch.values[:, columns], batch.offsets[:-1], batch.offsets[1:]
        if len(batch) == 1:  # which may be a large map of a file
            step, found = _budgets.LOOK_ROWS, []
            for start in range(0, len(values), step):
                part = values[start : start + step]
                found.append((np.fmin.reduce(part), np.fmax.reduce(part)))
                release(part)
            found = np.array(found, dtype=np.float64)
            low, high = np.fmin.reduce(found[:, 0])[None], np.fmax.reduce(found[:, 1])[None]
        else:
            low, high = (f.reduceat(values, starts).astype(np.float64) for f in (np.fmin, np.fmax))
        ends = [values[max(a, b - WHILE) : b] for a, b in zip(starts, stops, strict=True)]
        moves = [bool((~np.isnan(x) & (x != x[:1])).any()) for x in ends]
        return cls(low, high, np.array(moves))

    def of_series(self, which):
        """Bounds of some of the series, by number."""
        return Bounds(self.low[which], self.high[which], self.moves[which])

    def of_channels(self, columns):
        """Bounds of some of the channels."""
        return Bounds(self.low[:, columns], self.high[:, columns], self.moves)

    def joined(self, other):
        """Bounds of what either has seen of the same series; the other's are the last steps."""
        low, high = np.fmin(self.low, other.low), np.fmax(self.high, other.high)
        return Bounds(low, high, self.moves | other.moves)

    @property
    def width(self):
        """Width of what was seen, above zero, of shape (n_series, n_channels)."""
        width = self.high - self.low
        size = np.maximum(np.abs(self.low), np.abs(self.high))
        return np.where(width > 0, width, np.where(size > 0, size, 1.0))


def finite(future):
    """Forecasts in model units as finite numbers, which a transformer can take back."""
    return np.clip(np.nan_to_num(future, nan=FAR, posinf=FAR, neginf=-FAR), -FAR, FAR)


def guarded(future, bounds, mend):
    """Forecasts held to what the units can mean; what was wrong with them is announced.

    Parameters
    ----------
    future : ndarray of shape (n_series, n_steps, n_channels)
        Forecasts in the data's units; left as they are.
    bounds : Bounds
        Of the same series.
    mend : str
        What makes a forecast more stable, for messages: "a larger alpha".

    Returns
    -------
    future : ndarray
        Of finite numbers, none of which lies further outside of what was seen than ten times the
        width of that. From a step that is not finite on, the step before is held.
    """
    low, high, width = bounds.low[:, None], bounds.high[:, None], bounds.width[:, None]
    least, most = low - REACH * width, high + REACH * width
    sound = (future >= least) & (future <= most)  # NaN is neither
    if not sound.all():
        future = _held(future, least, most, sound)
        whole = sound.all(axis=2)
        i = int(np.argmin(whole.all(axis=1)))
        step, n = int(np.argmin(whole[i])), int((~whole.all(axis=1)).sum())
        c = int(np.argmin(sound[i, step]))
        more = f"; {n} of {len(future)} series do" if n > 1 else ""
        announce(
            f"The forecast of series {i} grows without bound from its step {step} on: it is not "
            f"finite there, or more than {REACH:g} times the width of the training part away from "
            f"it, which reaches from {bounds.low[i, c]:.4g} to {bounds.high[i, c]:.4g}{more}. "
            f"Later steps are held at {least[i, 0, c]:.4g} and {most[i, 0, c]:.4g} and mean "
            f"nothing. Use fewer steps, or {mend}.",
            DivergenceWarning,
        )
        return future
    still = _first_still(future, STILL * width)
    stuck = (still <= future.shape[1] - max(WHILE, future.shape[1] // 2)) & bounds.moves
    if stuck.any():
        i = int(np.argmax(stuck))
        announce(
            f"The forecast of series {i} turns constant from its step {still[i]} on, unlike the "
            "series: the model tells nothing of later steps. Use fewer steps, a smaller alpha, or "
            "settings chosen in a closed loop (ReservoirSearchCV with scoring='closed_loop').",
            ForecastWarning,
        )
    return future


def held(future, bounds):
    """Forecasts held to what the units can mean, as of :func:`guarded`, without a word."""
    low, high, width = bounds.low[:, None], bounds.high[:, None], bounds.width[:, None]
    return np.clip(future, low - REACH * width, high + REACH * width).astype(future.dtype)


def _held(future, least, most, sound):
    """Forecasts within bounds; what is not finite is what came last before it."""
    dtype = future.dtype
    found = np.clip(future, least, most)
    place = np.where(np.isnan(found), 0, np.arange(1, future.shape[1] + 1)[:, None])
    place = np.maximum.accumulate(place, axis=1)
    middle = np.broadcast_to((least + most) / 2, (len(found), 1, found.shape[2]))
    found = np.take_along_axis(np.concatenate([middle, found], axis=1), place, axis=1)
    return found.astype(dtype, copy=False)


def _first_still(future, tolerance):
    """First step of each series from which all channels stay where they end."""
    moved = (np.abs(future - future[:, -1:]) > tolerance).any(axis=2)
    return np.where(moved.any(axis=1), future.shape[1] - np.argmax(moved[:, ::-1], axis=1), 0)
