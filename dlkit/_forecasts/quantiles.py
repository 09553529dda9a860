"""How sure a forecast is: quantiles of past errors, by likeness, and levels that adapt.

Plain functions on arrays. Errors are truths minus forecasts, of shape (n, k): n forecasts in the
order of time, k numbers each (steps ahead times channels).
"""

from math import ceil

import numpy as np

__all__ = [
    "LEVELS",
    "TEMPERATURES",
    "Sphere",
    "adapted",
    "block_rows",
    "check_coverage",
    "check_enough",
    "check_levels",
    "choose_temperature",
    "likeness",
    "needed",
    "reordered",
    "tails",
    "weighted_quantiles",
]

LEVELS = tuple(round(0.1 * k, 1) for k in range(1, 10))
TEMPERATURES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, np.inf)


def check_coverage(coverage, name="coverage"):
    """Return a probability in (0, 1) as a float."""
    number = np.asarray(coverage)
    if number.ndim or number.dtype.kind not in "iuf" or not 0 < float(number) < 1:
        percent = ""
        if number.ndim == 0 and number.dtype.kind in "iuf" and 2 <= float(number) < 100:
            percent = f" For {float(number):g} percent use {float(number) / 100:g}."
        raise ValueError(f"{name} must be a number between 0 and 1, got {coverage!r}.{percent}")
    return float(number)


def check_levels(quantiles):
    """Return levels of quantiles, in (0, 1), as an array."""
    if np.ndim(quantiles) != 1 or not len(quantiles):
        raise ValueError(
            f"quantiles must be a tuple of numbers between 0 and 1, got {quantiles!r}."
        )
    return np.array([check_coverage(level, "quantiles") for level in quantiles])


def tails(coverage):
    """Levels of the two ends of an interval."""
    return np.array([(1.0 - coverage) / 2, (1.0 + coverage) / 2])


def needed(levels):
    """Errors that quantiles of these levels need, so that none lies beyond all of them.

    A level within rounding of 0 or 1 counts as one at a distance of 1e-15.
    """
    away = max(min(np.min(levels), 1.0 - np.max(levels)), 1e-15)
    return max(ceil(round(1.0 / away - 1.0, 9)), 1)


def check_enough(n, levels, what, mend):
    """Refuse quantiles of fewer errors than they need."""
    least = needed(levels)
    if n < least:
        raise ValueError(
            f"{what} leaves {n} errors of past forecasts, but quantiles from "
            f"{np.min(levels):.3g} to {np.max(levels):.3g} need {least}: {mend}."
        )


def weighted_quantiles(values, levels, weights=None):
    """Quantiles of a weighted sample, with a place for the value to come.

    The value to come has the weight that values have on average, w̄ = Σ wᵢ² / Σ wᵢ, and stands
    beyond the others: the quantile of level τ ≥ ½ is the least vᵢ with
    Σ w[v ≤ vᵢ] ≥ τ (Σ w + w̄), of weights that are all alike the ⌈τ (n + 1)⌉-th of n values, as
    split conformal prediction has it; that of level τ < ½ is its mirror image. Where too few values
    are there, the quantile is the greatest or least.

    Parameters
    ----------
    values : ndarray of shape (n, k)
        Columns are samples.
    levels : ndarray of shape (q,)
        In [0, 1].
    weights : ndarray of shape (n,), default=None
        Of the rows; all alike if None.

    Returns
    -------
    quantiles : ndarray of shape (q, k)
    """
    order = np.argsort(values, axis=0, kind="stable")
    return _of_sorted(np.take_along_axis(values, order, 0), order, np.asarray(levels), weights)


@np.errstate(under="ignore")
def _of_sorted(values, order, levels, weights):
    n = len(values)
    if weights is None:
        rising = np.broadcast_to(np.arange(1.0, n + 1)[:, None], values.shape)
        total = n + 1.0
    else:
        rising = np.cumsum(weights[order], axis=0)
        total = rising[-1] + np.sum(weights**2) / np.sum(weights)
    found = np.empty((len(levels), values.shape[1]))
    for j, level in enumerate(levels):
        # from above for the upper half, from below for the lower
        above = _rank(rising, level * total)
        whole = n if weights is None else rising[-1]
        falling = whole - rising[::-1] + (1.0 if weights is None else weights[order[::-1]])
        below = n - 1 - _rank(falling, (1.0 - level) * total)
        each = [np.take_along_axis(values, one[None], 0)[0] for one in (above, below)]
        found[j] = each[0] if level > 0.5 else each[1] if level < 0.5 else sum(each) / 2
    return found


def _rank(rising, wanted):
    """Number of the first row that reaches what is wanted, up to rounding; the last if none."""
    short = rising < np.asarray(wanted) - 1e-9 * rising[-1]
    return np.minimum(short.sum(axis=0), len(rising) - 1)


class Sphere:
    """States as directions: standardised, then of length one.

    Units of a reservoir have a mean and a spread of their own, which say nothing about which states
    are alike.

    Parameters
    ----------
    states : ndarray of shape (n, n_units)
        States that tell means and spreads.
    """

    def __init__(self, states):
        self.mean = states.mean(axis=0)
        spread = states.std(axis=0)
        self.scale = np.where(spread > 1e-9 * np.abs(self.mean), spread, np.inf)

    def of(self, states):
        """Directions of states, of shape (n, n_units)."""
        away = (states - self.mean) / self.scale
        length = np.linalg.norm(away, axis=1, keepdims=True)
        return away / np.where(length > 0, length, 1.0)


def likeness(directions, direction, temperature):
    """Weights exp(cos/τ) of past states, of shape (n,), by the angle to the present one.

    The greatest weight is one.
    """
    if np.isinf(temperature):
        return np.ones(len(directions))
    cosine = directions @ direction
    with np.errstate(under="ignore"):
        return np.exp((cosine - cosine.max()) / temperature)


def choose_temperature(errors, directions, coverage, temperatures=TEMPERATURES):
    """Choose how sharply errors are weighted by likeness, on past errors alone.

    Intervals for the later half of the errors are made of the errors before each. Among the
    temperatures whose intervals cover as asked, within two standard errors, the one with the least
    interval score is chosen; if none does, the one that covers most.

    Parameters
    ----------
    errors : ndarray of shape (n, k)
        In the order of time.
    directions : ndarray of shape (n, n_units)
        As of :class:`Sphere`.
    coverage : float
        Of the intervals.
    temperatures : sequence of float
        Candidates.

    Returns
    -------
    temperature : float
    """
    n, half = len(errors), len(errors) // 2
    if half < 4:
        return np.inf
    cosine = directions[half:] @ directions.T
    before = np.arange(n) < np.arange(half, n)[:, None]
    cosine = np.where(before, cosine, -np.inf)
    cosine -= cosine.max(axis=1, keepdims=True)
    columns = np.unique(np.linspace(0, errors.shape[1] - 1, 6).astype(int))
    tried = []
    for temperature in temperatures:
        with np.errstate(under="ignore"):
            weights = np.exp(cosine / temperature) if np.isfinite(temperature) else before * 1.0
        scores = [_tried(errors[:, c], weights, half, coverage) for c in columns]
        tried.append(np.mean(scores, axis=0))
    inside, score = np.transpose(tried)
    margin = 2 * np.sqrt(coverage * (1 - coverage) / (n - half))
    good = inside >= min(coverage - margin, inside.max())
    return temperatures[int(np.argmin(np.where(good, score, np.inf)))]


@np.errstate(under="ignore")
def _tried(errors, weights, half, coverage):
    """Share of the later errors that intervals of earlier ones cover, and their interval score."""
    order = np.argsort(errors, kind="stable")
    rising = np.cumsum(weights[:, order], axis=1)
    total = rising[:, -1] + np.sum(weights**2, axis=1) / rising[:, -1]
    low, high = tails(coverage)
    rows = np.arange(len(weights))
    upper = np.minimum((rising < (high * total)[:, None]).sum(axis=1), len(order) - 1)
    upper = np.minimum(upper, _last(weights[:, order]))
    falling = rising[:, -1:] - rising + weights[:, order]
    lower = np.maximum((falling >= ((1.0 - low) * total)[:, None]).sum(axis=1) - 1, 0)
    lower = np.maximum(lower, np.argmax(weights[:, order] > 0, axis=1))
    lower, upper = errors[order[lower]], errors[order[upper]]
    truth = errors[half:][rows]
    missed = np.maximum(lower - truth, 0) + np.maximum(truth - upper, 0)
    score = upper - lower + missed / low
    return np.mean(missed == 0), score.mean()


def _last(weights):
    return weights.shape[1] - 1 - np.argmax(weights[:, ::-1] > 0, axis=1)


def adapted(alpha, gamma, coverage, missed):
    """Level of the next interval: α + γ ((1 − coverage) − missed).

    Gibbs & Candès (2021), Adaptive conformal inference under distribution shift, NeurIPS, eq. 2.
    The share of truths that are missed in T steps differs from 1 − coverage by at most
    (1 + γ)/(γ T), whatever the series does.
    """
    return alpha + gamma * ((1.0 - coverage) - missed)


def block_rows(n, n_paths, n_steps, rng):
    """Numbers of past errors for paths to come, in blocks of successive ones.

    Parameters
    ----------
    n : int
        Past errors there are.
    n_paths, n_steps : int
        Size of the result.
    rng : RandomState
        Draws where blocks begin.

    Returns
    -------
    rows : ndarray of int of shape (n_paths, n_steps)
        Künsch (1989): blocks of about n^⅓ steps keep what errors have in common with the next.
    """
    length = max(min(round(n ** (1 / 3)), n_steps), 1)
    n_blocks = -(-n_steps // length)
    begin = rng.randint(n - length + 1, size=(n_paths, n_blocks))
    rows = begin[:, :, None] + np.arange(length)
    return rows.reshape(n_paths, -1)[:, :n_steps]


def reordered(paths, marginals):
    """Paths whose numbers at each step are those of ``marginals``, in the order of ``paths``.

    Ensemble copula coupling, Schefzik, Thorarinsdottir & Gneiting (2013): what comes together in
    the paths stays together, and at each step the spread is that of the marginals.

    Parameters
    ----------
    paths, marginals : ndarray of shape (n_paths, n_steps, n_channels)
        Any paths, and samples of each step by itself.
    """
    rank = np.argsort(np.argsort(paths, axis=0, kind="stable"), axis=0)
    return np.take_along_axis(np.sort(marginals, axis=0), rank, axis=0)
