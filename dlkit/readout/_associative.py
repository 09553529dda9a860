"""A memory that is addressed by content."""

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils import check_consistent_length
from sklearn.utils.validation import check_is_fitted

from .. import _budgets
from .._params import StrOptions, count, positive, unchanged_on_failure
from .._threads import mapping, one_blas_thread
from .._validation import refuse_masked, validate_data
from ._base import FLOATS, check_numbers

__all__ = ["AssociativeMemory"]

SURE = 1e-6  # share of the votes that all other rows have together, where a row is recalled
LOOKED = 500  # rows whose neighbours say how far rows are apart
SETTLED = 1e-6  # change of a pattern, relative to its size, that is none


class AssociativeMemory(BaseEstimator):
    r"""Stored patterns, recalled by a part of them, or by something like them.

    A step replaces a pattern ξ by ``Σ_i s_i x_i``, the mean of the stored patterns under votes
    ``s_i ∝ exp(−beta ‖ξ − x_i‖²)``: the update of a modern Hopfield network [1]_, which holds far
    more patterns than the classical one's 0.14 for each unit. The distance is taken over what is
    known of ξ; the rest is filled in. With targets the memory is hetero-associative:
    it answers a pattern with the target that was stored beside it.

    Parameters
    ----------
    beta : float or "auto", default="auto"
        Steepness. "auto": so steep that stored patterns hardly mix, by the distances between
        neighbours.
    max_iter : int, default=20
        Most steps. With 1 the answer is that of one step; with more, steps go on until patterns no
        longer change.

    Attributes
    ----------
    keys_ : ndarray of shape (n, p)
        Stored patterns.
    values_ : ndarray of shape (n, q) or None
        Stored targets.
    beta_ : float
        In use.
    n_features_in_, feature_names_in_
        Of X, as of any scikit-learn estimator.

    See Also
    --------
    AttentionReadout : Between patterns, with settings chosen by leave-one-out.

    Notes
    -----
    Scores are computed in blocks of 16 MB. Known entries are not held fixed: a pattern that is a
    little wrong is mended.

    References
    ----------
    .. [1] Ramsauer et al. (2021). Hopfield networks is all you need. ICLR, eq. 3.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.datasets import load_digits
    >>> from dlkit.readout import AssociativeMemory
    >>> X = load_digits().data[:200]
    >>> upper = np.tile(np.arange(64) < 32, (200, 1))
    >>> found = AssociativeMemory().fit(X).predict(np.where(upper, X, 0), known=upper)
    >>> float((np.abs(found - X).max(axis=1) < 1e-3).mean())
    1.0
    """

    _parameter_constraints = {
        "beta": [positive(), StrOptions({"auto"})],
        "max_iter": [count()],
    }

    streaming = "in order"

    def __init__(self, beta="auto", *, max_iter=20):
        self.beta = beta
        self.max_iter = max_iter

    @unchanged_on_failure
    def fit(self, X, y=None):
        """Store patterns.

        Parameters
        ----------
        X : array-like of shape (n, p)
            Patterns, without NaN.
        y : array-like of shape (n,) or (n, q), default=None
            Targets to answer with; None: the patterns themselves.

        Returns
        -------
        self : AssociativeMemory
        """
        for name in ("keys_", "values_"):
            vars(self).pop(name, None)
        return self._add(X, y, first=True)

    @unchanged_on_failure
    def partial_fit(self, X, y=None):
        """Store more patterns.

        Parameters
        ----------
        X, y
            As in :meth:`fit`; with targets in all calls or in none.

        Returns
        -------
        self : AssociativeMemory
            As `fit` on all patterns so far would leave it.
        """
        return self._add(X, y, first="keys_" not in vars(self))

    def _add(self, X, y, first):
        self._validate_params()
        X = validate_data(self, X, dtype=FLOATS, reset=first)
        values, ndim = None, 0
        if y is not None:
            values = check_numbers(y).astype(np.float64)
            check_consistent_length(X, values)
            ndim, values = values.ndim, values.reshape(len(values), -1)
        if not first:
            before = self.values_
            if ndim != self._y_ndim or (y is not None and values.shape[1] != before.shape[1]):
                raise ValueError(
                    "y must be given in all calls or in none, and be of the same shape: it was "
                    f"{self._y_ndim}-dimensional in earlier calls (0 is none), and is {ndim}."
                )
            X = np.concatenate([self.keys_, X])
            values = None if y is None else np.concatenate([before, values])
        size = np.abs(X).max()
        if X.dtype == np.float32 and (size > 1e15 or 0 < size < 1e-15):  # squares need more range
            X = X.astype(np.float64)
        self.keys_, self.values_, self._y_ndim = np.array(X), values, ndim
        self.beta_ = self._steepness() if isinstance(self.beta, str) else float(self.beta)
        return self

    @np.errstate(all="ignore")
    def _steepness(self):
        """Beta under which nearly every stored pattern is recalled as it is."""
        keys = self.keys_
        every = max(len(keys) // LOOKED, 1)
        scores = self._scores(keys[::every] - self._centre(), None)
        scores = np.square(keys[::every] - self._centre()).sum(axis=1)[:, None] - scores
        scores[np.arange(len(scores)), np.arange(0, len(keys), every)] = np.inf
        near = scores.min(axis=1)
        floor = 1e-6 * float(np.square(keys - self._centre()).sum(axis=1).mean())
        near = near[(near > floor) & (near < np.inf)]  # of patterns stored twice it does not matter
        if not len(near):
            return 1.0
        gap = float(np.percentile(near, 5)) / 2  # part of a pattern is known, or it is a bit wrong
        return float(np.log(len(keys) / SURE)) / gap if 0 < gap < np.inf else 1.0

    def _centre(self):
        return self.keys_.mean(axis=0, dtype=np.float64).astype(self.keys_.dtype)

    def _scores(self, X, known):
        """Negative squared distances over known entries, less what is the same for all keys."""
        keys = self.keys_ - self._centre()
        if known is None:
            return 2 * X @ keys.T - np.square(keys).sum(axis=1)
        return 2 * X @ keys.T - known.astype(keys.dtype) @ np.square(keys).T

    def predict(self, X, known=None):
        """Recall patterns, or the targets beside them.

        Parameters
        ----------
        X : array-like of shape (n, p)
            Patterns.
        known : array-like of shape (n, p), bool, default=None
            What is known of the patterns; the other entries of X do not matter, and may be NaN.
            None: all is known.

        Returns
        -------
        y : ndarray of shape (n, p), or that of the targets
            In float32 if X is, else float64.
        """
        check_is_fitted(self)
        finite = True if known is None else "allow-nan"
        X = validate_data(self, X, dtype=FLOATS, reset=False, ensure_all_finite=finite)
        if known is not None:
            refuse_masked(known, "known")
            known = np.asarray(known)
            if known.dtype != bool or known.shape != X.shape:
                raise ValueError(
                    f"known must be an array of bool of the shape of X, {X.shape}, got dtype "
                    f"{known.dtype} and shape {known.shape}."
                )
            if np.isnan(X[known]).any():
                raise ValueError("X contains NaN in entries that are known.")
        wide = self.keys_.shape[1] if self.values_ is None else self.values_.shape[1]
        out = np.empty((len(X), wide), dtype=X.dtype)
        step = max(_budgets.RETRIEVAL_ENTRIES // len(self.keys_), 1)

        def work(start):
            rows = slice(start, start + step)
            out[rows] = self._recalled(X[rows], None if known is None else known[rows])

        with one_blas_thread() as threads, mapping(threads) as each:
            for _ in each(work, range(0, len(X), step)):
                pass
        if not np.isfinite(out).all():
            raise ValueError(
                f"X, or the patterns that fit has seen, hold numbers whose squares {X.dtype} "
                "cannot hold: scale both."
            )
        return out[:, 0] if self._y_ndim == 1 else out

    @np.errstate(all="ignore")  # votes underflow
    def _recalled(self, X, known):
        keys, centre = self.keys_, self._centre()
        now = (X - centre).astype(keys.dtype)
        if known is not None:
            now[~known] = 0
        beta, moving = keys.dtype.type(self.beta_), np.arange(len(X))
        votes = np.empty((len(X), len(keys)), dtype=keys.dtype)
        for _ in range(int(self.max_iter)):
            S = self._scores(now[moving], None if known is None else known[moving])
            S -= S.max(axis=1, keepdims=True)
            S *= beta
            np.exp(S, out=S)
            S /= S.sum(axis=1, keepdims=True)
            votes[moving] = S
            then = S @ (keys - centre)
            change = np.abs(then - now[moving]).max(axis=1)
            size = np.abs(then).max(axis=1)
            filled = known is not None
            now[moving], known = then, None
            if not filled:
                moving = moving[change > SETTLED * size]
            if not len(moving):
                break
        return now + centre if self.values_ is None else votes @ self.values_

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.required = False
        return tags
