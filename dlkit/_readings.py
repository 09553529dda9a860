"""What is said where data are read in one way and another way is likelier, or cannot be read."""

import numpy as np

from ._announce import warn
from ._frames import is_table, likely_columns
from ._validation import is_frame
from .exceptions import ReadingWarning

__all__ = [
    "channels_are_steps",
    "explained",
    "likely_form",
    "rows_are_steps",
    "same_steps",
    "warn_of_column",
    "warn_of_disorder",
    "warn_of_labels",
    "warn_of_readings",
    "warn_reading",
]

LOOK = 2**14  # numbers that are looked at


def warn_reading(taken, *, likely, mend, meant=None, name="X"):
    """Warn that data may have been read in another way than was meant.

    Parameters
    ----------
    taken : str
        How the data are read: a sentence without its full stop.
    likely : str
        What the data probably are: what follows "More probably X ...".
    mend : str
        The one line that hands the data over as that; what follows "then".
    meant : str, default=None
        A way to say that the reading is right, if there is one beside silencing the warning; what
        follows "If the reading is right,".
    name : str, default="X"
        What messages call the data.
    """
    silence = 'warnings.simplefilter("ignore", dlkit.exceptions.ReadingWarning)'
    warn(
        f"{taken}. More probably {name} {likely}: then {mend}. If the reading is right, "
        f"{'' if meant is None else f'{meant}, or '}silence this warning by {silence}.",
        ReadingWarning,
    )


def _index_of(x):
    """Index of a Series or a frame of pandas, if it is one of unique labels; else None."""
    index = getattr(x, "index", None)
    if not (hasattr(x, "loc") and hasattr(index, "equals")):
        return None
    return index if index.is_unique else None


def _label(index, at):
    return index[[at]].tolist()[0]


def warn_of_labels(one, other, names, *, dates=False):
    """Warn where rows are read side by side, and their labels say that others belong together.

    Parameters
    ----------
    one, other : object
        What is read row by row. Only Series and frames of pandas have labels; lists of these are
        looked at pair by pair.
    names : (str, str)
        What messages call them.
    dates : bool, default=False
        Whether dates must be the same, not only their order.
    """
    if isinstance(one, (list, tuple)) and isinstance(other, (list, tuple)):
        if one and other and _index_of(one[0]) is not None and _index_of(other[0]) is not None:
            for i, pair in enumerate(zip(one, other, strict=False)):
                warn_of_labels(*pair, [f"{name}[{i}]" for name in names], dates=dates)
        return
    a, b = _index_of(one), _index_of(other)
    if a is None or b is None or len(a) != len(b) or a.equals(b):
        return
    if a.isin(b).all():
        at = int(np.argmax(np.asarray(a != b)))
        said = (
            f"the labels of {names[0]} in another order: row {at} is {_label(a, at)} in {names[0]}"
        )
    elif dates and type(a) is type(b) and hasattr(a, "freqstr"):
        at = int(np.argmax(np.asarray(a != b))) if a.dtype == b.dtype else 0
        said = f"other dates: row {at} is {_label(a, at)} in {names[0]}"
    else:
        return
    warn_reading(
        f"{names[1]} is read row by row beside {names[0]}, but its index has {said} and "
        f"{_label(b, at)} in {names[1]}",
        likely=f"belongs to {names[0]} label by label",
        mend=f"hand over {names[1]}.reindex({names[0]}.index)",
        meant=f"hand over {names[1]}.to_numpy()",
        name=names[1],
    )


def same_steps(y_true, other, name):
    """Hold a forecast's labels and columns against those of the truth.

    Columns in another order are refused; rows that say they are of other steps are warned of.
    """
    lists = isinstance(y_true, (list, tuple)), isinstance(other, (list, tuple))
    if lists[1] and (not other or (not hasattr(other[0], "loc") and not is_frame(other[0]))):
        return
    for i, one in enumerate(other if lists[1] else [other]):
        at = f"[{i}]" if lists[1] else ""
        if lists[0] and i >= len(y_true):
            return
        truth = y_true[i] if all(lists) else y_true
        pair = f"y_true{at if lists[0] else ''}", name + at
        if is_frame(truth) and is_frame(one):
            columns = list(truth.columns), list(one.columns)
            if columns[0] != columns[1] and sorted(map(str, columns[0])) == sorted(
                map(str, columns[1])
            ):
                raise ValueError(
                    f"{pair[1]} has the columns {columns[1]}, {pair[0]} has {columns[0]}: hand "
                    f"over {pair[1]}[list({pair[0]}.columns)]."
                )
        warn_of_labels(truth, one, pair, dates=True)


@np.errstate(all="ignore")  # what overflows is not looked into
def channels_are_steps(values, offsets):
    """Whether what is read as channels looks like steps, and the steps like channels.

    It does if there are far more channels than steps, and either hardly any steps, or values change
    little from one channel to the next and much from one step to the next.

    Parameters
    ----------
    values : ndarray of shape (total steps, n_channels)
        Packed sequences, see :class:`dlkit.sequences.Sequences`.
    offsets : ndarray of shape (n_sequences + 1,)
        Where each begins.
    """
    n, c = len(offsets) - 1, values.shape[1]
    steps = len(values) / n
    if c < 8 or c < 2 * steps:
        return False
    if steps == 1 or (steps <= 3 and c >= 30):
        return n > 1 or c >= 30
    last = np.searchsorted(offsets, max(LOOK // c, offsets[1]), side="right") - 1
    some = values[: offsets[last]].astype(np.float64)
    some = some - some.mean(axis=1, keepdims=True)
    along_steps = np.delete(np.diff(some, axis=0), offsets[1:last] - 1, axis=0)
    spread = np.mean(some**2)
    across, along = np.mean(np.diff(some) ** 2), np.mean(along_steps**2)
    return bool(3 * across < along and along > 0.9 * spread)


@np.errstate(all="ignore")
def rows_are_steps(table):
    """Whether the rows of a table look like the steps of a series, and not like sequences.

    They do if there are far more rows than columns, and values change little from one row to the
    next and much from one column to the next, each column being on a scale of its own.
    """
    n, c = table.shape
    if c < 2 or n < max(20, 4 * c):
        return False
    some = table[: max(LOOK // c, 20)].astype(np.float64)
    some = some - some.mean(axis=0)
    deviation = some.std(axis=0)
    some = some[:, deviation > 0] / deviation[deviation > 0]
    if some.shape[1] < 2:
        return False
    return bool(np.mean(np.diff(some, axis=0) ** 2) < 0.1 and np.mean(np.diff(some) ** 2) > 0.7)


def likely_form(batch, n_channels):
    """What the message about a wrong number of channels adds."""
    lengths = set(batch.lengths.tolist())
    if batch.form == "table" and lengths == {n_channels}:
        return " If X is one sequence, hand over a batch of one: [X]."
    if lengths == {n_channels}:
        mend = "X.T" if batch.form == "series" else "dlkit.sequences.from_channels_first(X)"
        return f" Steps come before channels: if X has its channels first, hand over {mend}."
    return ""


def warn_of_column(estimator, batch):
    """Of one long series that was read as a batch of sequences of one step."""
    warn_reading(
        f"X has {len(batch)} rows of one number each, and {type(estimator).__name__} reads every "
        "row as a sequence of its own, of one step",
        likely="is one long series",
        mend="hand over [X], a batch of one sequence, or use a step-level estimator "
        "(ReservoirStates, ESNForecaster, ESNTagger)",
    )


def warn_of_disorder(X, members):
    """Warn where the rows of a series are read in another order than its index tells.

    Parameters
    ----------
    X : array-like
        A series, a step a row. Only frames of pandas have an index; steps at the same time are in
        order.
    members : list of array-like or None
        The series, if ``X`` holds several.
    """
    for i, frame in enumerate([X] if members is None else members):
        index = getattr(frame, "index", None)
        if not hasattr(index, "is_monotonic_increasing") or index.nlevels > 1:
            continue
        if getattr(index.dtype, "kind", "O") not in "iufmM" and not hasattr(index, "freqstr"):
            continue
        if index.is_monotonic_increasing or index.hasnans:
            continue
        labels = index.asi8 if hasattr(index, "asi8") else np.asarray(index)
        at = int(np.argmax(labels[1:] < labels[:-1]))
        name = "X" if members is None else f"X[{i}]"
        warn_reading(
            f"The rows of {name} are read as consecutive steps, but its index is not in order: "
            f"{index[at]} is followed by {index[at + 1]}",
            likely="is a shuffled selection, has its last step first, or holds several series one "
            "below the other",
            mend=f"hand over {name}.sort_index(), or a list with one frame for each series (by "
            "dlkit.sequences.from_long), and split one series by TimeSeriesSplit",
            meant=f"hand over {name}.reset_index(drop=True)",
            name=name,
        )
        return


FIRST = "dlkit.sequences.from_channels_first(X)"


def _turned(estimator):
    """What is handed over in place of a table whose rows are channels, or series."""
    rows = 'say rows="sequences"' if hasattr(estimator, "rows") else "list(X)"
    return f"X.T, or {rows} for series a row each"


def warn_of_readings(estimator, X, batch):
    """Warn where the form of the data makes another reading likelier than the one taken."""
    reader, n, c = type(estimator).__name__, len(batch), batch.n_channels
    steps = f"{len(batch.values) / n:.4g}"
    rows_taken = f"{reader} reads X as {n} one-channel sequences of {steps} steps, a row each"
    if is_frame(X) and batch.form in ("table", "series"):
        found = likely_columns(X, rows="steps" if batch.form == "series" else "sequences")
        if found is not None:
            series_taken = f"{reader} reads X as one series of {steps} steps and {c} channels"
            taken = rows_taken if batch.form == "table" else series_taken
            warn_reading(
                f"X has the columns {list(X.columns)[:6]}, and {taken}",
                likely=found[0],
                mend=found[1],
                meant="hand over X.to_numpy()",
            )
            return
    if batch.form == "table":
        if n >= 50 and len(batch.values) == n:
            warn_of_column(estimator, batch)
        elif rows_are_steps(batch.values.reshape(n, -1)):
            warn_reading(
                f"X has shape {(n, len(batch.values) // n)}, and {rows_taken}",
                likely="has a row for each step, since neighbouring rows are far more alike than "
                "neighbouring columns",
                mend="hand over [X] for one series, or a list of arrays of shape (n_steps, "
                "n_channels) for several",
            )
    elif channels_are_steps(batch.values, batch.offsets):
        series = batch.form == "series"
        warn_reading(
            f"{reader} reads X as {'one series' if series else f'{n} sequences'} of {steps} steps "
            f"and {c} channels",
            likely="has its channels first" + (", or a series in each row" if series else ""),
            mend=f"hand over {_turned(estimator) if series else FIRST}",
        )
    elif batch.form == "series" and len(batch.values) < c and is_table(X):
        warn_reading(
            f"{reader} reads X, a list of {len(batch.values)} lists of {c} numbers, as one series "
            f"of {steps} steps and {c} channels",
            likely=f"is {len(batch.values)} series of one channel",
            mend="hand over arrays: [np.array(x) for x in X]",
            meant="hand over np.array(X)",
        )


def explained(error, X, name, rows, fitted):
    """What an error of scikit-learn's or NumPy's says, with the name of the input and what to do.

    Parameters
    ----------
    error : Exception
        Of turning ``X`` into an array.
    X : object
        As far as it was turned into one.
    name, rows : str
        As of :func:`pack`.
    fitted : estimator or None
        That knows how many columns ``X`` should have.
    """
    said = str(error)
    if said.startswith("Columns"):
        return (
            f"{said} With pandas, {name}.set_index(...) keeps a column as the index. If columns "
            "say which series and which time a row is of, hand over "
            f"dlkit.sequences.from_long({name}, id=..., time=...)."
        )
    if "inhomogeneous" in said:
        return (
            f"{name} holds lists of several lengths: hand over a list of arrays of shape "
            f"(n_steps, n_channels), as [np.column_stack(x) for x in {name}] makes of one list of "
            "channels for each sequence."
        )
    if "1D array" in said or "2-dimensional container" in said:
        mend = f"{name}.to_frame()" if hasattr(X, "to_frame") else f"{name}.reshape(-1, 1)"
        to = " to a step-level estimator" if rows == "sequences" else ""
        return (
            f"{said}\nFor one series of {len(X)} steps hand over {mend}"
            f"{to}; for one sequence in a batch of one, [{name}]."
        )
    columns = getattr(fitted, "n_features_in_", None)
    if columns is not None and "features" in said and X.shape[0] == columns:
        likely = (
            "is one sequence, hand over a batch of one: [X]"
            if rows == "sequences"
            else "has its channels first, hand over X.T"
        )
        return f"{said} If X {likely}."
    return said
