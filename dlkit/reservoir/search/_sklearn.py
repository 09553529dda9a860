"""What scikit-learn's searches do around their fits; the only file with private names of theirs.

``SearchCV.fit`` follows ``BaseSearchCV.fit`` of scikit-learn 1.8 and 1.9 line by line, but leaves
the evaluation of the candidates to a method.
"""

import time
from collections import namedtuple

from sklearn.base import clone, is_classifier
from sklearn.exceptions import NotFittedError
from sklearn.metrics._scorer import _BaseScorer, _MultimetricScorer, _PassthroughScorer
from sklearn.model_selection._search import BaseSearchCV
from sklearn.model_selection._validation import (
    _fit_and_score,
    _insert_error_scores,
    _score,
    _warn_or_raise_about_fit_failures,
)
from sklearn.utils import indexable
from sklearn.utils.metaestimators import _safe_split
from sklearn.utils.parallel import Parallel, delayed
from sklearn.utils.validation import _check_method_params, _num_samples

from ..._announce import once, warn
from ..._validation import naming, splitter_of
from ...metrics._forecast_scorer import ForecastScorer

__all__ = [
    "SearchCV",
    "Task",
    "fit_and_score",
    "num_samples",
    "part_of_params",
    "score",
    "scores_by_default",
    "split_safely",
]

# All that the evaluation of candidates needs to know.
Task = namedtuple(
    "Task",
    "estimator X y splits scorer fit_params score_params return_train_score error_score "
    "n_jobs pre_dispatch verbose",
)

score = _score
split_safely = _safe_split
part_of_params = _check_method_params
num_samples = _num_samples


def scores_by_default(scorer):
    """Whether a scorer just calls the estimator's ``score``."""
    return isinstance(scorer, _PassthroughScorer)


def _ahead(scorers):
    """Scorers that compare with the next steps of X, in place of those that need y."""
    if isinstance(scorers, _MultimetricScorer):
        each = {name: _ahead(scorer) for name, scorer in scorers._scorers.items()}
        return _MultimetricScorer(scorers=each, raise_exc=scorers._raise_exc)
    return ForecastScorer(scorers) if isinstance(scorers, _BaseScorer) else scorers


class SearchCV(BaseSearchCV):
    """A search over ``_candidates()``, which are evaluated by ``_evaluate(candidates, task)``."""

    def _run_search(self, evaluate_candidates):
        evaluate_candidates(self._candidates())

    def score(self, X, y=None, **params):
        """Score of the refitted best estimator on other data.

        Parameters
        ----------
        X : array-like or list of array-like
            Sequences, as in :meth:`fit`.
        y : array-like or list of array-like, default=None
            Targets, as in :meth:`fit`.
        **params : dict of str -> object
            Parameters for the scorer.

        Returns
        -------
        score : float
        """
        if not self.refit:
            raise NotFittedError(
                f"score needs the best estimator, which {type(self).__name__} fits with refit=True "
                f"only, got refit={self.refit!r}."
            )
        return super().score(X, y, **params)

    @once()
    def fit(self, X, y=None, **params):
        """Run fit with all sets of parameters.

        Parameters
        ----------
        X : array-like or list of array-like
            Sequences, in any form the estimator takes.
        y : array-like or list of array-like, default=None
            Targets, as the estimator takes them.
        **params : dict of str -> object
            Parameters for the estimator's ``fit`` (``sample_weight``, which also goes to scorers
            that take it), the splitter (``groups``) and the scorer, as in ``GridSearchCV``.

        Returns
        -------
        self : object
        """
        if getattr(self, "_skl_callbacks", None):  # of scikit-learn 1.9: they follow single fits
            warn(
                f"{type(self).__name__} has callbacks, which follow single fits: it evaluates all "
                "candidates the ordinary way, by a fit of its own for each fold.",
                UserWarning,
            )
            return super().fit(X, y, **params)
        with naming("scoring"):
            scorers, refit_metric = self._get_scorers()
        if y is None and hasattr(self.estimator, "forecast"):
            scorers = _ahead(scorers)
        with naming("X or y"):
            X, y = indexable(X, y)
            num_samples(X)
        params = _check_method_params(X, params=params)
        routed = self._get_routed_params_for_fit(params)
        cv = splitter_of(self.cv, y, classifier=is_classifier(self.estimator))
        self.n_splits_ = cv.get_n_splits(X, y, **routed.splitter.split)
        splits = list(cv.split(X, y, **routed.splitter.split))
        if len(splits) != self.n_splits_:
            raise ValueError(
                "cv.split and cv.get_n_splits return inconsistent results. Expected "
                f"{self.n_splits_} splits, got {len(splits)}"
            )
        candidates = list(self._candidates())
        if self.verbose > 0:
            n = len(candidates)
            print(
                f"Fitting {len(splits)} folds for each of {n} candidates, totalling "
                f"{n * len(splits)} fits"
            )
        if not candidates or not splits:
            raise ValueError(
                f"No fits were performed: param_grid gives {len(candidates)} candidates, and cv "
                f"{len(splits)} splits."
            )
        base = clone(self.estimator)
        task = Task(
            base, X, y, splits, scorers, routed.estimator.fit, routed.scorer.score,
            self.return_train_score, self.error_score, self.n_jobs, self.pre_dispatch,
            self.verbose,
        )  # fmt: skip
        out = self._evaluate(candidates, task)
        _warn_or_raise_about_fit_failures(out, self.error_score)
        if callable(self.scoring):
            _insert_error_scores(out, self.error_score)
        results = self._format_results(candidates, len(splits), out)

        first = out[0]["test_scores"]
        self.multimetric_ = isinstance(first, dict)
        if callable(self.scoring) and self.multimetric_:
            self._check_refit_for_multimetric(first)
            refit_metric = self.refit
        if self.refit or not self.multimetric_:
            self.best_index_ = self._select_best_index(self.refit, refit_metric, results)
            if not callable(self.refit):
                self.best_score_ = results[f"mean_test_{refit_metric}"][self.best_index_]
            self.best_params_ = results["params"][self.best_index_]
        if self.refit:
            self.best_estimator_ = clone(base).set_params(**clone(self.best_params_, safe=False))
            start = time.time()
            given = () if y is None else (y,)
            self.best_estimator_.fit(X, *given, **routed.estimator.fit)
            self.refit_time_ = time.time() - start
            if hasattr(self.best_estimator_, "feature_names_in_"):
                self.feature_names_in_ = self.best_estimator_.feature_names_in_
        self.scorer_ = getattr(scorers, "_scorers", scorers)
        self.cv_results_ = results
        return self


def fit_and_score(task, candidates, pairs):
    """Evaluate (candidate, split) pairs the ordinary way, one fit for each."""
    parallel = Parallel(n_jobs=task.n_jobs, pre_dispatch=task.pre_dispatch)
    return parallel(
        delayed(_fit_and_score)(
            clone(task.estimator),
            task.X,
            task.y,
            train=task.splits[k][0],
            test=task.splits[k][1],
            parameters=candidates[i],
            split_progress=(k, len(task.splits)),
            candidate_progress=(i, len(candidates)),
            scorer=task.scorer,
            fit_params=task.fit_params,
            score_params=task.score_params,
            return_train_score=task.return_train_score,
            return_n_test_samples=True,
            return_times=True,
            return_parameters=False,
            error_score=task.error_score,
            verbose=task.verbose,
        )
        for i, k in pairs
    )
