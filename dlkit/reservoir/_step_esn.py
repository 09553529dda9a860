"""What estimators share whose samples are time steps: rows of states, and a readout."""

from copy import deepcopy
from dataclasses import dataclass, replace
from functools import partial
from math import prod
from threading import Lock

import numpy as np
from sklearn.base import BaseEstimator, is_classifier
from sklearn.utils.validation import check_is_fitted

from .. import _budgets
from .._forecasts.series import Past
from .._params import params_html
from ..sequences import release, step_targets, step_weights
from ._driver import Driver
from ._learning import parameters, spread
from ._learning.feedback import announce_divergence, as_feedback, shifted
from ._learning.gaps import leave_out
from ._learning.problem import Problem, solve
from ._learning.rows import PerStep
from ._learning.spread import Work
from ._learning.targets import check_given, own_copy, weigh_classes, weigh_part


@dataclass(frozen=True)
class Stream:
    """Where series stopped, and what continuing them takes.

    Attributes
    ----------
    ahead : bool
        Whether the target is the next step.
    states : ndarray of shape (n_series, n_state)
        States after the last steps, without noise: where predictions go on. With covariates, the
        last steps are pending, see :class:`~dlkit._forecasts.series.Past`.
    trained : ndarray of shape (n_series, n_state)
        The same as training saw them, with noise: where training goes on.
    noise : StateNoise or None
        Noise on the states of the steps to come.
    n_seen : ndarray of shape (n_series,)
        Steps of each series so far.
    inputs : ndarray of shape (n_series, n_channels), default=None
        The last steps, in model units.
    weight : ndarray of shape (n_series,), default=None
        Their weights.
    classes : ndarray, default=None
        All classes there will be.
    tail : tuple of int, default=()
        Shape of the target of one step.
    increments : bool, default=False
        Whether the readout tells how the next step differs from the last.
    n_ahead : int, default=1
        Steps ahead that the readout tells.
    past : Past, default=None
        What is kept of the series as they were given.
    """

    ahead: bool
    states: np.ndarray
    trained: np.ndarray
    noise: object
    n_seen: np.ndarray
    inputs: np.ndarray = None
    weight: np.ndarray = None
    classes: np.ndarray = None
    tail: tuple = ()
    increments: bool = False
    n_ahead: int = 1
    past: object = None

    @classmethod
    def begun(cls, driver, rows, classes=None):
        """Series of which no step is known yet."""
        batch = rows.batch
        n_seen, rest = np.zeros(len(batch), dtype=np.int64), driver.rest(batch)
        return cls(
            rows.ahead, rest, rest, driver.state_noise(keep=True), n_seen, classes=classes,
            increments=rows.increments and rows.ahead, n_ahead=rows.n_ahead,
        )  # fmt: skip

    def after(self, driver, rows, series, trained, noise, n_jobs):
        """Stream after another piece, whose rows were learned from."""
        batch, weight = rows.batch, rows.weight
        last = batch.offsets[1:] - 1
        states, known = trained, series.covariates is not None
        if driver.noise or known:
            states = self.states.astype(trained.dtype)  # a copy
            part = without_last(batch, rows.n_ahead) if known else batch
            driver.run(part, states=states, fed=rows.fed, n_jobs=n_jobs)
        return replace(
            self, states=states, trained=trained, noise=noise, tail=rows.tail,
            n_seen=self.n_seen + batch.lengths, inputs=batch.values[last],
            past=Past.of(series, rows.n_ahead) if self.past is None else self.past.after(series),
            weight=None if weight is None else np.asarray(weight)[last],
        )  # fmt: skip


def without_last(batch, n):
    """Series without their last ``n`` steps."""
    within = np.arange(len(batch.values)) - np.repeat(batch.offsets[:-1], batch.lengths)
    kept = within < np.repeat(batch.lengths - n, batch.lengths)
    offsets = batch.offsets - n * np.arange(len(batch.offsets))
    return replace(batch, values=batch.values[kept], offsets=offsets)


def first_states(estimator, batch, initial_state):
    """States that series begin in: given, at rest, or where ``fit`` ended."""
    if initial_state is None and estimator.start == "fit":
        return estimator.driver_.begin(batch, estimator.final_state_, 'start="fit"')
    return estimator.driver_.begin(batch, initial_state)


class StepESN(BaseEstimator):
    """States of series, then a readout.

    A subclass says

    - what its default readout is: ``_default_readout()``;
    - what targets it takes: ``_check_targets(y)``;
    - how it takes series to learn from: ``_given(X, ahead, stream, new_series, covariates)``
      returns a :class:`~dlkit._forecasts.series.Series`;
    - how it takes others, and where those begin: ``_begin(X, initial_state, covariates)`` returns
      the series, their states, and which of them begin at rest;
    - how many steps ahead it learns, and whether as differences: ``_ahead()``.
    """

    _parameter_constraints = {**parameters.READOUT}

    set_params = parameters.set_params
    _get_params_html = params_html

    @property
    def reservoir_(self):
        """What was drawn."""
        return self.driver_.drawn

    @property
    def final_state_(self):
        """State after the last step of each series, of shape (n_series, n_state)."""
        return self._stream.states

    @property
    def last_input_(self):
        """The last step of each series, of shape (n_series, n_channels)."""
        return self._stream.past.last

    def _new_driver(self, n_channels, fed=None, drawn=None, n_known=0):
        """Draw what is random, unless it is drawn already, and say how it is run."""
        return Driver.of(self, n_channels, fed, drawn, n_known)

    def _pose(self, X, y=None, sample_weight=None, drawn=None, covariates=None):
        """Check the training data, draw what is random, and learn what needs no labels.

        Without ``y`` the target is the next step of ``X``.

        Returns
        -------
        Problem
            What is left to learn.
        """
        if is_classifier(self):
            check_given(self, y)
        self._validate_params()
        series = self._given(X, y is None, covariates=covariates)
        batch = series.batch
        targets, weight = self._check_steps(batch, y, sample_weight)
        n_known = batch.n_channels - series.raw.n_channels
        driver, fed = self._drive(batch, targets, drawn=drawn, n_known=n_known)
        driver.check(batch, extra=(y is None) * self._ahead()[0])
        drop = np.full(len(batch), driver.washout)
        rows = self._rows(driver, batch, targets, weight, drop, fed)
        if self.readout is None and np.size(self._default_readout().alpha) > 1:
            rows.check_several(driver)
        if getattr(self, "class_weight", None) is not None:
            rows.weight = np.zeros(len(targets))
            learned = rows.of(targets), rows.of(weight)
            rows.weight[rows.kept] = weigh_classes(self.class_weight, *learned)
        if series.missing is not None:
            leave_out(rows, series.missing, driver.drawn, self.readout, weight=weight)
        feedback = as_feedback(getattr(self, "feedback", False))
        ratios = () if feedback is None else feedback.ratios
        in_loop = self.readout is None and rows.ahead and self._ahead()[0] == 1
        return Problem(batch, driver, rows, ratios, series, in_loop)

    def _drive(self, batch, targets, classes=None, drawn=None, n_known=0):
        """Driver of what is drawn, adapted to the batch, and true outputs as they are fed back."""
        name, plan = type(self).__name__, None
        both_ways = getattr(self, "bidirectional", False)
        if targets is None and both_ways:
            raise ValueError(
                f"{name} with bidirectional=True requires y to be passed, but the target y is "
                "None: the readout sees the steps that follow, so that the next step of X cannot "
                "be its target."
            )
        feedback = as_feedback(getattr(self, "feedback", False))
        if feedback is not None:
            if is_classifier(self) and classes is None:
                classes = np.unique(targets)
            plan = feedback.plan(name, targets, classes, both_ways)
        driver = self._new_driver(batch.n_channels, plan, drawn, n_known)
        driver.check_scale(batch)
        if plan is None:
            return driver.adapted(batch, verbose=getattr(self, "verbose", 0)), None
        fed = plan.encode(targets)
        teacher = shifted(fed, 0.0, batch.offsets)
        return driver.adapted(batch, teacher, verbose=getattr(self, "verbose", 0)), fed

    def _rows(self, driver, batch, targets, weight, drop, fed):
        n_ahead, increments = self._ahead()
        return PerStep(batch, targets, weight, drop, increments, driver.roles.free, fed, n_ahead)

    def _take(self, problem, readout, states, noise=None):
        """Keep a solved problem in the attributes of a fitted estimator."""
        driver, rows = problem.driver, problem.rows
        begun = Stream.begun(driver, rows)
        n_jobs = Work.of(self).n_jobs
        self._stream = begun.after(driver, rows, problem.series, states, noise, n_jobs)
        self.driver_, self.readout_ = driver, readout

    def _learn(self, problem):
        """Solve a problem and keep the solution."""
        noise = problem.driver.state_noise(keep=True)
        readout = parameters.readout_of(self)
        self._take(problem, *solve(problem, readout, Work.of(self), noise))

    def _fit_part(self, X, y, sample_weight, new_series, classes=None):
        """Go on with fit: the next stretch of the series, with all the classes of a classifier."""
        self._validate_params()
        first, ahead = not hasattr(self, "driver_"), y is None
        if ahead and self._ahead()[0] > 1:
            raise ValueError(
                f"partial_fit learns one step ahead, but horizon={self.horizon!r}: use fit, on all "
                "steps."
            )
        series = self._given(X, ahead, None if first else self._stream, new_series)
        batch = series.batch
        targets, weight = self._check_steps(batch, y, sample_weight, part=True)
        if classes is not None:
            weight = weigh_part(self.class_weight, classes, targets, weight)
        feedback = as_feedback(getattr(self, "feedback", False))
        if feedback is not None and len(feedback.ratios):
            raise ValueError(
                f"sampling_ratios={feedback.sampling_ratios!r} needs all steps at once, as fit has "
                "them."
            )
        if first:
            self.driver_, fed = self._drive(batch, targets, classes)
            self.readout_ = parameters.readout_of(self)
        else:
            if ahead != self._stream.ahead:
                raise ValueError(
                    f"y is {'missing' if ahead else 'given'}, unlike in earlier calls: y must be "
                    "None in all of them (the target is the next step of X) or in none."
                )
            plan = self.driver_.feedback
            fed = None if plan is None else plan.encode(targets)
        if self.driver_.both_ways and not (first or new_series):
            raise ValueError(
                "bidirectional=True needs each series to its end, and cannot go on with one: hand "
                "over other whole series, with new_series=True."
            )
        begin, begun = self.driver_.begin(batch), first or new_series
        n_seen = np.zeros(len(batch), dtype=np.int64) if begun else self._stream.n_seen
        drop = np.maximum(self.driver_.washout - n_seen, 0)
        rows = self._rows(self.driver_, batch, targets, weight, drop, fed)
        stream = Stream.begun(self.driver_, rows, classes) if begun else self._stream
        if ahead:
            rows.carry(*self._carried(stream, batch))
        states = stream.trained.astype(begin.dtype)  # a copy
        noise, more = deepcopy(stream.noise), {} if classes is None else {"classes": classes}
        readout, n_jobs = own_copy(self), Work.of(self).n_jobs
        n_bytes = len(batch.values) * self.driver_.n_columns * batch.values.itemsize
        if n_bytes <= _budgets.PART_BYTES:
            block = np.empty((len(batch.values), self.driver_.n_columns), dtype=batch.values.dtype)
            self.driver_.run(batch, states=states, out=block, noise=noise, fed=fed, n_jobs=n_jobs)
            rows.hand_over(readout, 0, block, **more)
        else:
            rows.feed(readout, self.driver_, batch, states=states, noise=noise, **more)
        self._stream = stream.after(self.driver_, rows, series, states, noise, n_jobs)
        self.readout_ = readout

    def _check_steps(self, batch, y, sample_weight, **options):
        """Targets and weights, one a step; None for None."""
        targets = None if y is None else self._check_targets(step_targets(batch, y), **options)
        return targets, step_weights(batch, sample_weight)

    def _carried(self, stream, batch):
        """Rows of the last steps of earlier pieces, the steps after them as targets, weights."""
        driver = self.driver_
        series = np.flatnonzero(stream.n_seen > driver.washout)
        if len(series) == 0:
            return [], None, None
        roles = driver.roles
        columns = [driver.drawn.read(stream.trained), stream.inputs[:, roles.driving]]
        weight = None if stream.weight is None else stream.weight[series]
        block = np.hstack(columns[: 1 + driver.passthrough])[series]
        following = batch.values[batch.offsets[series]][:, roles.free]
        if stream.increments:
            following = following - stream.inputs[series][:, roles.free]
        return block.astype(batch.values.dtype, copy=False), following, weight

    def _check_number(self, batch, new_series):
        """Refuse other series than those that are to be continued."""
        if not new_series and len(batch) != len(self.final_state_):
            raise ValueError(
                f"X holds {len(batch)} series, but {len(self.final_state_)} are to be continued. "
                "With new_series=True (or by fit) others are begun."
            )

    def _read(self, X, method, initial_state=None, return_state=False, covariates=None):
        check_is_fitted(self)
        series, states, _ = self._begin(X, initial_state, covariates)
        outputs, states = self._outputs(series, states, method)
        result = series.raw.unpack(outputs)
        return (result, states) if return_state else result

    def _outputs(self, series, states, method):
        """What the readout makes of each step, in the data's units, and the last states."""
        batch, work = series.batch, Work.of(self)
        driver, readout, n_columns = self.driver_, self.readout_, self.driver_.n_columns
        numbers = method == "predict" and not is_classifier(self)
        tail = self._stream.tail if numbers else None
        options = {"method": method, "adds_input": self._stream.increments, "tail": tail}
        parts = spread.portions(batch, n_columns, readout, work)
        if len(parts) == 1:
            progress = work.progress(len(batch.values))
            options |= {"n_jobs": work.n_jobs, "progress": progress}
            outputs, states = read_block(driver, readout, batch, states, **options)
        else:
            task = partial(read_block, driver.light(), spread.light(readout), **options)
            begin = [states[rows] for rows in spread.rows_of(parts)]
            results = spread.run(parts, task, begin, work=work)
            outputs, states = map(np.concatenate, zip(*results, strict=True))
        if self.driver_.n_fed and outputs.dtype.kind == "f":
            announce_divergence(outputs.reshape(1, len(outputs), -1), "prediction")
        if numbers and self._stream.ahead and series.units is not None:
            outputs = series.units.back(outputs, batch.lengths)
        return outputs, states

    def _states(self, X, initial_state=None, covariates=None):
        """Units at every step, without the input beside them."""
        check_is_fitted(self)
        series, states, _ = self._begin(X, initial_state, covariates)
        batch, driver = series.batch, replace(self.driver_, passthrough=False)
        out = np.empty((len(batch.values), driver.n_columns), dtype=batch.values.dtype)
        if driver.n_fed:
            loop, states = self.driver_.loop(self.readout_, batch.n_channels), np.array(states)
            for span, block in driver.run_closed(batch, loop, states):
                out[span.start : span.stop] = block
        else:
            driver.run(batch, states=states, out=out, n_jobs=Work.of(self).n_jobs)
        return series.raw.unpack(out)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        return tags


def read_block(
    driver, readout, batch, states, *, method, adds_input=False, tail=None, n_jobs=1, progress=None
):  # fmt: skip
    """What a readout makes of each step, and the last states.

    Parameters
    ----------
    driver : Driver
        Makes the rows.
    readout : estimator
        Fitted.
    batch : Sequences
        Series.
    states : ndarray of shape (n_series, n_state)
        Where they begin; left as they are.
    method : str
        Of the readout.
    adds_input : bool, default=False
        Whether the readout tells how the next step differs from the last.
    tail : tuple of int, default=None
        Shape of what is read at one step; whatever the readout makes it if None.
    n_jobs, progress
        As of :meth:`Driver.run`.
    """
    out, lock = [], Lock()

    def read(span, block):
        part = np.asarray(getattr(readout, method)(block))
        if tail is not None:  # the first of several steps ahead
            part = part.reshape(len(part), -1)[:, : prod(tail)].reshape(len(part), *tail)
        values = batch.values[span.start : span.stop]
        if adds_input:
            part = part + values[:, driver.roles.free]
        with lock:  # the first part says what the whole is made of
            if not out:
                out.append(np.empty((len(batch.values), *part.shape[1:]), dtype=part.dtype))
        out[0][span.start : span.stop] = part
        release(values)

    states = np.array(states)  # in another process they may be read-only
    if driver.n_fed:
        for span, block in driver.run_closed(batch, driver.loop(readout, batch.n_channels), states):
            read(span, block)
    else:
        driver.run(batch, read, states=states, n_jobs=n_jobs, progress=progress)
    return out[0], states
