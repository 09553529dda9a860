"""Images read a second time: without slant, of one width, in the middle."""

from dataclasses import dataclass

import numpy as np

from ._samples import Samples

LOOK = 2000  # images that are looked at, at most
BLANK = 0.02  # ink at the border of images on a blank ground, of what there is on average
FACTORS = 0.5, 2.0  # by which columns are moved together or apart, at the utmost
TINY = 1e-12  # least width of ink that is told from none
STEEPEST = 1.0  # slant that is taken out: columns a row


@dataclass(frozen=True)
class Upright:
    """How images are set upright.

    Attributes
    ----------
    ground : ndarray of shape (C,)
        What is at the border of images; the rest of an image is ink.
    width : float
        Standard deviation of the columns of an image's ink, as a part of the image's width.
    """

    ground: np.ndarray
    width: float

    @classmethod
    def learn(cls, samples, always=True):
        """Learn from images what their ground is, and how wide they are without slant.

        Parameters
        ----------
        samples : Samples
            Images.
        always : bool
            If not, return None where images lie on no blank ground: what is upright is told by all
            of the ink.
        """
        seen = list(_some(samples))
        borders = np.concatenate([_border(x).reshape(-1, samples.n_channels) for x in seen])
        ground = np.median(borders, axis=0)
        with np.errstate(over="ignore", invalid="ignore"):  # the reading as it is refuses that
            inks = [_ink(x, ground) for x in seen]
            everywhere = np.mean([ink.mean() for ink in inks])
            at_border = np.mean([_border(ink).mean() for ink in inks])
            widths = np.concatenate([_Pose.of(ink).width / ink.shape[2] for ink in inks])
        width = float(widths.mean())
        if not always and not (at_border <= BLANK * everywhere and width > 0):
            return None
        return cls(ground, width)

    def apply(self, images, dtype):
        """Return images (n, H, W, C) set upright, in a dtype; what was outside is ground."""
        height, width = images.shape[1:3]
        ink = _ink(images, self.ground)
        pose = _Pose.of(ink)
        step = np.clip(pose.width / max(self.width * width, TINY), *FACTORS)
        down = np.arange(height) - (height - 1) / 2
        across = np.arange(width) - (width - 1) / 2
        rows = pose.row[:, None, None] + down[:, None]
        columns = pose.column[:, None, None] + pose.slant[:, None, None] * down[:, None]
        columns = columns + step[:, None, None] * across
        return _between(images, np.broadcast_to(rows, columns.shape), columns, self.ground, dtype)


@dataclass(frozen=True)
class UprightSamples(Samples):
    """Samples that are set upright as they are read."""

    upright: Upright = None

    @classmethod
    def of(cls, samples, upright):
        """The same samples, upright."""
        return cls(samples.values, samples.spaces, samples.n_channels, samples.dtype, upright)

    def take(self, numbers):
        """Samples of one shape as an array (n, *space, channels)."""
        return self.upright.apply(super().take(numbers), self.dtype)


@dataclass(frozen=True)
class _Pose:
    """Where the ink of images lies: row and column of its middle, slant, and width without it."""

    row: np.ndarray
    column: np.ndarray
    slant: np.ndarray
    width: np.ndarray

    @classmethod
    def of(cls, ink):
        """Pose of each of some images (n, H, W); one without ink is upright, in the middle."""
        down, across = np.arange(ink.shape[1])[:, None], np.arange(ink.shape[2])[None, :]
        total = ink.sum(axis=(1, 2))
        empty = total == 0
        total = np.where(empty, 1.0, total)

        def mean(values):
            return (ink * values).sum(axis=(1, 2)) / total

        row = np.where(empty, (ink.shape[1] - 1) / 2, mean(down))
        column = np.where(empty, (ink.shape[2] - 1) / 2, mean(across))
        below, right = down - row[:, None, None], across - column[:, None, None]
        tall, wide, both = mean(below**2), mean(right**2), mean(below * right)
        slant = np.divide(both, tall, out=np.zeros_like(tall), where=tall > 0)
        slant = np.clip(slant, -STEEPEST, STEEPEST)
        rest = wide - 2 * slant * both + slant**2 * tall
        return cls(row, column, slant, np.sqrt(np.maximum(rest, 0)))


def _some(samples):
    """Arrays (n, H, W, C) of images spread evenly over all there are."""
    step = -(-len(samples) // LOOK)
    for _, numbers in samples.groups():
        if len(chosen := numbers[::step]):
            yield samples.take(chosen).astype(np.float64)


def _border(images):
    """Entries at the border of images (n, H, W, …), as (n, entries, …)."""
    n, height, width = images.shape[:3]
    edge = np.ones((height, width), dtype=bool)
    edge[1:-1, 1:-1] = False
    return images.reshape(n, height * width, *images.shape[3:])[:, edge.ravel()]


def _ink(images, ground):
    """How far entries are from the ground, all channels together: (n, H, W), float64."""
    return np.abs(images - ground).sum(axis=3)


def _between(images, rows, columns, ground, dtype):
    """Values of images between their entries, linear along both axes; outside is ground."""
    n, height, width, _ = images.shape
    framed = np.empty((n, height + 2, width + 2, images.shape[3]), dtype=dtype)
    framed[...] = ground
    framed[:, 1:-1, 1:-1] = images
    rows = np.clip(rows + 1, 0, height + 0.999)
    columns = np.clip(columns + 1, 0, width + 0.999)
    top, left = rows.astype(np.int64), columns.astype(np.int64)
    low, right = ((a - b)[..., None].astype(dtype) for a, b in ((rows, top), (columns, left)))
    flat = framed.reshape(-1, images.shape[3])
    at = (np.arange(n)[:, None, None] * (height + 2) + top) * (width + 2) + left
    above = flat[at] * (1 - right) + flat[at + 1] * right
    at += width + 2
    below = flat[at] * (1 - right) + flat[at + 1] * right
    return above * (1 - low) + below * low
