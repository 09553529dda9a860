"""Figure of a search: a parameter against the score."""

import numpy as np

from ._display import GREY, PALETTE, Display, style


class SearchDisplay(Display):
    """Scores of a search against one parameter: all candidates, and the best of each value.

    Use :meth:`from_estimator` or :meth:`from_results` to make one.

    Parameters
    ----------
    values : ndarray of shape (n_candidates,)
        The parameter, of each candidate.
    scores : ndarray of shape (n_candidates,)
        Mean test score of each.
    param : str
        Name of the parameter.
    metric : str, default="score"
        Name of the score.
    groups : ndarray of shape (n_candidates,), default=None
        Another parameter, of which each value has a line.
    by : str, default=None
        Its name.

    Attributes
    ----------
    ax_, figure_ : matplotlib Axes and Figure
        What was drawn into.
    points_ : matplotlib Line2D
        A point for each candidate.
    lines_ : list of matplotlib Line2D
        The best score of each value; one line, or one for each value of ``by``.

    References
    ----------
    .. [1] Bergstra & Bengio (2012), Random search for hyper-parameter optimization, Journal of
       Machine Learning Research 13.

    Examples
    --------
    >>> from dlkit import ESNClassifier, ReservoirSearchCV
    >>> from dlkit.datasets import load_japanese_vowels
    >>> from dlkit.plotting import SearchDisplay
    >>> X, y = load_japanese_vowels(subset="train", return_X_y=True)
    >>> grid = {"leak_rate": [0.1, 0.3, 1.0], "alpha": [0.01, 0.1, 1.0]}
    >>> search = ReservoirSearchCV(ESNClassifier(30, random_state=0), grid).fit(X, y)
    >>> display = SearchDisplay.from_estimator(search, "leak_rate")
    >>> display.lines_[0].get_xdata()
    array([0.1, 0.3, 1. ])
    """

    def __init__(self, values, scores, param, metric="score", groups=None, by=None):
        self.values = values
        self.scores = scores
        self.param = param
        self.metric = metric
        self.groups = groups
        self.by = by

    @classmethod
    def from_estimator(cls, search, param, *, by=None, metric=None, ax=None, **kwargs):
        """Draw a fitted search.

        Parameters
        ----------
        search : ReservoirSearchCV or a search of scikit-learn
            Fitted.
        param : str
            Parameter on the axis.
        by : str, default=None
            Another parameter, each of whose values gets a line of its own.
        metric : str, default=None
            Which score, of several; the one that chose (``refit``) if None.
        ax : matplotlib Axes, default=None
            Axes to draw into; those of a new figure if None.
        **kwargs : dict
            Go to the lines.

        Returns
        -------
        display : SearchDisplay
        """
        if not hasattr(search, "cv_results_"):
            raise TypeError(f"{type(search).__name__} has no cv_results_: give a fitted search.")
        if metric is None:
            refit = getattr(search, "refit", None)
            metric = refit if isinstance(refit, str) else "score"
        return cls.from_results(search.cv_results_, param, by=by, metric=metric, ax=ax, **kwargs)

    @classmethod
    def from_results(cls, cv_results, param, *, by=None, metric="score", ax=None, **kwargs):
        """Draw the ``cv_results_`` of a search.

        Parameters
        ----------
        cv_results : dict
            With ``param_...`` and ``mean_test_...``.
        param : str
            Parameter on the axis.
        by, metric, ax, **kwargs
            As of :meth:`from_estimator`.

        Returns
        -------
        display : SearchDisplay
        """

        def column(name, kind):
            if name not in cv_results:
                start = name.partition(kind)[1]
                there = sorted(key[len(start) :] for key in cv_results if key.startswith(start))
                what = name[len(start) :]
                raise ValueError(f"{what!r} is none of what was searched: {there}.")
            return np.ma.filled(np.ma.asarray(cv_results[name]), np.nan)

        values = column(f"param_{param}", "param_")
        scores = np.asarray(column(f"mean_test_{metric}", "mean_test_"), dtype=float)
        groups = None if by is None else column(f"param_{by}", "param_")
        return cls(values, scores, param, metric, groups, by).plot(ax=ax, **kwargs)

    def plot(self, ax=None, **kwargs):
        """Draw.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw into; those of a new figure if None.
        **kwargs : dict
            Go to the lines.

        Returns
        -------
        self : SearchDisplay
        """
        ax = self._begin(ax)
        places, ticks, log = _axis(self.values)
        (self.points_,) = ax.plot(
            places, self.scores, color=GREY, marker="o", linestyle="", markersize=3.5, alpha=0.6,
            label="candidates",
        )  # fmt: skip
        self.lines_ = []
        names = [None] if self.groups is None else _distinct(self.groups)
        for i, name in enumerate(names):
            mine = np.ones(len(places), dtype=bool)
            if self.groups is not None:
                mine = np.array([_same(group, name) for group in self.groups])
            at = np.unique(places[mine])
            # fmax: a candidate whose fit failed has no score
            best = [np.fmax.reduce(self.scores[mine & (places == x)]) for x in at]
            label = "best" if self.by is None else f"{self.by}={_short(name)}"
            look = {"color": PALETTE[i % len(PALETTE)], "marker": "o", "linewidth": 1.6}
            self.lines_ += ax.plot(at, best, **style(look | {"label": label}, kwargs))
        if log:
            ax.set_xscale("log")
        if ticks is not None:
            ax.set_xticks(np.arange(len(ticks)), ticks)
        ax.set(xlabel=self.param, ylabel=self.metric.removeprefix("neg_").replace("_", " "))
        if self.metric.startswith("neg_"):
            ax.set_ylabel("−" + ax.get_ylabel())
        ax.legend(loc="best", fontsize="small", frameon=False)
        return self


def _same(a, b):
    return a is b or str(a) == str(b)


def _distinct(values):
    """Distinct values; numbers sorted, others as they come."""
    found = list({str(value): value for value in values}.values())
    try:
        return sorted(found)
    except TypeError:
        return found


def _short(value):
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _axis(values):
    """Places of values on the axis, labels of the places unless they are numbers, and if log."""
    try:
        numbers = np.array([np.nan if isinstance(v, (bool, str)) else v for v in values], float)
    except (TypeError, ValueError):
        numbers = np.array([np.nan])
    if np.isfinite(numbers).all():
        log = numbers.min() > 0 and numbers.max() >= 30 * numbers.min()
        return numbers, None, log
    found = _distinct(values)
    places = [next(i for i, other in enumerate(found) if _same(v, other)) for v in values]
    return np.array(places, float), [_short(v) for v in found], False
