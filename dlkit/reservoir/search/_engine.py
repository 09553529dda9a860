"""Evaluate the candidates of a search with all that they share made once."""

import time
import warnings
from copy import copy
from dataclasses import dataclass
from functools import partial

import numpy as np
from joblib import Parallel, delayed, effective_n_jobs
from sklearn.utils import assert_all_finite

from ... import _budgets
from ..._jit.reservoir import LANES
from ..._progress import Progress
from ..._threads import one_blas_thread
from ...readout._folds import SharedRows
from ...sequences import pack
from ._plan import draw_reservoirs, make_plan
from ._rehearsal import read_rows, rehearse
from ._rows import make_source, some_of
from ._score import Samples, assemble, scores_of, shallow
from ._settings import lanes_key
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
    if settings:
        try:
            batch = pack(task.X, rows=settings[0].rows)
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
        warnings.warn(
            f"{name} evaluates some or all candidates the ordinary way, by a fit of its own for "
            f"each fold: {'; '.join(dict.fromkeys(reasons))}.",
            UserWarning,
            stacklevel=4,
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
    # partials, not arguments, which Dask would leave with one worker, to be lost with it
    tasks = [delayed(partial(work, item))() for item in items]
    with one_blas_thread():
        try:
            results = Parallel(return_as="generator", **options)(tasks)
        except ValueError:  # a backend that cannot hand over results as they come
            results = Parallel(**options)(tasks)
        yield from zip(items, results, strict=True)


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
        self.batch, self.task, self.reasons = batch, task, []
        self.settings, self.sources, self.rehearsals = [], {}, {}
        for setting in draw_reservoirs(settings, batch.n_channels):
            esn = setting.esn
            if not setting.separate:
                if self._source(esn).n_bytes(esn._n_columns) > _budgets.STATES_BYTES:
                    self.reasons.append(
                        f"its states take more than {_budgets.STATES_BYTES >> 20} MB"
                    )
                    continue
                for key in setting.plans:
                    for k in range(len(self.splits)):
                        self._rehearse(setting, key, k)
            self.settings.append(setting)

    def _source(self, esn):
        start = getattr(esn, "start", None)
        if start not in self.sources:
            self.sources[start] = make_source(
                esn, self.batch, self.splits, again=self.task.return_train_score
            )
        return self.sources[start]

    def _rehearse(self, setting, key, k):
        """Rehearsal of a fold, shared by settings where it can be, or the error ``fit`` raises."""
        shared = (key, k, setting.learned)
        if not setting.separate and shared in self.rehearsals:
            return self.rehearsals[shared]
        task, train = self.task, self.splits[k][0]
        esn = copy(setting.plans[key][0][1])
        esn.reservoir_ = setting.esn.reservoir_
        try:
            params = part_of_params(task.X, params=task.fit_params, indices=train)
            X, y = split_safely(task.estimator, task.X, task.y, train)
            heard = rehearse(esn, X, y, params, run=setting.separate)
        except Exception as error:  # most probably a fit of its own raises it again
            heard = error
        if not setting.separate:
            self.rehearsals[shared] = heard
        return heard

    def groups(self):
        """Lists of settings that run as lanes of one pass: no more than fill the lanes."""
        groups, most = {}, max(LANES // max(len(self.batch), 1), 1)
        for i, setting in enumerate(self.settings):
            esn = setting.esn
            alone = setting.separate or most == 1
            key = i if alone else (getattr(esn, "start", None), *lanes_key(esn))
            groups.setdefault(key, []).append(setting)
        cut = []
        for members in groups.values():
            size = most
            if len(members) > 1:
                n_bytes = self._source(members[0].esn).n_bytes(members[0].esn._n_columns)
                size = min(most, max(_budgets.STATES_BYTES // max(n_bytes, 1), 1))
            cut += [members[i : i + size] for i in range(0, len(members), size)]
        return cut

    def evaluate_group(self, group):
        """Evaluate settings of a group, as ``evaluate`` does each of them."""
        if len(group) == 1:
            return [self.evaluate(group[0])]
        start = time.perf_counter()
        esns = [setting.esn for setting in group]
        try:
            found = self._source(esns[0]).matrices(esns)
        except Exception:  # of one of them: let each speak for itself
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
        results, error = {}, None
        try:
            separate = setting.separate
            for part in (
                self._separate_parts(setting) if separate else self._shared_parts(setting, matrices)
            ):
                if isinstance(part, Exception):
                    error = part
                else:
                    results.update(self._evaluate_part(setting, part))
        except Exception as caught:  # most probably a fit of its own raises it again
            error = caught
        spent += time.perf_counter() - start - sum(r["score_time"] for r in results.values())
        for result in results.values():
            result["fit_time"] = spent / len(results)
        return results, error

    def _shared_parts(self, setting, matrices):
        """Parts of a setting whose rows are run once for all folds."""
        esn = setting.esn
        source = self._source(esn)
        if matrices is None:
            (matrices,) = source.matrices([esn])
        for matrix in matrices:
            assert_all_finite(matrix)
        folds, parts = {}, [[] for _ in matrices]
        for k, (number, rows) in enumerate(source.train):
            folds[k] = {}
            for key in setting.plans:
                heard = self._rehearse(setting, key, k)
                if isinstance(heard, Exception):
                    yield heard
                else:
                    folds[k][key] = heard
            for heard in list(folds[k].values())[:1]:  # all keep the same rows
                parts[number].append((k, some_of(rows, heard.kept)))
        shared = [
            SharedRows(matrix, [rows for _, rows in mine])
            for matrix, mine in zip(matrices, parts, strict=True)
        ]
        for number, mine in enumerate(parts):
            for place, (k, _) in enumerate(mine):
                wanted = [source.test[k], source.again[k]]
                queries = [(matrices[of], rows) for of, rows in wanted]
                final = source.final_state(k, matrices, esn.reservoir_.n_units)
                for key, heard in folds[k].items():
                    yield Part(k, key, heard, shared[number], place, queries, final)

    def _separate_parts(self, setting):
        """Parts of a setting that are run for each fold: only the alphas share something."""
        for key in setting.plans:
            for k in range(len(self.splits)):
                heard = self._rehearse(setting, key, k)
                if isinstance(heard, Exception):
                    yield heard
                    continue
                queries = [
                    (read_rows(heard.esn, samples.X), slice(None))
                    for samples in self._scored(k, heard.esn)
                ]
                yield Part(k, key, heard, SharedRows(heard.features, [slice(None)]), 0, queries)

    def _scored(self, k, esn):
        """What of a fold is scored: the test part and, if asked for, the training part."""
        parts = (True, False) if self.task.return_train_score else (True,)
        return [Samples(self.task, k, esn, test=test) for test in parts]

    def _evaluate_part(self, setting, part):
        """Results of all candidates of a part, as ``evaluate`` returns them."""
        heard, readouts, choices, candidates = part.heard, [], [], []
        for i, candidate in setting.plans[part.key]:
            readout = shallow(heard.esn.readout_)
            readout.alpha = candidate._alpha()
            try:
                choices.append(readout._make_choice())
            except ValueError:
                continue
            readouts.append(readout)
            candidates.append((i, candidate))
        if not choices:
            return {}
        known = self._scored(part.k, heard.esn)
        queries = part.queries[: len(known)]
        fits = part.shared.fit(part.place, heard.Y, heard.weight, choices, queries)
        n_features, dtype = part.shared.X.shape[1], part.shared.X.dtype
        results = {}
        for (i, candidate), readout, choice, fit in zip(
            candidates, readouts, choices, fits, strict=True
        ):
            if fit is None:
                continue
            readout = readout.with_solution(fit.solution, choice, n_features, heard.y_ndim)
            # what was run for this fold alone may have adapted to it
            drawn = heard.esn.reservoir_ if setting.separate else setting.esn.reservoir_
            esn = assemble(heard.esn, candidate, readout, drawn, part.final_state)
            values = [v.astype(dtype, copy=False) for v in fit.predictions]
            if heard.y_ndim == 1:
                values = [v[:, 0] for v in values]
            results[i, part.k] = scores_of(esn, list(zip(known, values, strict=True)), self.task)
        return results


@dataclass
class Part:
    """The candidates of one setting with the same class weights, on one fold.

    Attributes
    ----------
    k : int
        The fold.
    key : tuple
        Of the candidates, in ``Setting.plans``.
    heard : Rehearsal
        Targets and weights.
    shared : SharedRows
        The rows to fit, of which part ``place`` is the fold's.
    queries : list of (ndarray, slice or ndarray of int)
        The rows to predict, see ``SharedRows.fit``: of the test part, then of the training part.
    final_state : ndarray or None
        State at the end of training, where it is not the rehearsal's.
    """

    k: int
    key: object
    heard: object
    shared: SharedRows
    place: int
    queries: list
    final_state: object = None
