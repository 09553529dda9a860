"""A scorer for targets that are sequences."""

import numpy as np

from .._params import StrOptions, count, validate_params
from .._validation import refuse_masks

__all__ = ["Scorer", "make_sequence_scorer"]


@validate_params(
    {
        "score_func": [callable],
        "greater_is_better": ["boolean"],
        "response_method": [StrOptions({"predict", "predict_proba", "decision_function"})],
        "washout": [count(0)],
    },
    prefer_skip_nested_validation=True,
)
def make_sequence_scorer(
    score_func, *, greater_is_better=True, response_method="predict", washout=0, **kwargs
):
    """Make a scorer for targets that are sequences, after scikit-learn's ``make_scorer``.

    A metric takes one array of targets. If a batch is a list or an array of several series, with a
    target at each step, the scorer concatenates the steps of all series before it calls the
    metric. A two-dimensional ``X`` is one series, whose targets are one array already.

    Parameters
    ----------
    score_func : callable
        A metric ``score_func(y_true, y_pred, **kwargs)``.
    greater_is_better : bool, default=True
        Whether a high value is good. If not, the score is the negative of the metric.
    response_method : {'predict', 'predict_proba', 'decision_function'}, default='predict'
        Method of the estimator whose result is scored. With two classes the metric gets the
        probabilities of the second class, as in scikit-learn.
    washout : int, default=0
        Number of steps to leave out at the start of each series, where the states still depend on
        the zero state in which a reservoir starts.
    **kwargs : dict
        Further arguments of the metric.

    Returns
    -------
    scorer : callable
        ``scorer(estimator, X, y)`` returns a float. Pass the scorer as ``scoring=`` to
        ``GridSearchCV``, ``cross_val_score`` and similar functions.

    Raises
    ------
    ValueError
        If ``response_method`` is none of those above.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.base import BaseEstimator
    >>> from dlkit.metrics import make_sequence_scorer, nmse
    >>> class Half(BaseEstimator):
    ...     def predict(self, X):
    ...         return [0.5 * x[:, 0] for x in X]
    >>> X = [np.ones((3, 1)), np.zeros((5, 1))]
    >>> y = [np.ones(3), np.zeros(5)]
    >>> round(make_sequence_scorer(nmse, greater_is_better=False)(Half(), X, y), 3)
    -0.4
    """
    return _SequenceScorer(score_func, greater_is_better, response_method, kwargs, washout=washout)


class Scorer:
    """A metric of rows, for estimators of other forms: a class, because a closure would not pickle.

    What varies: ``rows_of(estimator, X, y, response)`` returns the rows of targets and of what the
    estimator responds; ``name`` is that of the function that makes such scorers.
    """

    def __init__(self, score_func, greater_is_better, response_method, kwargs):
        self._score_func = score_func
        self._sign = 1 if greater_is_better else -1
        self._response_method = response_method
        self._kwargs = kwargs

    def __repr__(self):
        name = getattr(self._score_func, "__name__", repr(self._score_func))
        return f"{self.name}({name}, response_method={self._response_method!r})"

    def __call__(self, estimator, X, y):
        """Score the estimator's response to X against y."""
        refuse_masks(y, "y")
        response = getattr(estimator, self._response_method)(X)
        y, response = self.rows_of(estimator, X, y, response)
        if self._response_method == "predict_proba" and response.shape[1:] == (2,):
            response = response[:, 1]
        return self._sign * self._score_func(y, response, **self._kwargs)


class _SequenceScorer(Scorer):
    """What make_sequence_scorer returns."""

    name = "make_sequence_scorer"

    def __init__(self, *settings, washout):
        super().__init__(*settings)
        self._washout = washout

    def rows_of(self, estimator, X, y, response):
        """Steps of all series, without those of the washout."""
        flat = getattr(response, "ndim", 2) == 1 and response.dtype != object
        if flat or len(getattr(X, "shape", ())) == 2:
            y, response = [y], [response]
        y, response = ([np.atleast_1d(one) for one in batch] for batch in (y, response))
        if [len(one) for one in y] != [len(one) for one in response]:
            raise ValueError("y must have one target for each step of each series in X")
        return (np.concatenate([s[self._washout :] for s in b]) for b in (y, response))
