"""What is beaten first: naive forecasts; and samples as plain rows."""

import numpy as np
from scipy.sparse import issparse
from sklearn.base import BaseEstimator
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.utils.validation import check_is_fitted

from .._forecasts.horizon import check_horizon
from .._forecasts.indices import read_calendar
from .._params import count, unchanged_on_failure
from .._validation import n_samples
from ..forecasting._origins import members, numbers
from ._contender import Contender

__all__ = ["NaiveForecaster", "flat", "naive"]


class NaiveForecaster(BaseEstimator):
    """The last value, the last season, or the line from the first to the last value.

    Parameters
    ----------
    period : int, default=1
        Steps of a season, which is repeated; 1 repeats the last value. A series shorter than that
        has its last value repeated.
    drift : bool, default=False
        Whether what is repeated goes on growing as the series did on average.

    Attributes
    ----------
    series_ : list of ndarray of shape (T, C)
        What was seen in ``fit``.

    See Also
    --------
    dlkit.SeasonalForecaster : What to try next.

    References
    ----------
    .. [1] Hyndman & Athanasopoulos (2021), Forecasting: principles and practice, 3rd ed., section
       5.2.

    Examples
    --------
    >>> from dlkit.baselines import NaiveForecaster
    >>> NaiveForecaster(2).fit([1.0, 2.0, 3.0, 4.0, 5.0]).forecast(3).tolist()
    [4.0, 5.0, 4.0]
    >>> NaiveForecaster(drift=True).fit([1.0, 2.0, 3.0]).forecast(2).tolist()
    [4.0, 5.0]
    """

    _parameter_constraints = {
        "period": [count()],
        "drift": ["boolean"],
    }

    def __init__(
        self,
        period=1,
        *,
        drift=False,
    ):
        self.period = period
        self.drift = drift

    @unchanged_on_failure
    def fit(self, X, y=None):
        """Keep the series.

        Parameters
        ----------
        X : array-like or list of array-like
            A series of shape (T,) or (T, C), also a Series or a DataFrame, or a list of series.
        y : None
            Ignored.

        Returns
        -------
        self : NaiveForecaster
        """
        self._validate_params()
        self._several, parts = members(X)
        read = [read_calendar(x) for x in parts]
        self.series_, self._calendars = [numbers(x) for _, x in read], [one for one, _ in read]
        if min(len(x) for x in self.series_) < 1:
            raise ValueError("X holds a series without a step: at least one is needed.")
        return self

    def forecast(self, n_steps, X=None):
        """Forecast what follows.

        Parameters
        ----------
        n_steps : int
            Steps ahead.
        X : array-like or list of array-like, default=None
            Series to continue; those of ``fit`` if None.

        Returns
        -------
        y : ndarray, Series or DataFrame of n_steps rows, or list of these
            As the series came; an index goes on from theirs.
        """
        check_is_fitted(self)
        n_steps = check_horizon(n_steps)
        model = self if X is None else NaiveForecaster(self.period, drift=self.drift).fit(X)
        found = [
            calendar.answer(self._ahead(x, n_steps))
            for x, calendar in zip(model.series_, model._calendars, strict=True)
        ]
        return found if model._several else found[0]

    def _ahead(self, x, n_steps):
        period = self.period if self.period <= len(x) else 1
        ahead = np.arange(n_steps)
        future = x[len(x) - period + ahead % period]
        if self.drift and len(x) > 1:
            # a season grows by what the series grew in a season
            growth = (x[-1] - x[0]) / (len(x) - 1)
            future = future + growth * (period * (1 + ahead // period))[:, None]
        return future


def flat(X):
    """Samples of one shape as rows, of shape (n, -1).

    Parameters
    ----------
    X : array-like or list of array-like
        Sequences of equal length, or images of one size.

    Returns
    -------
    rows : ndarray of shape (n, p)

    Raises
    ------
    ValueError
        If samples differ in shape.

    Examples
    --------
    >>> import numpy as np
    >>> from dlkit.baselines import flat
    >>> flat(np.zeros((5, 3, 2))).shape
    (5, 6)
    """
    if isinstance(X, str) or issparse(X) or not n_samples(X):
        raise ValueError(f"X must hold samples, got {X!r:.60}.")
    try:
        rows = np.asarray(X)
        return rows.reshape(len(rows), -1)
    except ValueError:
        sizes = sorted({np.shape(x) for x in X})
        raise ValueError(f"X has samples of several shapes, {sizes[:3]}: they make no rows.") from (
            None
        )


def naive(problem):
    """The contender that is beaten first."""
    if problem.kind == "forecast":
        return Contender("naive", NaiveForecaster())
    classify = problem.target == "classification"
    return Contender("naive", DummyClassifier() if classify else DummyRegressor())
