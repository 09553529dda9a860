"""Convolution and pooling as plain functions in N dimensions, and as a sparse matrix."""

import math

import numpy as np
from scipy.sparse import csr_array

from .._jit import conv as loops
from .._validation import check_array, refuse_overflow
from ..sequences import is_batch
from ._encoders import ENCODERS
from ._engine import Bank, Extractor
from ._geometry import Geometry, is_several, per_axis
from ._pooling import Cells, Pooling
from ._samples import check_samples, split_shape


def check_kernels(kernels, n_channels=None):
    """Return a kernel array as (K, *kernel_size, C), float."""
    kernels = check_array(
        kernels, dtype=None, ensure_2d=False, allow_nd=True, ensure_min_samples=0,
        ensure_all_finite=False, input_name="kernels",
    )  # fmt: skip
    if kernels.dtype.kind not in "fiub" or kernels.size == 0 or not np.isfinite(kernels).all():
        raise ValueError(
            f"kernels must be an array of finite numbers, not empty; got shape {kernels.shape} and "
            f"dtype {kernels.dtype}."
        )
    if kernels.ndim < 3:
        raise ValueError(
            f"kernels has shape {kernels.shape}; it must be (n_kernels, *kernel_size, n_channels)."
        )
    if n_channels is not None and kernels.shape[-1] != n_channels:
        raise ValueError(
            f"kernels has {kernels.shape[-1]} channels (its last axis), but the samples have "
            f"{n_channels}: shape {kernels.shape} must be (n_kernels, *kernel_size, n_channels). "
            "If kernels are images of one channel, hand over kernels[..., None]."
        )
    dtype = np.float32 if kernels.dtype in (np.float32, np.float16) else np.float64
    return kernels.astype(dtype, copy=False)


def convolve(
    X,
    kernels,
    *,
    stride=1,
    dilation=1,
    padding="valid",
    input_shape=None,
    n_jobs=None,
):
    """Respond to every patch of samples with any number of spatial axes.

    As everywhere in learning this is the correlation: kernels are not flipped.

    Parameters
    ----------
    X : array-like or list of array-like
        Samples: an array of shape ``(n, *space, C)`` or, for one channel, ``(n, *space)``; a list
        of arrays without the first axis, of different sizes if need be; or flat rows with
        ``input_shape``.
    kernels : array-like of shape ``(K, *kernel_size, C)``
        Kernels, with an axis of channels even if there is one.
    stride, dilation : int or tuple of int, default=1
        Distance of neighbouring positions, and of neighbouring entries that a kernel touches.
    padding : {"valid", "same", "full"}, default="valid"
        Zeros around the samples: none; as many as give a position for each entry at stride 1 (one
        more behind than before, where the number is odd); kernels may overlap by a single entry.
    input_shape : tuple of int, default=None
        Shape of a sample, for a 2-D ``X`` of flat rows.
    n_jobs : int, default=None
        Threads.

    Returns
    -------
    maps : ndarray of shape ``(n, *positions, K)``, or list of ndarray
        float32 where the samples are float32 or uint8, float64 otherwise; a list for a list.

    Raises
    ------
    ValueError
        If samples and kernels differ in their channels or in their number of axes, a kernel is
        larger than a sample, or one of them holds NaN or infinity.

    See Also
    --------
    conv_matrix : The same as a product with a sparse matrix.

    References
    ----------
    .. [1] Dumoulin & Visin (2016), A guide to convolution arithmetic for deep learning,
       arXiv:1603.07285.

    Examples
    --------
    >>> import numpy as np
    >>> from dlkit.conv import convolve
    >>> X = np.array([[1.0, 2.0, 4.0, 8.0]])
    >>> convolve(X, np.array([[[-1.0], [1.0]]]))[0].ravel().tolist()
    [1.0, 2.0, 4.0]
    """
    kernels = check_kernels(kernels)
    geometry = Geometry.of(kernels.shape[1:-1], stride, dilation, padding)
    samples = check_samples(X, geometry.n_axes, input_shape=input_shape)
    kernels = check_kernels(kernels, samples.n_channels)
    flat = kernels.reshape(len(kernels), -1)
    weights = np.zeros((1, flat.shape[1] + 1, len(flat)), dtype=samples.dtype)
    weights[0, :-1] = flat.T
    bank = Bank(geometry, weights, None, None, None, 0, ENCODERS["linear"], len(flat))
    return Extractor([bank], None, 1.0, samples.dtype).maps(samples, n_jobs)


def pool(maps, pooling="mean", *, grid=None, window=None, window_stride=None):
    """Pool maps over cells.

    Parameters
    ----------
    maps : array-like of shape ``(n, *positions, F)``, or list of ones of shape ``(*positions, F)``
        Maps, of different sizes if need be.
    pooling : {"mean", "sum", "max", "l2", "ppv"} or tuple of them, default="mean"
        What is said of the entries of a cell: their mean, sum, maximum, root of the sum of squares,
        share above zero.
    grid : int, tuple of int, Grid, or list of such, default=None
        Cells along each axis; a list is a pyramid of grids. Cell i of g along n positions goes from
        ⌊i n / g⌋ to ⌈(i + 1) n / g⌉, so that none is empty. Those of a
        :class:`~dlkit.conv.Grid` may overlap. None: one cell, unless there is a
        window.
    window, window_stride : int or tuple of int, default=None
        Sliding windows in place of a grid: positions along each axis of a window, and the distance
        of neighbouring ones (the size of the window if None).

    Returns
    -------
    pooled : ndarray of shape (n, n_poolings * n_cells * F)
        One row for each map: poolings, then grids, then cells in C order, then F columns.

    Raises
    ------
    ValueError
        If maps have no positions, a pooling is none of those above, or a window slides over maps of
        different sizes.

    References
    ----------
    .. [1] Lazebnik, Schmid & Ponce (2006), Beyond bags of features: spatial pyramid matching for
       recognizing natural scene categories, CVPR.
    .. [2] Boureau, Ponce & LeCun (2010), A theoretical analysis of feature pooling in visual
       recognition, ICML.

    Examples
    --------
    >>> import numpy as np
    >>> from dlkit.conv import pool
    >>> maps = np.arange(6.0).reshape(1, 6, 1)
    >>> pool(maps, ("mean", "max"), grid=2).tolist()
    [[1.0, 4.0, 2.0, 5.0]]
    """
    listed = is_batch(maps)
    if listed and len(maps) == 0:
        raise ValueError("maps is an empty list: at least one map is needed.")
    first = np.asarray(maps[0] if listed else maps)
    n_axes = first.ndim - (1 if listed else 2)
    if n_axes < 1:
        shape = f"{'a list of ' if listed else ''}{first.shape}"
        raise ValueError(
            f"maps has shape {shape}; it must be (n, *positions, F), or a list of (*positions, F)."
        )
    grid = 1 if grid is None and window is None else grid
    pooling = Pooling.of(n_axes, pooling, grid, window, window_stride)
    samples = check_samples(maps, n_axes)
    if window is not None and len(samples.distinct) > 1:
        raise ValueError(
            f"window={window!r} slides over maps of different sizes ({samples.distinct[0]} and "
            f"{samples.distinct[1]} positions), so that rows would differ in length; use a grid, "
            "which gives rows of one length."
        )
    rows = [None] * len(samples)
    for space, numbers in samples.groups():
        cells = Cells(pooling, space)
        tables = np.concatenate(cells.tables).astype(np.int64)
        starts = np.cumsum([0, 0, *map(len, cells.tables[:-1])], dtype=np.int64)
        positions = np.arange(math.prod(space))
        shape = np.array([1, *space], dtype=np.int64)
        for i in numbers:
            z = samples.read(np.array([i]), [(0, 0)] * n_axes).reshape(len(positions), -1).copy()
            sums = cells.accumulators(1, z.shape[1], z.dtype)
            loops.pool(
                z, z.shape[1], positions, 0, len(positions), shape, tables, starts,
                cells.n_elementary, pooling.buffer(z), *sums.arrays(),
            )  # fmt: skip
            rows[i] = np.concatenate([part.ravel() for part in cells.results(sums, 1)])
    with np.errstate(over="ignore"):
        return refuse_overflow(np.array(rows, dtype=samples.dtype), "maps")


def conv_matrix(kernels, input_shape, *, stride=1, dilation=1, padding="valid"):
    """Sparse matrix of a convolution.

    ``conv_matrix(kernels, x.shape, …) @ x.ravel()`` are the entries, in C order, of
    ``convolve(x[None], kernels, …)[0]``.

    Parameters
    ----------
    kernels : array-like of shape ``(K, *kernel_size, C)``
        Kernels, with an axis of channels even if there is one.
    input_shape : int or tuple of int
        Shape of a sample, ``(*space, C)`` or, for one channel, ``(*space)``.
    stride, dilation : int or tuple of int, default=1
        As in :func:`convolve`.
    padding : {"valid", "same", "full"}, default="valid"
        As in :func:`convolve`.

    Returns
    -------
    matrix : sparse array of shape (prod(positions) * K, prod(input_shape)), CSR
        float32 for kernels of float32 and float16, float64 otherwise. Zeros of the kernels are
        stored.

    Raises
    ------
    ValueError
        If kernels and ``input_shape`` differ in their channels or in their number of axes, or a
        kernel is larger than the sample.

    References
    ----------
    .. [1] Dumoulin & Visin (2016), A guide to convolution arithmetic for deep learning,
       arXiv:1603.07285: convolution as a matrix.

    Examples
    --------
    >>> import numpy as np
    >>> from dlkit.conv import conv_matrix
    >>> conv_matrix(np.array([[[-1.0], [1.0]]]), 4).toarray().tolist()
    [[-1.0, 1.0, 0.0, 0.0], [0.0, -1.0, 1.0, 0.0], [0.0, 0.0, -1.0, 1.0]]
    """
    kernels = check_kernels(kernels)
    geometry = Geometry.of(kernels.shape[1:-1], stride, dilation, padding)
    n_entries = len(input_shape) if is_several(input_shape) else 1
    shape = per_axis(input_shape, n_entries, "input_shape")
    space, n_channels = split_shape(shape, geometry.n_axes, "input_shape: a sample")
    kernels = check_kernels(kernels, n_channels)
    positions = geometry.positions(space)
    # columns of each position and entry of the kernel, axis by axis; negative outside the sample
    columns = np.zeros((1, 1), dtype=np.int64)
    inside = np.ones((1, 1), dtype=bool)
    for n, p, k, stride_, dilation_, (before, _) in zip(
        space, positions, geometry.kernel_size, geometry.stride, geometry.dilation, geometry.pads,
        strict=True,
    ):  # fmt: skip
        at = np.add.outer(np.arange(p) * stride_ - before, np.arange(k) * dilation_)
        size = len(columns) * p, columns.shape[1] * k
        columns = (n * columns[:, None, :, None] + at[None, :, None, :]).reshape(size)
        good = ((at >= 0) & (at < n))[None, :, None, :]
        inside = (inside[:, None, :, None] & good).reshape(size)
    columns = (n_channels * columns[..., None] + np.arange(n_channels)).reshape(len(columns), -1)
    inside = np.repeat(inside, n_channels, axis=1)
    n_kernels, shape = len(kernels), (len(columns) * len(kernels), math.prod(space) * n_channels)
    per_row = np.repeat(inside.sum(axis=1), n_kernels)
    flat = kernels.reshape(n_kernels, -1)
    every = np.broadcast_to(inside[:, None], (len(inside), n_kernels, inside.shape[1]))
    data = np.broadcast_to(flat, every.shape)[every]
    indices = np.broadcast_to(columns[:, None], every.shape)[every]
    return csr_array((data, indices, np.concatenate([[0], np.cumsum(per_row)])), shape=shape)
