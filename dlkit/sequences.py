"""What a batch of sequences is: checked once, packed once.

Every form a batch may take (2-D, 3-D, a list of arrays or DataFrames, a Series or object array of
arrays, sktime's nested frames) becomes one packed form, :class:`Sequences`: the steps of all
sequences under one another, and the offsets at which each begins. Long tables, panels and sequences
with their channels first have converters.
"""

import mmap
from dataclasses import dataclass
from functools import wraps

import numpy as np
from scipy.sparse import issparse

from . import _budgets
from ._converters import (
    from_channels_first,
    from_long,
    from_nested,
    from_panel,
    to_long,
    to_panel,
)
from ._frames import is_cell, is_nested, is_table, same_columns
from ._readings import (
    explained,
    likely_form,
    warn_of_column,
    warn_of_disorder,
    warn_of_readings,
)
from ._validation import (
    check_array,
    check_weights,
    forget_columns,
    is_frame,
    naming,
    refuse_lazy,
    refuse_masked,
    refuse_missing,
    refuse_unreal,
    refuse_wild,
    validate_data,
)

__all__ = [
    "Sequences",
    "from_channels_first",
    "from_long",
    "from_nested",
    "from_panel",
    "pack",
    "to_long",
    "to_panel",
]

FLOATS = [np.float64, np.float32]  # the first is what everything else becomes


@dataclass(frozen=True, slots=True)
class Sequences:
    """A batch of sequences, packed: what :func:`pack` returns.

    Attributes
    ----------
    values : ndarray of shape (total steps, n_channels), float32 or float64, C-contiguous
        The steps of the first sequence, then those of the second, and so on.
    offsets : ndarray of shape (n_sequences + 1,), int64
        Sequence ``i`` is ``values[offsets[i]:offsets[i + 1]]``.
    form : {"table", "series", "series1d", "cube", "list", "list1d"}
        The form it came in: a 2-D array of one-channel sequences, a 2-D array that is one
        series, a 1-D array that is one, a 3-D array, a list of 2-D arrays, a list of 1-D arrays.
    first : int, default=0
        Number of the first sequence in the batch this is a part of.
    passes : int, default=1
        Sequences there are for each of the caller's, by whose number errors name them.

    References
    ----------
    .. [1] Apache Arrow columnar format, variable-size list layout: values and offsets.

    Examples
    --------
    >>> import numpy as np
    >>> from dlkit.sequences import pack
    >>> batch = pack([np.zeros((3, 2)), np.ones((5, 2))])
    >>> len(batch), batch.n_channels, batch.lengths.tolist(), batch[1].shape
    (2, 2, [3, 5], (5, 2))
    """

    values: np.ndarray
    offsets: np.ndarray
    form: str
    first: int = 0
    passes: int = 1

    def __len__(self):
        return len(self.offsets) - 1

    def __getitem__(self, i):
        return self.values[self.offsets[i] : self.offsets[i + 1]]

    @property
    def n_channels(self):
        """Number of channels of every sequence."""
        return self.values.shape[1]

    @property
    def lengths(self):
        """Number of steps of each sequence, int64 array of shape (n_sequences,)."""
        return np.diff(self.offsets)

    def part(self, first, last):
        """Return some of the sequences as a batch of their own, without copying.

        Parameters
        ----------
        first, last : int
            Number of the first sequence, and of the first that is left out again.

        Returns
        -------
        Sequences
        """
        start, stop = self.offsets[first], self.offsets[last]
        return Sequences(
            self.values[start:stop],
            self.offsets[first : last + 1] - start,
            self.form,
            self.first + first,
            self.passes,
        )

    def unpack(self, values=None):
        """Give step-wise ``values`` the form the batch came in.

        Parameters
        ----------
        values : ndarray of shape (total steps,) or (total steps, n_outputs), default=None
            One row a step; the batch's own values when None.

        Returns
        -------
        batch : ndarray or list of ndarray
            Views of ``values``: 2-D for one series, 3-D for an array of sequences (2-D where one
            channel came in that way and one output goes out), a list for a list. 1-D ``values``
            give a trailing axis less.
        """
        values = self.values if values is None else np.asarray(values)
        if values.ndim == 0 or len(values) != len(self.values):
            raise ValueError(
                f"values must have a row for each of {len(self.values)} steps, got shape "
                f"{values.shape}."
            )
        tail = values.shape[1:]
        if self.form == "series":
            return values
        if self.form in ("table", "list1d", "series1d") and tail == (1,):
            tail = ()
        if self.form == "series1d":
            return values.reshape((-1, *tail))
        if self.form in ("table", "cube"):
            return values.reshape((len(self), -1, *tail))
        return [
            values[a:b].reshape((-1, *tail))
            for a, b in zip(self.offsets[:-1], self.offsets[1:], strict=True)
        ]


def is_batch(X):
    """Whether X is a list (or object array) of sequences, not one table of numbers."""
    if isinstance(X, np.ndarray):
        return X.dtype == object and X.ndim == 1 and X.size > 0 and np.ndim(X[0]) > 0
    if not isinstance(X, (list, tuple)):
        return False
    if len(X) == 0 or any(hasattr(x, "shape") and np.ndim(x) > 0 for x in X):
        return True
    lengths = {len(x) for x in X if isinstance(x, (list, tuple))}
    return len(lengths) > 1  # nested lists of numbers: a batch only if they are ragged


def members_of(X, name, rows):
    """The sequences of a batch, if X holds each as an object of its own; else None."""
    refuse_lazy(X, name)
    if is_batch(X):
        if rows == "steps" and is_table(X):
            raise ValueError(
                f"{name} is a list of lists of numbers. Such lists are one table, a series with a "
                f"row for each step, and here they are of several lengths. For several series "
                f"hand over arrays: [np.array(x) for x in {name}]."
            )
        return X
    if is_nested(X):
        return from_nested(X)
    index = getattr(X, "index", None)
    if getattr(index, "nlevels", 1) > 1:
        raise ValueError(
            f"{name} has an index of {index.nlevels} levels, {list(index.names)}, as a panel of "
            f"series has: hand over the list dlkit.sequences.from_panel({name}). If the levels do "
            f"not say which series a row is of, hand over {name}.reset_index(drop=True)."
        )
    if rows == "sequences" and getattr(getattr(X, "columns", None), "nlevels", 1) > 1:
        raise ValueError(
            f"{name} has columns of {X.columns.nlevels} levels, but each row would be read as one "
            f"channel: hand over the list dlkit.sequences.from_panel({name}.stack()), if the last "
            "level is the time."
        )
    if hasattr(X, "groups") and hasattr(X, "obj"):
        raise ValueError(
            f"{name} is a groupby, which is not read: hand over the list "
            "dlkit.sequences.from_long(df, id=..., time=...) of its frame df, with the column that "
            "it groups by as id."
        )
    unsized = hasattr(X, "__iter__") and not hasattr(X, "__len__")
    if (unsized or isinstance(X, dict)) and not hasattr(X, "__array__") and not issparse(X):
        values = f"{name}.values()" if isinstance(X, dict) else name
        raise ValueError(f"{name} is of type {type(X).__name__}: hand over list({values}).")
    return series_cells(X)


def series_cells(X):
    """Cells of a Series (of pandas or polars) that are arrays or lists themselves, else None."""
    if hasattr(X, "to_list") and not is_frame(X) and len(X):
        values = X.to_list()
        return values if is_cell(values[0]) else None
    return None


def _one_column(X):
    """A Series (of pandas or polars) of numbers as the frame of one column that it is."""
    numbers = hasattr(X, "to_frame") and not is_frame(X) and hasattr(X, "dtype")
    return X.to_frame() if numbers and series_cells(X) is None else X


def _pack_list(X, name):
    if len(X) == 0:
        raise ValueError(f"{name} is an empty list: at least one sequence is needed.")
    if set(map(type, X)) != {np.ndarray}:
        same_columns(X, name)
    arrays, flat = [], True
    for i, member in enumerate(X):
        x = member
        try:
            if type(x) is np.ndarray and x.dtype in FLOATS and x.ndim == 2 and x.size:
                flat = False  # the usual case, spared a check of some 40 us
                arrays.append(x)
                continue
            refuse_unreal(x, f"{name}[{i}]")
            x = check_array(
                x,
                dtype=None,
                ensure_2d=False,
                allow_nd=True,
                ensure_min_samples=0,
                ensure_all_finite=False,
            )
            if x.dtype not in FLOATS:
                x = x.astype(np.float64)
        except (ValueError, TypeError) as error:
            refuse_unreal(member, f"{name}[{i}]", error)
            raise (TypeError if isinstance(error, TypeError) else ValueError)(
                f"Sequence {i} of {name} is not an array of numbers: {error}"
            ) from None
        if x.ndim not in (1, 2):
            raise ValueError(
                f"Sequence {i} of {name} has shape {x.shape}; each sequence must have shape "
                "(n_steps, n_channels), or (n_steps,) for one channel."
            )
        if len(x) == 0:
            raise ValueError(f"Sequence {i} of {name} is empty: each needs at least one step.")
        flat = flat and x.ndim == 1
        arrays.append(x.reshape(len(x), -1))
    channels = [x.shape[1] for x in arrays]
    for i, c in enumerate(channels):
        if c != channels[0]:
            first = len({len(x) for x in arrays}) == 1
            raise ValueError(
                f"Sequences of {name} must have the same number of channels: sequence 0 has "
                f"{channels[0]}, sequence {i} has {c}."
                + first
                * f" All have {len(arrays[0])} rows. If those are the channels, hand over "
                f"dlkit.sequences.from_channels_first({name})."
            )
    dtype = np.float32 if all(x.dtype == np.float32 for x in arrays) else np.float64
    offsets = np.concatenate([[0], np.cumsum([len(x) for x in arrays])]).astype(np.int64)
    if len(arrays) == 1:  # one sequence: nothing to stack, so no copy
        values = np.ascontiguousarray(arrays[0], dtype=dtype)
    else:
        values = np.concatenate(arrays, dtype=dtype, casting="same_kind")
    return Sequences(values, offsets, "list1d" if flat else "list")


def _pack_array(X, rows):
    n = len(X)
    if X.ndim == 3:
        return Sequences(
            X.reshape(-1, X.shape[2]), np.arange(n + 1, dtype=np.int64) * X.shape[1], "cube"
        )
    if rows == "steps":
        return Sequences(X, np.array([0, n], dtype=np.int64), "series")
    return Sequences(X.reshape(-1, 1), np.arange(n + 1, dtype=np.int64) * X.shape[1], "table")


def _check_finite(batch, name, allow_nan=False):
    for start in range(0, len(batch.values), _budgets.LOOK_ROWS):
        part = batch.values[start : start + _budgets.LOOK_ROWS]

        def where(i, start=start):
            row = start + i
            sequence = int(np.searchsorted(batch.offsets, row, side="right")) - 1
            return f"sequence {sequence}, step {row - int(batch.offsets[sequence])}"

        refuse_wild(part, name, where, allow_nan)
        release(part)


def _as_array(X, name, rows, estimator=None, reset=True):
    """2-D or 3-D array of floats from anything array-like; not yet checked for NaN."""
    checks = {"dtype": FLOATS, "order": "C", "ensure_all_finite": False}
    try:
        if not is_frame(X):
            X = X if hasattr(X, "shape") else np.asarray(X)
            if len(X.shape) >= 3:
                X = check_array(X, allow_nd=True, ensure_2d=False, input_name=name, **checks)
                if X.ndim > 3:
                    raise ValueError(
                        f"{name} has {X.ndim} dimensions; allowed are 2-D, 3-D "
                        "(n_sequences, n_steps, n_channels) and lists of sequences."
                    )
                if 0 in X.shape:
                    raise ValueError(
                        f"{name} has shape {X.shape}: every sequence needs a step and a channel."
                    )
                return X
        if estimator is None:
            return check_array(X, input_name=name, **checks)
        return validate_data(estimator, X, reset=reset, **checks)
    except (ValueError, TypeError) as error:
        kind = TypeError if isinstance(error, TypeError) else ValueError
        raise kind(explained(error, X, name, rows, None if reset else estimator)) from None


def pack(X, *, rows="sequences", name="X"):
    """Check a batch of sequences and pack it.

    Parameters
    ----------
    X : array-like or list of array-like
        One of: array of shape (n, T, C); list, object array or Series of n arrays or frames of
        shape (T_i, C) or (T_i,), of unequal lengths if need be; table whose cells are series, see
        :func:`from_nested`; 2-D array or frame, read as ``rows`` says. float32 stays float32,
        everything else becomes float64. A C-contiguous float array is not copied.
    rows : {"sequences", "steps"}, default="sequences"
        What a row of a 2-D array is: a one-channel sequence, or a time step of one series.
    name : str, default="X"
        What errors call it.

    Returns
    -------
    Sequences

    Raises
    ------
    ValueError
        If it is empty, not 2-D, 3-D or a list, holds NaN or infinity (the sequence is named), or
        the channel counts differ.

    References
    ----------
    .. [1] Apache Arrow columnar format, variable-size list layout: values and offsets.

    Examples
    --------
    >>> import numpy as np
    >>> from dlkit.sequences import pack
    >>> batch = pack([np.zeros((3, 2)), np.ones((5, 2))])
    >>> batch.values.shape, batch.offsets.tolist()
    ((8, 2), [0, 3, 8])
    >>> [x.shape for x in batch.unpack()]
    [(3, 2), (5, 2)]
    """
    if not isinstance(rows, str) or rows not in ("sequences", "steps"):
        raise ValueError(f"rows must be 'sequences' or 'steps', got {rows!r}.")
    X = _one_column(X) if rows == "steps" else X
    members = members_of(X, name, rows)
    if members is None:
        batch = _pack_array(_as_array(X, name, rows), rows)
    else:
        batch = _pack_list(members, name)
    _check_finite(batch, name)
    return batch


def check_sequences(estimator, X, *, reset, rows="sequences", allow_nan=False, in_order=True):
    """:func:`pack` for use inside an estimator, with scikit-learn's bookkeeping.

    With ``reset`` (in ``fit``) it records ``n_channels_in_`` and, for a 2-D ``X``,
    ``n_features_in_``; without, it holds ``X`` against them. Names of columns are recorded and
    compared as ``feature_names_in_``. What is read in another way than was probably meant is warned
    of.

    Parameters
    ----------
    estimator : estimator
        Whose attributes are set or compared.
    X : array-like or list of array-like
        As in :func:`pack`.
    reset : bool
        Whether this is a fit.
    rows : {"sequences", "steps"}, default="sequences"
        As in :func:`pack`.
    allow_nan : bool, default=False
        Whether ``X`` may hold NaN, though not infinity.
    in_order : bool, default=True
        Whether steps should be in the order of an index, as a warning says where they are not.

    Returns
    -------
    Sequences
    """
    X = _one_column(X) if rows == "steps" else X
    members = members_of(X, "X", rows)
    # the length of 2-D rows is a column count for scikit-learn, but only if fit saw 2-D too
    two_d = reset or hasattr(estimator, "n_features_in_")
    if members is None:
        batch = _pack_array(_as_array(X, "X", rows, estimator if two_d else None, reset), rows)
        named = X if rows == "steps" and not two_d else None
    else:
        batch = _pack_list(members, "X")
        named = None if rows == "sequences" and two_d and not reset else members[0]
    _check_finite(batch, "X", allow_nan)
    if in_order and (members is not None or rows == "steps"):
        warn_of_disorder(X, members)
    if reset and batch.form not in ("table", "series"):
        forget_columns(estimator)
    if named is not None and (is_frame(named) or hasattr(estimator, "feature_names_in_")):
        validate_data(estimator, named, reset=reset, skip_check_array=True, ensure_2d=False)
    if reset:
        estimator.n_channels_in_ = batch.n_channels
        warn_of_readings(estimator, X, batch)
    elif batch.n_channels != estimator.n_channels_in_:
        raise ValueError(
            f"X has {batch.n_channels} channels, but {type(estimator).__name__} was fitted with "
            f"{estimator.n_channels_in_}.{likely_form(batch, estimator.n_channels_in_)}"
        )
    elif batch.form == "table" and len(batch) == len(batch.values) > 1 and not two_d:
        warn_of_column(estimator, batch)
    return batch


class FramesOfSeries:
    """For transformers of steps: one series becomes the frame that ``set_output`` asks for.

    Several series, which are no table, stay the list or the array they are, whatever
    ``transform_output`` is set to.
    """

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)  # where scikit-learn wraps these methods of a class
        for name in {"transform", "fit_transform"} & vars(cls).keys():
            setattr(cls, name, _framed_if_one(getattr(cls, name)))

    def fit_transform(self, X, y=None, **fit_params):
        """Fit to ``X``, then transform it.

        Parameters
        ----------
        X : array-like or list of array-like
            As in ``fit``.
        y : array-like or list, default=None
            As in ``fit``.
        **fit_params : dict
            Handed to ``fit``.

        Returns
        -------
        Xt : ndarray, DataFrame or list of ndarray
            As of ``transform``.
        """
        return self.fit(X, y, **fit_params).transform(X)


def _framed_if_one(framed):
    @wraps(framed)
    def method(self, X, *args, **kwargs):
        shape = getattr(_one_column(X), "shape", None)
        table = is_table(X) if shape is None else len(shape) == 2
        one = table and not (is_batch(X) or is_nested(X))
        one = one and getattr(self, "rows", "steps") == "steps"
        return (framed if one else framed.__wrapped__)(self, X, *args, **kwargs)

    return method


def release(values):
    """Let go of the pages of a file that were read through a read-only memory map.

    They are read again if need be. Without this, all of a long series stays resident once it has
    been gone through: `fit` of a forecaster (30 units) on a mapped file of 240 MB has a peak of
    589 MB then, and of 365 MB with it, in the same time.

    Parameters
    ----------
    values : ndarray
        Part of a mapped array, of a view of one, or of any other, with which nothing is done.
    """
    owner, reads = values, False
    while isinstance(owner, np.ndarray):
        # in other modes changes might be lost
        reads, owner = getattr(owner, "mode", None) == "r", owner.base
    if reads and isinstance(owner, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
        page = mmap.PAGESIZE
        start = values.ctypes.data - np.frombuffer(owner, dtype=np.uint8).ctypes.data
        first, last = -(-start // page) * page, (start + values.nbytes) // page * page
        if values.flags.c_contiguous and last > first:  # whole pages
            owner.madvise(mmap.MADV_DONTNEED, first, last - first)


def step_targets(batch, y, *, name="y"):
    """Stack targets that come one a time step, in the form of the batch they belong to.

    Parameters
    ----------
    batch : Sequences
        The inputs.
    y : array-like or list of array-like
        For one series (2-D ``X``), of shape (T,) or (T, n_outputs); for several, a list of such
        arrays or one array of shape (n, T) or (n, T, n_outputs).
    name : str, default="y"
        What errors call it.

    Returns
    -------
    targets : ndarray of shape (total steps,) or (total steps, n_outputs)
        Of whatever dtype ``y`` has.
    """
    single = batch.form in ("series", "series1d")
    # one array, or a list of arrays of one element
    one = single and (not is_batch(y) or len(y) == len(batch.values) > 1)
    with naming(name):
        given = [y] if one else list(y)
        for part in [y, *given]:
            refuse_masked(part, name)
        parts = [np.asarray(part) for part in given]
    for part, array in zip(given, parts, strict=True):
        if array.dtype.kind in "OUT":
            refuse_missing(part, name)
    if len(parts) != len(batch):
        raise ValueError(
            f"{name} holds targets for {len(parts)} series, X has {len(batch)}; it needs the form "
            "of X."
        )
    for i, (part, n) in enumerate(zip(parts, batch.lengths, strict=True)):
        refuse_unreal(part, f"Series {i} of {name}")
        if part.ndim == 0:
            raise ValueError(
                f"{name} holds one target for each of the {len(batch)} series, but one for each "
                "time step is needed. For a target per series use ESNClassifier or ESNRegressor."
            )
        if part.ndim > 2 or part.shape[1:] != parts[0].shape[1:]:
            raise ValueError(
                f"Series {i} of {name} has shape {part.shape}; allowed is (n_steps,) or "
                "(n_steps, n_outputs), with the same outputs for all."
            )
        if len(part) != n:
            where = "" if single else f" in series {i}"
            raise ValueError(
                f"Found input variables with inconsistent numbers of samples: {name} has "
                f"{len(part)} time steps{where}, X has {n}."
            )
    return parts[0] if single else np.concatenate(parts)


def step_weights(batch, sample_weight):
    """Stack weights that come one a time step, and check each; None for None.

    Parameters
    ----------
    batch : Sequences
        The inputs.
    sample_weight : array-like or list of array-like or None
        In the form of the inputs, as targets of :func:`step_targets` are, with one number a step.

    Returns
    -------
    sample_weight : ndarray of float64 of shape (total steps,) or None
    """
    if sample_weight is None:
        return None
    weight = step_targets(batch, sample_weight, name="sample_weight")
    return check_weights(weight, batch.offsets[-1])
