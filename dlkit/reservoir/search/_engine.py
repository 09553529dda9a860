"""Evaluate the candidates of a search with all that they share made once."""

import time
from copy import copy
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from joblib import Parallel, delayed, effective_n_jobs
from sklearn.utils import assert_all_finite

from ... import _budgets
from ..._announce import warn
from ..._jit.reservoir import LANES
from ..._progress import Progress
from ..._threads import one_blas_thread
from ...readout._folds import Fit, SharedRows
from ...sequences import check_sequences
from .._learning import parameters
from .._learning.recycle import choose_in_loop
from .._learning.spread import Work
from ._plan import draw_reservoirs, make_plan
from ._rows import lanes_key, make_source, some_of
from ._score import Known, Part, scores_of, shallow
from ._sklearn import fit_and_score, num_samples, part_of_params, split_safely


def evaluate(name, candidates, task):
    """Evaluate all candidates on all splits.

    Parameters
    ----------
    name : str
        What messages begin with.
    candidates : list of dict
        Parameters.
    task : Task
        Data, splits, scorers.

    Returns
    -------
    out : list of dict
        As scikit-learn's ``_fit_and_score`` makes them, split after split of each candidate.
    """
    settings, reasons = make_plan(task.estimator, candidates)
    n_splits = len(task.splits)
    found, errors = {}, []
    if settings and task.fit_params.get("covariates") is not None:
        settings, reasons = [], [*reasons, "covariates are other inputs in each fold"]
    if settings:
        try:
            batch = settings[0].packed(task.X)
        except (ValueError, TypeError):  # no fit will take such data, and each will say why
            settings = []
        else:
            engine = Engine(settings, batch, task)
            settings, reasons = engine.settings, reasons + engine.reasons
    progress = Progress(name, len(settings), task.verbose)
    groups = engine.groups() if settings else []
    for group, outcomes in _each(groups and engine.evaluate_group, groups, task.n_jobs):
        progress.advance(len(group))
        for setting, (results, error) in zip(group, outcomes, strict=True):
            found.update(results)
            if error is not None:
                errors.append((setting, error))
    pairs = [(i, k) for i in range(len(candidates)) for k in range(n_splits)]
    left = [pair for pair in pairs if pair not in found]
    if left:
        ordinary = dict(zip(left, fit_and_score(task, candidates, left), strict=True))
        found.update(ordinary)
        for setting, error in errors:
            members = {i for plan in setting.plans.values() for i, _ in plan}
            if any(r["fit_error"] is None for (i, _), r in ordinary.items() if i in members):
                reasons.append(f"{type(error).__name__} in shared work: {error}")
    if reasons:
        warn(
            f"{name} evaluates some or all candidates the ordinary way, by a fit of its own for "
            f"each fold: {'; '.join(dict.fromkeys(reasons))}.",
            UserWarning,
        )
    return [found[pair] for pair in pairs]


def _each(work, items, n_jobs):
    """Pairs of an item and what ``work`` makes of it, by threads if there are several."""
    if len(items) < 2 or effective_n_jobs(n_jobs) == 1:
        for item in items:
            with one_blas_thread():  # of whose products none is large
                result = work(item)
            yield item, result
        return
    options = {"n_jobs": n_jobs, "prefer": "threads"}
    # partials, not arguments: Dask would keep those on one worker, and lose them with it
    tasks = [delayed(partial(work, item))() for item in items]
    with one_blas_thread():
        try:
            results = Parallel(return_as="generator", **options)(tasks)
        except ValueError:  # a backend that cannot hand over results as they come
            results = Parallel(**options)(tasks)
        yield from zip(items, results, strict=True)


@dataclass
class Posed:
    """What the readout of a fold is to be fitted to.

    Attributes
    ----------
    esn : estimator
        Unfitted, with what it has seen of the form of the data.
    problem : Problem
        As ``fit`` would solve it.
    readout : estimator
        The default one, which knows its classes.
    Y : ndarray of shape (n_rows, q)
        The readout's numeric targets.
    weight : ndarray of shape (n_rows,) or None
        Weights, with class weights multiplied in.
    y_ndim : int
        Dimensions of the targets.
    """

    esn: object
    problem: object
    readout: object
    Y: np.ndarray
    weight: np.ndarray
    y_ndim: int

    @property
    def kept(self):
        """Which rows of the training data are learned from."""
        rows = self.problem.rows
        if not isinstance(rows.kept, slice) and rows.ahead:
            return np.append(rows.kept, [False] * rows.n_ahead)  # which have no successor
        return rows.kept


@dataclass
class Fold:
    """The candidates of one setting with the same class weights, on one fold.

    Attributes
    ----------
    k : int
        The fold.
    key : tuple
        Of the candidates, in ``Setting.plans``.
    posed : Posed
        Targets and weights.
    shared : SharedRows
        The rows to fit, of which part ``place`` is the fold's.
    queries : list of (ndarray, slice or ndarray of int)
        The rows to predict, see ``SharedRows.fit``: of the test part, then of the training part.
    states : ndarray or None
        States at the end of training.
    """

    k: int
    key: object
    posed: Posed
    shared: SharedRows
    place: int
    queries: list
    states: object = None


class Engine:
    """Evaluates settings.

    Parameters
    ----------
    settings : list of Setting
        Those it cannot take are left out of its attribute of that name.
    batch : Sequences
        All data.
    task : Task
        Data, splits, scorers.
    """

    def __init__(self, settings, batch, task):
        samples = np.arange(num_samples(task.X))
        self.splits = [(samples[train], samples[test]) for train, test in task.splits]
        self.same = [  # the first fold that learns from the same samples
            next(j for j, (other, _) in enumerate(self.splits) if np.array_equal(other, train))
            for train, _ in self.splits
        ]
        self.batch, self.task, self.reasons = batch, task, []
        self.settings, self.sources, self.posed = [], {}, {}
        for setting in draw_reservoirs(settings, batch.n_channels):
            if not setting.separate:
                n_bytes = self._source(setting).n_bytes(setting.driver.n_columns)
                if n_bytes > _budgets.STATES_BYTES:
                    limit = _budgets.STATES_BYTES >> 20
                    self.reasons.append(f"its states take more than {limit} MB")
                    continue
                for key in setting.plans:
                    for k in range(len(self.splits)):
                        self._pose(setting, key, k)
            self.settings.append(setting)
        tests = (True, False) if task.return_train_score else (True,)
        self.parts = [[Part(task, k, test=test) for test in tests] for k in range(len(self.splits))]

    def _source(self, setting):
        key = setting.begins
        if key not in self.sources:
            self.sources[key] = make_source(
                setting, self.batch, self.splits, self.task.X, again=self.task.return_train_score
            )
        return self.sources[key]

    def _pose(self, setting, key, k):
        """Problem of a fold, shared by settings where it can be, or the error ``fit`` raises."""
        shared = (key, k, setting.learned)
        if not setting.separate and shared in self.posed:
            return self.posed[shared]
        task, train = self.task, self.splits[k][0]
        esn = copy(setting.plans[key][0][1])
        try:
            params = part_of_params(task.X, params=task.fit_params, indices=train)
            X, y = split_safely(task.estimator, task.X, task.y, train)
            problem = esn._pose(X, y, **params, drawn=setting.driver.drawn)
            readout = parameters.readout_of(esn)
            posed = Posed(esn, problem, readout, *readout.encode(*problem.rows.learned))
        except Exception as error:  # most probably a fit of its own raises it again
            posed = error
        if not setting.separate:
            self.posed[shared] = posed
        return posed

    def groups(self):
        """Lists of settings that run as lanes of one pass: no more than fill the lanes."""
        groups, most = {}, max(LANES // max(len(self.batch), 1), 1)
        for i, setting in enumerate(self.settings):
            alone = setting.separate or most == 1
            key = i if alone else (setting.begins, *lanes_key(setting))
            groups.setdefault(key, []).append(setting)
        cut = []
        for members in groups.values():
            size = most
            if len(members) > 1:
                n_columns = members[0].driver.n_columns
                n_bytes = self._source(members[0]).n_bytes(n_columns)
                size = min(most, max(_budgets.STATES_BYTES // max(n_bytes, 1), 1))
            cut += [members[i : i + size] for i in range(0, len(members), size)]
        return cut

    def evaluate_group(self, group):
        """Evaluate settings of a group, as ``evaluate`` does each of them."""
        if len(group) == 1:
            return [self.evaluate(group[0])]
        start = time.perf_counter()
        try:
            found = self._source(group[0]).matrices(group)
        except Exception:  # of one of them: alone, only this one will fail
            return [self.evaluate(setting) for setting in group]
        shared = (time.perf_counter() - start) / len(group)
        return [
            self.evaluate(setting, matrices, shared)
            for setting, matrices in zip(group, found, strict=True)
        ]

    def evaluate(self, setting, matrices=None, spent=0.0):
        """Evaluate the candidates of a setting.

        Parameters
        ----------
        setting : Setting
            One of ``settings``.
        matrices : list of ndarray, default=None
            What its source makes of it, if that was done.
        spent : float, default=0.0
            The seconds it took.

        Returns
        -------
        results : dict of (int, int) to dict
            By candidate and split; what could not be evaluated is missing.
        error : Exception or None
            Why not.
        """
        start = time.perf_counter()
        results, error, fitted = {}, None, {}
        try:
            separate = setting.separate
            folds = (
                self._separate_folds(setting) if separate else self._shared_folds(setting, matrices)
            )
            for fold in folds:
                if isinstance(fold, Exception):
                    error = fold
                else:
                    results.update(self._evaluate_fold(setting, fold, fitted))
        except Exception as caught:  # most probably a fit of its own raises it again
            error = caught
        spent += time.perf_counter() - start - sum(r["score_time"] for r in results.values())
        for result in results.values():
            result["fit_time"] = spent / len(results)
        return results, error

    def _shared_folds(self, setting, matrices):
        """Folds of a setting whose rows are run once for all of them."""
        source = self._source(setting)
        if matrices is None:
            (matrices,) = source.matrices([setting])
        for matrix in matrices:
            assert_all_finite(matrix)
        posed, parts = {}, [[] for _ in matrices]
        for k, (number, rows) in enumerate(source.train):
            posed[k] = {}
            for key in setting.plans:
                found = self._pose(setting, key, k)
                if isinstance(found, Exception):
                    yield found
                else:
                    posed[k][key] = found
            for found in list(posed[k].values())[:1]:  # all keep the same rows
                parts[number].append((k, some_of(rows, found.kept)))
        shared = [
            SharedRows(matrix, [rows for _, rows in mine])
            for matrix, mine in zip(matrices, parts, strict=True)
        ]
        for number, mine in enumerate(parts):
            for place, (k, _) in enumerate(mine):
                wanted = [source.test[k], source.again[k]]
                queries = [(matrices[of], rows) for of, rows in wanted]
                states = source.final_state(k, matrices)
                if states is not None:  # a state is the first of a row
                    states = states[:, : setting.driver.drawn.n_features]
                for key, found in posed[k].items():
                    yield Fold(k, key, found, shared[number], place, queries, states)

    def _separate_folds(self, setting):
        """Folds of a setting that are run for each: only the alphas share something."""
        for key in setting.plans:
            made = {}
            for k in range(len(self.splits)):
                if self.same[k] not in made:
                    made[k] = self._separate_fold(setting, key, k)
                found = made[self.same[k]]
                if isinstance(found, Exception):
                    yield found
                    continue
                posed, shared, states = found
                known = [self._run_again(setting, posed.esn, part.X) for part in self.parts[k]]
                queries = [(one.rows, slice(None)) for one in known]
                yield Fold(k, key, posed, shared, 0, queries, states)

    def _separate_fold(self, setting, key, k):
        """What a fold of its own is fitted to, its rows, and the states it ends in; or an error."""
        posed = self._pose(setting, key, k)
        if isinstance(posed, Exception):
            return posed
        problem, work = posed.problem, Work.of(posed.esn)
        driver, rows = problem.driver, problem.rows
        noise = driver.state_noise() if setting.per_step else None
        features, states = rows.matrix(driver, problem.batch, work, noise=noise)
        posed.esn._take(problem, posed.readout, states)
        return posed, SharedRows(features, [slice(None)]), states

    def _run_again(self, setting, esn, X):
        """What the readout of a fitted estimator sees of ``X``."""
        driver = esn.driver_
        if not setting.per_step:
            batch = check_sequences(esn, X, reset=False)
            driver.check(batch)
            return Known(batch, driver.pooled(batch, esn.pooling_, n_jobs=esn.n_jobs))
        series, begin, _ = esn._begin(X, None)
        batch = series.batch
        rows = np.empty((len(batch.values), driver.n_columns), dtype=batch.values.dtype)
        ends = driver.run(batch, states=begin.copy(), out=rows, n_jobs=esn.n_jobs)
        return Known(batch, rows, begin, ends)

    def _known(self, setting, esn, fold):
        """What is known of the parts of a fold that are scored."""
        for part, (matrix, rows) in zip(self.parts[fold.k], fold.queries, strict=False):
            begin = ends = None
            found = matrix[rows]
            if not setting.per_step:
                batch = check_sequences(esn, part.X, reset=False)
            elif setting.separate:
                continue  # run for real: the ends of these are not in the rows
            else:
                series, begin, _ = esn._begin(part.X, None)
                batch = series.batch
                ends = found[batch.offsets[1:] - 1][:, : begin.shape[1]]
            yield Known(batch, found, begin, ends)

    def _fits(self, fold, problem, readouts, choices, queries):
        """Fits of a fold's candidates; of those that choose in a closed loop, each by itself."""
        fits, shared = [None] * len(choices), []
        rows = fold.shared.parts[fold.place]
        for i, (readout, choice) in enumerate(zip(readouts, choices, strict=True)):
            found = None
            if choice.several and problem.in_loop:
                found, _ = choose_in_loop(problem, readout, fold.shared.X[rows])
            if found is None:
                shared.append(i)
                continue
            fits[i] = Fit(found._solved(), []).on(queries)
        posed, some = fold.posed, [choices[i] for i in shared]
        if shared:
            found = fold.shared.fit(fold.place, posed.Y, posed.weight, some, queries)
            for i, fit in zip(shared, found, strict=True):
                fits[i] = fit
        return fits

    def _evaluate_fold(self, setting, fold, fitted):
        """Results of all candidates of a fold, as ``evaluate`` returns them.

        ``fitted`` keeps the fits of folds that learn from the same samples.
        """
        posed, readouts, choices, candidates = fold.posed, [], [], []
        for i, candidate in setting.plans[fold.key]:
            readout = shallow(posed.readout)
            readout.alpha = candidate._default_readout().alpha
            try:
                choices.append(readout._make_choice())
            except ValueError:
                continue
            readouts.append(readout)
            candidates.append((i, candidate))
        if not choices:
            return {}
        parts = self.parts[fold.k]
        queries = fold.queries[: len(parts)]
        n_features, dtype = fold.shared.X.shape[1], fold.shared.X.dtype
        problem = posed.problem
        if not setting.separate:  # what was run for this fold alone may have adapted to it
            problem = replace(problem, driver=setting.driver)
        known = fitted.get((fold.key, self.same[fold.k]))
        if known is None:
            fits = self._fits(fold, problem, readouts, choices, queries)
            if self.same.count(self.same[fold.k]) > 1:
                fitted[fold.key, self.same[fold.k]] = fits
        else:
            fits = [None if fit is None else fit.on(queries) for fit in known]
        results = {}
        for (i, candidate), readout, choice, fit in zip(
            candidates, readouts, choices, fits, strict=True
        ):
            if fit is None:
                continue
            esn = shallow(posed.esn)
            vars(esn).update(vars(candidate))
            fitted = readout.with_solution(fit.solution, choice, n_features, posed.y_ndim)
            esn._take(problem, fitted, fold.states)
            values = [v.astype(dtype, copy=False) for v in fit.predictions]
            if posed.y_ndim == 1:
                values = [v[:, 0] for v in values]
            known = partial(self._known, setting, esn, fold)
            results[i, fold.k] = scores_of(esn, parts, values, known, self.task)
        return results
