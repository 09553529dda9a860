"""Softmax retrieval over stored rows, as a classifier and as a regressor."""

import numpy as np
from sklearn.base import ClassifierMixin, MultiOutputMixin, RegressorMixin
from sklearn.utils import check_consistent_length
from sklearn.utils.validation import check_is_fitted

from .._params import StrOptions, unchanged_on_failure
from .._validation import check_weights, validate_data
from ._base import check_numbers
from ._labels import check_classes, check_labels, class_indicators, classes_of_stream
from ._retrieval import indicators
from ._stored import BaseAttention

__all__ = ["AttentionReadout", "AttentionReadoutClassifier"]


class AttentionReadoutClassifier(ClassifierMixin, BaseAttention):
    r"""Classifier by softmax retrieval: stored rows vote, the nearer the more.

    ``P(class | x) = (Σ_i s_i [y_i = class] + prior · share) / (Σ_i s_i + prior)`` with votes
    ``s_i = exp(−beta ‖x − x_i‖²)`` of the stored rows, in units of the nearest one's: the kernel
    estimator of Nadaraya [1]_ and Watson [2]_, and one step of a modern Hopfield network [3]_.

    Parameters
    ----------
    beta : float or "auto", default="auto"
        Steepness: how much more near rows count. "auto": of twelve values, in powers of two about
        the inverse of the median distance, the one under which stored rows are likeliest by the
        votes of all others.
    metric : {"euclidean", "dot", "match"}, default="euclidean"
        What makes a row near: a small weighted distance; a large weighted scalar product; or codes
        that agree. With "match" X holds codes, any numbers that stand for symbols, and the votes
        are ``exp(beta Σ_f w_f [x_f = x_if])``.
    feature_weights : array-like of shape (p,), "auto" or None, default="auto"
        Weights of the features in distance, product or match; None: one each. "auto", by
        leave-one-out as well: of distances one each, the inverse variances, or squares of what
        a ridge regression makes of the features, whichever is best; of matches whatever maximises
        the likelihood.
    prior : float or "auto", default="auto"
        Votes of the classes' shares among all rows, in units of the nearest row's; chosen by
        leave-one-out if "auto".
    top_k : int, default=None
        Let only so many of the nearest rows vote; of rows equally near all. Not with "match".
    groups : int or array-like of int, default=None
        Columns of X in which a stored row must agree with a query to be looked at: less work, by
        the number of groups. A query of a group that is not stored is compared with all rows.
    memory : {"all", "sample", "kmeans"}, default="all"
        Which rows are stored: all, a random sample (each row alike, whatever the blocks), or means
        of clusters with the shares of classes in them.
    n_keys : int, default=1000
        Most rows stored, unless all are.
    n_queries : int, default=1000
        Stored rows, drawn at random, that are left out to choose settings by.
    random_state : int, RandomState instance or None, default=None
        Draws samples and clusters.

    Attributes
    ----------
    classes_ : ndarray of shape (K,)
        The labels, sorted.
    keys_ : ndarray of shape (m, p)
        Stored rows.
    beta_, prior_ : float
        In use. With ``metric="match"`` `feature_weights_` hold beta.
    feature_weights_ : ndarray of shape (p,)
        In use.
    n_seen_ : int
        Rows of weight seen so far.
    n_features_in_, feature_names_in_
        Of X, as of any scikit-learn estimator.

    See Also
    --------
    AttentionReadout : The same for numbers.

    Notes
    -----
    Queries are compared with the stored rows by products of blocks in the dtype of X, of some
    16 MB at a time. Time grows with the number of stored rows. Settings that are chosen are so when
    first needed: `partial_fit` only stores. A weight multiplies a row's vote.

    References
    ----------
    .. [1] Nadaraya (1964). On estimating regression. Theory of Probability and its Applications
       9(1).
    .. [2] Watson (1964). Smooth regression analysis. Sankhyā A 26(4).
    .. [3] Ramsauer et al. (2021). Hopfield networks is all you need. ICLR, eq. 3.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from dlkit.readout import AttentionReadoutClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> readout = AttentionReadoutClassifier(random_state=0).fit(X[::2], y[::2])
    >>> round(readout.score(X[1::2], y[1::2]), 2)
    0.97
    """

    def __init__(
        self,
        beta="auto",
        *,
        metric="euclidean",
        feature_weights="auto",
        prior="auto",
        top_k=None,
        groups=None,
        memory="all",
        n_keys=1000,
        n_queries=1000,
        random_state=None,
    ):
        self.beta = beta
        self.metric = metric
        self.feature_weights = feature_weights
        self.prior = prior
        self.top_k = top_k
        self.groups = groups
        self.memory = memory
        self.n_keys = n_keys
        self.n_queries = n_queries
        self.random_state = random_state

    @unchanged_on_failure
    def fit(self, X, y, sample_weight=None):
        """Store rows, and choose settings.

        Parameters
        ----------
        X : array-like of shape (n, p)
            Features.
        y : array-like of shape (n,)
            Labels of at least two classes.
        sample_weight : float or array-like of shape (n,), default=None
            Non-negative weights of votes.

        Returns
        -------
        self : AttentionReadoutClassifier
        """
        self._validate_params()
        X, y, weight = self._check_labelled(X, y, sample_weight, reset=True)
        classes = check_classes(np.unique(y))
        self._begin()
        self.classes_ = classes
        self._add(X, np.searchsorted(classes, y), weight)
        self._settled()
        return self

    @unchanged_on_failure
    def partial_fit(self, X, y, classes=None, sample_weight=None):
        """Store more rows.

        Parameters
        ----------
        X, y, sample_weight
            As in :meth:`fit`; a block need not hold every class.
        classes : array-like of shape (K,), default=None
            All labels there will be; required on the first call.

        Returns
        -------
        self : AttentionReadoutClassifier
            As `fit` on all rows so far would leave it, unless rows are clustered.
        """
        self._validate_params()
        first = not self.__sklearn_is_fitted__()
        X, y, weight = self._check_labelled(X, y, sample_weight, reset=first)
        classes = check_classes(classes_of_stream(classes, getattr(self, "classes_", None)))
        class_indicators(y, classes)  # refuses other labels
        if first:
            self._begin()
            self.classes_ = classes
        if weight is None or weight.any() or first:
            self._add(X, np.searchsorted(classes, y), weight)
        return self

    def predict_proba(self, X):
        """Estimate class probabilities.

        Parameters
        ----------
        X : array-like of shape (n, p)
            Features.

        Returns
        -------
        P : ndarray of shape (n, K)
            Rows sum to one. In float32 if X is, else float64.
        """
        check_is_fitted(self)
        X = self._checked(X, reset=False)
        return self._votes(X).astype(X.dtype)

    def predict(self, X):
        """Predict labels.

        Parameters
        ----------
        X : array-like of shape (n, p)
            Features.

        Returns
        -------
        y : ndarray of shape (n,)
            The class that most votes are for.
        """
        P = self.predict_proba(X)
        return self.classes_[P.argmax(axis=1)]

    def _check_labelled(self, X, y, sample_weight, reset):
        if y is None:
            validate_data(self, X, y, reset=reset)  # refuses, in scikit-learn's words
        X, y = self._checked(X, reset), check_labels(y)
        check_consistent_length(X, y)
        return X, y, check_weights(sample_weight, len(X))

    def _as_numbers(self, values):
        return values if values.ndim == 2 else np.eye(len(self.classes_))[values]

    def _as_values(self, values):
        return values if values.ndim == 2 else indicators(values, len(self.classes_))

    def _truth(self, values):
        return values if values.ndim == 1 else values.argmax(axis=1)


class AttentionReadout(MultiOutputMixin, RegressorMixin, BaseAttention):
    """Regressor by softmax retrieval: the mean of stored targets, the nearer the more they count.

    ``y = (Σ_i s_i y_i + prior · ȳ) / (Σ_i s_i + prior)`` with the votes s_i of
    :class:`AttentionReadoutClassifier`, which says where they come from.

    Parameters
    ----------
    beta, metric, feature_weights, prior, top_k, groups, memory, n_keys, n_queries, random_state
        As of :class:`AttentionReadoutClassifier`, without ``metric="match"``; settings are chosen
        by the squared error of rows left out.

    Attributes
    ----------
    keys_, beta_, prior_, feature_weights_, n_seen_, n_features_in_, feature_names_in_
        As of :class:`AttentionReadoutClassifier`.

    References
    ----------
    .. [1] Nadaraya (1964). On estimating regression. Theory of Probability and its Applications
       9(1).
    .. [2] Watson (1964). Smooth regression analysis. Sankhyā A 26(4).

    Examples
    --------
    >>> import numpy as np
    >>> from dlkit.readout import AttentionReadout
    >>> X = np.linspace(0, 6, 200)[:, None]
    >>> readout = AttentionReadout(random_state=0).fit(X, np.sin(X[:, 0]))
    >>> np.abs(readout.predict([[1.0], [2.0]]) - np.sin([1.0, 2.0])).max() < 0.02
    np.True_
    """

    _parameter_constraints = {
        **BaseAttention._parameter_constraints,
        "metric": [StrOptions({"euclidean", "dot"})],
    }

    def __init__(
        self,
        beta="auto",
        *,
        metric="euclidean",
        feature_weights="auto",
        prior="auto",
        top_k=None,
        groups=None,
        memory="all",
        n_keys=1000,
        n_queries=1000,
        random_state=None,
    ):
        self.beta = beta
        self.metric = metric
        self.feature_weights = feature_weights
        self.prior = prior
        self.top_k = top_k
        self.groups = groups
        self.memory = memory
        self.n_keys = n_keys
        self.n_queries = n_queries
        self.random_state = random_state

    @unchanged_on_failure
    def fit(self, X, y, sample_weight=None):
        """Store rows, and choose settings.

        Parameters
        ----------
        X : array-like of shape (n, p)
            Features.
        y : array-like of shape (n,) or (n, q)
            Targets.
        sample_weight : float or array-like of shape (n,), default=None
            Non-negative weights of votes.

        Returns
        -------
        self : AttentionReadout
        """
        self._validate_params()
        X, y, weight = self._check_numbered(X, y, sample_weight, reset=True)
        self._begin()
        self._y_ndim = y.ndim
        self._add(X, y.reshape(len(y), -1), weight)
        self._settled()
        return self

    @unchanged_on_failure
    def partial_fit(self, X, y, sample_weight=None):
        """Store more rows.

        Parameters
        ----------
        X, y, sample_weight
            As in :meth:`fit`.

        Returns
        -------
        self : AttentionReadout
            As `fit` on all rows so far would leave it, unless rows are clustered.
        """
        self._validate_params()
        first = not self.__sklearn_is_fitted__()
        X, y, weight = self._check_numbered(X, y, sample_weight, reset=first)
        if first:
            self._begin()
            self._y_ndim = y.ndim
        wide = y.reshape(len(y), -1)
        if not first and (y.ndim != self._y_ndim or wide.shape[1] != self._rows[1].shape[1]):
            raise ValueError(
                f"y is of shape {y.shape}, but earlier targets were {self._y_ndim}-dimensional, of "
                f"{self._rows[1].shape[1]} columns."
            )
        if weight is None or weight.any() or first:
            self._add(X, wide, weight)
        return self

    def predict(self, X):
        """Predict targets.

        Parameters
        ----------
        X : array-like of shape (n, p)
            Features.

        Returns
        -------
        y : ndarray of shape (n,) or (n, q)
            In float32 if X is, else float64.
        """
        check_is_fitted(self)
        X = self._checked(X, reset=False)
        found = self._votes(X).astype(X.dtype)
        return found[:, 0] if self._y_ndim == 1 else found

    def _check_numbered(self, X, y, sample_weight, reset):
        if y is None:
            validate_data(self, X, y, reset=reset)  # refuses, in scikit-learn's words
        X, y = self._checked(X, reset), check_numbers(y)
        check_consistent_length(X, y)
        return X, y.astype(np.float64), check_weights(sample_weight, len(X))

    def _as_numbers(self, values):
        return values

    def _as_values(self, values):
        return values

    def _truth(self, values):
        return values
