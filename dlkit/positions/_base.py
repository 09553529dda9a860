"""What estimators of a target for each position share: fit by rows, predict by boxes."""

from itertools import chain as chain_of
from itertools import combinations, islice

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from .._params import HasMethods, Integral, Interval, Real, StrOptions, count
from .._pictures import largest_of, warn_of_scale
from .._progress import Progress
from .._threads import effective_threads, in_order, one_blas_thread, run_over
from ..sequences import release
from ._blocks import boxes, fit_describers, read_box, widened
from ._data import check_batch, check_images, check_position_weights, check_readout
from ._rows import check_groups, draw_rows
from ._smoothing import WIDEST, check_smoothing, smoothed, smoothing_margin
from ._stages import Problem, Settings
from ._trials import learn_stages

__all__ = ["BasePositions", "check_rings"]

VARIANCE_ENTRIES = 2**22  # intensities that their variance is measured on


class BasePositions(BaseEstimator):
    """Fit and predict; subclasses say what targets and values are."""

    _parameter_constraints = {
        "n_units": [count(0)],
        "features": [HasMethods(["fit", "transform"]), list, tuple, None],
        "readout": [HasMethods(["fit", "predict"]), None],
        "n_stages": [count(), StrOptions({"auto"})],
        "context_size": [count()],
        "context_rings": [tuple, list, Integral],
        "cv": [count(2)],
        "n_positions": [count(2), None],
        "n_links": [count()],
        "unlabeled": "no_validation",
        "mirrored": ["boolean"],
        "smoothing": [None, Interval(Real, 0, None, closed="neither"), StrOptions({"guided"})],
        "random_state": ["random_state"],
        "n_jobs": [Integral, None],
        "verbose": ["verbose"],
    }

    _of_labels = False  # whether what a readout predicts are labels

    def _learn(self, X, y, sample_weight, groups, check, class_weights=None):
        """Draw positions, describe them, and learn the stages; ``check(maps, weights)``."""
        self._validate_params()
        check_smoothing(self.smoothing)
        if self.mirrored and self._method() == "predict" and self._of_labels:
            raise ValueError(
                f"mirrored=True takes means of probabilities, which readout={self.readout!r} does "
                "not give: take a readout that has predict_proba."
            )
        size, rings = int(self.context_size), check_rings(self.context_rings)
        check_readout(self.readout, self._of_labels)
        if size % 2 == 0:
            raise ValueError(
                f"context_size={self.context_size!r} is not allowed; it must be an odd number."
            )
        samples, maps = check_batch(self, X, y)
        samples.check_finite()
        targets = check(maps, check_position_weights(sample_weight, samples))
        random_state = check_random_state(self.random_state)
        groups = check_groups(groups, len(samples))
        describer = fit_describers(self.features, samples, self.n_jobs)
        rows, regions = draw_rows(
            targets, samples, self.n_positions, int(self.cv), random_state, class_weights, groups,
            describer.halo,
        )  # fmt: skip
        n_classes = None if targets.classes is None else len(targets.classes)
        problem = Problem(samples, rows, regions, n_classes, describer)
        settings = Settings(
            int(self.n_units), int(self.n_links), self.n_stages, size, rings, self.readout,
            self._method(),
        )  # fmt: skip
        progress = Progress(type(self).__name__, 10, self.verbose)
        with one_blas_thread():
            chain, scores = learn_stages(problem, settings, random_state, progress)
        self.n_channels_in_, self._n_axes = samples.n_channels, samples.n_axes
        self._largest = largest_of(samples.values)
        self._chain, self._variance = chain, _variance(samples)
        self.n_stages_, self.stage_scores_ = len(chain.stages), scores
        self.features_ = describer.transformers
        return targets

    def _filled(self, X, dtype, width, of_values, chain=None):
        """Maps of what ``of_values`` makes of values: arrays, or a list if ``X`` is one."""
        check_is_fitted(self)
        check_smoothing(self.smoothing)
        samples = check_images(self, X, self._n_axes)
        warn_of_scale(self, self._largest, largest_of(samples.values))
        tail = () if width is None else (width,)
        chain = self._chain if chain is None else chain
        dtype = chain.dtype_of(samples.dtype) if dtype is None else dtype
        if samples.listed:
            outs = [np.empty((*samples.space(i), *tail), dtype) for i in range(len(samples))]
        else:
            outs = np.empty((len(samples), *samples.space(0), *tail), dtype)
        around = smoothing_margin(self.smoothing)
        halo = chain.describer.halo
        views = _views(samples, self.mirrored)
        margin = tuple(m + around for m in chain.margin)
        n_bytes = samples.dtype.itemsize * self._n_columns
        threads = effective_threads(self.n_jobs)
        progress = Progress(type(self).__name__, len(samples), self.verbose)

        def tasks():
            for i in range(len(samples)):
                space = samples.space(i)
                if chain.whole(space, samples.dtype, len(views)) and any(
                    high != space for _, high in boxes(space, n_bytes, margin, halo)
                ):
                    maps = [self._all_but_last(view, i, n_bytes, threads) for _, view in views]
                    for low, high in boxes(space, n_bytes, (around,) * len(space), halo):
                        yield i, low, high, maps
                else:
                    for low, high in boxes(space, n_bytes, margin, halo):
                        yield i, low, high, None

        def work(task):
            i, low, high, maps = task
            space = samples.space(i)
            first, last = widened(low, high, (around,) * samples.n_axes, space)
            values = _mean_values(chain, views, i, first, last, maps, beside)
            if self.smoothing is not None:
                guide = None
                if self.smoothing == "guided":
                    guide = read_box(samples, i, first, last).mean(axis=-1)
                values = smoothed(values, self.smoothing, guide, self._variance)
                values = values[
                    tuple(slice(a - f, b - f) for a, b, f in zip(low, high, first, strict=True))
                ]
            inside = tuple(slice(a, b) for a, b in zip(low, high, strict=True))
            outs[i][inside] = of_values(values)
            if all(b == n for b, n in zip(high, space, strict=True)):
                release(samples.values[i])
                progress.advance(1)

        todo = tasks()
        begun = list(islice(todo, 2))
        beside = threads if len(begun) == 1 else 1  # mirror images of a single box at a time
        with one_blas_thread():
            for _ in in_order(work, chain_of(begun, todo), threads):
                pass
        return outs

    def _all_but_last(self, samples, i, n_bytes, threads):
        """What the last stage but one finds at all positions of a sample: (*space, C)."""
        chain, space, maps = self._chain, samples.space(i), None
        for s in range(len(chain.stages) - 1):
            found = np.empty((*space, chain.context.n_values), samples.dtype)

            def work(box, s=s, maps=maps, found=found):
                inside = tuple(slice(a, b) for a, b in zip(*box, strict=True))
                found[inside] = chain.stage_values(s, samples, i, *box, maps)

            run_over(boxes(space, n_bytes, (0,) * len(space), chain.describer.halo), work, threads)
            maps = found
        return maps

    @property
    def _n_columns(self):
        """Columns that a position has while values are computed, copies included."""
        expansion = self._chain.stages[-1].expansion
        return 2 * len(expansion.mean)

    def __sklearn_is_fitted__(self):
        return hasattr(self, "_chain")

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        tags.input_tags.two_d_array = False
        tags.target_tags.required = True
        tags.target_tags.one_d_labels = False
        return tags


def _views(samples, mirrored):
    """Pairs of axes and the samples read backwards along these: none, or all combinations."""
    if not mirrored:
        return [((), samples)]
    n = samples.n_axes
    combined = (axes for k in range(n + 1) for axes in combinations(range(n), k))
    return [(axes, samples.mirrored(axes)) for axes in combined]


def _mean_values(chain, views, i, low, high, maps, threads):
    """Values in a box, the mean over a sample and its mirror images."""

    def work(k):
        axes, view = views[k]
        box = _seen(low, high, axes, view.space(i))
        if maps is None:
            values = chain.values(view, i, *box)
        else:
            values = chain.stage_values(-1, view, i, *box, maps[k])
        return np.flip(values, axes)

    total = None
    for values in in_order(work, range(len(views)), threads):
        total = values if total is None else total + values
    return total if len(views) == 1 else total / len(views)


def _seen(low, high, axes, space):
    """A box as it lies in a sample that is read backwards along some axes."""
    low, high = list(low), list(high)
    for a in axes:
        low[a], high[a] = space[a] - high[a], space[a] - low[a]
    return tuple(low), tuple(high)


def check_rings(given):
    """Return distances of rings as a tuple of int."""
    rings = (given,) if isinstance(given, Integral) else tuple(given)
    far = count(1, WIDEST)
    if not all(far.is_satisfied_by(r) for r in rings):
        raise ValueError(
            f"context_rings={given!r} is not allowed; it must hold whole numbers from 1 to "
            f"{WIDEST}, distances in positions."
        )
    return tuple(int(r) for r in rings)


def _variance(samples):
    """Variance of the intensities, of the first of them."""
    total = []
    left = VARIANCE_ENTRIES
    for i in range(len(samples)):
        part = samples.take(np.array([i]))[0]
        rows = max(min(left * len(part) // max(part.size, 1), len(part)), 1)
        total.append(np.asarray(part[:rows], dtype=np.float64).mean(axis=-1).ravel())
        left -= part[:rows].size
        if left <= 0:
            break
    return float(np.concatenate(total).var()) or 1.0
