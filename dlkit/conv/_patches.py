"""Patches drawn at random from samples of any number, without reading more than they need."""

import math

import numpy as np
from sklearn.utils import check_random_state
from sklearn.utils.random import sample_without_replacement

from .. import _budgets
from .._jit import conv as loops
from .._params import count, validate_params
from ._geometry import Geometry, axes_told, size_on
from ._samples import check_samples
from ._tiles import cut_slabs


@validate_params(
    {
        "X": "no_validation",
        "kernel_size": "no_validation",
        "n_patches": [count()],
        "stride": "no_validation",
        "dilation": "no_validation",
        "padding": "no_validation",
        "input_shape": "no_validation",
        "random_state": ["random_state"],
    },
    prefer_skip_nested_validation=True,
)
def sample_patches(
    X,
    kernel_size,
    n_patches=10_000,
    *,
    stride=1,
    dilation=1,
    padding="valid",
    input_shape=None,
    random_state=None,
):
    """Draw patches at random, each position of each sample as likely as any other.

    Parameters
    ----------
    X : array-like or list of array-like
        Samples: an array of shape ``(n, *space)`` or ``(n, *space, C)``, a list of arrays of shape
        ``(*space)`` or ``(*space, C)``, or flat rows with ``input_shape``.
    kernel_size : int or tuple of int
        Extent along each spatial axis; a number is that of every axis.
    n_patches : int, default=10_000
        How many; all that there are, if there are fewer.
    stride, dilation : int or tuple of int, default=1
        Distance of neighbouring positions, and of neighbouring entries of a patch.
    padding : {"valid", "same", "full"}, default="valid"
        Zeros around the samples, which are part of the patches.
    input_shape : tuple of int, default=None
        Shape of a sample, for a 2-D ``X`` of flat rows.
    random_state : int, RandomState instance or None, default=None
        Seeds the draw.

    Returns
    -------
    patches : ndarray of shape (n_patches, prod(kernel_size) * C)
        Distinct patches in the order of the samples, flat in C order; float32 for float32 and uint8
        samples, float64 otherwise.

    Raises
    ------
    ValueError
        If a kernel is larger than a sample, or a sample that is read holds NaN or infinity.

    References
    ----------
    .. [1] Coates, Ng & Lee (2011). An analysis of single-layer networks in unsupervised feature
       learning. AISTATS, section 3.1.

    Examples
    --------
    >>> import numpy as np
    >>> from dlkit.conv import sample_patches
    >>> images = np.arange(32.0).reshape(2, 4, 4)
    >>> sample_patches(images, (2, 2), 3, random_state=0).shape
    (3, 4)
    """
    samples = check_samples(X, axes_told(kernel_size), input_shape=input_shape)
    size = size_on(kernel_size, np.min(samples.distinct, axis=0))
    geometry = Geometry.of(size, stride, dilation, padding)
    return draw_patches(samples, geometry, n_patches, check_random_state(random_state))[0]


def draw_patches(samples, geometry, n_patches, rng, period=None):
    """Draw patches of samples that are checked already.

    Parameters
    ----------
    samples : Samples
        The samples.
    geometry : Geometry
        Of the patches.
    n_patches : int
        How many, at most.
    rng : RandomState
        Draws them.
    period : tuple of int, default=None
        Positions after which groups of kernels repeat.

    Returns
    -------
    patches : ndarray of shape (n_patches, P)
        Patches in the order of the samples.
    groups : ndarray of shape (n_patches,)
        Number of the group that each one's position belongs to.
    """
    spaces = samples.spaces if samples.listed else samples.spaces * len(samples)
    counts = {space: math.prod(geometry.positions(space)) for space in samples.distinct}
    offsets = np.concatenate([[0], np.cumsum([counts[s] for s in spaces], dtype=np.int64)])
    total = int(offsets[-1])
    if n_patches >= total:
        picks = np.arange(total)
    else:
        picks = np.sort(sample_without_replacement(total, n_patches, random_state=rng))
    owners = np.searchsorted(offsets, picks, side="right") - 1
    picks -= offsets[owners]
    n_inputs = geometry.n_inputs(samples.n_channels)
    patches = np.empty((len(picks), n_inputs + 1), dtype=samples.dtype)
    groups = np.zeros(len(picks), dtype=np.int64)
    firsts = np.searchsorted(owners, np.arange(len(samples) + 1))  # row of each sample's first
    for space, numbers in samples.groups():
        if samples.listed:
            rows = np.concatenate([np.arange(firsts[i], firsts[i + 1]) for i in numbers])
        else:
            rows = np.arange(len(picks))
        if period is not None:
            where = np.unravel_index(picks[rows], geometry.positions(space))
            phase = [w % t for w, t in zip(where, period, strict=True)]
            groups[rows] = np.ravel_multi_index(phase, period)
        _gather(samples, geometry, space, owners, picks, rows, patches)
    return patches[:, :n_inputs], groups


def _gather(samples, geometry, space, owners, picks, rows, patches):
    """Read the picked patches of samples of one shape, slab by slab."""
    first = 0
    for slab in cut_slabs(geometry, space, samples.n_channels, samples.dtype.itemsize):
        lattice = slab.lattices[0]
        last = first + lattice.n_positions
        inside = rows[(picks[rows] >= first) & (picks[rows] < last)]
        distinct = np.unique(owners[inside])
        step = max(_budgets.PATCH_ENTRIES // slab.n_entries, 1)
        for k in range(0, len(distinct), step):
            numbers = distinct[k : k + step]
            here = inside[slice(*np.searchsorted(owners[inside], [numbers[0], numbers[-1] + 1]))]
            x = samples.read(numbers, geometry.pads, slab.start, slab.stop).reshape(-1)
            x.flags.writeable = False
            at = np.searchsorted(numbers, owners[here]) * lattice.n_positions
            taken = np.empty((len(here), patches.shape[1]), dtype=patches.dtype)
            loops.gather(
                x, at + picks[here] - first, 0, np.iinfo(np.int64).max, lattice.shape,
                lattice.steps, lattice.origin, slab.runs, slab.length, taken,
            )  # fmt: skip
            patches[here] = taken
            samples.release(numbers)
        first = last
