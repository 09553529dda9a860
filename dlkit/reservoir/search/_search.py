"""Search over the parameters of an echo state network: the estimator."""

import numpy as np
from sklearn.model_selection import ParameterGrid, ParameterSampler

from ..._params import StrOptions, count, unchanged_on_failure
from ..._validation import naming
from ...metrics import make_closed_loop_scorer
from ._engine import evaluate
from ._recycle import RecycleSplit
from ._sklearn import SearchCV

__all__ = ["ReservoirSearchCV"]


class ReservoirSearchCV(SearchCV):
    """Search over the parameters of an echo state network, with everything shared that can be.

    It does what scikit-learn's ``GridSearchCV`` does (given ``param_grid``) or its
    ``RandomizedSearchCV`` (given ``param_distributions``), with the same scores and the same
    ``cv_results_``, but not by a fit for each candidate and fold. A reservoir is drawn and its
    spectral radius measured once for all scalings; it runs once over each sequence, since
    features never look at labels; the folds are taken from what all rows have in common, and all
    values of ``alpha`` from one decomposition.

    Parameters
    ----------
    estimator : ESNClassifier, ESNRegressor, ESNForecaster or ESNTagger
        With an integer ``random_state``, which gives all candidates the same draw, and without a
        ``readout`` of its own. Other candidates, and other estimators, are evaluated the ordinary
        way, by a fit for each, and a warning says so.
    param_grid : dict of str to list, or list of such dicts, default=None
        Every combination of values is a candidate.
    param_distributions : dict of str to list or distribution, or list of such dicts, default=None
        Instead of ``param_grid``: values are drawn ``n_iter`` times, from lists or with the
        ``rvs`` method of distributions.
    n_iter : int, default=10
        Candidates to draw, for ``param_distributions``.
    scoring : str, callable, list, tuple or dict, default=None
        One scorer or several, as in ``GridSearchCV``; the estimator's ``score`` if None. For
        several series, see :func:`dlkit.metrics.make_sequence_scorer`. Of a forecaster without
        ``y``, names and scorers of scikit-learn compare predictions with the next steps of ``X``,
        and ``"closed_loop"`` scores forecasts (:func:`dlkit.metrics.make_closed_loop_scorer`): the
        segments of a :class:`dlkit.reservoir.RecycleSplit`, or what a ``TimeSeriesSplit`` tests.
    refit : bool, str or callable, default=True
        Whether to fit the best candidate on all data: by which scorer, if there are several, or
        a function of ``cv_results_`` that gives its index.
    cv : int, splitter or iterable of (train, test), default=None
        How to split, as in ``GridSearchCV``; 5 folds, stratified for classifiers, if None. For
        the step-level estimators and one series, ``TimeSeriesSplit`` is the splitter: others
        join what is not successive.
    n_jobs : int, default=None
        Threads over settings, as in joblib. Results do not depend on it.
    verbose : int, default=0
        1 reports progress.
    pre_dispatch : int or str, default="2*n_jobs"
        As in ``GridSearchCV``, for what is evaluated the ordinary way.
    error_score : "raise" or float, default=nan
        Score of a candidate whose fit fails.
    return_train_score : bool, default=False
        Whether to score on the training part as well.
    random_state : int, RandomState instance or None, default=None
        Seeds the draw of candidates from ``param_distributions``.

    Attributes
    ----------
    cv_results_ : dict of str to ndarray
        As of ``GridSearchCV``: ``params``, ``param_*``, ``split*_test_*``, ``mean_test_*``,
        ``std_test_*``, ``rank_test_*`` and times. Time that candidates share is divided by their
        number.
    best_estimator_ : estimator
        The best candidate, fitted on all data by its ``fit``; if ``refit``.
    best_score_ : float
        Its mean score over the folds.
    best_params_ : dict
        Its parameters.
    best_index_ : int
        Its place in ``cv_results_``.
    scorer_ : callable or dict of callable
        The scorer, or all by name.
    n_splits_ : int
        Number of folds.
    refit_time_ : float
        Seconds of the last fit.
    multimetric_ : bool
        Whether there are several scorers.
    classes_ : ndarray of shape (n_classes,)
        Labels, for classifiers.
    n_features_in_ : int
        Columns of ``X``, where it is two-dimensional.
    feature_names_in_ : ndarray of shape (n_columns,)
        Names of the columns, where ``X`` has any.

    Warns
    -----
    UserWarning
        Once for each ``fit``, if candidates are evaluated the ordinary way, with the reasons.

    See Also
    --------
    ESNClassifier, ESNRegressor, ESNForecaster, ESNTagger : What can be searched over.
    dlkit.reservoir.RecycleSplit : Segments of one series that are forecast in a closed loop.

    Notes
    -----
    ``noise`` and ``pooling="model_space"`` make features depend on the training part; for these
    a reservoir runs for each fold, and only the values of ``alpha`` share their work.

    A candidate whose penalty is tiny against the spread of its features is solved with the same
    operations as in ``fit``, so that scores agree even where rounding errors are large.

    References
    ----------
    .. [1] Lukoševičius & Uselis (2019), Efficient cross-validation of echo state networks,
       arXiv:1908.08450.

    Examples
    --------
    >>> import numpy as np
    >>> from dlkit import ESNClassifier, ReservoirSearchCV
    >>> rng = np.random.RandomState(0)
    >>> X = [np.cumsum(rng.randn(n) + (1 if i % 2 else -1)) for i, n in enumerate(range(20, 60))]
    >>> y = np.array(["down", "up"] * 20)
    >>> search = ReservoirSearchCV(
    ...     ESNClassifier(50, random_state=0),
    ...     {"spectral_radius": [0.5, 0.9], "leak_rate": [0.1, 1.0], "alpha": [0.01, 0.1, 1.0]},
    ... ).fit(X, y)
    >>> len(search.cv_results_["params"]), bool(search.best_score_ > 0.9)
    (12, True)
    >>> search.predict(X[:2])
    array(['down', 'up'], dtype='<U4')
    """

    _parameter_constraints = {
        **SearchCV._parameter_constraints,
        "scoring": [StrOptions({"closed_loop"}), *SearchCV._parameter_constraints["scoring"]],
        "param_grid": [dict, list, None],
        "param_distributions": [dict, list, None],
        "n_iter": [count()],
        "random_state": ["random_state"],
    }

    def __init__(
        self, estimator, param_grid=None, *, param_distributions=None, n_iter=10, scoring=None,
        refit=True, cv=None, n_jobs=None, verbose=0, pre_dispatch="2*n_jobs", error_score=np.nan,
        return_train_score=False, random_state=None,
    ):  # fmt: skip
        super().__init__(
            estimator, scoring=scoring, n_jobs=n_jobs, refit=refit, cv=cv, verbose=verbose,
            pre_dispatch=pre_dispatch, error_score=error_score,
            return_train_score=return_train_score,
        )  # fmt: skip
        self.param_grid = param_grid
        self.param_distributions = param_distributions
        self.n_iter = n_iter
        self.random_state = random_state

    @unchanged_on_failure
    def fit(self, X, y=None, **params):
        """Evaluate all candidates, and fit the best.

        Parameters
        ----------
        X : array-like or list of array-like
            Sequences or series, in any form the estimator takes.
        y : array-like or list of array-like, default=None
            Targets, as the estimator takes them.
        **params : dict of str to object
            ``sample_weight`` for the estimator (and the scorers that take it), ``groups`` for
            the splitter; with metadata routing, whatever is requested.

        Returns
        -------
        self : object
        """
        self._validate_params()
        if (self.param_grid is None) == (self.param_distributions is None):
            raise ValueError(
                "One of param_grid and param_distributions must be given, and one only: got "
                f"param_grid={self.param_grid!r}, "
                f"param_distributions={self.param_distributions!r}."
            )
        given = self.cv if isinstance(self.cv, list | tuple | np.ndarray) else []
        if isinstance(given, np.ndarray) and given.ndim == 0:
            raise ValueError(f"cv must be a number, a splitter or hold pairs, got {given!r}.")
        if any(not hasattr(split, "__len__") or len(split) != 2 for split in given):
            raise ValueError(f"cv must hold pairs of training and test samples, got {given!r}.")
        return super().fit(X, y, **params)

    def _get_scorers(self):
        if isinstance(self.scoring, str) and self.scoring == "closed_loop":
            steps = self.cv.n_steps if isinstance(self.cv, RecycleSplit) else None
            return make_closed_loop_scorer(steps), "score"
        return super()._get_scorers()

    def _candidates(self):
        if self.param_grid is not None:
            with naming("param_grid"):
                return ParameterGrid(self.param_grid)
        with naming("param_distributions"):
            return ParameterSampler(
                self.param_distributions, self.n_iter, random_state=self.random_state
            )

    def _evaluate(self, candidates, task):
        return evaluate(type(self).__name__, candidates, task)
