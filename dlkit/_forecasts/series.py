"""Series as a forecaster takes them: read with their index, packed, in model units."""

from dataclasses import dataclass, replace
from numbers import Integral, Real
from typing import NamedTuple

import numpy as np

from .._readings import warn_reading
from .._validation import check_array, is_frame, naming, refuse_masked
from ..sequences import FLOATS, Sequences, check_sequences, members_of, pack
from .calendar import Calendar
from .covariates import windows
from .guard import Bounds, finite, guarded, held
from .indices import home_of, read_calendar

__all__ = ["Outset", "Past", "Series", "pack_series", "read_series"]

HEAD = 256  # steps by which a series is known again
FEW = 8  # values that come one by one, or nearly so
TAIL, TAILS = 4096, 65536  # last steps that are kept of a series, at most, and of all together


def answer(form, calendars, future, columns=slice(None)):
    """Steps to come of several series, in the form in which the series came."""
    if form == "cube":
        return future
    found = [one.answer(steps, columns) for one, steps in zip(calendars, future, strict=True)]
    return found[0] if form in ("series", "series1d") else found


@dataclass(frozen=True, eq=False)
class Series:
    """Series that were given, and how their forecasts are handed back.

    Attributes
    ----------
    raw : Sequences
        In the data's units.
    calendars : tuple of Calendar
        One for each.
    units : Units or None
        Of each series; None for the data's own.
    batch : Sequences
        In model units, the covariates of the steps to come beside each step.
    covariates : Covariates, default=None
        What their columns are.
    tables : list of ndarray of shape (n_i, K), default=()
        Covariates of each series, in model units; the first row is that of its first step.
    missing : ndarray of bool of the shape of ``raw.values``, default=None
        Which numbers are missing.
    """

    raw: object
    calendars: tuple
    units: object = None
    batch: object = None
    covariates: object = None
    tables: tuple = ()
    missing: object = None

    def answer(self, future, columns=slice(None)):
        """Steps to come, in the form of the series.

        Parameters
        ----------
        future : ndarray of shape (n_series, n_steps, n_columns)
            In the data's units.
        columns : slice or ndarray of int, default=slice(None)
            Which channels these are.
        """
        return answer(self.raw.form, self.calendars, future, columns)

    def scaled(self, units):
        """The same in model units."""
        batch = self.raw if units is None else units.forward(self.raw)
        return replace(self, units=units, batch=batch)

    def beside(self, covariates, tables, horizon):
        """The same with covariates of so many steps ahead beside each step, in model units."""
        tables = covariates.scaled(tables)
        batch = self.batch
        columns = [windows(c, n, horizon) for c, n in zip(tables, batch.lengths, strict=True)]
        columns = np.concatenate(columns).astype(batch.values.dtype)
        batch = replace(batch, values=np.hstack([batch.values, columns]))
        return replace(self, batch=batch, covariates=covariates, tables=tables)


@dataclass(frozen=True, eq=False)
class Past:
    """What a fitted forecaster keeps of the series it saw.

    Attributes
    ----------
    form : str
        Form in which they came, see :class:`~dlkit.sequences.Sequences`.
    calendars : tuple of Calendar
        One for each.
    heads : list of ndarray
        First steps of each, by which the series is known again.
    last : ndarray of shape (n_series, n_channels)
        Last step of each, in the data's units.
    bounds : Bounds
        Of each, in the data's units.
    units : Units or None
        Of each, or of all.
    covariates : Covariates, default=None
        What the columns of their covariates are.
    pending : list of (ndarray, ndarray), default=()
        The last steps of each series, in model units, and their covariates: as many as the horizon,
        of which not all covariates were known yet.
    tails : list of ndarray, default=()
        The last steps of each, in model units, beside their covariates: past forecasts are judged
        by them.
    """

    form: str
    calendars: tuple
    heads: list
    last: np.ndarray
    bounds: Bounds
    units: object = None
    covariates: object = None
    pending: tuple = ()
    tails: tuple = ()

    @classmethod
    def of(cls, series, n_pending=0):
        """What is kept of series, the last steps of which are pending if they have covariates."""
        raw = series.raw
        heads = [np.array(raw[i][:HEAD]) for i in range(len(raw))]
        last = raw.values[raw.offsets[1:] - 1]
        pending = ()
        if series.covariates is not None:
            c = raw.n_channels
            pending = [
                (np.array(series.batch[i][-n_pending:, :c]), series.tables[i][n - n_pending : n])
                for i, n in enumerate(raw.lengths)
            ]
        n = _kept(len(raw))
        kept = raw if series.batch is None else series.batch
        tails = [np.array(kept[i][-n:]) for i in range(len(raw))]
        known = Bounds.of(raw), series.units, series.covariates, pending, tails
        return cls(raw.form, series.calendars, heads, last, *known)

    def settled(self, which, tables):
        """Pending steps of some series with covariates that are known by now, as a batch.

        Parameters
        ----------
        which : sequence of int
            Numbers of the series.
        tables : list of ndarray of shape (n, K)
            Covariates of their steps to come, in model units.
        """
        rows = []
        for i, table in zip(which, tables, strict=True):
            x, c = self.pending[i]
            n = len(x)
            rows.append(np.hstack([x, windows(np.concatenate([c, table]), n, n).astype(x.dtype)]))
        offsets = np.arange(len(rows) + 1, dtype=np.int64) * len(rows[0])
        return Sequences(np.concatenate(rows), offsets, "list")

    def after(self, series):
        """The same when later stretches of the series came."""
        calendars = tuple(
            one.joined(later) for one, later in zip(self.calendars, series.calendars, strict=True)
        )
        raw = series.raw
        heads = [
            np.concatenate([head, raw[i][: HEAD - len(head)]]) if len(head) < HEAD else head
            for i, head in enumerate(self.heads)
        ]
        last = raw.values[raw.offsets[1:] - 1]
        bounds = self.bounds.joined(Bounds.of(raw))
        n, kept = _kept(len(raw)), raw if series.batch is None else series.batch
        tails = [np.concatenate([one, kept[i][-n:]])[-n:] for i, one in enumerate(self.tails)]
        return replace(
            self, form=raw.form, calendars=calendars, heads=heads, last=last, bounds=bounds,
            tails=tails,
        )  # fmt: skip

    def bounds_of(self, series):
        """Bounds of series that were given later, and of what was seen of them before."""
        _, seen = self.places(series)
        seen[seen < 0] = 0 if len(self.heads) == 1 else -1
        bounds, known = Bounds.of(series.raw), seen >= 0
        before = self.bounds.of_series(np.where(known, seen, 0))
        joined = before.joined(bounds)
        low, high = (
            np.where(known[:, None], a, b)
            for a, b in ((joined.low, bounds.low), (joined.high, bounds.high))
        )
        return Bounds(low, high, bounds.moves | (known & before.moves))

    def number_of(self, series):
        """Number of each series among those that were seen; −1 for others."""
        raw, known = series.raw, {}
        for number, head in enumerate(self.heads):
            known.setdefault(head[:1].tobytes(), []).append(number)
        found = np.full(len(raw), -1)
        for i in range(len(raw)):
            for number in known.get(raw[i][:1].astype(self.heads[0].dtype).tobytes(), ()):
                head = self.heads[number]
                n = min(len(head), len(raw[i]))
                if np.array_equal(head[:n], raw[i][:n], equal_nan=True):
                    found[i] = number
                    break
        return found

    def places(self, series, *, tell=False):
        """Where series begin: "start" (of a series that was seen), "after" it, or "elsewhere".

        Labels that go on from a series say so, see :meth:`_after`; else the first values.

        Parameters
        ----------
        series : Series
            As given later.
        tell : bool, default=False
            Whether to warn where it cannot be told.

        Returns
        -------
        places : list of str
            One for each series.
        seen : ndarray of int
            Number of the series that each is, or goes on with; −1 for none.
        """
        seen, places = self.number_of(series), []
        single = self.form.startswith("series") and series.raw.form.startswith("series")
        for i, after in enumerate(self._after(series, tell)):
            vague = seen[i] >= 0 and self._recurs(series.raw[i], seen[i])
            labelled = series.calendars[i].follows(self.calendars[seen[i]]) if vague else None
            if after >= 0:
                place, seen[i] = "after", after
            elif vague and labelled == "elsewhere":
                place, seen[i] = "elsewhere", -1
            elif seen[i] >= 0:
                place = "start"
                few = len(series.raw[i]) <= min(FEW, len(self.heads[seen[i]]) // 2)
                if tell and single and vague and few and labelled is None:
                    _warn_of_values(len(series.raw[i]))
            elif single and series.calendars[i].follows(self.calendars[0]) is None:
                place, seen[i] = "start" if self._is_revised(series.raw[i]) else "after", i
            else:
                place = "elsewhere"
            places.append(place)
        return places, seen

    def _after(self, series, tell):
        """Number of the series that each goes on with, by its labels; −1 for none.

        That is the one of the same name if each has a name of its own, else the one in the same
        place of the list, else the only one that ends there.
        """
        names, alike = [one.columns for one in self.calendars], len(series.raw) == len(self.heads)
        named = len(set(names)) == len(names) > 1 and not {(), (None,)} & set(names)
        found = []
        for i, calendar in enumerate(series.calendars):
            ends = (
                [k for k, one in enumerate(self.calendars) if calendar.follows(one) == "after"]
                if calendar.telling
                else []
            )
            if named and calendar.columns in names:
                ends = [k for k in ends if names[k] == calendar.columns]
            elif alike and i in ends:
                ends = [i]
            elif len(ends) > 1:
                if tell:
                    _warn_of_ends(ends, i)
                ends = []
            found.append(ends[0] if ends else -1)
        return found

    def _is_revised(self, x):
        """Whether a series is the one that was seen, and more, but for some steps that changed.

        As it is where values came late or were corrected. What most steps are does not count.
        """
        head = self.heads[0]
        if len(x) < self.calendars[0].n:
            return False
        values, counts = np.unique(head[:, 0], return_counts=True)
        telling = head[:, 0] != values[np.argmax(counts)] if counts.max() > 1 else slice(None)
        same = (x[: len(head)] == head)[telling].all(axis=1)
        return len(same) > 3 and np.mean(same) > 0.5

    def _recurs(self, x, number):
        """Whether the first steps of a series, few as they are, come again further on in it."""
        head, n = self.heads[number], len(x)
        if n >= len(head):
            return False
        later = np.lib.stride_tricks.sliding_window_view(head[1:], n, axis=0)
        return bool((later == x.T).all(axis=(1, 2)).any())


def _warn_of_values(n):
    warn_reading(
        f"X is read as the beginning of the series that `fit` saw, which has the same "
        f"{'value' if n == 1 else f'{n} values'} there and further on",
        likely="is what follows the series, if new values are given as they come",
        mend="hand over the whole series up to now, or Series whose index goes on from it",
        meant="hand over more of its first steps",
    )


def _warn_of_ends(ends, i):
    warn_reading(
        f"X[{i}] begins right after {len(ends)} of the series that `fit` saw, nothing says which "
        "of these it goes on with, and it is read as a new series",
        likely="goes on with one of these",
        mend="hand over as many series as in `fit`, in that order, give each a name of its own in "
        "both, or hand over that series from its beginning",
        name=f"X[{i}]",
    )


class Outset(NamedTuple):
    """Where forecasts begin.

    Attributes
    ----------
    states : ndarray of shape (n_series, n_state)
        After the last steps that are known.
    inputs : ndarray of shape (n_series, n_channels)
        These steps, in model units.
    known : ndarray of shape (n_series, n_steps - 1, n_known) or None
        Covariates beside the steps to come.
    form : str
        Form of the series.
    calendars : tuple of Calendar
        Of each.
    units : Units or None
        Of each.
    bounds : Bounds or None
        Of what was seen of each.
    """

    states: np.ndarray
    inputs: np.ndarray
    known: np.ndarray
    form: str
    calendars: tuple
    units: object
    bounds: object = None

    def back(self, future):
        """Numbers of shape (n_series, n_steps, n_columns) in the data's units."""
        if self.units is None:
            return future
        lengths, flat = np.full(len(future), future.shape[1]), finite(future)
        with np.errstate(all="ignore"):
            flat = self.units.back(flat.reshape(-1, future.shape[2]), lengths)
        return flat.reshape(future.shape)

    def answer(self, future, columns=slice(None), mend=None):
        """Steps to come in the form of the series, from numbers in model units.

        Numbers that the units cannot mean are held within their bounds; that is announced if
        ``mend`` says what makes a forecast more stable.
        """
        found, bounds = self.back(future), self.bounds.of_channels(columns)
        found = guarded(found, bounds, mend) if mend else held(found, bounds)
        return answer(self.form, self.calendars, found, columns)

    def answer_paths(self, paths):
        """Paths of shape (n_series, n_paths, n_steps, n_columns) in the data's units.

        Of one series without an axis of channels, of shape (n_paths, n_steps); of several, a list.
        """
        n, n_paths, n_steps, n_columns = paths.shape
        whole = self.back(paths.reshape(n, n_paths * n_steps, n_columns)).reshape(paths.shape)
        found = [
            one[:, :, 0] if calendar.flat else one
            for one, calendar in zip(whole, self.calendars, strict=True)
        ]
        return found[0] if self.form in ("series", "series1d") else found


def _kept(n_series):
    """Last steps that are kept of each of so many series."""
    return min(TAIL, max(TAILS // n_series, 64))


def read_series(estimator, X, *, reset, past=None, allow_nan=False):
    """Read series with their index.

    Parameters
    ----------
    estimator : estimator
        As of :func:`dlkit.sequences.check_sequences`.
    X : array-like or list of array-like
        One series: 1-D or 2-D array, list of numbers, Series or DataFrame of pandas or polars; or
        several: a list of these, or an array of shape (n, T, C).
    reset : bool
        Whether this is a fit.
    past : Past, default=None
        Of series seen before, whose frequency may be that of these.
    allow_nan : bool, default=False
        Whether steps may be missing.

    Returns
    -------
    Series
    """
    X, calendars, flat = _without_index(X)
    expected = 1 if reset else estimator.n_channels_in_
    if flat and expected != 1:
        raise ValueError(
            f"X is one series of one channel, but {type(estimator).__name__} was fitted with "
            f"{expected} channels. Reshape your data: X.reshape(-1, {expected}) has a row for each "
            "step."
        )
    batch = check_sequences(
        estimator, X, reset=reset, rows="steps", allow_nan=allow_nan, in_order=False
    )
    return _series(batch, calendars, flat, past)


def pack_series(X):
    """Read series as :func:`read_series` does, for no estimator."""
    X, calendars, flat = _without_index(X)
    return _series(pack(X, rows="steps"), calendars, flat, None)


def _without_index(X):
    """Series that can be packed, calendars (None for arrays), and whether it is one 1-D series."""
    if isinstance(X, Integral) and not isinstance(X, bool):
        raise ValueError(
            f"X must be a series, or several, got the number {X}. If that is the number of "
            f"steps to look ahead, forecast({X}) does."
        )
    if isinstance(X, Real) and not isinstance(X, bool):
        raise ValueError(
            f"X must be a series, or several, got the number {X}. Give settings by name: "
            f"coverage={X}, say."
        )
    members = members_of(X, "X", "steps")
    if members is not None:
        if not any(home_of(x) is not None for x in members):
            return members, None, False
        read = [read_calendar(x, f"X[{i}]") for i, x in enumerate(members)]
        return [_column(x) for _, x in read], [calendar for calendar, _ in read], False
    if home_of(X) is not None and (is_frame(X) or hasattr(X, "to_frame")):
        calendar, X = read_calendar(X)
        flat = calendar.flat
        return np.reshape(_column(X), (-1, 1)) if flat else X, [calendar], flat
    if hasattr(X, "__len__") and not isinstance(X, (str, bytes, dict, set)):
        shape = getattr(X, "shape", None)
        with naming("X"):
            if (len(shape) if shape is not None else _depth(X)) == 1 and len(X):
                refuse_masked(X, "X")
                return np.asarray(X).reshape(-1, 1), None, True
    return X, None, False


def _depth(X):
    return 1 + _depth(X[0]) if isinstance(X, (list, tuple)) and len(X) else np.ndim(X)


def _series(batch, calendars, flat, past):
    if flat:
        batch = replace(batch, form="series1d")
    if calendars is None:
        flat = batch.form in ("list1d", "series1d")
        calendars = [
            Calendar(flat=flat, n=int(n), last=int(n) - 1, after=int(n)) for n in batch.lengths
        ]
    if past is not None:
        alike = len(past.calendars) == len(calendars)
        known = past.calendars if alike else past.calendars[:1] * len(calendars)
        calendars = [one.like(other) for one, other in zip(calendars, known, strict=True)]
    return Series(batch, tuple(calendars))


def _column(x):
    """Numbers of a Series of pandas or polars, missing entries as NaN; others as they are."""
    if home_of(x) is None or is_frame(x):
        return x
    frame = x.to_frame()
    return check_array(frame, dtype=FLOATS, ensure_all_finite=False, input_name="X")[:, 0]
