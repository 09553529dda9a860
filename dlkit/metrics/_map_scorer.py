"""A scorer for targets that are maps."""

import numpy as np

from .._params import StrOptions, says, validate_params
from ._masks import known_positions, pairs_of
from ._scorer import Scorer

__all__ = ["make_map_scorer"]


@validate_params(
    {
        "score_func": [callable],
        "greater_is_better": ["boolean"],
        "response_method": [StrOptions({"predict", "predict_proba", "decision_function"})],
        "unlabeled": "no_validation",
    },
    prefer_skip_nested_validation=True,
)
def make_map_scorer(
    score_func, *, greater_is_better=True, response_method="predict", unlabeled="auto", **kwargs
):
    """Make a scorer of any metric for maps of labels or numbers, as scikit-learn's ``make_scorer``.

    scikit-learn's metrics take one target a row. The scorer hands over the positions of all maps as
    rows, without those whose target is not known. (:func:`mean_iou`, :func:`dice` and
    :func:`boundary_f1` take maps: for these ``sklearn.metrics.make_scorer`` will do.)

    Parameters
    ----------
    score_func : callable
        A metric ``score_func(y_true, y_pred, **kwargs)``.
    greater_is_better : bool, default=True
        Whether a high value is good. If not, the score is the negative of the metric.
    response_method : {'predict', 'predict_proba', 'decision_function'}, default='predict'
        Method of the estimator whose result is scored. With two classes the metric gets the
        probabilities of the second class, as in scikit-learn.
    unlabeled : object, default="auto"
        What stands in ``y`` where no target is known; None: nothing does. "auto": what the
        estimator's parameter ``unlabeled`` says, if it has one.
    **kwargs : dict
        Further arguments of the metric, as ``labels`` of ``log_loss`` where an image may lack a
        class.

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
    >>> from sklearn.metrics import log_loss
    >>> from dlkit import PixelClassifier
    >>> from dlkit.metrics import make_map_scorer
    >>> X = np.random.RandomState(0).standard_normal((4, 9, 9))
    >>> y = (X > 0).astype(int)
    >>> model = PixelClassifier(20, n_stages=1, random_state=0).fit(X[:3], y[:3])
    >>> scorer = make_map_scorer(log_loss, greater_is_better=False, response_method="predict_proba")
    >>> scorer(model, X[3:], y[3:]) > -0.5
    True
    """
    return _MapScorer(score_func, greater_is_better, response_method, kwargs, unlabeled=unlabeled)


class _MapScorer(Scorer):
    """What make_map_scorer returns."""

    name = "make_map_scorer"

    def __init__(self, *settings, unlabeled):
        super().__init__(*settings)
        self._unlabeled = unlabeled

    def rows_of(self, estimator, X, y, response):
        """Positions of all maps, without those whose target is not known."""
        unlabeled = self._unlabeled
        if says(unlabeled, "auto"):
            unlabeled = getattr(estimator, "unlabeled", None)
        columns = self._response_method != "predict"
        true, found = [], []
        for one, other in pairs_of(y, response, ("y", "the response"), columns=columns):
            known = known_positions(one, unlabeled)
            true.append(one[known])
            found.append(other[known])
        true, found = np.concatenate(true), np.concatenate(found)
        if not len(true):
            raise ValueError(f"y has no position to score: all are unlabeled={unlabeled!r}.")
        return true, found
