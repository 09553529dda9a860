"""A scorer for forecasters, whose targets are the next steps of what is predicted from."""

import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.metrics import get_scorer

from .._params import validate_params
from .._validation import refuse_masks

__all__ = ["make_forecast_scorer"]


@validate_params(
    {"scoring": [str, callable], "greater_is_better": ["boolean"]},
    prefer_skip_nested_validation=True,
)
def make_forecast_scorer(scoring, *, greater_is_better=True, **kwargs):
    """Make a scorer of one-step predictions, which needs no ``y``.

    scikit-learn's own scorers compare predictions with ``y``, and raise without. The targets of a
    forecaster are in ``X``: each prediction is compared with the step after it. The last one has no
    such step, and steps that are missing (NaN) do not count. Those of several series are joined.

    Parameters
    ----------
    scoring : str or callable
        Name of a scorer of scikit-learn (``"neg_mean_absolute_error"``), such a scorer, or a
        metric ``scoring(y_true, y_pred, **kwargs)``.
    greater_is_better : bool, default=True
        Whether a high value of a metric is good. If not, the score is its negative.
    **kwargs : dict
        Further arguments of a metric.

    Returns
    -------
    scorer : callable
        ``scorer(estimator, X)`` returns a float. Pass the scorer as ``scoring=`` to
        ``cross_val_score``, ``GridSearchCV`` and their like; with ``y``, it compares with that.

    Raises
    ------
    ValueError
        If there is no scorer of that name.

    See Also
    --------
    make_sequence_scorer : For targets that are sequences.

    Notes
    -----
    ``ReservoirSearchCV`` takes names and scorers of scikit-learn without ``y`` as they are, and
    makes these of them.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.model_selection import TimeSeriesSplit, cross_val_score
    >>> from dlkit import NVARForecaster
    >>> from dlkit.metrics import make_forecast_scorer
    >>> series = np.sin(0.3 * np.arange(300))
    >>> mae = make_forecast_scorer("neg_mean_absolute_error")
    >>> scores = cross_val_score(NVARForecaster(), series, cv=TimeSeriesSplit(3), scoring=mae)
    >>> scores.round(3) + 0.0
    array([0., 0., 0.])
    """
    return ForecastScorer(scoring, greater_is_better, kwargs)


class Answers(RegressorMixin, BaseEstimator):
    """An estimator that knows what it predicts."""

    def __init__(self, values=None):
        self.values = values

    def fit(self, X, y=None):
        """Do nothing."""
        return self

    def predict(self, X):
        """Return what is known."""
        return self.values


class ForecastScorer:
    """What make_forecast_scorer returns: a class, because a closure would not pickle."""

    def __init__(self, scoring, greater_is_better=True, kwargs=None):
        self._scoring = get_scorer(scoring) if isinstance(scoring, str) else scoring
        self._sign = 1 if greater_is_better else -1
        self._kwargs = kwargs or {}

    def __repr__(self):
        return f"make_forecast_scorer({self._scoring!r})"

    def __call__(self, estimator, X, y=None, **params):
        """Score predictions of the steps after those of X, or of y."""
        refuse_masks(y, "y")
        predicted = estimator.predict(X, **params)
        several = isinstance(predicted, (list, tuple)) or np.ndim(predicted) == 3
        pairs = zip(*((X if y is None else y, predicted) if several else
                      ([X if y is None else y], [predicted])), strict=True)  # fmt: skip
        truths, found = [], []
        for truth, one in pairs:
            truth, one = (_numbers(a) for a in (truth, one))
            if y is None:
                truth, one = truth[1:], one[:-1]
            truth = truth[:, : one.shape[1]]
            if np.isinf(truth).any():
                raise ValueError(f"{'X' if y is None else 'y'} holds infinity: no step may.")
            known = ~np.isnan(truth).any(axis=1)
            truths.append(truth[known])
            found.append(one[known])
        truth, found = np.concatenate(truths), np.concatenate(found)
        if truth.shape[1] == 1:
            truth, found = truth[:, 0], found[:, 0]
        if not len(truth):
            raise ValueError("X has no step to score: each series needs two steps.")
        if isinstance(self._scoring, type) or not hasattr(self._scoring, "_score_func"):
            return self._sign * self._scoring(truth, found, **self._kwargs)
        return self._scoring(Answers(found), np.zeros((len(found), 1)), truth)


def _numbers(a):
    """Array of shape (n_steps, n_channels) of numbers, without a column of dates."""
    if hasattr(a, "columns") and hasattr(a, "dtypes"):
        numeric = [c for c, t in zip(a.columns, a.dtypes, strict=True) if _is_number(t)]
        a = a[numeric]
    a = np.asarray(a, dtype=np.float64)
    return a.reshape(len(a), -1)


def _is_number(dtype):
    if hasattr(dtype, "is_numeric"):
        return dtype.is_numeric()
    return getattr(dtype, "kind", "O") in "biuf"
