"""Where patches lie: positions along each axis under stride, dilation and padding."""

import math
from dataclasses import dataclass

import numpy as np

from .._params import Integral

PADDINGS = ("valid", "same", "full")
# Extent of kernels along each axis of series, images and volumes, where nothing is said.
SIZES = {1: 9, 2: 6, 3: 5}
SMALLEST = 3
ENTRIES, LEAST_OF_IMAGES = 100, 4  # of a patch of images; side of their kernels, if there is room
MOST = 2**31 - 1


def per_axis(value, n_axes, name, *, least=1):
    """Return ``value``, an int or a sequence of ints, as a tuple of ``n_axes`` ints.

    Raises
    ------
    ValueError
        If there are more or fewer, or one of them is below ``least`` or beyond all memory.
    """
    entries = (value,) * n_axes if isinstance(value, Integral) else value
    sound = is_several(entries) and all(
        isinstance(v, Integral) and not isinstance(v, bool) and least <= v <= MOST for v in entries
    )
    if not sound or isinstance(value, bool):
        raise ValueError(
            f"{name}={value!r} is not allowed; it must be a whole number of at least {least} and "
            f"at most {MOST}, or one such number for each spatial axis."
        )
    if len(entries) != n_axes:
        raise ValueError(
            f"{name}={value!r} has {len(entries)} entries, but there are {n_axes} spatial axes: "
            "one number for all axes is allowed, or one for each."
        )
    return tuple(int(v) for v in entries)


def is_several(value):
    """Whether a value is a tuple, a list or an array of one axis."""
    return isinstance(value, (tuple, list)) or (isinstance(value, np.ndarray) and value.ndim == 1)


def axes_told(kernel_size):
    """Spatial axes that a kernel size tells; None for a number, which fits any, and for None."""
    if kernel_size is None or isinstance(kernel_size, Integral):
        return None
    return Geometry.of(kernel_size).n_axes


def size_on(kernel_size, space, n_channels=None):
    """Return a kernel size, a number, a tuple or None, as a tuple for samples of shape ``space``.

    None is the usual size, but no more than half of the samples. For images whose channels are
    told it is the size that makes patches of about a hundred entries, but no more than a third of
    the samples.
    """
    if kernel_size is not None:
        return per_axis(kernel_size, len(space), "kernel_size")
    most = SIZES.get(len(space), SMALLEST)
    if len(space) != 2 or n_channels is None:
        return tuple(min(most, max(SMALLEST, int(n) // 2), int(n)) for n in space)
    side = max(round((ENTRIES / n_channels) ** 0.5), SMALLEST)
    return tuple(min(side, max(LEAST_OF_IMAGES, round(int(n) / 3)), int(n)) for n in space)


@dataclass(frozen=True)
class Geometry:
    """Shape of a kernel and how it is moved over a sample.

    Attributes
    ----------
    kernel_size, stride, dilation : tuple of int
        One entry for each spatial axis.
    padding : {"valid", "same", "full"}
        Zeros around a sample: none; so many that, at stride 1, there are as many positions as
        entries; so many that each position with at least one entry of the sample counts.
    """

    kernel_size: tuple
    stride: tuple
    dilation: tuple
    padding: str

    @classmethod
    def of(cls, kernel_size, stride=1, dilation=1, padding="valid"):
        """Make one of whatever the user gave."""
        n_axes = max(len(kernel_size), 1) if is_several(kernel_size) else 1
        sizes = per_axis(kernel_size, n_axes, "kernel_size")
        if not isinstance(padding, str) or padding not in PADDINGS:
            raise ValueError(f"padding={padding!r} is not allowed; it must be one of {PADDINGS}.")
        stride = per_axis(stride, len(sizes), "stride")
        return cls(sizes, stride, per_axis(dilation, len(sizes), "dilation"), padding)

    @property
    def n_axes(self):
        """Number of spatial axes."""
        return len(self.kernel_size)

    @property
    def extents(self):
        """Entries from the first to the last that a kernel touches, along each axis."""
        return tuple((k - 1) * d + 1 for k, d in zip(self.kernel_size, self.dilation, strict=True))

    @property
    def pads(self):
        """Zeros before and behind the sample, along each axis."""
        if self.padding == "valid":
            return tuple((0, 0) for _ in self.extents)
        if self.padding == "full":
            return tuple((e - 1, e - 1) for e in self.extents)
        return tuple(((e - 1) // 2, e // 2) for e in self.extents)

    def positions(self, space):
        """Return the number of positions along each axis of a sample of spatial shape ``space``.

        Raises
        ------
        ValueError
            If the kernel does not fit into the sample.
        """
        sizes = zip(self.kernel_size, space, strict=True)
        if self.padding == "same" and any(k > 2 * n for k, n in sizes):
            raise ValueError(
                f"kernel_size={self.kernel_size} is more than twice as large as a sample of "
                f"spatial shape {tuple(space)}: with padding='same' some of its entries would meet "
                "nothing but zeros. Use a smaller one."
            )
        found = []
        for n, extent, stride, pad in zip(space, self.extents, self.stride, self.pads, strict=True):
            if n + sum(pad) < extent:
                across = " (dilated)" if max(self.dilation) > 1 else ""
                series = (
                    f" For series of {space[1]} channels give one entry, kernel_size="
                    f"({self.kernel_size[0]},)."
                    if self.n_axes == 2 and space[1] < self.extents[1]
                    else ""
                )
                raise ValueError(
                    f"kernel_size={self.kernel_size}{across} is larger than a sample of spatial "
                    f"shape {tuple(space)}; use a smaller one, or padding='same' or 'full'.{series}"
                )
            found.append((n + sum(pad) - extent) // stride + 1)
        return tuple(found)

    def runs(self, steps, n_channels):
        """Return where the runs of neighbouring entries in a patch begin, and their length.

        Parameters
        ----------
        steps : sequence of int
            What a step along each spatial axis is in the flat, padded sample.
        n_channels : int
            Channels, the last axis.
        """
        joined = self.dilation[-1] == 1  # then the channels of neighbours follow one another
        axes = [
            np.arange(k, dtype=np.int64) * d * s
            for k, d, s in zip(self.kernel_size, self.dilation, steps, strict=True)
        ]
        if joined:
            axes[-1] = axes[-1][:1]
        starts = axes[0]
        for offsets in axes[1:]:
            starts = np.add.outer(starts, offsets).ravel()
        length = n_channels * (self.kernel_size[-1] if joined else 1)
        return np.ascontiguousarray(starts), length

    def n_inputs(self, n_channels):
        """Entries of a patch."""
        return math.prod(self.kernel_size) * n_channels
