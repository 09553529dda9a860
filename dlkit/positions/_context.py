"""What the stages of auto-context see of the maps of the stage before: a window, and rings."""

import math
from dataclasses import dataclass
from itertools import product

import numpy as np

from ._blocks import read_box

__all__ = ["Context", "offsets_of", "surroundings", "surroundings_at"]

MOST_PRODUCTS = 1024  # columns


@dataclass(frozen=True)
class Context:
    """What is seen of maps around a position: values, and values times intensities.

    In a product a value counts by what the image shows at its own position, or at the position
    that is described: as edges between neighbours do in a conditional random field.

    Attributes
    ----------
    offsets : list of tuple of int
        Of a window, and then of rings.
    n_near : int
        How many of them are the window's: only their values are multiplied.
    n_values : int
        Values of a position.
    mean, scale : ndarray of shape (n_channels,) or None
        Of intensities, which are standardised; None: there are no products.
    """

    offsets: list
    n_near: int
    n_values: int
    mean: np.ndarray | None
    scale: np.ndarray | None

    @classmethod
    def of(cls, samples, size, rings, n_values, intensities):
        """Make one for samples of which some intensities are known, (n, n_channels)."""
        offsets = offsets_of(samples.n_axes, size, rings)
        n_near = size**samples.n_axes
        mean = scale = None
        if 2 * n_near * n_values * samples.n_channels <= MOST_PRODUCTS:
            mean = intensities.mean(axis=0, dtype=np.float64)
            scale = intensities.std(axis=0, dtype=np.float64)
            blank = scale <= 1e-6 * np.abs(mean)
            scale = np.where(blank, 1.0, scale).astype(samples.dtype)
            mean = mean.astype(samples.dtype)
        return cls(offsets, n_near, n_values, mean, scale)

    @property
    def reach(self):
        """How far it looks, along each axis."""
        return np.abs(self.offsets).max(axis=0)

    @property
    def n_columns(self):
        """Columns of a position."""
        n_channels = 0 if self.mean is None else len(self.mean)
        return self.n_values * (len(self.offsets) + 2 * n_channels * self.n_near)

    def of_box(self, samples, i, low, high, found, offset, out):
        """Write what is seen in a box of sample ``i``.

        Parameters
        ----------
        samples : Samples
        i : int
        low, high : tuple of int
            The box.
        found : ndarray of shape (*space, n_values)
            Values, at least as far around as there is anything.
        offset : tuple of int
            Where in them the box begins.
        out : ndarray of shape (*extents, n_columns)
        """
        shape = out.shape[:-1]
        width = len(self.offsets) * self.n_values
        surroundings(found, offset, shape, self.offsets, out[..., :width])
        if self.mean is None:
            return
        near = self.offsets[: self.n_near]
        reach = np.abs(near).max(axis=0)
        box = read_box(samples, i, np.subtract(low, reach), np.add(high, reach))
        box = (box - self.mean) / self.scale
        own = box[tuple(slice(r, r + n) for r, n in zip(reach, shape, strict=True))]
        column = width
        for k, step in enumerate(near):
            values = out[..., k * self.n_values : (k + 1) * self.n_values]
            there = box[
                tuple(slice(r + s, r + s + n) for r, s, n in zip(reach, step, shape, strict=True))
            ]
            for intensity in (own, there):
                for channel in np.moveaxis(intensity, -1, 0):
                    last = column + self.n_values
                    np.multiply(values, channel[..., None], out=out[..., column:last])
                    column = last

    def at(self, samples, i, positions, found):
        """What is seen at flat positions of sample ``i``: (n, n_columns)."""
        seen = surroundings_at(found, positions, self.offsets)
        if self.mean is None:
            return seen
        space, columns = found.shape[:-1], [seen]
        own = (intensities_at(samples, i, positions) - self.mean) / self.scale
        for k, step in enumerate(self.offsets[: self.n_near]):
            values = seen[:, k * self.n_values : (k + 1) * self.n_values]
            where = np.array(np.unravel_index(positions, space)) + np.array(step)[:, None]
            there = np.ravel_multi_index(
                tuple(where), space, mode="clip"
            )  # beyond, values are zero
            there = (intensities_at(samples, i, there) - self.mean) / self.scale
            for intensity in (own, there):
                columns += [values * channel[:, None] for channel in intensity.T]
        return np.concatenate(columns, axis=1)


def intensities_at(samples, i, positions):
    """Intensities at flat positions of sample ``i``, in the dtype computed in: (n, n_channels)."""
    part = samples.take(np.array([i]))[0]
    where = np.unravel_index(positions, part.shape[:-1])
    return np.asarray(part[where], dtype=samples.dtype).reshape(
        len(positions), math.prod(part.shape[-1:])
    )


def offsets_of(n_axes, size, rings):
    """Offsets of a window of ``size`` positions along each axis, and of points on rings.

    Rings have points forth and back along each axis and along the diagonals.

    Parameters
    ----------
    n_axes : int
        Axes of space.
    size : int
        An odd number.
    rings : sequence of int
        Distances, along axes, of the rings' points; those within the window are left out.

    Returns
    -------
    offsets : list of tuple of int
    """
    reach = size // 2
    offsets = list(product(range(-reach, reach + 1), repeat=n_axes))
    for radius in rings:
        if radius > reach:
            offsets += [
                tuple(radius * step for step in point)
                for point in product((-1, 0, 1), repeat=n_axes)
                if _on_ring(point)
            ]
    return offsets


def _on_ring(point):
    """Whether a step is along an axis or the diagonal of all axes."""
    return sum(map(abs, point)) in {1, len(point)}


def surroundings(values, offset, shape, offsets, out):
    """Write the values around each position of a box; zero beyond the array.

    Parameters
    ----------
    values : ndarray of shape (*space, C)
        Maps.
    offset : tuple of int
        Where in it the box begins.
    shape : tuple of int
        Extents of the box.
    offsets : list of tuple of int
        From :func:`offsets_of`.
    out : ndarray of shape (*shape, len(offsets) * C)
        Written to.
    """
    n_classes, space = values.shape[-1], values.shape[:-1]
    for k, step in enumerate(offsets):
        target = out[..., k * n_classes : (k + 1) * n_classes]
        inside, source = [], []
        for start, n, move, most in zip(offset, shape, step, space, strict=True):
            first, last = max(start + move, 0), min(start + move + n, most)
            source.append(slice(first, max(last, first)))
            inside.append(slice(first - start - move, max(last, first) - start - move))
        whole = all(s.stop - s.start == n for s, n in zip(inside, shape, strict=True))
        if not whole:
            target[...] = 0
        if all(s.stop > s.start for s in inside):
            target[tuple(inside)] = values[tuple(source)]
    return out


def surroundings_at(values, positions, offsets):
    """Values around some positions of a whole sample: (n, len(offsets) * C)."""
    space, n_classes = values.shape[:-1], values.shape[-1]
    where = np.array(np.unravel_index(positions, space))
    out = np.zeros((len(positions), len(offsets) * n_classes), values.dtype)
    flat = values.reshape(-1, n_classes)
    for k, step in enumerate(offsets):
        at = where + np.array(step)[:, None]
        inside = ((at >= 0) & (at < np.array(space)[:, None])).all(axis=0)
        index = np.ravel_multi_index(tuple(at[:, inside]), space)
        out[inside, k * n_classes : (k + 1) * n_classes] = flat[index]
    return out
