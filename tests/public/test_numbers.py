"""Parameters that are NumPy's own numbers, as grids and files have them, mean the same."""

from fractions import Fraction

import numpy as np
import pytest

from .catalogue import ENTRIES, answers, assert_same, data

pytestmark = pytest.mark.compiled

KINDS = {
    "unsigned": (np.uint8, np.float16),
    "signed": (np.int8, np.float32),
}


def small(value, kind):
    """A number of Python's as a small one of NumPy's, where there is one of about that value."""
    whole, real = KINDS[kind]
    if isinstance(value, bool):
        return np.bool_(value)
    if isinstance(value, int):
        info = np.iinfo(whole)
        return whole(value) if info.min <= value <= info.max else value
    if isinstance(value, float) and 1e-3 <= abs(value) <= 1e3:
        return real(value)
    return np.str_(value) if isinstance(value, str) else value


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ENTRIES)
def test_numbers_of_numpy_are_those_of_python(name, kind):
    X, y = data(ENTRIES[name])
    given = ENTRIES[name].make().get_params(deep=False)
    given = {key: small(value, kind) for key, value in given.items()}
    given = {key: value for key, value in given.items() if isinstance(value, np.generic)}
    plain = {key: value.item() for key, value in given.items()}
    got, want = (ENTRIES[name].make().set_params(**params).fit(X, y) for params in (given, plain))
    assert_same(answers(got, X), answers(want, X), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", ENTRIES)
def test_numbers_that_numpy_does_not_compute_with_are_named(name):
    X, y = data(ENTRIES[name])
    for key, value in ENTRIES[name].make().get_params(deep=False).items():
        if isinstance(value, float) and np.isfinite(value):
            one = ENTRIES[name].make().set_params(**{key: Fraction(value)})
            with pytest.raises(ValueError, match=f"{key}.*Fraction"):
                one.fit(X, y)


def test_masked_parameters_are_refused():
    X, y = data(ENTRIES["ESNClassifier"])
    scaling = np.ma.masked_array([0.1, 0.2], [False, True])
    esn = ENTRIES["ESNClassifier"].make().set_params(input_scaling=scaling)
    with pytest.raises(ValueError, match="input_scaling has masked entries"):
        esn.fit(X, y)
