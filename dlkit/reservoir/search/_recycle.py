"""Splits of one series for recycle validation: all of it is learned from, parts are forecast."""

import numpy as np
from sklearn.base import BaseEstimator

from ..._params import count
from ._sklearn import num_samples

__all__ = ["RecycleSplit"]


class RecycleSplit(BaseEstimator):
    """Splits of a series for recycle validation [1]_: segments within the training part.

    Each fold learns from the whole series, and forecasts a segment of it: in a closed loop, from
    the state that the series itself has driven the reservoir to. Settings and penalties that make
    a loop diverge show there; no step is lost for training, and all folds share one fit, where the
    search knows how.

    Parameters
    ----------
    n_steps : int, default=100
        Steps of a segment.
    n_segments : int, default=10
        Segments, evenly spread over the last two thirds of the series. They may overlap.

    See Also
    --------
    dlkit.ReservoirSearchCV : ``scoring="closed_loop"`` scores such folds.
    dlkit.metrics.make_closed_loop_scorer : The same for ``GridSearchCV``.

    Notes
    -----
    The test part of a fold is the series from its first step to the end of the segment, of which
    the scorer forecasts the last ``n_steps``.

    References
    ----------
    .. [1] Racca & Magri (2021), Robust optimization and validation of echo state networks for
       learning chaotic dynamics, Neural Networks 142.

    Examples
    --------
    >>> import numpy as np
    >>> from dlkit import ESNForecaster, ReservoirSearchCV
    >>> from dlkit.reservoir import RecycleSplit
    >>> x = np.sin(0.3 * np.arange(300)) ** 3
    >>> search = ReservoirSearchCV(
    ...     ESNForecaster(50, random_state=0),
    ...     {"spectral_radius": [0.5, 0.9], "alpha": [1e-8, 1e-4, 1.0]},
    ...     scoring="closed_loop",
    ...     cv=RecycleSplit(50, n_segments=4),
    ... ).fit(x)
    >>> search.n_splits_, search.best_params_["alpha"] < 1
    (4, True)
    """

    _parameter_constraints = {"n_steps": [count()], "n_segments": [count()]}

    def __init__(self, n_steps=100, *, n_segments=10):
        self.n_steps = n_steps
        self.n_segments = n_segments

    def split(self, X, y=None, groups=None):
        """Yield the training and the test rows of each fold.

        Parameters
        ----------
        X : array-like of shape (T,) or (T, C)
            The series.
        y, groups : object
            Not looked at.
        """
        self._validate_params()
        n_rows, n = num_samples(X), int(self.n_steps)
        if isinstance(X, (list, tuple)) and np.ndim(X[0]) > 0:
            raise ValueError("RecycleSplit splits one series, got a list of several.")
        if n_rows < n + 3:
            raise ValueError(
                f"X has {n_rows} steps, too few for segments of n_steps={n}: at least {n + 3} are "
                "needed, or a smaller n_steps."
            )
        latest = n_rows - n
        ends = np.linspace(min(n_rows // 3, latest), latest, int(self.n_segments)).astype(int) + n
        for end in ends:
            yield np.arange(n_rows), np.arange(end)

    def get_n_splits(self, X=None, y=None, groups=None):
        """Return the number of segments.

        Parameters
        ----------
        X, y, groups : object, default=None
            Ignored: there for scikit-learn's interface.

        Returns
        -------
        int
        """
        return int(self.n_segments)
