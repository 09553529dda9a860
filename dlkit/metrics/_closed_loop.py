"""A scorer of forecasts in a closed loop."""

import numpy as np

from .._params import Integral
from .._validation import refuse_masked

__all__ = ["make_closed_loop_scorer"]

LEAST, MOST = 1e-24, 1e6  # errors, relative to the variance, beyond which they mean nothing


def make_closed_loop_scorer(n_steps=None):
    """Make a scorer of forecasters that run on their own outputs.

    The score is −log10 of the mean squared error of ``estimator.forecast``, relative to the
    variance of ``X``: 0 for forecasts no better than the mean, 2 for errors of a tenth of the
    deviation. The mean of scores over folds is thus that of a geometric mean of errors [1]_, in
    which no fold outweighs the others.

    Parameters
    ----------
    n_steps : int, default=None
        Steps at the end of ``X`` that are forecast from all steps of ``X`` before, as the test
        parts of a :class:`dlkit.reservoir.RecycleSplit` want. With None, all steps of ``X``, which
        follow what the estimator was fitted to: the test parts of a ``TimeSeriesSplit``.

    Returns
    -------
    scorer : callable
        ``scorer(estimator, X, y=None)`` returns a float. ``X`` is one series, or a list of them,
        whose scores are averaged. Pass the scorer as ``scoring=`` to ``GridSearchCV``;
        :class:`dlkit.ReservoirSearchCV` knows it as ``"closed_loop"``.

    Raises
    ------
    ValueError
        If ``n_steps`` is no positive whole number; from the scorer, if series are too short.

    References
    ----------
    .. [1] Racca & Magri (2021), Robust optimization and validation of echo state networks for
       learning chaotic dynamics, Neural Networks 142, eq. 11.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.model_selection import TimeSeriesSplit, cross_val_score
    >>> from dlkit import ESNForecaster
    >>> from dlkit.metrics import make_closed_loop_scorer
    >>> x = np.sin(0.3 * np.arange(400))
    >>> esn = ESNForecaster(50, random_state=0)
    >>> scores = cross_val_score(
    ...     esn, x, cv=TimeSeriesSplit(3, test_size=50), scoring=make_closed_loop_scorer()
    ... )
    >>> bool(scores.min() > 2)
    True
    """
    if n_steps is not None and (
        not isinstance(n_steps, Integral) or isinstance(n_steps, bool) or n_steps < 1
    ):
        raise ValueError(f"n_steps must be a whole number of at least 1, or None: got {n_steps!r}.")
    return ClosedLoopScorer(n_steps)


class ClosedLoopScorer:
    """What make_closed_loop_scorer returns: a class, because a closure would not pickle."""

    def __init__(self, n_steps):
        self.n_steps = n_steps

    def __repr__(self):
        return f"make_closed_loop_scorer({'' if self.n_steps is None else self.n_steps})"

    def __call__(self, estimator, X, y=None):
        """Score of a fitted estimator; ``y`` is not looked at."""
        several = isinstance(X, (list, tuple)) and np.ndim(X[0]) > 0
        members = list(X) if several or np.ndim(X) == 3 else [X]
        n = self.n_steps
        if n is None:
            ahead = estimator.forecast(min(len(x) for x in members))
            truths = members
        else:
            short = [len(x) for x in members if len(x) <= n]
            if short:
                raise ValueError(
                    f"X has {short[0]} steps, of which none is left to forecast n_steps={n} from: "
                    "give longer series, or a smaller n_steps."
                )
            known = [x[:-n] for x in members]
            ahead = estimator.forecast(n, known if len(members) > 1 or several else known[0])
            truths = [x[-n:] for x in members]
        ahead = list(ahead) if len(members) > 1 or several else [ahead]
        if len(ahead) != len(members):
            raise ValueError(
                f"X holds {len(members)} series, but {len(ahead)} were fitted: with n_steps=None "
                "the steps of X must follow what was fitted."
            )
        pairs = zip(truths, ahead, members, strict=True)
        return float(np.mean([_score(*each) for each in pairs]))


def _score(truth, ahead, whole):
    """Score of the forecast of a series, over the values that are known."""
    for one in (truth, whole):
        refuse_masked(one, "X")
    ahead, whole = (np.asarray(a, dtype=float).reshape(len(a), -1) for a in (ahead, whole))
    truth = np.asarray(truth, dtype=float).reshape(len(truth), -1)[: len(ahead)]
    q = ahead.shape[1]  # fewer where some channels are a context, which come last or not at all
    # each channel on a scale on which no square overflows or vanishes, and about one of its values
    known = np.isfinite(whole)
    size = np.abs(whole).max(axis=0, initial=0.0, where=known)
    power = -np.frexp(size)[1]
    near = np.ldexp(whole[known.argmax(axis=0), np.arange(whole.shape[1])], power)
    whole = np.where(known, np.ldexp(whole, power) - near, 0.0)
    count = np.maximum(known.sum(axis=0), 1)
    mean = whole.sum(axis=0) / count
    spread = np.square(whole - mean).sum(axis=0, where=known) / count
    moves = spread > 0
    with np.errstate(all="ignore"):
        spread = np.where(moves, spread, np.ldexp(1.0, 2 * power))
    if q < truth.shape[1]:
        moving = np.flatnonzero(moves)[:q]
        truth, spread, power = truth[:, moving], spread[moving], power[moving]
    told = ~np.isnan(truth)
    if not told.any():
        raise ValueError(
            "X has no value that is known in the steps that are forecast: all are NaN."
        )
    with np.errstate(all="ignore"):
        missed = np.ldexp(ahead, power) - np.ldexp(truth, power)
        error = float(np.mean((missed**2 / spread)[told]))
    error = MOST if np.isnan(error) else error
    return -float(np.log10(np.clip(error, LEAST, MOST)))
