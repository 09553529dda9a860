"""Stages of auto-context at work: columns of positions in, probabilities or numbers out."""

from dataclasses import dataclass, replace

import numpy as np
from scipy.special import expit

from .. import _budgets
from ._blocks import widened

__all__ = ["Chain", "Expansion", "Last", "Stage", "by_rows", "calibrated", "joined"]

FAR = 3.0  # deviations from the mean from which units see a column drawn in, to twice this at most


@dataclass(frozen=True)
class Expansion:
    """Standardised columns, and rectified random sums of a few of them each.

    What lies far from the mean is drawn in for the sums, in order: a few such rows would have most
    of their squares. The columns themselves stay as they are.

    Attributes
    ----------
    mean, scale : ndarray of shape (p,)
    weights : ndarray of shape (p + 1, n_units)
        Of the standardised columns; of one, last.
    """

    mean: np.ndarray
    scale: np.ndarray
    weights: np.ndarray

    @classmethod
    def draw(cls, rows, weight, n_units, n_links, random_state):
        """Draw one for columns such as these rows have."""
        dtype = rows.dtype
        mean = np.average(rows, axis=0, weights=weight).astype(np.float64)
        spread = np.sqrt(np.average((rows - mean) ** 2, axis=0, weights=weight))
        blank = spread <= 1e-6 * np.abs(mean)
        scale = np.where(blank, 1.0, spread) + (spread == 0)
        p = rows.shape[1]
        links = min(n_links, p)
        weights = random_state.standard_normal((p, n_units)) / np.sqrt(links)
        order = random_state.uniform(size=(p, n_units))
        if links < p:
            weights[order > np.partition(order, links - 1, axis=0)[links - 1]] = 0
        weights = np.concatenate([weights, random_state.uniform(-1, 1, (1, n_units))])
        return cls(*(a.astype(dtype) for a in (mean, scale, weights)))

    @property
    def row_bytes(self):
        """Bytes of the units of a row."""
        return self.weights[0].nbytes

    def __call__(self, rows):
        """Features of rows: (n, p) to (n, p + n_units)."""
        p = rows.shape[1]
        known = np.ones((len(rows), p + 1), self.weights.dtype)
        np.subtract(rows, self.mean, out=known[:, :p])
        known[:, :p] /= self.scale
        out = np.empty((len(rows), p + self.weights.shape[1]), self.weights.dtype)
        out[:, :p] = known[:, :p]
        draw_in(known[:, :p])
        units = out[:, p:]
        np.matmul(known, self.weights, out=units)
        np.maximum(units, 0, out=units)
        return out


def draw_in(z):
    """Replace z beyond ±FAR by FAR + e / (1 + e / FAR), where e is what z is beyond, in place."""
    beyond = np.abs(z) > FAR  # few
    far = z[beyond]
    e = np.abs(far) - FAR
    z[beyond] = np.copysign(FAR + e / (1 + e / FAR), far)


@dataclass(frozen=True)
class Stage:
    """An expansion, a linear map of it, and what makes values of that.

    Attributes
    ----------
    expansion : Expansion
    coef : ndarray of shape (p, q)
    intercept : ndarray of shape (q,)
    calibration : pair of ndarray or None
        Coefficients and intercepts of the softmax of scores; None: scores are values.
    """

    expansion: Expansion
    coef: np.ndarray
    intercept: np.ndarray
    calibration: tuple | None

    def values(self, rows):
        """Probabilities of classes, or numbers, of rows of columns: (n, C)."""
        scores = self.expansion(rows) @ self.coef
        scores += self.intercept
        return scores if self.calibration is None else calibrated(scores, self.calibration)


@dataclass(frozen=True)
class Last:
    """An expansion and a fitted readout, in place of the last stage."""

    expansion: Expansion
    readout: object
    method: str

    def values(self, rows):
        """What the readout says: (n, C), or (n,) labels of it."""
        found = np.asarray(getattr(self.readout, self.method)(self.expansion(rows)))
        return found[:, None] if found.ndim == 1 else found


def calibrated(scores, calibration):
    """Softmax of scores that are scaled and shifted."""
    coef, intercept = calibration
    z = scores @ coef
    z += intercept
    with np.errstate(under="ignore"):
        if z.shape[1] == 1:
            return expit(np.concatenate([-z, z], axis=1))
        z -= z.max(axis=1, keepdims=True)
        np.exp(z, out=z)
    z /= z.sum(axis=1, keepdims=True)
    return z


class Chain:
    """Stages one behind the other, at work on boxes of samples."""

    def __init__(self, describer, stages, context):
        self.describer, self.stages, self.context = describer, stages, context

    @property
    def method(self):
        """What the last stage's readout is asked for; None of a stage without one."""
        return getattr(self.stages[-1], "method", None)

    def of_labels(self):
        """The same stages, whose last one's readout says labels in place of probabilities."""
        last = self.stages[-1]
        if self.method != "predict_proba":
            return self
        return Chain(
            self.describer, [*self.stages[:-1], replace(last, method="predict")], self.context
        )

    def whole(self, space, dtype, n_views=1):
        """Whether what stages find at all positions of a sample is to be kept, for the next one."""
        size = 2.0 * n_views * self.context.n_values * dtype.itemsize * np.prod(space, dtype=float)
        return len(self.stages) > 1 and size <= _budgets.POSITION_CACHE_BYTES

    def dtype_of(self, dtype):
        """Dtype of values of samples that are computed in ``dtype``."""
        return np.result_type(dtype, self.stages[-1].expansion.weights.dtype)

    @property
    def margin(self):
        """How far the last stage looks, by way of those before it, along each axis."""
        return tuple(int(r) for r in (len(self.stages) - 1) * self.context.reach)

    def stage_values(self, s, samples, i, low, high, maps):
        """Values of stage ``s`` in a box, where all values of the one before are known."""
        columns = self.describer(samples, i, low, high)
        if maps is not None:
            columns = joined(columns, self.context, samples, i, (low, high), maps, low)
        return by_rows(self.stages[s], columns)

    def values(self, samples, i, low, high):
        """Values in a box of sample ``i``: (*extents, C)."""
        space, last, reach = samples.space(i), len(self.stages) - 1, self.context.reach
        bounds = [widened(low, high, (last - s) * reach, space) for s in range(last + 1)]
        described = self.describer(samples, i, *bounds[0])
        found = None
        for s, stage in enumerate(self.stages):
            box = _within(bounds[s], bounds[0])
            columns = described[box]
            if found is not None:
                before = found, np.subtract(bounds[s][0], bounds[s - 1][0])
                columns = joined(columns, self.context, samples, i, bounds[s], *before)
            found = by_rows(stage, columns)
        return found


def joined(columns, context, samples, i, bounds, found, offset):
    """Columns of a box beside what the last stage found around each of its positions."""
    shape, width = columns.shape[:-1], columns.shape[-1]
    out = np.empty((*shape, width + context.n_columns), columns.dtype)
    out[..., :width] = columns
    context.of_box(samples, i, *bounds, found, offset, out[..., width:])
    return out


def by_rows(stage, columns):
    """Values of a stage, a tile of rows at a time: (*extents, p) to (*extents, C)."""
    rows = columns.reshape(-1, columns.shape[-1])
    length = max(_budgets.POSITION_TILE_BYTES // (stage.expansion.row_bytes or 1), 64)
    parts = [stage.values(rows[start : start + length]) for start in range(0, len(rows), length)]
    found = np.concatenate(parts)
    return found.reshape(*columns.shape[:-1], found.shape[1])


def _within(bounds, outer):
    return tuple(
        slice(a - c, b - c) for a, b, c in zip(bounds[0], bounds[1], outer[0], strict=True)
    )
