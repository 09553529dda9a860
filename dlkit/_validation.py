"""Checks that scikit-learn has not got, each written once for the whole package.

`check_array` and `validate_data` are scikit-learn's, and name the argument in all of their errors.
"""

import re
from collections.abc import Mapping
from contextlib import contextmanager
from numbers import Integral, Number
from os import PathLike

import numpy as np
from scipy.sparse import issparse
from sklearn import utils
from sklearn.model_selection import check_cv
from sklearn.utils import assert_all_finite, validation

__all__ = [
    "alike",
    "check_array",
    "check_weights",
    "first_wild",
    "forget_columns",
    "is_frame",
    "is_missing",
    "is_nan",
    "n_samples",
    "naming",
    "refuse_lazy",
    "refuse_masked",
    "refuse_masks",
    "refuse_missing",
    "refuse_names",
    "refuse_overflow",
    "refuse_unreal",
    "refuse_wild",
    "splitter_of",
    "take",
    "validate_data",
]


WORDS = str, int, np.integer, list, tuple, np.ndarray  # of which none is missing
NUMBERS = Number, np.number
LEAST_WEIGHT = 1e-290  # of smaller ones, products lose their digits


@contextmanager
def naming(name):
    """Put the name of an argument before an error's message that lacks it."""
    try:
        yield
    except (ValueError, TypeError, OverflowError) as error:
        known = any(re.search(rf"\b{one}\b", str(error)) for one in name.split(" or "))
        if known and not isinstance(error, OverflowError):
            raise
        kind = TypeError if isinstance(error, TypeError) else ValueError
        raise kind(f"{name} cannot be taken: {error}") from error
    except RuntimeError as error:  # of torch, of a tensor that takes part in a gradient
        if "numpy()" not in str(error):
            raise
        raise TypeError(f"{name} cannot be taken: {error}") from error


@contextmanager
def _reading(X, name, options):
    """Name the argument in errors, and refuse what would be read as other numbers than it is."""
    numbers = options.get("dtype", "numeric") is not None and not options.get("skip_check_array")
    if numbers:
        refuse_unreal(X, name)
    try:
        with naming(name):
            yield
    except (ValueError, TypeError) as error:
        if numbers:
            refuse_unreal(X, name, error)
        raise


def check_array(array, *, input_name="X", **options):
    """`sklearn.utils.check_array`; its errors name the argument, dates and masks are refused."""
    with _reading(array, input_name, options):
        return utils.check_array(array, input_name=input_name, **options)


def validate_data(estimator, *arrays, **options):
    """`sklearn.utils.validation.validate_data`; its errors name the argument, as above."""
    name = "y" if not arrays else "X" if len(arrays) == 1 else "X or y"
    with _reading(arrays[0] if arrays else None, name, options):
        return validation.validate_data(estimator, *arrays, **options)


def is_frame(X):
    """Whether X is a DataFrame, of pandas or polars."""
    return hasattr(X, "columns") and hasattr(X, "dtypes")


def refuse_unreal(X, name, error=None):
    """Raise if X holds what would be read as other numbers: dates, or entries behind a mask.

    Parameters
    ----------
    X : object
        An array, a frame or anything else, of which nothing is said.
    name : str
        What messages call it.
    error : Exception, default=None
        What turning ``X`` into numbers raised, to be told with the columns of a frame.
    """
    while isinstance(X, (list, tuple)) and len(X):
        for x in X:
            if isinstance(x, np.ma.MaskedArray):
                refuse_masked(x, name)
        X = X[0]
    refuse_lazy(X, name)
    if error is not None:
        _refuse_empty(X, name, str(error))
        _refuse_form(X, name)
    if is_frame(X):
        _refuse_columns(X, name, error)
        return
    refuse_masked(X, name)
    if isinstance(X, (np.ndarray, np.generic)) and X.dtype.kind in "mM":
        raise ValueError(f"{name} holds {_dates(X.dtype, name)}")


def refuse_lazy(X, name):
    """Raise if X is a plan of polars to compute a frame, and no frame."""
    if hasattr(X, "collect_schema") and not hasattr(X, "__len__"):
        raise TypeError(f"{name} is a {type(X).__name__}: hand over {name}.collect().")


def _refuse_empty(X, name, message):
    """Raise if nothing is in X, of which scikit-learn or NumPy said something else."""
    shape = getattr(X, "shape", None)
    if shape and 0 in shape and re.search("Expected 2D array|at least one array", message):
        what = "sample" if shape[0] == 0 else "column"
        raise ValueError(
            f"{name} is empty, of shape {tuple(shape)}: at least one {what} is needed."
        )


def _refuse_form(X, name):
    """Raise if X, which could not be turned into numbers, is of a form that is easily converted."""
    form, kind = None, getattr(getattr(X, "dtype", None), "kind", "")
    if issparse(X):
        return
    if isinstance(X, Mapping):
        form = f"a {type(X).__name__}", f"pandas.DataFrame({name}), or one of its arrays"
    elif isinstance(X, np.ndarray) and X.dtype.names:
        form = "an array of records", f"numpy.lib.recfunctions.structured_to_unstructured({name})"
    elif kind == "O" and np.ndim(X) == 1 and {np.ndim(x) for x in np.asarray(X)} == {1}:
        form = "a column of arrays", f"np.stack({name})"
    if form is not None:
        raise ValueError(f"{name} is {form[0]}: hand over {form[1]}.")


def refuse_masked(X, name):
    """Raise if entries are behind a mask, which NumPy's functions would look past."""
    if np.ma.is_masked(X):
        raise ValueError(f"{name} has masked entries: leave them out, or fill them by .filled().")


def refuse_masks(X, name):
    """The same of X and, in a list or a tuple, of its members."""
    refuse_masked(X, name)
    if isinstance(X, (list, tuple)):
        for i, one in enumerate(X):
            if isinstance(one, np.ma.MaskedArray):
                refuse_masked(one, f"{name}[{i}]")


def refuse_names(X, name):
    """Raise if names stand in the place of arrays of numbers, as of the files that hold these.

    Parameters
    ----------
    X : object
        One of them, or a list or an array of them; nothing is said of anything else.
    name : str
        What messages call it.
    """
    one = X
    if isinstance(X, (list, tuple)) or (isinstance(X, np.ndarray) and X.ndim == 1):
        one = X[0] if len(X) else None
    if isinstance(one, (str, bytes, PathLike)):
        raise ValueError(
            f"{name} holds text, {str(one)!r} first: if these are names of files, read the images, "
            "by matplotlib.image.imread, say, and hand over a list of arrays."
        )


def is_nan(value):
    """Whether an object is the number NaN, of Python or of NumPy."""
    return isinstance(value, (float, np.floating)) and bool(np.isnan(value))


def refuse_missing(labels, name):
    """Raise if a label is missing, None or NaN, which beside words would be a word, "nan".

    Parameters
    ----------
    labels : object
        A list, an array, a Series or anything else, of which nothing is said.
    name : str
        What the message calls it.
    """
    if not isinstance(labels, (list, tuple)):
        kind = getattr(getattr(labels, "dtype", None), "kind", None)
        odd = kind is not None and kind in "OmM" and getattr(labels, "ndim", 1) == 1
        if not odd and not getattr(labels, "null_count", None):
            return
    kinds = set(map(type, labels))
    if any(all(issubclass(kind, whole) for kind in kinds) for whole in (WORDS, NUMBERS)):
        return  # NaN among numbers is found where they are checked
    for i, label in enumerate(labels):
        if is_missing(label):
            raise ValueError(
                f"{name} contains NaN or None: the label of sample {i} is {label!r}. Leave out "
                "samples without a label, of X too."
            )


def is_missing(label):
    """Whether a label is None, NaN, or missing by pandas' or NumPy's word."""
    if label is None:
        return True
    if isinstance(label, WORDS):
        return False
    try:
        return not bool(label == label)
    except TypeError:  # of pandas' NA, which is neither
        return True


def _dates(dtype, name):
    what = "spans of time" if _kind(dtype) == "m" else "dates"
    return (
        f"{what} ({dtype}), not numbers: leave them out, or turn them into numbers of a unit, as "
        f"({name} - {name}.min()) / np.timedelta64(1, 'h') does."
    )


def _refuse_columns(frame, name, error):
    if not getattr(frame.columns, "is_unique", True):
        twice = sorted({str(c) for c in frame.columns[frame.columns.duplicated()]})
        raise ValueError(f"{name} has columns of the same name: {twice}. Rename them.")
    if all(_kind(dtype) in "biuf" for dtype in set(frame.dtypes)):
        return
    dtypes = dict(zip(frame.columns, frame.dtypes, strict=True))
    dates = [c for c, dtype in dtypes.items() if _kind(dtype) in "mM"]
    if dates:
        one = f"{name}[{dates[0]!r}]"
        raise ValueError(f"Columns {dates} of {name} hold {_dates(dtypes[dates[0]], one)}")
    if error is not None:
        bad = [c for c, dtype in dtypes.items() if _kind(dtype) not in "biuf" and _fails(frame[c])]
        if bad:
            raise ValueError(
                f"Columns {bad} of {name} hold what is no number ({dtypes[bad[0]]}): leave these "
                "columns out, or encode them."
            )


def _kind(dtype):
    """Kind of a dtype by NumPy's letter, also of pandas' and polars' own."""
    if getattr(dtype, "is_numeric", bool)():
        return "f"
    return "M" if getattr(dtype, "is_temporal", bool)() else getattr(dtype, "kind", "O")


def _fails(column):
    try:
        np.asarray(column).astype(np.float64)
    except (ValueError, TypeError):
        return True
    return False


def first_wild(samples, allow_nan=False):
    """Number of the first sample (along the first axis) that is not finite; None if all are."""
    # the sum is not finite if any entry is (or it overflows): a cheap first look
    with np.errstate(over="ignore", invalid="ignore"):
        if samples.dtype.kind != "f" or np.isfinite(samples.sum()):
            return None
    sound = ~np.isinf(samples) if allow_nan else np.isfinite(samples)
    sound = sound.all(axis=tuple(range(1, samples.ndim)))
    return None if sound.all() else int(np.argmin(sound))


def refuse_wild(samples, name, where, allow_nan=False):
    """Raise if a sample holds NaN or infinity.

    Parameters
    ----------
    samples : ndarray
        Numbers; the first axis counts samples.
    name : str
        What the message calls the input.
    where : callable
        ``where(i)`` says for the message which sample ``samples[i]`` is.
    allow_nan : bool, default=False
        Whether NaN is let pass.
    """
    i = first_wild(samples, allow_nan)
    if i is not None:
        what = "NaN" if np.isnan(samples[i]).any() and not allow_nan else "infinity"
        raise ValueError(
            f"Input {name} contains {what} in {where(i)}; only finite numbers are allowed."
        )


def refuse_overflow(results, name, allow_nan=False):
    """Raise if results of finite numbers are not finite; else return the results.

    Parameters
    ----------
    results : ndarray
        What was made of the input; the first axis counts samples.
    name : str
        What the message calls the input.
    allow_nan : bool, default=False
        Whether results may be missing.
    """
    if first_wild(results, allow_nan) is not None:
        more = ", or hand it over as float64" if results.dtype == np.float32 else ""
        raise ValueError(
            f"Input {name} holds numbers so large that what is made of them overflows "
            f"{results.dtype}: scale {name}, to a variance of about one, say{more}."
        )
    return results


def alike(one, other):
    """Whether outputs agree up to rounding."""
    if one.dtype.kind not in "fc":
        return np.array_equal(one, other)
    size = np.nanmax(np.abs(other), initial=0.0)
    tolerance = 1e-5 if one.dtype.itemsize == 4 else 1e-9
    with np.errstate(over="ignore", invalid="ignore"):
        return np.allclose(one, other, rtol=tolerance, atol=tolerance * size, equal_nan=True)


def forget_columns(estimator):
    """Drop what an earlier `fit` noted of the columns of a 2-D X, where this one saw another form.

    Otherwise scikit-learn would hold later calls against that.
    """
    for stale in ("n_features_in_", "feature_names_in_"):
        vars(estimator).pop(stale, None)


def check_weights(sample_weight, n_rows):
    """Return ``sample_weight`` as float64 of shape (n_rows,), or None when it is None."""
    if sample_weight is None:
        return None
    refuse_masked(sample_weight, "sample_weight")
    weight = np.asarray(sample_weight)
    try:
        weight = weight.astype(np.float64, copy=False) if weight.dtype.kind in "biufO" else None
    except (TypeError, ValueError, OverflowError):
        weight = None
    if weight is None:
        kind = np.asarray(sample_weight).dtype
        raise ValueError(f"sample_weight must hold real numbers of float64, got dtype {kind}.")
    if weight.ndim == 0:
        weight = np.full(n_rows, weight)
    if weight.shape != (n_rows,):
        raise ValueError(
            f"sample_weight must be a number or of shape ({n_rows},), got shape {weight.shape}."
        )
    assert_all_finite(weight, input_name="sample_weight")
    if (weight < 0).any():
        raise ValueError(f"sample_weight must not be negative, got {weight.min()}.")
    with np.errstate(over="ignore"):
        total, least = weight.sum(), weight[weight > 0].min(initial=1.0)
    if not np.isfinite(total) or least < LEAST_WEIGHT:
        raise ValueError(
            "sample_weight must be zero or between 1e-290 and what sums to less than 1e308, got "
            f"numbers from {weight.min()} to {weight.max()}."
        )
    return weight


def splitter_of(cv, y, *, classifier):
    """`sklearn.model_selection.check_cv`, after a check that ``cv`` can be a splitter."""
    given, numbered = cv, cv is None or isinstance(cv, Integral)
    if not numbered and not hasattr(cv, "get_n_splits"):
        try:
            cv = [(train, test) for train, test in cv]
        except (TypeError, ValueError):
            cv = None
        if not cv:
            raise ValueError(
                "cv must be a number of folds, a splitter of scikit-learn's, or at least one pair "
                f"(train, test) of numbers of samples, got {given!r}."
            )
    with naming("cv or y"):
        return check_cv(cv, y, classifier=classifier)


def n_samples(X):
    """Return the number of samples of an array, a DataFrame, a sparse matrix or a list."""
    unordered = isinstance(X, dict | set | bytes)
    if getattr(X, "shape", None) == () or unordered or not hasattr(X, "__len__"):
        single = hasattr(X, "shape") or isinstance(X, Number)
        what = "a single number" if single else f"a {type(X).__name__}"
        raise TypeError(f"Expected an array of samples, got {what} as X.")
    return X.shape[0] if hasattr(X, "shape") else len(X)


def take(X, rows):
    """Some samples of an array, a DataFrame, a sparse matrix or a list.

    ``rows`` is a slice, or an array of their numbers.
    """
    if hasattr(X, "iloc"):
        return X.iloc[rows]
    if isinstance(X, (list, tuple)):
        return X[rows] if isinstance(rows, slice) else [X[i] for i in rows]
    return X[rows]
