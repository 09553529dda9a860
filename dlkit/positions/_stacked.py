"""Auto-context around any estimator of labels for positions."""

from dataclasses import dataclass

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, MetaEstimatorMixin, clone
from sklearn.utils.validation import check_is_fitted

from .._params import HasMethods, Integral, StrOptions, count, unchanged_on_failure
from .._progress import Progress
from ._base import check_rings
from ._context import offsets_of, surroundings
from ._data import (
    Maps,
    check_batch,
    check_images,
    check_labels,
    check_position_weights,
    pixel_score,
)
from ._rows import check_groups, regions_of
from ._stopping import MOST_STAGES, means_of_folds, pays

__all__ = ["StackedContext"]


class StackedContext(ClassifierMixin, MetaEstimatorMixin, BaseEstimator):
    """Let an estimator of labels see what it found around each step, pixel or voxel.

    A first clone labels what it is given. Each further clone is also given the probabilities that
    the one before found in a window around the position, as more channels, and so learns which
    labels follow which [1]_, [2]_. What it is taught with comes from clones that had not seen the
    sample. So labels depend on their neighbours to both sides, without a search for the best
    sequence.

    Parameters
    ----------
    estimator : classifier
        With ``fit`` and ``predict_proba`` on lists of samples, as :class:`dlkit.ESNTagger` on
        series. :class:`PixelClassifier` has stages of its own, which are by far faster: around it,
        each of the further channels would be described at all scales.
    n_stages : int or "auto", default="auto"
        Clones one behind the other; "auto": as many as lower the loss on what is left out, by more
        than chance would in two cases of five.
    context_size : int, default=5
        Positions along each axis of the window; an odd number.
    context_rings : int or tuple of int, default=()
        Distances of further points, along the axes and the diagonals.
    cv : int, default=5
        Parts of the samples that are left out in turn; whole groups where `fit` is told of
        ``groups``.
    verbose : int, default=0
        1 reports the progress of long work.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        Labels, sorted.
    estimators_ : list of classifier
        The fitted clones, one a stage.
    stage_scores_ : list of dict
        Of each stage, on what was left out, "loss" (minus the mean log-likelihood) and "score"
        (share of positions labelled rightly). With ``n_stages="auto"`` and three parts or more, no
        stage has seen what it was measured on; otherwise all but the first are flattered, for what
        teaches them was found by clones that had seen it.
    n_stages_ : int
        Stages in use.
    n_channels_in_ : int
        Channels of the samples seen in `fit`.

    See Also
    --------
    PixelClassifier : The same idea inside, where sums over rows make it fast.

    References
    ----------
    .. [1] Cohen & Carvalho (2005). Stacked sequential learning. IJCAI, section 2.
    .. [2] Tu & Bai (2010). Auto-context and its application to high-level vision tasks and 3D brain
       image segmentation. IEEE TPAMI 32(10), section 3.

    Examples
    --------
    A label that stays until another one is called:

    >>> import numpy as np
    >>> from dlkit import ESNTagger, StackedContext
    >>> rng = np.random.RandomState(0)
    >>> X = [rng.choice([-1.0, 0.0, 1.0], (30, 1)) for _ in range(20)]
    >>> y = [(np.roll(x[:, 0], -1) > 0).astype(int) for x in X]
    >>> tagger = ESNTagger(20, random_state=0)
    >>> alone = tagger.fit(X[:15], y[:15]).score(X[15:], y[15:])
    >>> stacked = StackedContext(tagger, n_stages=2).fit(X[:15], y[:15])
    >>> stacked.score(X[15:], y[15:]) >= alone
    True
    """

    _parameter_constraints = {
        "estimator": [HasMethods(["fit", "predict_proba"])],
        "n_stages": [count(), StrOptions({"auto"})],
        "context_size": [count()],
        "context_rings": [tuple, list, Integral],
        "cv": [count(2)],
        "verbose": ["verbose"],
    }

    def __init__(
        self,
        estimator,
        *,
        n_stages="auto",
        context_size=5,
        context_rings=(),
        cv=5,
        verbose=0,
    ):
        self.estimator = estimator
        self.n_stages = n_stages
        self.context_size = context_size
        self.context_rings = context_rings
        self.cv = cv
        self.verbose = verbose

    @unchanged_on_failure
    def fit(self, X, y, sample_weight=None, groups=None):
        """Fit the stages, each with what was left out of the one before.

        Parameters
        ----------
        X : array-like or list of array-like
            Series of shape (T, C), images or volumes: at least two.
        y : array-like or list of array-like
            A map of labels for each, of the same extents.
        sample_weight : array-like or list of array-like, default=None
            Non-negative weights for an estimator that takes them: a map for each sample, or one
            number for each.
        groups : array-like of shape (n,), default=None
            A name of a group for each sample, of whom or what it shows: a speaker, a word.
            All of a group are left out together, in place of samples by themselves.

        Returns
        -------
        self : StackedContext
        """
        self._validate_params()
        rings = check_rings(self.context_rings)
        if self.context_size % 2 == 0:
            raise ValueError(
                f"context_size={self.context_size!r} is not allowed; it must be an odd number."
            )
        samples, maps = check_batch(self, X, y)
        n, auto = len(samples), self.n_stages == "auto"
        most = MOST_STAGES if auto else int(self.n_stages)
        if n < 2 and most > 1:
            raise ValueError(
                "StackedContext leaves samples out in turn and needs at least two, got one: cut a "
                "long series or a large image into several."
            )
        samples.check_finite()
        weights = check_position_weights(sample_weight, samples)
        targets = check_labels(maps, None, weights)
        if weights is not None and not isinstance(weights, list):
            weights = [np.full(y.shape, w) for y, w in zip(maps, weights, strict=True)]
        offsets = offsets_of(samples.n_axes, int(self.context_size), rings)
        batch = _Batch(_with_channels(samples), targets, weights)
        groups = check_groups(groups, n)
        folds = _folds(samples, int(self.cv), groups) if most > 1 else None
        progress = Progress(type(self).__name__, most, self.verbose)
        tried = self._tried(batch, folds, offsets) if auto else None
        most = most if not tried else len(tried)
        estimators, scores, before = [], [], None
        if most == 1:
            estimators, scores = [self._one(batch.inputs, batch)], tried or []
        else:
            for estimator, found in self._grown(batch, folds, offsets, most):
                score, now = _judged(found, batch, folds)
                if auto and not tried and before is not None and not pays(before, *now):
                    break
                before, _ = now
                scores.append(tried[len(scores)] if tried else score)
                estimators.append(estimator)
                progress.advance(1)
        self.n_channels_in_, self._n_axes = samples.n_channels, samples.n_axes
        self.classes_, self.estimators_, self.stage_scores_ = targets.classes, estimators, scores
        self.n_stages_, self._offsets = len(estimators), offsets
        return self

    def _one(self, inputs, batch):
        more = {} if batch.weights is None else {"sample_weight": batch.weights}
        model = clone(self.estimator)
        try:
            return model.fit(inputs, batch.targets.values, **more)
        except (ValueError, TypeError) as error:
            if type(model).__module__.startswith("sklearn."):
                raise ValueError(
                    f"estimator={self.estimator!r:.80} cannot be fitted on lists of samples with a "
                    "map of labels each: it must label each step or position, as ESNTagger does. "
                    f"It said: {error}"
                ) from error
            raise

    def _grown(self, batch, folds, offsets, most):
        """Yield clones, one a stage, and what others found in what they had not seen."""
        inputs = batch.inputs
        for s in range(most):
            found = self._left_out(inputs, batch, folds)
            yield self._one(inputs, batch), found
            if s + 1 < most:
                inputs = [_joined(x, q, offsets) for x, q in zip(batch.inputs, found, strict=True)]

    def _left_out(self, inputs, batch, folds):
        """Probabilities of each sample by a clone that has not seen it."""
        found = [None] * len(inputs)
        for k in np.unique(folds):
            rest, left = np.flatnonzero(folds != k), np.flatnonzero(folds == k)
            part = batch.part(rest)
            if not part.has_classes:
                raise ValueError(
                    f"Without part {k} of cv={self.cv} there is one class alone in y: use fewer "
                    "parts, or more samples of each class."
                )
            model = self._one([inputs[i] for i in rest], part)
            for i, q in zip(left, model.predict_proba([inputs[i] for i in left]), strict=True):
                found[i] = _columns(q, model.classes_, batch.targets.classes)
        return found

    def _tried(self, batch, folds, offsets):
        """Losses and scores on a part that no stage has seen, of the stages that pay.

        What is left out of the second stage has taught those that teach it, so that its own scores
        would flatter. None where no part can be spared.
        """
        last = folds.max()
        left, rest = np.flatnonzero(folds == last), np.flatnonzero(folds != last)
        pairs = [np.flatnonzero((folds != last) & (folds != k)) for k in range(last)]
        if last < 2 or not all(batch.part(pair).has_classes for pair in pairs):
            return None
        part, held, scores, before = batch.part(rest), batch.part(left), [], None
        inputs = held.inputs
        for estimator, _ in self._grown(part, folds[rest], offsets, MOST_STAGES):
            found = [
                _columns(q, estimator.classes_, batch.targets.classes)
                for q in estimator.predict_proba(inputs)
            ]
            score, now = _judged(found, held, np.arange(len(left)))
            if before is not None and not pays(before, *now):
                break
            before, _ = now
            scores.append(score)
            inputs = [_joined(x, q, offsets) for x, q in zip(held.inputs, found, strict=True)]
        return scores

    def predict_proba(self, X):
        """Probability of each class at each position.

        Parameters
        ----------
        X : array-like or list of array-like
            Samples, as in :meth:`fit`, with as many channels.

        Returns
        -------
        P : ndarray of shape (n, *space, n_classes), or list of ndarray
            A list if ``X`` is one.
        """
        check_is_fitted(self)
        samples = check_images(self, X, self._n_axes)
        given = inputs = _with_channels(samples)
        found = None
        for estimator in self.estimators_:
            if found is not None:
                inputs = [_joined(x, q, self._offsets) for x, q in zip(given, found, strict=True)]
            found = [
                _columns(q, estimator.classes_, self.classes_)
                for q in estimator.predict_proba(inputs)
            ]
        return found if samples.listed else np.stack(found)

    def predict(self, X):
        """Label each position.

        Parameters
        ----------
        X : array-like or list of array-like
            Samples, as in :meth:`fit`, with as many channels.

        Returns
        -------
        y : ndarray of shape (n, *space), or list of ndarray
            A list if ``X`` is one.
        """
        found = self.predict_proba(X)
        if isinstance(found, list):
            return [self.classes_[q.argmax(axis=-1)] for q in found]
        return self.classes_[found.argmax(axis=-1)]

    def score(self, X, y, sample_weight=None):
        """Share of the positions that are labelled rightly.

        Parameters
        ----------
        X : array-like or list of array-like
            Samples.
        y : array-like or list of array-like
            Maps of labels.
        sample_weight : array-like or list of array-like, default=None
            Weights: a map for each sample, or one number for each.

        Returns
        -------
        accuracy : float
        """
        check_is_fitted(self)
        samples, maps = check_batch(self, X, y, self._n_axes)
        weights = check_position_weights(sample_weight, samples)
        return pixel_score(Maps(maps, self.classes_, None, weights), self.predict(X))

    def __sklearn_is_fitted__(self):
        return hasattr(self, "estimators_")

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        tags.input_tags.two_d_array = False
        return tags


@dataclass(frozen=True)
class _Batch:
    """Samples as they came, with their targets and weights."""

    inputs: list
    targets: Maps
    weights: list | None

    def part(self, numbers):
        """Some of the samples."""
        weights = None if self.weights is None else [self.weights[i] for i in numbers]
        values = [self.targets.values[i] for i in numbers]
        targets = Maps(values, self.targets.classes, None, weights)
        return _Batch([self.inputs[i] for i in numbers], targets, weights)

    @property
    def has_classes(self):
        """Whether there are at least two."""
        return len(np.unique(np.concatenate([np.unique(y) for y in self.targets.values]))) > 1


def _with_channels(samples):
    """Samples as a list of arrays (*space, C), in the dtype computed in."""
    numbers, pads = np.arange(len(samples)), [(0, 0)] * samples.n_axes
    return [samples.read(numbers[i : i + 1], pads)[0] for i in range(len(samples))]


def _folds(samples, cv, groups):
    """Fold of each sample; of two samples, or groups of them, each is one."""
    n = len(samples)
    if n < 3:
        return np.arange(n)
    spaces = [samples.space(i) for i in range(n)]
    positions = [np.arange(int(np.prod(space))) for space in spaces]
    regions = regions_of(spaces, positions, cv, np.random.RandomState(0), groups)
    return np.array([region.fold for region in regions])


def _columns(q, classes, all_classes):
    """Probabilities with a column for each class, also of those that a fold lacked."""
    if np.array_equal(classes, all_classes):
        return q
    out = np.zeros((*q.shape[:-1], len(all_classes)), q.dtype)
    out[..., np.searchsorted(all_classes, classes)] = q
    return out


def _joined(x, q, offsets):
    """A sample with what was found around each position as further channels."""
    width = x.shape[-1]
    out = np.empty((*x.shape[:-1], width + len(offsets) * q.shape[-1]), x.dtype)
    out[..., :width] = x
    surroundings(q, (0,) * (x.ndim - 1), x.shape[:-1], offsets, out[..., width:])
    return out


def _judged(found, batch, folds):
    """Loss and score of probabilities of what was left out, and errors and weights of parts."""
    errors, total, lost, right = np.zeros(len(found)), np.zeros(len(found)), 0.0, 0.0
    n_classes = len(batch.targets.classes)
    for i, (q, y) in enumerate(zip(found, batch.targets.values, strict=True)):
        codes = batch.targets.coded(y).ravel()
        weight = batch.targets.weigh(i, np.arange(len(codes)))
        q = q.reshape(-1, n_classes).astype(np.float64)
        own = np.clip(q[np.arange(len(codes)), codes], 1e-6, None)
        lost -= weight @ np.log(own)
        errors[i] = weight @ np.square(q - (codes[:, None] == np.arange(n_classes))).sum(axis=1)
        right += weight @ (q.argmax(axis=1) == codes)
        total[i] = weight.sum()
    score = {"loss": float(lost / total.sum()), "score": float(right / total.sum())}
    means = np.divide(errors, total, out=np.zeros(len(total)), where=total > 0)
    return score, means_of_folds(means, total, folds)
