"""Recycle validation: a penalty chosen by forecasts from within the training series.

A readout that gives the next step is right by its errors of one step, and may yet diverge where it
runs on its own outputs. So each candidate runs closed from several steps of the training series, in
the states that the series itself has driven the reservoir to, and is judged by what the series does
next (Racca & Magri 2021): by the geometric mean, over such segments, of the mean squared error.
All segments under all candidates are lanes of one closed loop.

The best of them has to hold, too: from the same steps, the fit to all rows runs closed for much
longer than a segment. Where that leaves the range of the series by far, the next best is taken.

Where rows are few beside the features, the fit that forecasts a segment is one without the rows of
this segment (see ``readout/_stretches.py``): a fit that interpolates would repeat what it has seen.
"""

from dataclasses import dataclass

import numpy as np

from ... import _budgets
from ...readout._stretches import MomentFits, StretchFits
from ...sequences import Sequences, release

__all__ = [
    "Segments",
    "choose_by_moments",
    "choose_in_loop",
    "find_segments",
    "geometric_mean",
    "judge",
    "start_states",
]

N_SEGMENTS, LONGEST = 10, 200  # segments, and steps of the longest
SHARE = 5  # a segment has at most this part of the steps of its series
FEWEST = 6  # rows that a choice can be made from
LONG_RUN = 1000  # steps that a loop must hold for, or those of the longest series
REACH = 10.0  # widths of the range of a series that a loop that holds stays within
PLENTY = 4  # rows for each feature from which a segment need not be left out
# Mean squared errors, relative to the variance, beyond which better and worse mean nothing.
LEAST, MOST = 1e-24, 1e6


@dataclass(frozen=True, eq=False)
class Segments:
    """Stretches of the training series that are to be forecast.

    Attributes
    ----------
    first : ndarray of int of shape (K,)
        Rows of the batch: the last known step before each segment.
    lengths : ndarray of int of shape (K,)
        Steps to forecast after it.
    series : ndarray of int of shape (K,)
        Which series each is of.
    """

    first: np.ndarray
    lengths: np.ndarray
    series: np.ndarray

    def __len__(self):
        return len(self.first)

    def steps(self, k):
        """Rows of the batch that hold the truth of a segment."""
        return np.arange(self.first[k] + 1, self.first[k] + 1 + self.lengths[k])


def find_segments(batch, drop, n_steps=None, n_segments=N_SEGMENTS):
    """Spread segments over series: over the later two thirds of each, or over some of many.

    Parameters
    ----------
    batch : Sequences
        The training series.
    drop : ndarray of int of shape (n_series,)
        Steps at the start of each that are not learned from.
    n_steps : int, default=None
        Steps of each segment; a fifth of its series, and no more than 200, if None.
    n_segments : int, default=10
        How many.

    Returns
    -------
    Segments
        None of them may be found: where all series are too short.
    """
    room = batch.lengths - drop
    usable = np.flatnonzero(room >= 3)
    usable = usable[_ranked(batch, usable)]
    if len(usable) > n_segments:
        usable = usable[np.linspace(0, len(usable) - 1, n_segments).astype(int)]
    more = set(usable[: n_segments % max(len(usable), 1)].tolist())
    first, lengths, series = [], [], []
    for i in np.sort(usable):
        share = n_segments // len(usable) + (int(i) in more)
        n = int(np.clip(room[i] // SHARE, 1, LONGEST) if n_steps is None else n_steps)
        n = min(n, int(room[i]) - 2)
        earliest, latest = int(drop[i]) + int(room[i]) // 3, int(batch.lengths[i]) - 1 - n
        found = np.unique(np.linspace(min(earliest, latest), latest, share).astype(int))
        first += list(batch.offsets[i] + found)
        lengths += [n] * len(found)
        series += [i] * len(found)
    return Segments(*(np.array(a, dtype=np.int64) for a in (first, lengths, series)))


def _ranked(batch, which):
    """Some series by length, then by their first and last steps: an order that is not the list's.

    The choice among many is the same then, in whatever order they are handed over.
    """
    starts, stops = batch.offsets[which], batch.offsets[which + 1] - 1
    ends = np.hstack([batch.values[starts], batch.values[stops]])
    return np.lexsort((*ends.T, stops - starts))


def start_states(driver, batch, segments):
    """States (K, n_state) that the series have driven the reservoir to before each segment."""
    window = getattr(driver.drawn, "n_steps", None)  # all that a state holds
    if window is not None:
        begin = np.maximum(batch.offsets[segments.series], segments.first + 1 - window)
        return driver.run(_pieces(batch, begin, segments.first + 1))
    # each series is run once, from segment to segment, all of them side by side
    begin = batch.offsets[segments.series]
    states = driver.rest(_pieces(batch, begin, begin + 1))
    turns = np.arange(len(segments)) - np.searchsorted(segments.series, segments.series)
    for turn in range(turns.max(initial=0) + 1):
        now = np.flatnonzero(turns == turn)
        if turn:
            begin[now], states[now] = segments.first[now - 1] + 1, states[now - 1]
        states[now] = _run_on(driver, batch, begin[now], segments.first[now] + 1, states[now])
    return states


def _run_on(driver, batch, begin, stop, states):
    """States after rows ``begin`` to ``stop`` of a batch, a few of which are read at a time."""
    length = max(_budgets.LOOK_ENTRIES // (batch.n_channels * len(begin)), 1)
    while len(now := np.flatnonzero(begin < stop)):
        end = np.minimum(begin[now] + length, stop[now])
        states[now] = driver.run(_pieces(batch, begin[now], end), states=states[now])
        for a, b in zip(begin[now], end, strict=True):
            release(batch.values[a:b])
        begin[now] = end
    return states


def _pieces(batch, begin, stop):
    """Rows ``begin`` to ``stop`` of a batch, as series of their own."""
    pieces = [batch.values[a:b] for a, b in zip(begin, stop, strict=True)]
    offsets = np.concatenate([[0], np.cumsum([len(piece) for piece in pieces])])
    return Sequences(pieces[0] if len(pieces) == 1 else np.concatenate(pieces), offsets, "list")


def _blocks(batch, free):
    """Some channels of a batch, a few rows at a time."""
    length = max(_budgets.LOOK_ENTRIES // batch.n_channels, 1)
    for start in range(0, len(batch.values), length):
        rows = batch.values[start : start + length]
        yield rows[:, free]
        release(rows)


def _variance(batch, free):
    """Variance of some channels over all steps."""
    n = len(batch.values)
    mean = sum(rows.sum(axis=0, dtype=np.float64) for rows in _blocks(batch, free)) / n
    return sum(((rows - mean) ** 2).sum(axis=0) for rows in _blocks(batch, free)) / n


def judge(
    driver, batch, segments, states, coef, intercept, *, increments=False, weight=None, n_known=0
):
    """Score linear readouts by their forecasts of segments.

    Parameters
    ----------
    driver : Driver
        Runs the reservoir.
    batch : Sequences
        The training series.
    segments : Segments
        What to forecast.
    states : ndarray of shape (K, n_state)
        Before each segment.
    coef : ndarray of shape (A, q, p) or (K, A, q, p)
        Candidates, for all segments or for each.
    intercept : ndarray of shape (A, q) or (K, A, q)
        Their intercepts.
    increments : bool, default=False
        Whether the readouts tell how the next step differs from the last.
    weight : ndarray of shape (total steps,), default=None
        Weights of the steps; the errors of step t + 1 count by that of step t, which the readout
        learns it from.
    n_known : int, default=0
        Last channels of the batch that are covariates, known ahead.

    Returns
    -------
    errors : ndarray of shape (K, A)
        Mean squared error over the steps of a segment and the channels, each relative to its
        variance; infinite if anything is not finite, and NaN for a segment without weight.
    """
    n_segments, n_candidates = len(segments), coef.shape[-3]
    n_steps = int(segments.lengths.max())
    which = np.tile(np.arange(n_candidates), n_segments)
    if coef.ndim == 4:
        which = np.arange(n_segments * n_candidates)
        coef = coef.reshape(-1, *coef.shape[2:])
        intercept = intercept.reshape(-1, intercept.shape[-1])
    loop = driver.loop_of(coef, intercept, which, batch.n_channels, increments)
    each = np.repeat(np.arange(n_segments), n_candidates)
    known = None
    if n_known:
        ahead = segments.first[each][:, None] + np.arange(1, n_steps)
        known = batch.values[np.minimum(ahead, len(batch.values) - 1), -n_known:]
    inputs = batch.values[segments.first[each]]
    found = driver.forecast(n_steps, loop, states[each], inputs, known)
    found = found.reshape(n_segments, n_candidates, n_steps, -1)
    free, errors = driver.roles.free, np.full((n_segments, n_candidates), np.nan)
    spread = _variance(batch, free)
    scale = np.where(spread > 0, spread, 1.0)
    for k in range(n_segments):
        steps = segments.steps(k)
        w = np.ones(len(steps)) if weight is None else weight[steps - 1]
        if not w.sum() > 0:
            continue
        with np.errstate(all="ignore"):
            missed = np.subtract(found[k, :, : len(steps)], batch.values[steps][:, free])
            squares = (np.square(missed, dtype=np.float64) / scale).mean(axis=2)
            errors[k] = np.nan_to_num(squares @ (w / w.sum()), nan=np.inf, posinf=np.inf)
    return errors


def holds(driver, batch, segments, states, coef, intercept, *, increments=False):
    """Whether a readout stays near the range of the series where it runs on its own outputs.

    Parameters
    ----------
    driver, batch, segments, states, increments
        As of :func:`judge`.
    coef : ndarray of shape (q, p)
        Of the readout.
    intercept : ndarray of shape (q,)

    Returns
    -------
    bool
        False if a run of 1000 steps (of as many as the longest series has, if that is fewer), from
        before any segment, is not finite or lies further outside of the range of a channel than
        ten times its width.
    """
    n_steps = int(min(LONG_RUN, batch.lengths.max()))
    each = np.zeros(len(segments), dtype=np.int64)
    loop = driver.loop_of(coef[None], intercept[None], each, batch.n_channels, increments)
    found = driver.forecast(n_steps, loop, states, batch.values[segments.first])
    ends = [(rows.min(axis=0), rows.max(axis=0)) for rows in _blocks(batch, driver.roles.free)]
    low, high = np.min([a for a, _ in ends], axis=0), np.max([b for _, b in ends], axis=0)
    reach = REACH * (high - low)
    return bool(((found >= low - reach) & (found <= high + reach)).all())  # NaN is neither


def _in_rows(driver, batch):
    """Whether the first columns of rows are the states in which the loop goes on."""
    drawn, n = driver.drawn, driver.rest(batch).shape[1]
    return n == drawn.n_features and not driver.noise and not hasattr(drawn, "n_steps")


def geometric_mean(errors):
    """Geometric mean over segments (K, A) that count of mean squared errors."""
    counted = errors[~np.isnan(errors[:, 0])]
    return np.exp(np.log(np.clip(counted, LEAST, MOST)).mean(axis=0))


def choose_in_loop(problem, readout, features, states=None):
    """Fit a readout with the penalty that forecasts segments of the series best.

    Parameters
    ----------
    problem : Problem
        Of series whose target is their next step.
    readout : RidgeReadout
        Not fitted yet, with several candidates for alpha.
    features : ndarray of shape (n_rows, p)
        Rows that are learned from.
    states : ndarray of shape (K, n_state), default=None
        Before each segment, if they are known.

    Returns
    -------
    readout : RidgeReadout or None
        Fitted; None where the series are too short for such a choice.
    states : ndarray of shape (K, n_state) or None
        Before each segment.
    """
    batch, driver, rows = problem.batch, problem.driver, problem.rows
    (n, p), segments = features.shape, find_segments(batch, rows.drop)
    if n < FEWEST or not len(segments):
        return None, None
    numbers = rows.of(np.arange(len(batch.values)))
    places = np.searchsorted(numbers, segments.first)
    y, weight = rows.learned
    stretches = [m + np.arange(length) for m, length in zip(places, segments.lengths, strict=True)]
    fits = StretchFits(readout, features, y, weight, stretches)
    whole = fits.whole()
    readouts = fits.without() if n < PLENTY * p else whole
    if states is None:
        if _in_rows(driver, batch):
            states = features[places][:, : driver.drawn.n_features]
        else:
            states = start_states(driver, batch, segments)
    fitted = _best(problem, segments, states, fits, readouts, whole)
    return (None, None) if fitted is None else (fitted, states)


def choose_by_moments(problem, readout):
    """Choose the penalty of a readout that was fitted block by block, by forecasts of segments.

    Parameters
    ----------
    problem : Problem
        Of series whose target is their next step.
    readout : RidgeReadout
        Fitted by ``partial_fit``, with several candidates for alpha.

    Returns
    -------
    RidgeReadout
        Fitted. It is the one that was given where series are too short, where rows are too few for
        segments to stay in, or where moments have lost the digits of all candidates.
    """
    batch, driver, rows = problem.batch, problem.driver, problem.rows
    segments, moments = find_segments(batch, rows.drop), readout.moments_
    if moments.n < max(FEWEST, PLENTY * moments.n_features) or not len(segments):
        return readout
    fits = MomentFits(readout)
    if not len(fits.alphas):
        return readout
    whole, states = fits.whole(), start_states(driver, batch, segments)
    return _best(problem, segments, states, fits, whole, whole) or readout


def _best(problem, segments, states, fits, readouts, whole):
    """The fit that forecasts segments best, of those that hold; None if no segment counts.

    Parameters
    ----------
    problem, segments, states
        As of :func:`choose_in_loop` and :func:`judge`.
    fits : StretchFits or MomentFits
    readouts : tuple of ndarray
        Coefficients and intercepts of the candidates that forecast segments.
    whole : tuple of ndarray
        Those of the fits to all rows.
    """
    batch, driver, rows = problem.batch, problem.driver, problem.rows
    n_known = batch.n_channels - problem.series.raw.n_channels
    errors = judge(
        driver, batch, segments, states.copy(), *readouts, increments=rows.increments,
        weight=rows.weight, n_known=n_known,
    )  # fmt: skip
    if np.isnan(errors).all():
        return None
    errors = geometric_mean(errors)
    ranked = np.lexsort((-fits.alphas, errors))  # of equals the largest penalty first
    best = ranked[0]
    if not n_known:  # what is known ahead is not known for so long
        for candidate in ranked:
            readout = (part[candidate] for part in whole)
            if holds(driver, batch, segments, states.copy(), *readout, increments=rows.increments):
                best = candidate
                break
    return fits.fitted(best, errors)
