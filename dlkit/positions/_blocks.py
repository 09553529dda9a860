"""Samples in boxes, and what describes their positions: nothing larger is ever in memory."""

import warnings
from itertools import product

import numpy as np
from sklearn.base import clone

from .. import _budgets
from .._validation import refuse_wild
from ..conv import ConvFeatures
from ..conv._geometry import size_on
from ..exceptions import ReadingWarning
from ..reservoir import ImageScanFeatures
from ._scales import ScaleFeatures

HALO_BYTES = 40  # of a position around a box: a channel, smoothed, along each axis

__all__ = ["Describer", "boxes", "fit_describers", "widened"]


def boxes(space, n_bytes, margin, halo):
    """Cut a space into boxes.

    Parameters
    ----------
    space : tuple of int
        Extents.
    n_bytes : int
        Bytes of the columns of a position.
    margin : sequence of int
        How far around a box columns are computed.
    halo : sequence of int or None
        How far, further around, a few arrays are; None: there is no cut.

    Yields
    ------
    low, high : tuple of int
        First position, and the one behind the last.
    """
    if halo is None:
        yield (0,) * len(space), tuple(space)
        return
    # as long on all axes as the budget lets the box with its margins be
    parts = [(margin, n_bytes), (np.add(margin, halo), min(HALO_BYTES, n_bytes))]
    sides = [min(n, s) for n, s in zip(space, _sides(space, parts), strict=True)]
    starts = []
    for n, side in zip(space, sides, strict=True):
        n_boxes = -(-n // side)
        starts.append(np.linspace(0, n, n_boxes + 1).round().astype(int))
    for cell in product(*(range(len(s) - 1) for s in starts)):
        low = tuple(int(s[k]) for s, k in zip(starts, cell, strict=True))
        high = tuple(int(s[k + 1]) for s, k in zip(starts, cell, strict=True))
        yield low, high


def _sides(space, parts):
    """Sides of a box that with its margins, each with the bytes of a position, fits the budget."""
    least = [8] * len(space)
    for side in (2**k for k in range(30, 2, -1)):
        for part in (1.0, 0.75):
            one = [max(int(side * part), b) for b in least]
            total = 0.0
            for margin, n_bytes in parts:
                size = n_bytes
                for n, s, m in zip(space, one, margin, strict=True):
                    size = float(size) * min(n, s + 2 * int(m))
                total += size
            if total <= _budgets.POSITION_BYTES:
                return one
    return least


def widened(low, high, margin, space):
    """Return a box with its margins, as far as there is space."""
    return (
        tuple(max(a - m, 0) for a, m in zip(low, margin, strict=True)),
        tuple(min(b + m, n) for b, m, n in zip(high, margin, space, strict=True)),
    )


class Describer:
    """Features of the positions in a box of a sample, by fitted transformers that make maps."""

    def __init__(self, transformers, n_axes, bare=False):
        self.transformers, self.n_axes, self.bare = transformers, n_axes, bare
        halos = [halo_of(one, n_axes) for one in transformers]
        self.halo = None if None in halos else tuple(int(h) for h in np.max(halos, axis=0))

    def __call__(self, samples, i, low, high):
        """Features of box ``low`` to ``high`` of sample ``i``: (*extents, F)."""
        found = [self._by(one, samples, i, low, high) for one in self.transformers]
        return found[0] if len(found) == 1 else np.concatenate(found, axis=-1)

    def _by(self, transformer, samples, i, low, high):
        space, halo = samples.space(i), halo_of(transformer, self.n_axes)
        if halo is None:
            low_in, high_in = (0,) * self.n_axes, space
        elif type(transformer) is ScaleFeatures:  # which reflects at borders by itself
            low_in, high_in = widened(low, high, halo, space)
        else:
            low_in = tuple(a - h for a, h in zip(low, halo, strict=True))
            high_in = tuple(b + h for b, h in zip(high, halo, strict=True))
        block = read_box(samples, i, low_in, high_in)
        if type(transformer) is ScaleFeatures:
            inner = zip(low, high, low_in, strict=True)
            return transformer.describe(block, tuple(slice(a - c, b - c) for a, b, c in inner))
        found = map_of(transformer, block, self.n_axes, self.bare)
        cut = []
        for axis in range(self.n_axes):
            lost = high_in[axis] - low_in[axis] - found.shape[axis]
            if halo is None and lost:
                raise ValueError(
                    f"features={transformer!r:.80} makes maps of {found.shape[:-1]} positions of "
                    f"samples of {block.shape[:-1]}: maps must have an entry for each position. "
                    "Give padding='same' and stride 1, without pooling."
                )
            before = lost // 2 if halo is None or lost <= 0 else lost_before(transformer, axis)
            start = low[axis] - low_in[axis] - before
            cut.append(slice(start, start + high[axis] - low[axis]))
        return np.ascontiguousarray(found[tuple(cut)])  # a view would keep all of the map


def lost_before(transformer, axis):
    """Positions that a map without padding begins behind its sample's first."""
    return (transformer._banks[0].geometry.extents[axis] - 1) // 2


def read_box(samples, i, low, high):
    """Part of a sample, reflected where it reaches beyond, in the dtype computed in."""
    part = samples.take(np.array([i]))[0]
    indices, simple = [], True
    for axis, (a, b) in enumerate(zip(low, high, strict=True)):
        n = part.shape[axis]
        at = np.arange(a, b)
        if a < 0 or b > n:
            at = np.mod(at, 2 * n)
            at = np.where(at < n, at, 2 * n - 1 - at)
            simple = False
        indices.append(at)
    spans = tuple(slice(int(at.min()), int(at.max()) + 1) for at in indices)
    block = part[spans]
    if not simple:
        for axis, at in enumerate(indices):
            block = np.take(block, at - spans[axis].start, axis=axis)
    block = np.ascontiguousarray(block, dtype=samples.dtype)
    if part.dtype.kind == "f":
        refuse_wild(block[None], "X", lambda _: f"sample {i}")
    return block


def map_of(transformer, block, n_axes, bare=False):
    """What a transformer makes of one block: (*positions, F).

    A transformer that is not of this package gets samples in the form it was fitted on, ``bare``
    ones without an axis of the one channel.
    """
    if bare and not type(transformer).__module__.startswith("dlkit."):
        block = block[..., 0]
    found = transformer.transform(block[None] if n_axes > 1 or block.ndim > 1 else [block])
    found = np.asarray(found[0])
    if found.ndim == n_axes:
        found = found[..., None]
    if found.ndim != n_axes + 1:
        raise ValueError(
            f"features={transformer!r:.80} makes an array of shape {found.shape} of a sample with "
            f"{n_axes} axes of space; a map has an entry for each position, and features behind. "
            "Transformers of this package do so with output='map'."
        )
    return found


def halo_of(transformer, n_axes):
    """How far, along each axis, a transformer's features look; None: over the whole sample."""
    if isinstance(transformer, ScaleFeatures):
        return transformer.halo_
    if isinstance(transformer, ConvFeatures) and transformer.sharing == "shared":
        geometries = [bank.geometry for bank in transformer._banks]
        plain = transformer.padding == "same" or len(geometries) == 1
        plain = plain and transformer.window is None and transformer.grid is None
        if plain and all(set(g.stride) == {1} for g in geometries):
            return tuple(np.max([g.extents for g in geometries], axis=0))
    return None


def _fitted(transformer, samples):
    try:
        transformer.fit(samples.values)
    except (ValueError, TypeError) as error:
        if not hasattr(transformer, "output") and "dim" in str(error):
            raise ValueError(
                f"features={transformer!r:.80} cannot be fitted on images, volumes or series: it "
                "must make maps, as ScaleFeatures, and ConvFeatures and ImageScanFeatures with "
                f"output='map', do. It said: {error}"
            ) from error
        raise
    if hasattr(transformer, "_largest"):
        transformer._largest = 0.0  # boxes of a sample may be dark: the sample is looked at whole
    return transformer


def fit_describers(features, samples, n_jobs):
    """Fitted clones of the transformers that the user named, and what describes positions.

    Parameters
    ----------
    features : None, transformer or list of transformer
        None: `ScaleFeatures`.
    samples : Samples
        The batch that transformers are fitted on.
    n_jobs : int
        Threads.

    Returns
    -------
    describer : Describer
    """
    given = features if isinstance(features, (list, tuple)) else [features]
    if not given:
        raise ValueError("features=[] is not allowed; it must hold a transformer at least.")
    n_axes, fitted = samples.n_axes, []
    for one in given:
        if one is not None and (isinstance(one, type) or not hasattr(one, "transform")):
            raise TypeError(
                f"features={features!r:.80} is not allowed: it must be a transformer, an object "
                "with fit and transform, or a list of such."
            )
        one = ScaleFeatures(n_axes=n_axes, n_jobs=n_jobs) if one is None else clone(one)
        one = _on_axes(one, samples)
        if getattr(one, "output", "map") != "map":
            raise ValueError(
                f"features={one!r:.80} makes a row of features for each sample: give output='map', "
                "which makes one for each position."
            )
        with warnings.catch_warnings():  # the maps have told the axes of space
            warnings.simplefilter("ignore", ReadingWarning)
            fitted.append(_fitted(one, samples))
    return Describer(fitted, n_axes, np.ndim(samples.values[0]) == n_axes)


def _on_axes(transformer, samples):
    """Tell a transformer of this package how many axes are space, or refuse it."""
    n_axes, told = samples.n_axes, None
    if isinstance(transformer, ScaleFeatures):
        told = transformer.n_axes
        if told is None:
            transformer.set_params(n_axes=n_axes)
    elif isinstance(transformer, ImageScanFeatures):
        told = 2
    elif isinstance(transformer, ConvFeatures):
        told = transformer._axes_told()
        if told is None:
            least, sizes = np.min(samples.distinct, axis=0), transformer._sizes()
            sizes = [size_on(size, least, samples.n_channels) for size in sizes]
            several = isinstance(transformer.kernel_size, list)
            transformer.set_params(kernel_size=sizes if several else sizes[0])
    if told not in (None, n_axes):
        raise ValueError(
            f"features={transformer!r:.80} is for samples with {told} axes of space, but the maps "
            f"in y have {n_axes}."
        )
    return transformer
