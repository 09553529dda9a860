"""Parameter checks by scikit-learn's own means; its other private names: ``search/_sklearn.py``.

Estimators declare ``_parameter_constraints`` and call ``self._validate_params()`` first in
``fit``; plain functions are decorated with ``validate_params``. Both raise
``InvalidParameterError`` (a ``ValueError`` and a ``TypeError``) that names the parameter,
what is allowed and the value received.
"""

import re
from contextlib import contextmanager
from copy import copy
from functools import wraps
from inspect import signature
from numbers import Integral, Real

import numpy as np
from numpy.random import RandomState
from scipy.sparse import issparse
from sklearn.base import BaseEstimator, clone
from sklearn.utils import _param_validation
from sklearn.utils._param_validation import (
    InvalidParameterError,
    StrOptions,
    validate_parameter_constraints,
)
from sklearn.utils._param_validation import validate_params as checked
from sklearn.utils._repr_html.estimator import _VisualBlock
from sklearn.utils.metaestimators import _BaseComposition as Composition

from ._jit.compiled import compile_notice
from ._readings import warn_of_labels
from ._validation import refuse_masked

__all__ = [
    "Composition",
    "HasMethods",
    "Integral",
    "Interval",
    "InvalidParameterError",
    "Real",
    "StrOptions",
    "boxes",
    "check_params",
    "count",
    "non_negative",
    "params_html",
    "plain",
    "positive",
    "says",
    "shown",
    "unchanged",
    "unchanged_on_failure",
    "validate_parameter_constraints",
    "validate_params",
]


def says(value, *words):
    """Whether a parameter, of any kind before it is checked, is one of some words."""
    return isinstance(value, str) and value in words


class HasMethods(_param_validation.HasMethods):
    """Constraint of objects that have some methods; their class alone is none."""

    def is_satisfied_by(self, val):
        """Whether a value is such an object."""
        return not isinstance(val, type) and super().is_satisfied_by(val)


class Interval(_param_validation.Interval):
    """Interval of numbers that NumPy computes with: Fraction, say, is real to Python alone."""

    def is_satisfied_by(self, val):
        """Whether a value is such a number within the interval."""
        return isinstance(val, (int, float, np.number)) and super().is_satisfied_by(val)


def shown(value):
    """Value of a parameter for a message, on one short line."""
    text = " ".join(repr(value).split())
    return text if len(text) <= 60 else f"{text[:57]}..."


class _Count(Interval):
    """Whole numbers, of which True and False are none: NumPy takes no shape of them."""

    def is_satisfied_by(self, val):
        return not isinstance(val, (bool, np.bool_)) and super().is_satisfied_by(val)


def count(least=1, most=None):
    """Constraint: a whole number of at least ``least`` and, if that is given, at most ``most``."""
    return _Count(Integral, least, most, closed="left" if most is None else "both")


def non_negative():
    """Constraint: a finite real number of at least zero."""
    return Interval(Real, 0, None, closed="left")


def positive():
    """Constraint: a finite real number above zero."""
    return Interval(Real, 0, None, closed="neither")


def plain(value):
    """Python's own number for NumPy's, whose small integers overflow in arithmetic.

    That of each in tuples, lists, dicts and arrays of integers, and of the parameters of an object,
    of which it makes a copy. Other values stay what they are.
    """
    if isinstance(value, np.generic):
        return value.item()
    if type(value) in (tuple, list):
        return type(value)(map(plain, value))
    if type(value) is dict:
        return {plain(key): plain(each) for key, each in value.items()}
    if isinstance(value, np.ndarray) and value.dtype.kind in "iu":
        return value.astype(np.int64)
    if isinstance(value, BaseEstimator):
        return clone(value).set_params(**plain(value.get_params(deep=False)))
    return value


def validate_params(constraints, **options):
    """scikit-learn's decorator of that name; the function gets Python's own numbers.

    Arrays, and lists, which may be data, stay what they are. Arguments that ask for arrays that no
    memory holds are named, masked ones refused.
    """

    def decorate(function):
        bind = signature(function).bind

        @wraps(function)
        def with_plain_numbers(*args, **kwargs):
            args = [plain(a) if isinstance(a, (np.number, tuple)) else a for a in args]
            for name, value in kwargs.items():
                if isinstance(value, (np.number, tuple)):
                    kwargs[name] = plain(value)
            return function(*args, **kwargs)

        with_checks = checked(constraints, **options)(with_plain_numbers)

        @wraps(with_checks)
        def call(*args, **kwargs):
            try:
                given = bind(*args, **kwargs).arguments
            except TypeError:
                return function(*args, **kwargs)  # Python says which argument is too many
            _refuse_masks(given)
            with sizes_named(function.__name__, given):
                return with_checks(*args, **kwargs)

        return call

    return decorate


def check_params(estimator, params):
    """Check some parameters of an estimator, as its ``fit`` checks all."""
    constraints = {name: estimator._parameter_constraints[name] for name in params}
    validate_parameter_constraints(constraints, params, type(estimator).__name__)


@contextmanager
def unchanged(estimator):
    """Give an estimator its attributes, and its random numbers, back if what is inside fails."""
    before = vars(estimator).copy()
    drawn = [(one, one.get_state()) for one in before.values() if isinstance(one, RandomState)]
    try:
        yield
    except BaseException:
        vars(estimator).clear()
        vars(estimator).update(before)
        for one, state in drawn:
            one.set_state(state)
        raise


# What NumPy says of arrays that have more entries than addresses.
TOO_LARGE = (
    "Maximum allowed dimension|array is too big|negative dimensions|too large to convert"
    "|out of bounds for int64"
)
LARGE = 10**6  # from which a whole number alone may be the reason
MANY = 100  # and from which it may be with others, or squared
NO_SIZES = "random_state", "n_jobs", "verbose"


@contextmanager
def sizes_named(owner, given):
    """Say which parameters ask for arrays that no memory holds, in place of a raw error.

    ``owner`` is an estimator, whose parameters count too, or the name of a function; ``given`` are
    arguments, by name.
    """
    try:
        yield
    except (MemoryError, OverflowError, ValueError) as error:
        of_a_function = isinstance(owner, str)
        parameters = given if of_a_function else owner.get_params() | given
        sizes = {
            name: value
            for name, value in parameters.items()
            if isinstance(value, Integral) and not name.endswith(NO_SIZES)
        }
        of_size = isinstance(error, (MemoryError, OverflowError))
        large = [f"{name}={value}" for name, value in sizes.items() if value >= LARGE]
        if isinstance(error, MemoryError) and not large:
            large = [f"{name}={value}" for name, value in sizes.items() if value >= MANY]
        if not large or not (of_size or re.search(TOO_LARGE, str(error))):
            raise
        raise ValueError(
            f"{owner if of_a_function else type(owner).__name__} would need more memory than there "
            f"is, with {', '.join(large)}: use less."
        ) from error


def _refuse_masks(given):
    for name, value in given.items():
        if isinstance(value, np.ma.MaskedArray):
            refuse_masked(value, name)


def unchanged_on_failure(method):
    """Decorate ``fit`` and its kind: if it raises, the estimator stays exactly as it was.

    Under ``verbose`` the first wait for compiled loops is announced. Parameters that ask for arrays
    that no memory holds are named. Targets and weights whose labels are in another order than those
    of ``X`` are warned of.
    """

    @wraps(method)
    def wrapped(self, *args, **kwargs):
        X = kwargs["X"] if "X" in kwargs else args[0] if args else None
        y = kwargs["y"] if "y" in kwargs else args[1] if len(args) > 1 else None
        warn_of_labels(X, y, ("X", "y"))
        warn_of_labels(X, kwargs.get("sample_weight"), ("X", "sample_weight"))
        _refuse_masks(vars(self) | kwargs)
        with unchanged(self), sizes_named(self, {}), compile_notice(getattr(self, "verbose", 0)):
            return method(self, *args, **kwargs)

    return wrapped


class _Shown:
    """A value that is seen as another, and equals only itself."""

    def __init__(self, value):
        self.value = value

    def __repr__(self):
        return repr(self.value)


def boxes(steps):
    """Boxes one above the other, as a pipeline is shown: for ``_sk_visual_block_``.

    Parameters
    ----------
    steps : list of (str, estimator)
        What is done in turn.
    """
    names = [f"{name}: {type(one).__name__}" for name, one in steps]
    details, inside = [str(one) for _, one in steps], [one for _, one in steps]
    return _VisualBlock("serial", inside, names=names, name_details=details, dash_wrapped=True)


def params_html(self, deep=True, doc_link=""):
    """Show parameters that are sparse matrices, too: ``_get_params_html`` of an estimator.

    scikit-learn asks whether a value equals the default, which SciPy refuses to tell of a sparse
    matrix and a string.
    """
    shown = copy(self)
    for name, value in vars(self).items():
        if issparse(value):
            setattr(shown, name, _Shown(value))
    return BaseEstimator._get_params_html(shown, deep, doc_link)
