"""A feature map and a readout, joined without ever holding all features."""

from copy import copy, deepcopy
from functools import partial

import numpy as np
from joblib import effective_n_jobs
from scipy.sparse import issparse
from sklearn.base import BaseEstimator, MetaEstimatorMixin, clone, is_classifier
from sklearn.metrics import accuracy_score, r2_score
from sklearn.utils import check_consistent_length, get_tags
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from .._carried import TRIED, carries_state, is_one_table, refuse_training_rows
from .._params import HasMethods, Integral, boxes, count, unchanged_on_failure
from .._progress import Progress
from .._threads import in_order
from .._validation import (
    check_weights,
    n_samples,
    naming,
    refuse_masked,
    refuse_missing,
    take,
    validate_data,
)
from ._base import FLOATS
from ._blocks import folds_of
from ._labels import check_labels, refuse_mixture, stacked

__all__ = ["StreamedReadout", "going_on"]


def _readout_has(name):
    def check(self):
        getattr(vars(self).get("readout_", self.readout), name)
        return True

    return check


class StreamedReadout(MetaEstimatorMixin, BaseEstimator):
    """A feature map and a linear readout behind it, which sees the features block by block.

    What ``make_pipeline(transformer, readout)`` does, in the memory of a block of features and of
    the p × p moments instead of all n × p features. The map is learned first, from the samples
    alone: it never sees the targets. Classifier or regressor is what the readout is.

    Parameters
    ----------
    transformer : transformer
        The feature map, a `Pipeline` perhaps. It is cloned; an already fitted one is kept
        as it is in scikit-learn's `FrozenEstimator`.
    readout : estimator with `partial_fit`
        :class:`RidgeReadoutClassifier`, :class:`RidgeReadout` and
        :class:`LogisticReadoutClassifier` are fitted as their own `fit` would, whatever their
        parameters. Any other is given the blocks in order, once.
    cv : int, cross-validation splitter or iterable of (train, test), default=None
        How a readout with several alphas chooses among them. None: as its own parameters say; of
        a ridge readout's `selection`, "gcv" needs nothing beyond the moments, and "loo" computes
        the features a second time. Otherwise on folds. A ridge readout leaves each out by adding
        the moments of the others: one pass, and the memory of as many p × p moments as there are
        folds and some more. Where moments have lost the digits that errors are compared by,
        features are computed anew.
    block_size : int, default=1024
        Samples whose features are computed at a time. The result depends on it by rounding
        alone (with a readout of another kind, as that readout does).
    n_jobs : int, default=None
        Blocks computed side by side, in threads; None means 1. It does not change the result.
        For a transformer with threads of its own, leave it.
    verbose : int, default=0
        With 1, long work reports its progress.

    Attributes
    ----------
    transformer_ : transformer
        The fitted feature map.
    readout_ : estimator
        The fitted readout; for ridge readouts `readout_.alpha_` is the strength in use. It keeps
        moments, to go on with by `partial_fit`, only with ``solver="moments"``.
    classes_ : ndarray of shape (K,)
        The labels, sorted; only of a classifier.
    n_features_in_, feature_names_in_
        Those of the transformer, where it has them.

    Notes
    -----
    Passes over the samples: one that learns the map, one for the moments, one more for
    leave-one-out, and more where a ridge readout with ``solver="auto"`` finds the fit so
    ill-conditioned that it solves by QR. Where samples are fewer than features, the n × p features
    are smaller than the moments, so they are kept, and solved in dual form.

    `partial_fit` learns the map from the samples of its first call, and keeps it: moments of
    different maps do not add. If these are too few to learn from, fit the transformer beforehand
    and pass it frozen. A map that carries a state from row to row (`ReservoirStates`, lags) runs
    over a series at once, so that all features are held in memory, and cannot be used with
    `partial_fit`. Readouts behind the same frozen map, fitted by `partial_fit` in several
    places, are added by their own `merge`: ``one.readout_.merge(other.readout_)``.

    References
    ----------
    .. [1] Chan, Golub & LeVeque (1983), Algorithms for computing the sample variance: analysis and
       recommendations, The American Statistician 37(3): moments of blocks add.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn.preprocessing import PolynomialFeatures
    >>> from dlkit import RidgeReadoutClassifier, StreamedReadout
    >>> X, y = load_digits(return_X_y=True)
    >>> model = StreamedReadout(PolynomialFeatures(), RidgeReadoutClassifier(alpha=10))
    >>> round(model.fit(X[:1000] / 16, y[:1000]).score(X[1000:] / 16, y[1000:]), 2)
    0.97
    >>> model = StreamedReadout(PolynomialFeatures(), RidgeReadoutClassifier(alpha=10))
    >>> for start in range(0, 1000, 200):
    ...     rows = slice(start, start + 200)
    ...     model = model.partial_fit(X[rows] / 16, y[rows], classes=range(10))
    >>> round(model.score(X[1000:] / 16, y[1000:]), 2)
    0.97
    """

    _parameter_constraints = {
        "transformer": [HasMethods(["fit", "transform"])],
        "readout": [HasMethods(["partial_fit", "predict"])],
        "cv": ["cv_object"],
        "block_size": [count()],
        "n_jobs": [Integral, None],
        "verbose": ["verbose"],
    }

    def __init__(
        self,
        transformer,
        readout,
        *,
        cv=None,
        block_size=1024,
        n_jobs=None,
        verbose=0,
    ):
        self.transformer = transformer
        self.readout = readout
        self.cv = cv
        self.block_size = block_size
        self.n_jobs = n_jobs
        self.verbose = verbose

    @unchanged_on_failure
    def fit(self, X, y, sample_weight=None, groups=None):
        """Learn the feature map from X, then fit the readout.

        Parameters
        ----------
        X : array-like, list or DataFrame of n samples
            Whatever the transformer takes and can be cut into blocks of samples: arrays of any
            dimension, memory maps, lists of arrays, sparse rows.
        y : array-like of shape (n,) or (n, q)
            Targets of the readout.
        sample_weight : float or array-like of shape (n,), default=None
            Weights for the readout; the map is learned without.
        groups : array-like of shape (n,), default=None
            Groups of samples, for a `cv` that keeps them together, as GroupKFold does.

        Returns
        -------
        self : StreamedReadout

        Raises
        ------
        ValueError
            If `cv` is set for a readout that is neither ridge nor logistic, leaves samples out
            twice or trains on a part of the others.
        """
        self._validate_params()
        if groups is not None and self.cv is None:
            raise ValueError("groups are for a cv that keeps them together, but cv is None.")
        whole = hasattr(self.readout, "_fit_blocks")
        if self.cv is not None and not whole:
            raise ValueError(
                "cv chooses the alpha of ridge and logistic readouts; with readout="
                f"{self.readout!r} it must be None, got {self.cv!r}."
            )
        readout = clone(self.readout)
        check_readout(self.readout, streaming=False)  # before the long work
        X, y = _sliceable(X), _check_targets(readout, y)
        check_consistent_length(X, y)
        weight = check_weights(sample_weight, len(y))
        folds = None if self.cv is None else folds_of(self.cv, y, is_classifier(self), groups)
        self._learn_map(X)
        if whole:
            some = take(X, slice(0, TRIED if self._one_series else 1))
            n_features = self._transform(some).shape[1]
            blocks = partial(self._blocks, X, train=True)
            readout._fit_blocks(blocks, n_features, y, weight, folds)
            self.readout_ = readout
        else:
            classes = np.unique(y) if is_classifier(readout) and y.ndim == 1 else None
            self.readout_ = self._feed(readout, X, y, classes, weight)
        return self

    @unchanged_on_failure
    def partial_fit(self, X, y, classes=None, sample_weight=None):
        """Add samples to those seen by earlier calls.

        Parameters
        ----------
        X, y, sample_weight
            As in :meth:`fit`. The map is learned from X in the first call, and kept.
        classes : array-like of shape (K,), default=None
            All labels there will be; required on a classifier's first call.

        Returns
        -------
        self : StreamedReadout
            As `fit` on all samples so far with this map would leave it, to rounding.

        Raises
        ------
        ValueError
            With `cv`, which needs all samples at once, and wherever the readout's own
            `partial_fit` does.
        """
        self._validate_params()
        if self.cv is not None:
            raise ValueError(
                f"partial_fit cannot choose alpha by cv={self.cv!r}, which needs all samples at "
                "once: set cv=None, and selection='gcv' or a single alpha."
            )
        if classes is not None and not is_classifier(self.readout):
            raise ValueError(f"classes are for classifiers only, got {classes!r}.")
        first = not self.__sklearn_is_fitted__()
        check_readout(self.readout, streaming=True)
        readout = clone(self.readout) if first else going_on(self.readout_, self.readout)
        X, y = _sliceable(X), _check_targets(self.readout, y)
        check_consistent_length(X, y)
        weight = check_weights(sample_weight, len(y))
        if first:
            self._learn_map(X)
        if self._one_series:
            raise ValueError(
                f"transformer={self.transformer!r} carries a state from row to row (or else mixes "
                "rows), which would be lost between calls of partial_fit: use fit on all rows, or "
                "for a series the partial_fit of ESNForecaster or ESNTagger, which carries the "
                "state on."
            )
        self.readout_ = self._feed(readout, X, y, classes, weight)
        return self

    def predict(self, X):
        """Predict targets, block by block.

        Parameters
        ----------
        X : array-like, list or DataFrame of n samples
            As in :meth:`fit`.

        Returns
        -------
        y : ndarray of shape (n,) or (n, q)
            The readout's predictions.
        """
        return self._read("predict", X)

    @available_if(_readout_has("decision_function"))
    def decision_function(self, X):
        """Compute the readout's decision function, block by block.

        Parameters
        ----------
        X : array-like, list or DataFrame of n samples
            As in :meth:`fit`.

        Returns
        -------
        d : ndarray of shape (n,) for two classes, else (n, K)
            As of the readout.
        """
        return self._read("decision_function", X)

    @available_if(_readout_has("predict_proba"))
    def predict_proba(self, X):
        """Estimate class probabilities, block by block.

        Parameters
        ----------
        X : array-like, list or DataFrame of n samples
            As in :meth:`fit`.

        Returns
        -------
        P : ndarray of shape (n, K)
            As of the readout.
        """
        return self._read("predict_proba", X)

    def score(self, X, y, sample_weight=None):
        """Accuracy of a classifier, coefficient of determination of a regressor.

        Parameters
        ----------
        X : array-like, list or DataFrame of n samples
            As in :meth:`fit`.
        y : array-like of shape (n,) or (n, q)
            True targets.
        sample_weight : array-like of shape (n,), default=None
            Weights.

        Returns
        -------
        score : float
        """
        measure = accuracy_score if is_classifier(self) else r2_score
        return measure(y, self.predict(X), sample_weight=sample_weight)

    def _learn_map(self, X):
        self.transformer_ = clone(self.transformer).fit(X, None)
        if not hasattr(self.transformer_, "_training_rows"):  # nothing to ask for training rows
            refuse_training_rows(self.transformer_, type(self).__name__)
        self._one_series = carries_state(
            self.transformer_,
            lambda k: take(X, slice(0, k)),
            n_samples(X),
            self.block_size,
            table=is_one_table(X),
        )

    def _transform(self, X, numbers=None):
        """Features of a block as a plain array, in training with the numbers of its samples."""
        transform = self.transformer_.transform
        if numbers is not None and hasattr(self.transformer_, "_training_rows"):
            transform = partial(self.transformer_._training_rows, numbers=numbers)
        features = transform(X)
        if isinstance(features, list) and features and np.ndim(features[0]) > 1:
            raise ValueError(
                f"transformer={self.transformer!r} gives a row for each step of several series, "
                "and one for each sample is needed: hand over one series, or use ESNForecaster or "
                "ESNTagger."
            )
        features = features.toarray() if issparse(features) else np.asarray(features)
        if features.ndim != 2:
            raise ValueError(
                "transformer must give one row of features for each sample, got an array of shape "
                f"{features.shape}."
            )
        with naming("X"):
            return features if features.dtype in FLOATS else features.astype(np.float64)

    def _blocks(self, X, index=None, train=False):
        """Yield ``(rows, features)``: slices of all samples, or parts of an array of indices.

        With ``train`` the features are those of training: with noise, if that is asked for.
        """
        n = n_samples(X) if index is None else len(index)
        size = int(self.block_size)
        starts = range(0, max(n, 1), size)
        parts = (slice(start, min(start + size, n)) for start in starts)
        parts = parts if index is None else (index[part] for part in parts)
        progress = Progress(type(self).__name__, n, self.verbose)
        for rows, features in self._in_order(X, parts, train):
            progress.advance(len(features))
            yield rows, features
            del features  # before the next is made

    def _in_order(self, X, parts, train):
        """Yield parts of the samples and their features."""
        numbers = np.arange(n_samples(X)) if train else None

        def transform(call):
            rows, samples = call
            return rows, self._transform(samples, numbers[rows] if train else None)

        if self._one_series:
            features = self._transform(X, numbers)
            return ((rows, features[rows]) for rows in parts)
        samples = ((rows, take(X, rows)) for rows in parts)
        return in_order(transform, samples, effective_n_jobs(self.n_jobs))

    def _feed(self, readout, X, y, classes, sample_weight):
        """Give a readout the blocks by its own `partial_fit`."""
        more = {"classes": classes} if is_classifier(readout) else {}
        for rows, features in self._blocks(X, train=True):
            if sample_weight is not None:
                more["sample_weight"] = sample_weight[rows]
            readout.partial_fit(features, y[rows], **more)
            del features
        return readout

    def _read(self, method, X):
        check_is_fitted(self)
        X = _sliceable(X)
        method, results = getattr(self.readout_, method), []
        for _, features in self._blocks(X):
            results.append(method(features))
            del features
        return np.concatenate(results)

    def __sklearn_is_fitted__(self):
        return "readout_" in vars(self)

    @property
    def classes_(self):
        """The labels, sorted."""
        return self.readout_.classes_

    @property
    def n_features_in_(self):
        """Number of features the transformer takes."""
        return self.transformer_.n_features_in_

    @property
    def feature_names_in_(self):
        """Names of the features the transformer takes."""
        return self.transformer_.feature_names_in_

    def _sk_visual_block_(self):
        return boxes([("transformer", self.transformer), ("readout", self.readout)])

    def __sklearn_tags__(self):
        tags, inner = super().__sklearn_tags__(), get_tags(self.readout)
        tags.input_tags = get_tags(self.transformer).input_tags
        tags.estimator_type, tags.target_tags = inner.estimator_type, inner.target_tags
        tags.classifier_tags, tags.regressor_tags = inner.classifier_tags, inner.regressor_tags
        return tags


def check_readout(readout, streaming):
    """Check the parameters of a readout of dlkit, which may have been set since the last call."""
    if hasattr(readout, "streaming"):
        readout._validate_params()
    if hasattr(readout, "_make_choice"):
        readout._make_choice(streaming)


def going_on(fitted, readout):
    """Copy of a fitted readout that may learn on, while the one copied stays as it is.

    Readouts of dlkit put new sums in the place of old ones, and go on with the parameters that
    ``readout``, not fitted, has by now. Others learn in place, with the parameters they began with.
    """
    if not hasattr(fitted, "streaming"):
        return deepcopy(fitted)
    check_readout(readout, streaming=True)
    if type(readout) is not type(fitted):
        raise ValueError(
            f"readout={readout!r} is of another kind than what has learned so far, a "
            f"{type(fitted).__name__}: call fit to begin anew."
        )
    return copy(fitted).set_params(**readout.get_params(deep=False))


def _check_targets(readout, y):
    """Targets as an array of the form that suits a classifier or a regressor."""
    refuse_masked(y, "y")
    y = stacked(y)
    if is_classifier(readout):
        many = get_tags(readout).classifier_tags.multi_label
        refuse_missing(y, "y")
        refuse_mixture(y)
        return check_labels(validate_data(readout, y=y, multi_output=many), many)
    if issparse(y):
        raise TypeError("y must be a dense array, got a sparse one.")
    return validate_data(readout, y=y, multi_output=True, y_numeric=True)


def _sliceable(X):
    if issparse(X):
        return X.tocsr()
    if isinstance(X, (dict, set, str, bytes)):
        raise TypeError(
            "X must be an array, a DataFrame, a sparse matrix or a list of samples, got a "
            f"{type(X).__name__}."
        )
    refuse_masked(X, "X")
    X = X if hasattr(X, "__getitem__") else np.asarray(X)
    n_samples(X)  # refuses a single number
    return X
