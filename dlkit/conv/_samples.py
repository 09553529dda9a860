"""What a batch of samples is: series, images or volumes in any of their forms, read piecewise."""

from dataclasses import dataclass, replace

import numpy as np

from .. import _budgets
from .._pictures import (
    FEWEST,
    like_a_picture,
    listed_pictures,
    side_of_rows,
    unfolded,
    warn_of_channels_first,
    warn_of_one_picture,
    warn_of_planes,
)
from .._readings import rows_are_steps, warn_reading
from .._validation import check_array, forget_columns, refuse_wild, validate_data
from ..sequences import is_batch, release
from ._geometry import is_several, per_axis

CHECKS = {"ensure_all_finite": False, "input_name": "X"}
MOST_CHANNELS = 16  # up to which the last of several axes is taken for channels
ELONGATED = 8  # times as long as wide: rather a series of channels than an image


@dataclass(frozen=True)
class Samples:
    """A batch of samples, as it came: what `check_samples` returns.

    Attributes
    ----------
    values : ndarray or list of ndarray
        All samples, of shape (n, …) with whatever axes the flat or channel-less forms have, or one
        array for each.
    spaces : list of tuple
        Spatial shape of each sample; of the one shape there is, if ``values`` is an array.
    n_channels : int
        Channels.
    dtype : dtype
        What is computed in: float32 for float32, float16, uint8 and bool, float64 otherwise.
    """

    values: object
    spaces: list
    n_channels: int
    dtype: np.dtype

    def __len__(self):
        return len(self.values)

    @property
    def listed(self):
        """Whether samples came in a list, and may differ in size."""
        return isinstance(self.values, list)

    @property
    def n_axes(self):
        """Number of spatial axes."""
        return len(self.spaces[0])

    def space(self, i):
        """Spatial shape of sample ``i``."""
        return self.spaces[i] if self.listed else self.spaces[0]

    @property
    def distinct(self):
        """Distinct spatial shapes, in order of appearance."""
        return list(dict.fromkeys(self.spaces))

    def groups(self):
        """Yield each spatial shape with the numbers of the samples that have it."""
        if not self.listed:
            yield self.spaces[0], np.arange(len(self))
            return
        groups = {}
        for i, space in enumerate(self.spaces):
            groups.setdefault(space, []).append(i)
        for space, numbers in groups.items():
            yield space, np.array(numbers)

    def take(self, numbers):
        """Samples of one shape as an array (n, *space, channels), without a copy if possible."""
        space = self.space(int(numbers[0]))
        if self.listed:
            if len(numbers) == 1:
                return self.values[int(numbers[0])].reshape(1, *space, self.n_channels)
            part = np.stack([self.values[int(i)] for i in numbers])
        else:
            first, last = int(numbers[0]), int(numbers[-1]) + 1
            neighbours = last - first == len(numbers)
            part = self.values[first:last] if neighbours else self.values[numbers]
        return part.reshape(len(numbers), *space, self.n_channels)

    def read(self, numbers, pads, first=0, last=None):
        """Rows of some samples of one shape, between zeros, in the dtype computed in.

        Parameters
        ----------
        numbers : ndarray of int
            The samples, all of one shape.
        pads : sequence of (int, int)
            Zeros before and behind, along each spatial axis.
        first, last : int
            Part of the first spatial axis, zeros included, that is wanted; all of it if None.

        Returns
        -------
        block : ndarray of shape (n, rows, …, channels), C-contiguous
            A view of the input if that is possible.

        Raises
        ------
        ValueError
            If a sample holds NaN or infinity.
        """
        part = self.take(numbers)
        n = part.shape[1]
        last = n + sum(pads[0]) if last is None else last
        start, stop = max(first - pads[0][0], 0), min(last - pads[0][0], n)
        part = part[:, start : max(stop, start)]
        whole = last - first == part.shape[1] and not any(map(sum, pads[1:]))
        if whole and part.dtype == self.dtype and part.flags.c_contiguous and part.flags.aligned:
            block = part
        else:
            shape = [
                last - first,
                *(k + sum(p) for k, p in zip(part.shape[2:-1], pads[1:], strict=True)),
            ]
            make = np.empty if whole else np.zeros
            block = make((len(numbers), *shape, self.n_channels), dtype=self.dtype)
            axes = [slice(p[0], p[0] + k) for k, p in zip(part.shape[2:-1], pads[1:], strict=True)]
            offset = max(pads[0][0] - first, 0)
            block[:, offset : offset + part.shape[1], *axes] = part
        if part.dtype.kind == "f":
            _check_finite(block, numbers)
        return block

    def mirrored(self, axes):
        """The same samples, read backwards along some axes of space."""
        steps = tuple(slice(None, None, -1 if a in axes else 1) for a in range(self.n_axes))
        if self.listed:
            return replace(self, values=[one[steps] for one in self.values])
        return replace(self, values=self.values[:, *steps])

    def release(self, numbers):
        """Let go of the pages of a mapped file that were read."""
        if self.listed:
            for i in numbers:
                release(self.values[int(i)])
        else:
            release(self.values[int(numbers[0]) : int(numbers[-1]) + 1])

    def check_finite(self):
        """Look through all samples for NaN and infinity."""
        for space, numbers in self.groups():
            size = int(np.prod(space)) * self.n_channels
            step = max(_budgets.LOOK_ENTRIES // size, 1)
            for start in range(0, len(numbers), step):
                part = numbers[start : start + step]
                values = self.take(part)
                if values.dtype.kind == "f":
                    _check_finite(values, part)
                self.release(part)


def _check_finite(block, numbers):
    refuse_wild(block, "X", lambda i: f"sample {numbers[i]}")


def compute_dtype(dtype):
    """Return what samples of a dtype are computed in: float32 or float64."""
    single = dtype in (np.float32, np.float16, np.uint8, np.bool_)
    return np.dtype(np.float32 if single else np.float64)


def split_shape(shape, n_axes, what):
    """Split the shape of one sample into spatial shape and channels, given the spatial axes."""
    if len(shape) == n_axes:
        return tuple(shape), 1
    if len(shape) == n_axes + 1:
        return tuple(shape[:-1]), shape[-1]
    raise ValueError(
        f"{what} has shape {tuple(shape)}, but kernel_size has {n_axes} entries: a sample must "
        f"have {n_axes} spatial axes and, if there are several channels, an axis of them behind."
    )


def check_input_shape(input_shape):
    """Check ``input_shape``: None or a tuple of at least one positive whole number."""
    if input_shape is None:
        return None
    n_entries = len(input_shape) if is_several(input_shape) else 1
    return per_axis(input_shape, max(n_entries, 1), "input_shape")


def find_n_axes(shape, X="X"):
    """Spatial axes of a sample of some shape, where no kernel size tells; asks where in doubt.

    Two axes are an image, unless the second is an axis of one channel. Of three or more, the last
    one is channels if it is short. ``X`` is the batch in messages.
    """
    if len(shape) == 1 or (len(shape) == 2 and shape[1] > 1):
        return len(shape)
    if shape[-1] <= MOST_CHANNELS:
        return len(shape) - 1
    n, c = len(shape), shape[-1]
    kinds = {2: "an image", 3: "a volume"}
    kind, other = (kinds.get(a, f"{a} spatial axes") for a in (n, n - 1))
    raise ValueError(
        f"A sample of shape {tuple(shape)} may be {kind} of one channel or {other} of {c} "
        f"channels: say which by as many entries of kernel_size, {(5,) * n} or {(5,) * (n - 1)}, "
        f"say. If it is {other} of {shape[0]} channels, channels first, hand over "
        f"np.moveaxis({X}, 1, -1)."
    )


def _warn_of_table(X, told):
    """Warn where a table whose rows are read as series is likelier one series, or images."""
    if (X.shape[1] == 1 and len(X) >= 50) or rows_are_steps(X):
        warn_reading(
            f"X of shape {X.shape} is read as {len(X)} series of {X.shape[1]} steps",
            likely="is one series, with a row for each step",
            mend="hand over X[None], and give kernel_size one entry, (9,), say",
        )
    elif not told and X.dtype != np.uint8 and (side := side_of_rows(X)) is not None:
        warn_reading(
            f"X of shape {X.shape} is read as {len(X)} series of {X.shape[1]} steps",
            likely=f"holds images of {side} x {side} entries, flattened to rows",
            mend=f"give input_shape=({side}, {side})",
            meant="give kernel_size one entry, (9,), say",
        )
    # bytes are rather images, flattened to rows, or one image
    if told or X.dtype != np.uint8 or min(X.shape) < 2 * MOST_CHANNELS:
        return
    sides = {c: int(np.sqrt(X.shape[1] / c)) for c in (1, 3)}
    square = next((c for c, n in sides.items() if c * n * n == X.shape[1]), None)
    shape = None if square is None else (sides[square],) * 2 + ((3,) if square == 3 else ())
    warn_reading(
        f"X of shape {X.shape} and of bytes is read as {X.shape[0]} series of {X.shape[1]} steps",
        likely="is one image" if shape is None else "holds images, flattened to rows",
        mend="hand over X[None]" if shape is None else f"give input_shape={shape}",
        meant="hand over X.astype(float)",
    )


def warn_of_picture(X):
    """Warn where series of three or four channels are rather the rows of one picture in colour."""
    if like_a_picture(X):
        warn_reading(
            f"X of shape {X.shape} is read as {len(X)} series of {X.shape[1]} steps with "
            f"{X.shape[2]} channels each",
            likely=f"is one image with {X.shape[2]} channels, without an axis of samples",
            mend="hand over X[None]",
            meant="hand over list(X)",
        )


def _is_picture(X):
    """Whether X holds bytes, or what looks like one picture in colour."""
    return X.dtype == np.uint8 or like_a_picture(X)


def _warn_of_likelier(shape, n_axes, told, picture):
    """Warn where the shape (n, ...) of samples makes another reading likelier.

    ``n_axes`` are the spatial axes taken, ``told`` by the user or not. ``picture`` says whether
    the values look like those of one picture; None if they were not looked at.
    """
    sample, read = shape[1:], f"X of shape {shape} is read as "
    if n_axes == len(sample) - 1 >= 2:
        first, rest = sample[0], sample[1:]
        if not told and n_axes == 2 and first == rest[0] == rest[1] > 4:
            warn_reading(
                f"{read}images of {first} x {first} entries with {first} channels each",
                likely=f"holds volumes of {first} x {first} x {first} entries",
                mend="give kernel_size three entries, (3, 3, 3), say",
                meant="give kernel_size two entries",
            )
        warn_of_channels_first(shape)
    elif len(sample) == 2 and n_axes == 1:
        if sample[0] <= MOST_CHANNELS and sample[1] >= ELONGATED * sample[0]:
            warn_reading(
                f"{read}series of {sample[0]} steps with {sample[1]} channels each",
                likely=f"has its channels first, {sample[0]} of them",
                mend="hand over np.moveaxis(X, 1, -1)",
            )
    elif len(sample) == 2:
        fewest = FEWEST if picture else 2 * MOST_CHANNELS
        photo = sample[1] in (3, 4) and min(shape[:2]) >= fewest
        if photo and (picture or (picture is None and told)):
            warn_of_one_picture(shape)
        elif not told and min(sample) <= MOST_CHANNELS and max(sample) >= ELONGATED * min(sample):
            turned = sample[0] < sample[1]
            warn_reading(
                f"{read}images of {sample[0]} x {sample[1]} entries",
                likely=f"holds series with {min(sample)} channels"
                f"{', channels first' if turned else ''}",
                mend=("hand over np.moveaxis(X, 1, -1), and " if turned else "")
                + "give kernel_size one entry, (9,), say",
                meant="give kernel_size two entries",
            )


def check_samples(X, n_axes, *, input_shape=None, estimator=None, reset=True):
    """Check a batch of samples.

    Parameters
    ----------
    X : array-like or list of array-like
        An array of shape (n, *space) or (n, *space, channels), a list of such samples, or rows.
    n_axes : int or None
        Number of spatial axes; None: found from the shape.
    input_shape : tuple of int, default=None
        What rows of a 2-D ``X`` are: (*space,) or (*space, channels). None: one-channel series.
    estimator : estimator, default=None
        Takes ``n_features_in_`` and ``feature_names_in_`` of a 2-D ``X``, or has them.
    reset : bool, default=True
        Whether this is a fit.

    Returns
    -------
    Samples

    Raises
    ------
    ValueError
        If it is empty, the shapes do not fit, or channels differ, also from those in ``fit``.
    """
    samples = _read(X, n_axes, check_input_shape(input_shape), estimator, reset)
    known = None if reset else getattr(estimator, "n_channels_in_", None)
    if known not in (None, samples.n_channels):
        shape, hint = np.shape(samples.values[0]), ""
        if shape[-1] == known and len(shape) <= samples.n_axes:
            hint = " If X is one sample, hand over X[None]."
        elif shape[0] == known and len(shape) > samples.n_axes:
            hint = " If channels come first, move them to the end: np.moveaxis(X, 1, -1)."
        raise ValueError(
            f"X has {samples.n_channels} channels, but {type(estimator).__name__} was fitted with "
            f"{known}.{hint}"
        )
    return samples


def _read(X, n_axes, input_shape, estimator, reset):
    X = listed_pictures(X)
    if is_batch(X):
        return _check_list(X, n_axes, estimator, reset)
    shape = getattr(X, "shape", None)
    if shape is None:
        X = np.asarray(X)
        shape = X.shape
    if len(shape) < 3:
        two_d = estimator is not None and (reset or hasattr(estimator, "n_features_in_"))
        if two_d:
            X = validate_data(estimator, X, reset=reset, dtype="numeric", ensure_all_finite=False)
        else:
            X = check_array(X, dtype="numeric", **CHECKS)
        if reset and two_d and n_axes in (None, 1) and input_shape is None:
            _warn_of_table(X, n_axes is not None)
        samples = _flat(X, n_axes, input_shape)
        if reset and estimator is not None and samples.n_axes > 1:
            shape = samples.spaces[0] + (samples.n_channels,)
            if samples.n_channels > 1:
                warn_of_channels_first((len(X), *shape), rows=True)
            warn_of_planes(X, shape)
        return samples
    X = check_array(X, allow_nd=True, ensure_2d=False, dtype="numeric", **CHECKS)
    if 0 in X.shape:
        raise ValueError(f"X has shape {X.shape}: every sample needs at least one entry.")
    if reset and estimator is not None:
        forget_columns(estimator)
    told, n_axes = n_axes is not None, find_n_axes(X.shape[1:]) if n_axes is None else n_axes
    space, channels = split_shape(X.shape[1:], n_axes, "A sample of X")
    if reset and estimator is not None:
        picture = _is_picture(X)
        _warn_of_likelier(X.shape, n_axes, told, picture or (None if told else False))
        if n_axes == 1:
            warn_of_picture(X)
        warn_of_planes(X, (*space, channels))
    elif estimator is not None and n_axes == 2 and X.ndim == 3 and _is_picture(X):
        _warn_of_likelier(X.shape, 2, True, True)
    return Samples(X, [space], channels, compute_dtype(X.dtype))


def _flat(X, n_axes, input_shape):
    if input_shape is None:
        if n_axes not in (1, None):
            raise ValueError(
                f"X is 2-D, flattened samples one a row, and kernel_size has {n_axes} entries: "
                f"input_shape={input_shape!r} must then say what shape a row has, for example "
                f"input_shape={(8,) * n_axes}, or X have {n_axes + 1} or {n_axes + 2} dimensions. "
                "If X is one sample, hand over X[None]."
            )
        return Samples(X, [(X.shape[1],)], 1, compute_dtype(X.dtype))
    size = int(np.prod(input_shape))
    if size != X.shape[1]:
        raise ValueError(
            f"input_shape={input_shape} asks for rows of {size} entries, but X has "
            f"{X.shape[1]} features."
        )
    if n_axes is None:
        n_axes = find_n_axes(input_shape, unfolded(input_shape))
    space, channels = split_shape(input_shape, n_axes, "input_shape: a sample")
    return Samples(X, [space], channels, compute_dtype(X.dtype))


def _check_list(X, n_axes, estimator, reset):
    if len(X) == 0:
        raise ValueError("X is an empty list: at least one sample is needed.")
    arrays = []
    for i, x in enumerate(X):
        try:
            x = check_array(x, ensure_2d=False, allow_nd=True, ensure_min_samples=0, **CHECKS)
        except (ValueError, TypeError) as error:
            raise type(error)(f"Sample {i} of X is not an array of numbers: {error}") from None
        if x.ndim == 0 or 0 in x.shape:
            raise ValueError(f"Sample {i} of X has shape {x.shape}: it needs at least one entry.")
        arrays.append(x)
    told, n_axes = n_axes is not None, find_n_axes(arrays[0].shape) if n_axes is None else n_axes
    if reset and estimator is not None:
        picture = arrays[0].dtype == np.uint8 or (None if told else False)
        _warn_of_likelier((len(arrays), *arrays[0].shape), n_axes, told, picture)
    shapes = [split_shape(x.shape, n_axes, f"Sample {i} of X") for i, x in enumerate(arrays)]
    channels = shapes[0][1]
    for i, (_, c) in enumerate(shapes):
        if c != channels:
            raise ValueError(
                f"Samples of X must have the same number of channels: sample 0 has {channels}, "
                f"sample {i} has {c}."
            )
    dtypes = {compute_dtype(x.dtype) for x in arrays}
    if reset and estimator is not None:
        forget_columns(estimator)
    return Samples(arrays, [space for space, _ in shapes], channels, max(dtypes))
