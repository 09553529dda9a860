"""One call: fast baselines on one's own data."""

import tempfile
from pathlib import Path
from time import monotonic

from joblib import effective_n_jobs

from .._announce import warn
from .._params import Integral, Interval, Real, validate_params
from ..exceptions import ReadingWarning
from ._naive import naive
from ._problem import read_problem
from ._schedule import Row, Schedule
from ._slots import Here, Slot
from ._table import BaselineTable
from ._work import hello, run_fold, stored

__all__ = ["compare_baselines"]


@validate_params(
    {
        "task": [str],
        "models": [str, list, tuple, dict],
        "budget": [Interval(Real, 0, None, closed="neither")],
        "memory": [Interval(Real, 0, None, closed="neither")],
        "n_jobs": [Integral, None],
        "n_steps": [Integral, None],
        "random_state": ["random_state"],
        "verbose": ["verbose"],
    },
    prefer_skip_nested_validation=True,
)
def compare_baselines(
    X,
    y=None,
    *,
    task="auto",
    models="all",
    cv=5,
    scoring=None,
    budget=60.0,
    memory=2e9,
    groups=None,
    n_steps=None,
    n_jobs=None,
    random_state=0,
    verbose=1,
):
    """Compare fast baselines on your own data: a table, within a budget of seconds and bytes.

    dlkit's maps and readouts with settled settings stand beside what is to be beaten: the naive
    answer, a plain ridge, and scikit-learn's ensembles of trees. All see the same folds, and choose
    their penalties inside; no test set is touched.

    Parameters
    ----------
    X : array-like or list of array-like
        Samples: rows of shape (n, p); sequences, a list of arrays of shape (T_i,) or (T_i, C) or
        an array (n, T, C); images, (n, H, W) or (n, H, W, C) or a list; trees, a list of
        `dlkit.trees.Tree`. Without y, one series to forecast, of shape (T,) or (T, C), or a list
        of series.
    y : array-like of shape (n,) or (n, q), default=None
        Labels or numbers; None for forecasts. A single column is taken as one target.
    task : str, default="auto"
        "rows", "sequences", "images", "trees" or "forecast", where the form of X does not tell;
        "classification" or "regression", where y does not; or both, as "images regression".
        "auto" reads a 2-D X with targets as rows, lists of arrays of several lengths as sequences,
        and asks where samples have two axes and one shape.
    models : {"all", "fast"}, list or dict, default="all"
        Contenders. A dict of your own estimators by name joins all; a list has names, and pairs
        ``(name, estimator)`` for your own, beside the naive answer and the ridge. Your own may
        fail, hang or ask for more memory than there is: this makes a row.
    cv : int, splitter or iterable of (train, test), default=5
        Folds, stratified where y holds labels; for an order in time, scikit-learn's
        `TimeSeriesSplit`. For forecasts, the number of origins, ``n_steps`` apart, each forecast
        from all that lies before.
    scoring : str or callable, default=None
        As in scikit-learn; accuracy for labels, R² for numbers if None. For forecasts a loss:
        "mase" (None), "mae", "rmse", "smape" or a callable of truth and forecast.
    budget : float, default=60.0
        Seconds for everything. What each contender will take is told from small portions of the
        data before it starts; what does not fit is a row that says so.
    memory : float, default=2e9
        Bytes that fits may hold at once, beyond the data. Told before like the seconds; what
        takes more all the same is ended, on systems that say what a process holds.
    groups : array-like of shape (n,), default=None
        Groups that folds keep together.
    n_steps : int, default=None
        Steps ahead, of forecasts; a season that the series shows, or 8 steps, if None.
    n_jobs : int, default=None
        Contenders side by side, in processes of one thread each; None means 1.
    random_state : int, RandomState instance or None, default=0
        Seeds folds and contenders.
    verbose : int, default=1
        1 prints a line for each row as it is known.

    Returns
    -------
    table : BaselineTable
        Rank, score, differences to the naive and to the best with a paired test, seconds and peak
        memory; ``table.frame``, ``table.plot()``, ``table.explain(name)``,
        ``table.estimator(name)``, ``table.best()``, ``table.oof_predictions_``. After an interrupt,
        what was known by then.

    Raises
    ------
    ValueError
        If X and y do not fit together, if the form of X may mean two kinds of samples, or if a
        series is too short for its origins.

    Warns
    -----
    ReadingWarning
        Of ``dlkit.exceptions``, if the data look as if another task was meant; naming ``task``
        silences the warning.

    Notes
    -----
    *Time.* Contenders that share features have these computed once a fold. A contender is fitted on
    portions of the first fold that grow until one takes a quarter of a second; from there, features
    grow in proportion to the samples, a ridge by its operations, at the speed that this machine
    showed on two problems of known sizes, and all else as it grew so far. Where the folds of a
    contender do not all fit into what is left, one is done at the end if that fits; its row stands
    behind those that have all. Estimators of your own are tried last; a fit that takes four times
    what was expected, and more than three seconds, is ended.

    *Processes.* Contenders run in processes of their own, started by loky (as joblib's are), which
    can be ended on any system; the naive answer comes from this one. Data are sent once.

    *The choice* of ``table.best()`` is the first row, but for classifiers of sequences the vote of
    four of them, unless the first is better by a standard error.

    *The test* is Student's t of the differences fold by fold, whose variance counts that training
    samples overlap [1]_. For forecasts the origins are the folds.

    References
    ----------
    .. [1] Nadeau & Bengio (2003), Inference for the generalization error, Machine Learning 52,
       section 3.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from dlkit import compare_baselines
    >>> X, y = load_iris(return_X_y=True)
    >>> table = compare_baselines(X, y, models=["logistic"], verbose=0)
    >>> sorted(table.names)
    ['logistic', 'naive', 'ridge']
    >>> table.explain("ridge")
    import numpy as np
    from dlkit import RidgeReadoutClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    <BLANKLINE>
    model = make_pipeline(StandardScaler(), RidgeReadoutClassifier(np.logspace(-3, 3, 10)))
    >>> table.best().fit(X, y).score(X, y) > 0.8
    True
    """
    began = monotonic()
    problem = read_problem(X, y, task, cv, scoring, groups, n_steps, random_state)
    with tempfile.TemporaryDirectory(prefix="dlkit-", ignore_cleanup_errors=True) as folder:
        path = stored(problem, Path(folder) / "problem")
        schedule = Schedule(problem, float(budget), float(memory), began, verbose)
        row = _naive_row(problem, path)  # from this process: there at once
        schedule.tell(row)
        slots = [_slot(path) for _ in range(effective_n_jobs(n_jobs))]
        try:
            from ._contenders import choose  # imports ensembles, while processes start

            contenders = choose(problem, models, _seed(random_state))
        except BaseException:
            for slot in slots:
                slot.end()
            raise
        rows = [Row(contender) for contender in contenders]
        schedule.run(rows, slots)
    _pass_on(rows)
    return BaselineTable(problem, [row, *rows], monotonic() - began)


def _pass_on(rows):
    """Say here what a contender of ours warned of how the data are read."""
    start = f"{ReadingWarning.__name__}: "
    notes = [note for row in rows if row.contender.own for note in row.notes]
    found = next((note for note in notes if note.startswith(start)), None)
    if found is not None:
        warn(found.removeprefix(start), ReadingWarning)


def _seed(random_state):
    """A number that seeds all contenders alike."""
    if isinstance(random_state, Integral | None):
        return random_state
    return int(random_state.randint(2**31 - 1))


def _slot(path):
    try:
        return Slot(hello, path)
    except (OSError, NotImplementedError, RuntimeError):  # what systems without processes raise
        return Here(hello, path)


def _naive_row(problem, path):
    row = Row(naive(problem))
    for number in range(len(problem.folds)):
        [fit] = run_fold(path, [row.contender], number)
        row.take(number, fit)
    row.status = row.status or "ok"
    return row
