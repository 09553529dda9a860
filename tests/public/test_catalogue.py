"""Every public estimator is in the catalogue."""

import numpy as np
import pytest
from scipy.sparse import csr_array
from sklearn.base import BaseEstimator, clone
from sklearn.utils import get_tags

from .catalogue import ENTRIES, PUBLIC, answers, data, fitted


def test_every_public_estimator_has_an_entry():
    assert {name.partition(",")[0] for name in ENTRIES} == PUBLIC


@pytest.mark.compiled
@pytest.mark.parametrize("name", ENTRIES)
def test_entries_work(name):
    estimator, X, _ = fitted(name)
    found = answers(estimator, X)
    assert found
    for arrays in found.values():
        assert all(np.isfinite(a).all() for a in arrays if a.dtype.kind == "f")


@pytest.mark.compiled
@pytest.mark.parametrize("name", ENTRIES)
def test_float32_stays_float32(name):
    X, y = data(ENTRIES[name], np.float32)
    estimator = ENTRIES[name].make().fit(X, y)
    if hasattr(estimator, "transform"):
        assert answers(estimator, X)["transform"][0].dtype == np.float32


@pytest.mark.compiled
@pytest.mark.parametrize("name", ENTRIES)
def test_whatever_a_parameter_holds_an_estimator_can_be_looked_at(name):
    """Parameters are checked by `fit`; until then methods are there or not, and all has a text."""
    odd = [np.array([1.0, 2.0]), np.array("a"), {"a": 1}, [1, "a"], object()]
    estimator = ENTRIES[name].make()
    if type(estimator)._get_params_html is not BaseEstimator._get_params_html:
        odd.append(csr_array((2, 2)))  # elsewhere scikit-learn fails, and no parameter is sparse
    theirs = {"estimator", "transformer", "readout", "layers", "refit"}  # as in scikit-learn
    for parameter in set(estimator.get_params(deep=False)) - theirs:
        for value in odd:
            one = clone(estimator)
            setattr(one, parameter, value)
            for attribute in dir(one):
                getattr(one, attribute, None)
            repr(one), one._repr_html_(), get_tags(one)
