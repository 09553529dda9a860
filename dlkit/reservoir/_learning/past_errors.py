"""Errors a forecaster makes on its own series, though it learned them: each left out in turn."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from scipy.linalg import svd
from scipy.stats import norm
from sklearn.base import clone

from ..._forecasts.quantiles import (
    Sphere,
    adapted,
    block_rows,
    check_enough,
    choose_temperature,
    likeness,
    reordered,
    weighted_quantiles,
)
from ...readout import RidgeReadout
from ...sequences import Sequences
from .direct import forecast_blocks
from .rows import PerStep
from .targets import fit_readout

__all__ = ["METHODS", "PastErrors", "leave_one_out"]

METHODS = ("auto", "rescp", "aci", "loo", "gaussian")
FOLDS = 5  # stretches of the series, each forecast by a readout that did not learn it
ORIGINS = 512  # past forecasts, at most
FEW = 128  # of them, where a state is more than what is read off it
ENOUGH = 40  # past forecasts from which their errors are trusted at each step by itself
SAMPLES = 1000  # paths from which quantiles are taken
LOG_CHI2 = 1.2704  # −E log χ² with one degree of freedom


def leave_one_out(features, targets, alpha):
    """Errors of ridge regressions that each learn all rows but the one they predict.

    From one decomposition: r / (1 − h) with the residual r and the leverage
    h = 1/n + Σ u² s²/(s² + α) of centred features U S Vᵀ (Allen's PRESS, 1974).

    Parameters
    ----------
    features : ndarray of shape (n, p)
        Rows.
    targets : ndarray of shape (n, q)
        What they are mapped to.
    alpha : float or ndarray of shape (q,)
        Penalty.

    Returns
    -------
    errors : ndarray of shape (n, q)
        Truth minus prediction.
    leverage : ndarray of shape (n, q)
    """
    X = np.asarray(features, dtype=np.float64)
    y = np.asarray(targets, dtype=np.float64).reshape(len(X), -1)
    X, y = X - X.mean(axis=0), y - y.mean(axis=0)
    U, s, _ = svd(X, full_matrices=False, check_finite=False, lapack_driver="gesdd")
    keep = s > s[:1] * max(X.shape) * np.finfo(float).eps
    U, square = U[:, keep], s[keep, None] ** 2
    share = square / (square + np.broadcast_to(np.ravel(alpha), y.shape[1]))
    residual = y - U @ (share * (U.T @ y))
    leverage = 1.0 / len(X) + U**2 @ share
    return residual / np.maximum(1.0 - leverage, 1e-6), leverage


def _piece(batch, start, stop):
    values = batch.values[start:stop]
    return Sequences(values, np.array([0, len(values)]), "list")


@dataclass(frozen=True, eq=False)
class PastErrors:
    """What a fitted forecaster would have forecast in the past, and how wrong it was.

    All in model units.

    Attributes
    ----------
    driver : Driver
        Makes rows.
    readout : estimator
        Fitted.
    increments : bool
        Whether the readout tells how the next step differs from the last.
    n_ahead : int
        Steps ahead that the readout tells at once.
    batch : Sequences
        The ends of the series that were learned from, covariates beside the steps.
    whole : bool
        Whether these are all that was learned from.
    n_steps : int
        Steps ahead.
    n_known : int, default=0
        Last channels, which hold covariates.
    """

    driver: object
    readout: object
    increments: bool
    n_ahead: int
    batch: object
    whole: bool
    n_steps: int
    n_known: int = 0

    @cached_property
    def _run(self):
        """Rows of all steps, and which rows are learned from."""
        batch, driver = self.batch, self.driver
        out = np.empty((len(batch.values), driver.n_columns), dtype=batch.values.dtype)
        driver.run(batch, out=out)
        drop = np.full(len(batch), driver.washout)
        how = self.increments, driver.roles.free, None, self.n_ahead
        rows = PerStep(batch, None, None, drop, *how)
        return out, rows

    @cached_property
    def origins(self):
        """Numbers of steps in the batch from whose states forecasts are made, in order."""
        batch, found = self.batch, []
        for start, stop in zip(batch.offsets[:-1], batch.offsets[1:], strict=True):
            first = start + self.driver.washout + (0 if self.whole else (stop - start) // 8)
            found.append(np.arange(first, stop - self.n_steps))
        found = np.concatenate(found)
        most = ORIGINS if self._plain or hasattr(self.driver.drawn, "n_incomplete") else FEW
        if len(found) > most:
            found = found[np.linspace(0, len(found) - 1, most).astype(int)]
        return found

    @cached_property
    def _plain(self):
        """Whether a state is what a readout sees of it."""
        driver, drawn = self.driver, self.driver.drawn
        rest = driver.rest(self.batch)
        probe = np.arange(float(rest.shape[1]))[None].astype(rest.dtype)
        return rest.shape[1] == drawn.n_features and np.array_equal(drawn.read(probe), probe)

    @cached_property
    def _folds(self):
        """Readouts that each learned all but one stretch, and the number of that for each step."""
        out, rows = self._run
        n = len(self.batch.values)
        number = np.minimum(np.arange(n) * FOLDS // n, FOLDS - 1)
        learned = rows.of(np.arange(n))
        features, (targets, _) = rows.of(out), rows.learned
        if not self.whole or len(learned) < 4 * FOLDS:
            return [self.readout], np.zeros(n, dtype=np.int64)
        readout = clone(self.readout)
        if isinstance(readout, RidgeReadout):
            readout.set_params(alpha=self.readout.alpha_)
        found = []
        for k in range(FOLDS):
            inside = np.flatnonzero(number == k)
            gap = min(self.n_steps, len(inside))
            far = (learned < inside[0]) | (learned > inside[-1] + gap)
            found.append(fit_readout(clone(readout), features[far], targets[far], None))
        return found, number

    @cached_property
    def errors(self):
        """Truth minus forecast of shape (n_origins, n_steps, n_outputs)."""
        batch, driver, origins = self.batch, self.driver, self.origins
        if not len(origins):
            return np.empty((0, self.n_steps, self.n_outputs))
        readouts, number = self._folds
        states, which, inputs = self._states(), number[origins], batch.values[origins]
        known, loops = self._known(batch, origins), []
        if self.n_ahead == 1:
            loops = [driver.loop(one, batch.n_channels, self.increments) for one in readouts]
        if len(loops) > 1 and all(loop.linear is not None for loop in loops):
            linear = tuple(np.stack(each) for each in zip(*(l.linear for l in loops), strict=True))
            loop = loops[0]._replace(linear=linear, which=which)
            found = driver.forecast(self.n_steps, loop, states, inputs, known)
        else:
            found = np.empty((len(origins), self.n_steps, self.n_outputs), dtype=states.dtype)
            for k, readout in enumerate(readouts):
                mine = which == k
                if mine.any():
                    ahead = None if known is None else known[mine]
                    found[mine] = self._ahead(readout, states[mine], inputs[mine], ahead)
        ahead = origins[:, None] + 1 + np.arange(self.n_steps)
        truth = batch.values[ahead][:, :, driver.roles.free].astype(np.float64)
        return truth - self._bounded(found)

    def _ahead(self, readout, states, inputs, known, shocks=None):
        """What a readout makes of the steps to come."""
        if self.n_ahead == 1:
            loop = self.driver.loop(readout, inputs.shape[1], self.increments)
            return self.driver.forecast(self.n_steps, loop, states.copy(), inputs, known, shocks)
        return forecast_blocks(
            self.driver, readout, self.n_steps, self.n_ahead, states, inputs, known=known,
            increments=self.increments,
        )  # fmt: skip

    def _known(self, batch, rows):
        """Covariates beside the steps that follow some rows; None if there are none."""
        n = self.n_known
        if not n:
            return None
        ahead = np.minimum(rows[:, None] + 1 + np.arange(self.n_steps - 1), len(batch.values) - 1)
        return batch.values[ahead][:, :, -n:]

    def outset(self, batch, state, origins):
        """States after some steps of one series, these steps, and covariates of those that follow.

        Parameters
        ----------
        batch : Sequences
            The series.
        state : ndarray of shape (1, n_state)
            Where the series begins, overwritten.
        origins : ndarray of int of shape (n_origins,)
            How many steps are known, in increasing order.
        """
        n = len(batch.values)
        inside = origins.max(initial=1) <= n and origins.min(initial=1) >= 1
        if len(batch) != 1 or (np.diff(origins) < 0).any() or not inside:
            raise ValueError(f"origins must increase from 1 to {n}, the steps of one series X.")
        at, states = 0, np.empty((len(origins), state.shape[1]), dtype=state.dtype)
        recalled = origins > getattr(self.driver.drawn, "n_incomplete", n)
        states[recalled] = self._recalled(batch, origins[recalled] - 1) if recalled.any() else 0
        for k in np.flatnonzero(~recalled):
            if origins[k] > at:
                self.driver.run(_piece(batch, at, origins[k]), states=state)
            states[k], at = state[0], origins[k]
        return states, batch.values[origins - 1], self._known(batch, origins - 1)

    def _bounded(self, future):
        """Forecasts no further from the values that were learned from than these are apart.

        One that diverged was wrong by a lot, but by no more than is possible.
        """
        values = self.batch.values[:, self.driver.roles.free].astype(np.float64)
        low, high = values.min(axis=0), values.max(axis=0)
        inside = np.clip(future, 2 * low - high, 2 * high - low)
        return np.where(np.isnan(future), 2 * high - low, inside)

    @property
    def n_outputs(self):
        """Numbers that are forecast at a step."""
        return self.batch.values[:1, self.driver.roles.free].shape[1]

    def _states(self):
        """States after the origins' steps."""
        driver, batch, origins = self.driver, self.batch, self.origins
        rest, drawn = driver.rest(batch), driver.drawn
        if self._plain:
            return self._run[0][origins, : drawn.n_features].copy()
        if hasattr(drawn, "n_incomplete"):
            return self._recalled(batch, origins)
        found = np.empty((len(origins), rest.shape[1]), dtype=rest.dtype)
        for i, (start, stop) in enumerate(zip(batch.offsets[:-1], batch.offsets[1:], strict=True)):
            state, at = rest[i : i + 1].copy(), start
            for k in np.flatnonzero((origins >= start) & (origins < stop)):
                driver.run(_piece(batch, at, origins[k] + 1), states=state)
                found[k], at = state[0], origins[k] + 1
        return found

    def _recalled(self, batch, rows):
        """States after some steps, which the last inputs tell alone."""
        n = self.driver.drawn.n_incomplete + 1
        values = batch.values[rows[:, None] + np.arange(1 - n, 1)]
        offsets = np.arange(len(rows) + 1, dtype=np.int64) * n
        return self.driver.run(Sequences(values.reshape(-1, values.shape[2]), offsets, "list"))

    @cached_property
    def sphere(self):
        """Directions of the features that states are read as."""
        return Sphere(self._run[0][self.origins, : self.driver.drawn.n_features].astype(float))

    @cached_property
    def directions(self):
        """Of the origins' states."""
        return self.sphere.of(self._run[0][self.origins, : self.driver.drawn.n_features])

    @cached_property
    def left_out(self):
        """One-step errors of rows that were left out, and their leverages, by row."""
        out, rows = self._run
        features, (targets, _) = rows.of(out), rows.learned
        if self.whole and isinstance(self.readout, RidgeReadout) and len(features) > 1:
            return leave_one_out(features, targets, self.readout.alpha_)
        errors = replace(self, n_steps=1).errors[:, 0]
        return errors, np.zeros_like(errors)

    def rows_of(self, states, inputs):
        """Rows of features of states and the inputs that led to them."""
        driver = self.driver
        columns = [driver.drawn.read(states), inputs[:, driver.roles.driving]]
        return np.hstack(columns[: 1 + driver.passthrough])

    def pick(self, method, levels):
        """What "auto" stands for."""
        if method != "auto":
            return method
        n = len(self.errors)
        enough = ENOUGH, 2 / min(np.min(levels), 1 - np.max(levels))
        return "rescp" if n >= max(enough) else "loo"

    def quantiles(self, method, levels, begin, coverage, rng):
        """Quantiles of errors to come.

        Parameters
        ----------
        method : str
            One of `METHODS`.
        levels : ndarray of shape (n_levels,)
            In (0, 1).
        begin : Outset
            Where the series end.
        coverage : float
            What temperatures are chosen for.
        rng : RandomState
            Draws paths.

        Returns
        -------
        quantiles : ndarray of shape (n_series, n_levels, n_steps, n_outputs)
            To be added to the forecast.
        """
        method, mend = self.pick(method, levels), "give a longer series, ask for less coverage"
        shape = len(levels), self.n_steps, self.n_outputs
        if method == "loo" and self.n_steps <= max(self.n_ahead, 1):
            check_enough(len(self.left_out[0]), levels, "X", mend)
            errors = self.left_out[0][:, : self.n_steps * self.n_outputs]
            found = weighted_quantiles(errors, levels).reshape(shape)
            return np.broadcast_to(found, (len(begin.states), *shape))
        if method == "loo" and self.n_ahead == 1:
            check_enough(len(self.left_out[0]), levels, "X", mend)
            return self._of_paths(levels, begin, rng)
        more = ', or fewer steps, or use method="loo"'
        check_enough(len(self.errors), levels, f"X with n_steps={self.n_steps}", mend + more)
        flat = self.errors.reshape(len(self.errors), -1)
        if method == "gaussian":
            return self._gaussian(levels, begin)
        if method in ("aci", "loo"):
            gamma = 0.01 if method == "aci" else 0.0
            found = self._adapted(flat, levels, coverage, gamma).reshape(shape)
            return np.broadcast_to(found, (len(begin.states), *shape))
        return self._alike(levels, begin.states, coverage)

    def _alike(self, levels, states, coverage):
        """Quantiles of errors weighted by the likeness of the states they were made in."""
        flat = self.errors.reshape(len(self.errors), -1)
        each = [weighted_quantiles(flat, levels, w) for w in self._weights(states, coverage)]
        return np.stack(each).reshape(len(states), len(levels), *self.errors.shape[1:])

    def _weights(self, states, coverage):
        flat = self.errors.reshape(len(self.errors), -1)
        spread = np.sqrt(np.mean(flat**2, axis=0))
        scaled = flat / np.where(spread > 0, spread, 1.0)
        temperature = choose_temperature(scaled, self.directions, coverage)
        directions = self.sphere.of(self.driver.drawn.read(states))
        return [likeness(self.directions, one, temperature) for one in directions]

    def _adapted(self, flat, levels, coverage, gamma):
        """Quantiles whose levels were adapted, so that past intervals covered as asked."""
        alpha = np.full(flat.shape[1], 1 - coverage)
        for t in range(len(flat) // 2 if gamma else len(flat), len(flat)):
            before = np.sort(flat[:t], axis=0)
            a = np.clip(alpha, 0, 1) / 2
            low = np.clip(np.ceil(a * (t + 1)) - 1, 0, t - 1).astype(int)
            each = np.arange(flat.shape[1])
            missed = (flat[t] < before[low, each]) | (flat[t] > before[t - 1 - low, each])
            alpha = adapted(alpha, gamma, coverage, missed)
        factor = np.clip(alpha, 0, 1) / (1 - coverage)  # of the tails on both sides
        found = np.empty((len(levels), flat.shape[1]))
        for k in range(flat.shape[1]):
            away = np.minimum(levels, 1 - levels) * factor[k]
            mine = np.where(levels < 0.5, away, np.where(levels > 0.5, 1 - away, 0.5))
            found[:, k] = weighted_quantiles(flat[:, [k]], np.clip(mine, 0, 1))[:, 0]
        return found

    def _gaussian(self, levels, begin):
        """Quantiles of normal errors, whose variance a second ridge tells from the state."""
        out, rows = self._run
        if self.n_steps == 1:
            errors, leverage = (one[:, : self.n_outputs] for one in self.left_out)
            features = rows.of(out) if len(errors) == len(rows.of(out)) else out[self.origins]
            grown = 1 + leverage.mean(axis=0)
        else:
            errors = self.errors.reshape(len(self.errors), -1)
            features, grown = out[self.origins], 1.0
        floor = 1e-12 * np.mean(errors**2, axis=0) + np.finfo(float).tiny
        log = np.log(np.maximum(errors**2, floor)) + LOG_CHI2
        variance = RidgeReadout(np.logspace(-2, 6, 9), selection="gcv").fit(features, log)
        fitted = np.exp(variance.predict(features).reshape(log.shape))
        scale = np.mean(errors**2 / fitted, axis=0) * grown
        here = variance.predict(self.rows_of(begin.states, begin.inputs))
        here = here.reshape(len(begin.states), -1)
        low, high = np.log(fitted.min(axis=0)), np.log(fitted.max(axis=0))
        sigma = np.sqrt(np.exp(np.clip(here, low, high)) * scale)
        found = sigma[:, None] * norm.ppf(levels)[:, None]
        return found.reshape(len(begin.states), len(levels), self.n_steps, -1)

    def _middle(self, begin, i):
        """Forecast of one of the series."""
        known = None if begin.known is None else begin.known[i : i + 1]
        rows = slice(i, i + 1)
        return self._ahead(self.readout, begin.states[rows], begin.inputs[rows], known)[0]

    def _of_paths(self, levels, begin, rng):
        each = []
        for i in range(len(begin.states)):
            paths = self._free_paths(SAMPLES, begin, i, rng) - self._middle(begin, i)
            flat = paths.reshape(len(paths), -1)
            each.append(np.quantile(flat, levels, axis=0).reshape(-1, *paths.shape[1:]))
        return np.stack(each)

    def _free_paths(self, n_paths, begin, i, rng):
        """Paths of the closed loop with errors of the past in it, of one of the series."""
        errors = self.left_out[0]
        shocks = errors[block_rows(len(errors), n_paths, self.n_steps, rng)]
        given = begin.states, begin.inputs, begin.known
        alike = (None if a is None else np.repeat(a[i : i + 1], n_paths, axis=0) for a in given)
        return self._bounded(self._ahead(self.readout, *alike, shocks))

    def paths(self, n_paths, begin, rng):
        """Courses to come, of shape (n_series, n_paths, n_steps, n_outputs).

        Every path is a run of the closed loop, with blocks of past errors in it. Where there are
        enough forecasts of the past, the spread at each step is that of their errors. Without a
        loop (several steps are told at once), a path is a forecast and the errors of a past one.
        """
        found = []
        for i in range(len(begin.states)):
            middle, state = self._middle(begin, i), begin.states[i : i + 1]
            if self.n_ahead > 1:
                check_enough(len(self.errors), [0.5], "X", "give a longer series, or fewer steps")
                weights = self._weights(state, 0.9)[0]
                drawn = rng.choice(len(weights), size=n_paths, p=weights / weights.sum())
                found.append(middle + self.errors[drawn])
                continue
            check_enough(len(self.left_out[0]), [0.5], "X", "give a longer series")
            free = self._free_paths(n_paths, begin, i, rng)
            if len(self.origins) >= ENOUGH:
                levels = (np.arange(n_paths) + 0.5) / n_paths
                free = reordered(free, middle + self._alike(levels, state, 0.9)[0])
            found.append(free)
        return np.stack(found)
