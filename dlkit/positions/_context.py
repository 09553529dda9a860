"""What the stages of auto-context see of the maps of the stage before: a window, and rings."""

from itertools import product

import numpy as np

__all__ = ["offsets_of", "surroundings", "surroundings_at"]


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
