"""What an estimator hands over to be solved, and its solution: in memory, or block by block."""

from dataclasses import dataclass
from functools import partial

import numpy as np
from sklearn.base import clone

from . import spread
from .recycle import choose_by_moments, choose_in_loop
from .targets import fit_readout


@dataclass
class Problem:
    """What a readout is to learn, and from what.

    Attributes
    ----------
    batch : Sequences
        Training data.
    driver : Driver
        Makes rows of features of the data.
    rows : PerSequence or PerStep
        Which rows are learned from, with their targets and weights.
    ratios : ndarray of float
        Ratios of scheduled sampling, one for each further round.
    series : Series, default=None
        The data as they were given, where a row is a time step.
    in_loop : bool
        Whether a penalty, of several, is chosen by what the readout does in a closed loop.
    """

    batch: object
    driver: object
    rows: object
    ratios: np.ndarray = ()
    series: object = None
    in_loop: bool = False


def solve(problem, readout, work, noise=None):
    """Fit a readout.

    Parameters
    ----------
    problem : Problem
        What to learn.
    readout : estimator
        Not fitted yet.
    work : Work
        How to spread the work.
    noise : StateNoise, default=None
        Noise on the states of time steps.

    Returns
    -------
    readout : estimator
        Fitted.
    states : ndarray of shape (n_series, n_state) or None
        States after the last steps, where a row is a time step.
    noise : StateNoise or None
        Noise for later pieces of the series.
    """
    batch, driver, rows = problem.batch, problem.driver, problem.rows
    if rows.is_large(driver, batch) and rows.streams(readout) and not len(problem.ratios):
        fitted, states, noise = _solve_in_blocks(problem, readout, work, noise)
        if problem.in_loop and np.ndim(readout.alpha):
            fitted = choose_by_moments(problem, fitted)
        return fitted, states, noise
    features, states = rows.matrix(driver, batch, work, noise=noise)
    fitted, begin = fit_rows(problem, readout, features)
    for share in problem.ratios:
        mixed = _mixed_rows(problem, fitted, share)
        fitted, _ = fit_rows(problem, readout, rows.of(mixed), begin)
    return fitted, states, noise


def fit_rows(problem, readout, features, begin=None):
    """Fit a readout to the rows that are learned from.

    Parameters
    ----------
    problem : Problem
        Targets, weights, and whether the penalty is chosen in a closed loop.
    readout : estimator
        Not fitted yet, and left so.
    features : ndarray of shape (n_rows, n_columns)
        The rows.
    begin : ndarray, default=None
        States that the loops begin in, if they are known.

    Returns
    -------
    readout : estimator
        Fitted.
    begin : ndarray or None
        States that the loops began in.
    """
    if problem.in_loop and np.ndim(readout.alpha):
        fitted, begin = choose_in_loop(problem, clone(readout), features, begin)
        if fitted is not None:
            return fitted, begin
    return fit_readout(clone(readout), features, *problem.rows.learned), begin


def _solve_in_blocks(problem, readout, work, noise):
    """Fit without ever holding all rows."""
    batch, driver, rows = problem.batch, problem.driver, problem.rows
    parts, each, more = rows.parts(driver, batch, readout)
    if len(parts) == 1:
        progress = work.progress(len(batch.values))
        found = _fit_block(driver, readout, more, batch, rows, noise, progress=progress)
        return spread.merged(found[:1]), found[1], noise
    states = []

    def blocks():
        task = partial(_fit_block, driver.light(), readout, more)
        for fitted, last in spread.run(parts, task, each, work=work):
            states.append(last)
            yield fitted

    fitted = spread.merged(blocks())
    if states[0] is None:
        return fitted, None, None
    # other processes used up the streams of noise: later pieces get new ones
    noise = driver.state_noise(before=len(batch), keep=True)
    return fitted, np.concatenate(states), noise


def _fit_block(driver, readout, more, batch, rows, noise=None, progress=None):
    """Copy of a readout fitted to a block, None if no row has weight, and the last states."""
    readout = clone(readout)
    states = rows.rest(driver, batch)
    if noise is None:
        noise = driver.state_noise(before=batch.first)
    some = rows.feed(readout, driver, batch, states=states, noise=noise, progress=progress, **more)
    return (readout if some else None), states


def _mixed_rows(problem, readout, share):
    """Rows of all steps, of which a share was fed outputs of the readout so far."""
    batch, driver, rows = problem.batch, problem.driver, problem.rows
    rng = np.random.RandomState([driver.drawn.noise_seed, 3])
    within = np.arange(len(batch.values)) - np.repeat(batch.offsets[:-1], batch.lengths)
    own = (rng.uniform(size=len(within)) < share) & (within >= max(driver.washout, 1))
    noise = driver.state_noise(before=len(batch))
    loop = driver.loop(readout, batch.n_channels, rows.increments and rows.ahead)
    states = driver.rest(batch)
    spans = driver.run_closed(batch, loop, states, true=rows.fed, own=own, noise=noise)
    return np.concatenate([found for _, found in spans])
