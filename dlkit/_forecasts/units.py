"""Units of series: what a forecaster computes in, and the way back to the data's units."""

import tempfile
from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.signal import detrend
from sklearn.base import BaseEstimator, clone

from .. import _budgets
from .._params import HasMethods, StrOptions
from ..sequences import release

__all__ = [
    "SCALING",
    "FittedTransformers",
    "Scaling",
    "Units",
    "as_scaling",
    "fit_units",
    "units_like",
]

METHODS = {"standard", "minmax", "robust"}
SHORTCUTS = {*METHODS, "log"}


class Scaling(BaseEstimator):
    """How a forecaster scales series inside: the value of its ``scaling``.

    A forecaster learns and runs in scaled numbers and answers in the data's own units. A name
    stands for ``Scaling(name)``, ``"log"`` for ``Scaling(power="log")``.

    Parameters
    ----------
    method : {"standard", "minmax", "robust"} or None, default="standard"
        What each channel is scaled by, after the power: ``"standard"`` subtracts the mean and
        divides by the standard deviation, ``"minmax"`` maps the range to [−1, 1], ``"robust"``
        subtracts the median and divides by the interquartile range over 1.349 (which is the
        standard deviation of normally distributed numbers). None leaves channels as they are.
    power : {"log", "box-cox", "auto"} or None, default=None
        A transformation before, for series whose swings grow with their level. ``"log"`` takes
        logarithms; ``"box-cox"`` (x^λ − 1)/λ, with the λ in [−1, 2] under which swings depend
        least on the level [1]_; ``"auto"`` the best of the logarithm, the square root and none by
        the same measure, none where a value is not positive.

    Notes
    -----
    One series: mean and deviation, and λ, are those of the series ``fit`` saw, for later series as
    well. A list of series: each is in its own scale, new ones in theirs, and the power is the same
    for all.

    References
    ----------
    .. [1] Guerrero (1993), Time-series analysis supported by power transformations, Journal of
       Forecasting 12.

    Examples
    --------
    >>> import numpy as np
    >>> from dlkit import ESNForecaster
    >>> from dlkit.forecasting import Scaling
    >>> x = np.exp(0.02 * np.arange(200) + 0.3 * np.sin(0.5 * np.arange(200)))
    >>> esn = ESNForecaster(50, scaling=Scaling(power="auto"), random_state=0).fit(x)
    >>> esn.units_.power  # the logarithm
    array([[0.]])
    """

    _parameter_constraints = {
        "method": [StrOptions(METHODS), None],
        "power": [StrOptions({"log", "box-cox", "auto"}), None],
    }

    def __init__(self, method="standard", *, power=None):
        self.method = method
        self.power = power

    def units_of(self, batch, free=slice(None), *, each=True):
        """Find the units of series.

        Parameters
        ----------
        batch : Sequences
            The series, in the data's units; NaN where a step is missing.
        free : slice or ndarray of int, default=slice(None)
            Channels that are scaled.
        each : bool, default=True
            Whether each series has a scale of its own.

        Returns
        -------
        Units
        """
        self._validate_params()
        chosen = np.arange(batch.n_channels)[free]
        power = self._powers(batch, chosen)
        return self.units_like(batch, power, chosen, each=each)

    def units_like(self, batch, power, chosen, *, each=True):
        """Units of series under powers that are known.

        Parameters
        ----------
        batch : Sequences
            As of :meth:`units_of`.
        power : ndarray of shape (n_channels,)
            Power of each channel; NaN where there is none.
        chosen : ndarray of int
            Channels that are scaled.
        each : bool, default=True
            As of :meth:`units_of`.

        Returns
        -------
        Units
        """
        numbers = _numbers(batch, each)
        shape = int(numbers[-1]) + 1, batch.n_channels
        power = np.reshape(power, (1, -1))
        units = Units(np.zeros(shape), np.ones(shape), power, chosen, not each)
        if self.method == "standard":
            shift, scale = _mean_and_deviation(batch, units, numbers)
        elif self.method is None:
            return units
        else:
            shift, scale = _of_order(batch, units, numbers, self.method)
        others = np.setdiff1d(np.arange(batch.n_channels), chosen)
        shift[:, others], scale[:, others] = 0.0, 1.0
        return replace(units, shift=shift, scale=scale)

    def _powers(self, batch, chosen):
        power = np.full(batch.n_channels, np.nan)
        for c in chosen if self.power is not None else ():
            values = batch.values[:, c].astype(np.float64)
            least = np.nanmin(values, initial=np.inf)
            if self.power != "auto" and least <= 0:
                _refuse_sign(batch, c, f"power={self.power!r}")
            if self.power == "log":
                power[c] = 0.0
            elif least > 0:
                power[c] = _guerrero(batch, c, candidates=self.power == "auto")
        return power


def _numbers(batch, each):
    """Number of the group that each row is of: its series, or one for all."""
    if each and len(batch) > 1:
        return np.repeat(np.arange(len(batch)), batch.lengths)
    return np.broadcast_to(np.int64(0), len(batch.values))  # which takes no memory


def _refuse_sign(batch, c, what):
    row = int(np.argmax(~(batch.values[:, c] > 0) & ~np.isnan(batch.values[:, c])))
    i = int(np.searchsorted(batch.offsets, row, side="right")) - 1
    raise ValueError(
        f"{what} needs positive values, but X holds {batch.values[row, c]} in sequence {i}, step "
        f"{row - int(batch.offsets[i])}, channel {c}. Use scaling='standard', or "
        "Scaling(power='auto'), which transforms where all values are positive."
    )


def _guerrero(batch, c, candidates):
    """Power under which the deviation of blocks of a series depends least on their mean.

    That is the λ with the least variation, relative to its mean, of deviation / mean^(1 − λ), where
    the deviation is that from a line through the block.
    """
    ratios, means = [], []
    for i in range(len(batch)):
        x = batch[i][:, c].astype(np.float64)
        x = x[~np.isnan(x)]
        size = max(4, min(24, len(x) // 6))
        count = len(x) // size
        if count < 2:
            continue
        blocks = (x / x.mean())[len(x) - count * size :].reshape(count, size)
        means.append(blocks.mean(axis=1))
        ratios.append(detrend(blocks, axis=1).std(axis=1))

    def variation(power):
        found = []
        for mean, deviation in zip(means, ratios, strict=True):
            ratio = deviation / mean ** (1 - power)
            middle = ratio.mean()
            found.append(ratio.std() / middle if middle > 0 else 0.0)
        return np.mean(found)

    if not means:
        return np.nan
    if not candidates:
        return float(minimize_scalar(variation, bounds=(-1, 2), method="bounded").x)
    best = min((1.0, 0.5, 0.0), key=variation)
    return np.nan if best == 1.0 else best


def _blocks(batch, units, numbers):
    """Blocks of series under their power, as float64, and the number of each row's group."""
    for start in range(0, len(batch.values), _budgets.LOOK_ROWS):
        rows = slice(start, start + _budgets.LOOK_ROWS)
        part = batch.values[rows]
        yield units.powered(part.astype(np.float64)), numbers[rows]
        release(part)


def _summed(batch, units, numbers, terms):
    """Sums over the series of each group of what ``terms`` makes of their values."""
    totals = np.zeros((2, *units.shift.shape))
    for part, group in _blocks(batch, units, numbers):
        for total, values in zip(totals, terms(part, group), strict=True):
            for k in range(values.shape[1]):
                total[:, k] += np.bincount(group, values[:, k], minlength=len(total))
    return totals


@np.errstate(over="ignore", invalid="ignore")
def _mean_and_deviation(batch, units, numbers):
    rows = np.unique(numbers, return_index=True)[1]
    near = units.powered(batch.values[rows].astype(np.float64))
    near = np.where(np.isnan(near), 0.0, near)  # a value of each series, for the digits
    size = np.zeros_like(near)
    for part, group in _blocks(batch, units, numbers):
        far = np.abs(part - near[group])
        np.maximum.at(size, group, np.where(np.isnan(far), 0.0, far))
    size = np.where(size > 0, size, 1.0)

    def first(part, group):
        known = ~np.isnan(part)
        return np.where(known, (part - near[group]) / size[group], 0.0), known

    total, known = _summed(batch, units, numbers, first)
    known = np.maximum(known, 1)
    mean = near + size * (total / known)

    def second(part, group):
        away = (part - mean[group]) / size[group]
        away = np.where(np.isnan(away), 0.0, away)
        return away, away**2

    total, square = _summed(batch, units, numbers, second)
    deviation = size * np.sqrt(np.maximum(square / known - (total / known) ** 2, 0.0))
    mean = mean + size * (total / known)
    return mean, _usable(deviation, mean)


@np.errstate(over="ignore", invalid="ignore")
def _of_order(batch, units, numbers, method):
    shift, scale = np.zeros_like(units.shift), np.ones_like(units.scale)
    stops = np.searchsorted(numbers, np.arange(len(shift)), side="right")
    for i, (start, stop) in enumerate(zip([0, *stops[:-1]], stops, strict=True)):
        x = units.powered(batch.values[start:stop].astype(np.float64))
        for c in range(x.shape[1]):
            known = x[~np.isnan(x[:, c]), c]
            if not len(known):
                continue
            if method == "minmax":
                low, high = known.min(), known.max()
                shift[i, c], scale[i, c] = low / 2 + high / 2, high / 2 - low / 2
            else:
                low, shift[i, c], high = np.quantile(known, [0.25, 0.5, 0.75])
                scale[i, c] = (high - low) / 1.349 or (known - shift[i, c]).std()
    return shift, _usable(scale, shift)


def _usable(scale, shift):
    """Scales; one for a channel that does not vary by more than its rounding."""
    return np.where(scale > 1e-13 * np.abs(shift), scale, 1.0)


@dataclass(frozen=True, eq=False)
class Units:
    """Units of series: z = (p(x) − shift) / scale, p a power or nothing.

    Attributes
    ----------
    shift, scale : ndarray of shape (n_series, n_channels), or (1, n_channels) for all series
        In the units that the power gives.
    power : ndarray of shape (1, n_channels)
        λ of (x^λ − 1)/λ, 0 for the logarithm, NaN for none.
    free : ndarray of int
        Channels that are scaled; others are left as they are.
    common : bool
        Whether one scale is that of all series, and of later ones.
    """

    shift: np.ndarray
    scale: np.ndarray
    power: np.ndarray
    free: np.ndarray
    common: bool

    def of(self, series):
        """Units of some series, by number."""
        if self.common:
            return self
        return replace(self, shift=self.shift[series], scale=self.scale[series])

    def mixed(self, seen, past):
        """These units, but for series that were seen before those of the past.

        Parameters
        ----------
        seen : ndarray of int
            Number of each series in the past, −1 for new ones.
        past : Units
            Units of the series that were seen.
        """
        old = (seen >= 0)[:, None]
        shift, scale = (np.where(old, kept[seen], new) for kept, new in (
            (past.shift, self.shift), (past.scale, self.scale)))  # fmt: skip
        return replace(self, shift=shift, scale=scale)

    def powered(self, values):
        """Values under the power alone."""
        if np.isnan(self.power).all():
            return values
        values = np.array(values)
        for c in np.flatnonzero(~np.isnan(self.power[0])):
            power = self.power[0, c]
            logs = np.log(values[:, c])
            values[:, c] = logs if power == 0 else np.expm1(power * logs) / power
        return values

    def forward(self, batch):
        """Series in model units.

        Parameters
        ----------
        batch : Sequences
            Series in the data's units, as many as these units are of.
        """
        for c in np.flatnonzero(~np.isnan(self.power[0])):
            if not (np.nanmin(batch.values[:, c], initial=np.inf) > 0):
                _refuse_sign(batch, c, "The logarithm, or power, that fit chose")
        if not (np.isfinite(self.shift).all() and np.isfinite(self.scale).all()):
            raise ValueError(
                "X holds numbers so large that their mean or deviation overflows: scale X, to a "
                "variance of about one, say."
            )
        numbers = _numbers(batch, not self.common)

        def scaled(rows):
            group = numbers[rows]
            part = self.powered(batch.values[rows].astype(np.float64))
            return (part - self.shift[group]) / self.scale[group]

        return replace(batch, values=_filled(batch.values, scaled))

    def back(self, values, lengths):
        """Channels that are scaled, in the data's units.

        Parameters
        ----------
        values : ndarray of shape (total rows, n_free) or (total rows,)
            In model units, series after series.
        lengths : ndarray of int
            Rows of each series.
        """
        group = np.zeros(len(values), dtype=np.int64)
        if not self.common:
            group = np.repeat(np.arange(len(lengths)), lengths)
        flat = values.reshape(len(values), -1)
        shift, scale = self.shift[:, self.free], self.scale[:, self.free]
        with np.errstate(over="ignore", invalid="ignore"):
            found = flat.astype(np.float64) * scale[group] + shift[group]
            for k, power in enumerate(self.power[0, self.free]):
                if power == 0:
                    found[:, k] = np.exp(found[:, k])
                elif not np.isnan(power):
                    base = np.maximum(1 + power * found[:, k], 0.0)
                    with np.errstate(divide="ignore"):
                        found[:, k] = base ** (1 / power)
            return found.astype(values.dtype, copy=False).reshape(values.shape)


@dataclass(frozen=True, eq=False)
class FittedTransformers:
    """Units that transformers of scikit-learn make; the interface of :class:`Units`.

    Attributes
    ----------
    transformers : list of transformer
        One for each series, or one for all.
    free : ndarray of int
        Channels that are scaled.
    common : bool
        Whether one transformer is that of all series, and of later ones.
    """

    transformers: list
    free: np.ndarray
    common: bool

    @classmethod
    def fit(cls, transformer, batch, free, *, each=True):
        """Fit a transformer to each series, or one to all."""
        chosen = np.arange(batch.n_channels)[free]
        parts = [batch[i] for i in range(len(batch))] if each else [batch.values]
        found = [clone(transformer).fit(part[:, chosen]) for part in parts]
        return cls(found, chosen, not each)

    def of(self, series):
        """Units of some series, by number."""
        if self.common:
            return self
        return replace(self, transformers=[self.transformers[i] for i in series])

    def mixed(self, seen, past):
        """As of :meth:`Units.mixed`."""
        pairs = zip(seen, self.transformers, strict=True)
        return replace(
            self, transformers=[past.transformers[k] if k >= 0 else new for k, new in pairs]
        )

    def forward(self, batch):
        """As of :meth:`Units.forward`."""
        values = np.array(batch.values)
        for i in range(len(batch)):
            rows = slice(batch.offsets[i], batch.offsets[i + 1])
            found = self._of(i).transform(batch.values[rows][:, self.free])
            found = np.asarray(found.toarray() if hasattr(found, "toarray") else found)
            if found.shape != (batch.lengths[i], len(self.free)):
                raise ValueError(
                    f"scaling={self._of(i)!r} makes {found.shape[-1]} columns of "
                    f"{len(self.free)} channels; a scaling must give each channel one column."
                )
            values[rows, self.free] = found
        return replace(batch, values=values)

    def _of(self, i):
        return self.transformers[0 if self.common else i]

    def back(self, values, lengths):
        """As of :meth:`Units.back`."""
        flat, ends = values.reshape(len(values), -1), np.cumsum(lengths)
        parts = [
            np.asarray(self._of(i).inverse_transform(flat[stop - n : stop]))
            for i, (n, stop) in enumerate(zip(lengths, ends, strict=True))
            if n
        ]
        return np.concatenate(parts).astype(values.dtype, copy=False).reshape(values.shape)


def _filled(values, scaled):
    """Array of what ``scaled(rows)`` makes of blocks of rows.

    Of a series that is mapped from a file and large, it is such a series itself, in a temporary
    file.
    """
    step = _budgets.LOOK_ROWS
    blocks = (slice(start, start + step) for start in range(0, len(values), step))
    if _is_mapped(values) and values.nbytes > _budgets.STATES_BYTES:
        with tempfile.TemporaryFile() as file:
            for rows in blocks:
                file.write(np.ascontiguousarray(scaled(rows), dtype=values.dtype).data)
                release(values[rows])
            file.flush()
            return np.memmap(file, dtype=values.dtype, mode="r", shape=values.shape)
    out = np.empty(values.shape, dtype=values.dtype)
    for rows in blocks:
        out[rows] = scaled(rows)
        release(values[rows])
    return out


def _is_mapped(values):
    while isinstance(values, np.ndarray):
        if isinstance(values, np.memmap):
            return True
        values = values.base
    return False


def as_scaling(scaling):
    """Scaling from a name, too; transformers and None stay what they are."""
    if isinstance(scaling, str):
        return Scaling(power="log") if scaling == "log" else Scaling(scaling)
    return scaling


def fit_units(scaling, batch, free=slice(None), *, each=True):
    """Units that a forecaster's ``scaling`` gives series; None for none."""
    scaling = as_scaling(scaling)
    if scaling is None:
        return None
    if isinstance(scaling, Scaling):
        return scaling.units_of(batch, free, each=each)
    return FittedTransformers.fit(scaling, batch, free, each=each)


def units_like(units, scaling, batch):
    """Units of new series, each in its own scale, under the powers that were chosen before."""
    if units is None or units.common:
        return units
    if isinstance(units, FittedTransformers):
        return FittedTransformers.fit(units.transformers[0], batch, units.free)
    return as_scaling(scaling).units_like(batch, units.power[0], units.free)


SCALING = {
    "scaling": [
        StrOptions(SHORTCUTS),
        Scaling,
        HasMethods(["fit", "transform", "inverse_transform"]),
        None,
    ]
}
