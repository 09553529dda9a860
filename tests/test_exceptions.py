"""Categories of warnings: each by itself, each documented, and all reached by name."""

import inspect
import warnings

import pytest

import dlkit
from dlkit import exceptions

CATEGORIES = [one for one in vars(exceptions).values() if inspect.isclass(one)]


def test_all_are_public_and_plain_warnings_of_users():
    assert sorted(exceptions.__all__) == sorted(one.__name__ for one in CATEGORIES)
    assert dlkit.exceptions is exceptions
    for category in CATEGORIES:
        assert issubclass(category, UserWarning)
        assert category.__doc__


@pytest.mark.parametrize("category", CATEGORIES)
def test_each_is_silenced_by_itself(category):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        warnings.simplefilter("ignore", category)
        for other in CATEGORIES:
            warnings.warn("told", other, stacklevel=1)
    assert [one.category for one in caught] == [
        c for c in CATEGORIES if not issubclass(c, category)
    ]
