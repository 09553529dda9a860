"""Evaluate the candidates of a search with all that they share made once."""

import time
import warnings
from copy import copy
from dataclasses import dataclass

import numpy as np
from joblib import Parallel, delayed, effective_n_jobs
from sklearn.utils import assert_all_finite
from threadpoolctl import threadpool_limits

from ..._progress import Progress
from ...readout._folds import SharedRows
from ...sequences import pack
from .._step_estimators import STATES_BYTES, StepESN
from ._plan import draw_reservoirs, make_plan
from ._rehearsal import read_rows, rehearse
from ._rows import make_source, some_of
from ._score import Samples, assemble, fitted_readout, scores_of
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
    found = {}
    if settings:
        try:
            engine = Engine(settings, task)
        except (ValueError, TypeError):  # of data that no fit will take: it will say so
            settings = []
        else:
            settings = engine.settings
            reasons += engine.reasons
            progress = Progress(name, len(settings), task.verbose)
            for results in _each(engine, settings, task.n_jobs, progress):
                found.update(results)
    if reasons:
        warnings.warn(
            f"{name} evaluates some or all candidates the ordinary way, by a fit of its own for "
            f"each fold: {'; '.join(reasons)}.",
            UserWarning,
            stacklevel=4,
        )
    pairs = [(i, k) for i in range(len(candidates)) for k in range(len(task.splits))]
    left = [pair for pair in pairs if pair not in found]
    if left:
        found.update(zip(left, fit_and_score(task, candidates, left), strict=True))
    return [found[pair] for pair in pairs]


def _each(engine, settings, n_jobs, progress):
    """Results of each setting, from threads if there are several."""
    if len(settings) > 1 and effective_n_jobs(n_jobs) > 1:
        with threadpool_limits(1, "blas"):
            parallel = Parallel(n_jobs=n_jobs, prefer="threads", return_as="generator_unordered")
            for results in parallel(delayed(engine.evaluate)(setting) for setting in settings):
                progress.advance(1)
                yield results
        return
    for setting in settings:
        yield engine.evaluate(setting)
        progress.advance(1)


class Engine:
    """Evaluates settings.

    Parameters
    ----------
    settings : list of Setting
        Those it cannot take are left out of its attribute of that name.
    task : Task
        Data, splits, scorers.
    """

    def __init__(self, settings, task):
        n = num_samples(task.X)
        splits = [(np.arange(n)[train], np.arange(n)[test]) for train, test in task.splits]
        self.task, self.splits, self.reasons = task, splits, []
        steps = isinstance(settings[0].esn, StepESN)
        n_channels = pack(task.X, rows="steps" if steps else "sequences").n_channels
        self.settings, self.sources, self.rehearsals = [], {}, {}
        for setting in draw_reservoirs(settings, n_channels):
            esn = setting.esn
            if not setting.separate:
                source = self._source(esn)
                n_bytes = source.n_bytes(esn, esn.reservoir_.n_units + n_channels)
                if n_bytes > STATES_BYTES:
                    reason = f"its states take more than {STATES_BYTES >> 20} MB"
                    self.reasons += [reason] * (reason not in self.reasons)
                    continue
                for key in setting.plans:
                    for k in range(len(splits)):
                        self._rehearse(setting, key, k)
            self.settings.append(setting)

    def _source(self, esn):
        start = getattr(esn, "start", None)
        if start not in self.sources:
            self.sources[start] = make_source(
                esn, self.task.X, self.splits, again=self.task.return_train_score
            )
        return self.sources[start]

    def _rehearse(self, setting, key, k):
        """Rehearsal of a fold, shared by settings where it can be; None where ``fit`` fails."""
        shared = (key, k, setting.esn.washout)
        if not setting.separate and shared in self.rehearsals:
            return self.rehearsals[shared]
        task, train = self.task, self.splits[k][0]
        esn = copy(setting.plans[key][0][1])
        esn.reservoir_ = setting.esn.reservoir_
        try:
            params = part_of_params(task.X, params=task.fit_params, indices=train)
            X, y = split_safely(task.estimator, task.X, task.y, train)
            heard = rehearse(esn, X, y, params, run=setting.separate)
        except Exception:  # whatever it is, the fit itself will raise it again
            heard = None
        if not setting.separate:
            self.rehearsals[shared] = heard
        return heard

    def evaluate(self, setting):
        """Evaluate the candidates of a setting.

        Parameters
        ----------
        setting : Setting
            One of ``settings``.

        Returns
        -------
        results : dict of (int, int) to dict
            By candidate and split; what could not be evaluated is missing.
        """
        start = time.perf_counter()
        results = {}
        try:
            parts = self._separate_parts if setting.separate else self._shared_parts
            for part in parts(setting):
                results.update(self._evaluate_part(setting, part))
        except Exception:  # whatever it is, the fit itself will raise it again
            pass
        spent = time.perf_counter() - start - sum(r["score_time"] for r in results.values())
        for result in results.values():
            result["fit_time"] = spent / len(results)
        return results

    def _shared_parts(self, setting):
        """Parts of a setting whose rows are run once for all folds."""
        esn = setting.esn
        source = self._source(esn)
        (matrices,) = source.matrices([esn])
        for matrix in matrices:
            assert_all_finite(matrix)
        folds, parts = {}, [[] for _ in matrices]
        for k, (number, rows) in enumerate(source.train):
            heard = [self._rehearse(setting, key, k) for key in setting.plans]
            heard = dict(zip(setting.plans, heard, strict=True))
            folds[k] = {key: one for key, one in heard.items() if one is not None}
            for one in list(folds[k].values())[:1]:  # all keep the same rows
                parts[number].append((k, some_of(rows, one.kept)))
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
                if heard is None:
                    continue
                both = [Samples(self.task, k, heard.esn, test=test) for test in (True, False)]
                queries = [
                    (read_rows(heard.esn, samples.X), slice(None))
                    for samples in both[: self._n_scored]
                ]
                yield Part(k, key, heard, SharedRows(heard.features, [slice(None)]), 0, queries)

    @property
    def _n_scored(self):
        """How many parts of a fold are scored: the test part, and perhaps the training part."""
        return 1 + bool(self.task.return_train_score)

    def _evaluate_part(self, setting, part):
        heard, readouts, choices, candidates = part.heard, [], [], []
        for i, candidate in setting.plans[part.key]:
            readout = copy(heard.esn.readout_)
            readout.alpha = candidate._alpha()
            try:
                choices.append(readout._make_choice())
            except ValueError:
                continue
            readouts.append(readout)
            candidates.append((i, candidate))
        if not choices:
            return {}
        queries = part.queries[: self._n_scored]
        fits = part.shared.fit(part.place, heard.Y, heard.weight, choices, queries)
        known = [
            Samples(self.task, part.k, heard.esn, test=test)
            for test in (True, False)[: self._n_scored]
        ]
        n_features, dtype = part.shared.X.shape[1], part.shared.X.dtype
        results = {}
        for (i, candidate), readout, choice, fit in zip(
            candidates, readouts, choices, fits, strict=True
        ):
            if fit is None:
                continue
            readout = fitted_readout(readout, choice, fit, n_features, heard.y_ndim)
            esn = assemble(heard.esn, candidate, readout, setting.esn.reservoir_, part.final_state)
            values = [v.astype(dtype, copy=False) for v in fit.predictions]
            if heard.y_ndim == 1:
                values = [v[:, 0] for v in values]
            results[i, part.k] = scores_of(esn, list(zip(known, values, strict=True)), self.task)
        return results


@dataclass
class Part:
    """The candidates of one setting with the same class weights, on one fold."""

    k: int
    key: object
    heard: object
    shared: SharedRows
    place: int
    queries: list
    final_state: object = None
