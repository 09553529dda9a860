"""Every public estimator is in the catalogue."""

import numpy as np
import pytest

from .catalogue import ENTRIES, PUBLIC, answers, data, fitted


def test_every_public_estimator_has_an_entry():
    assert {name.partition(",")[0] for name in ENTRIES} == PUBLIC


@pytest.mark.parametrize("name", ENTRIES)
def test_entries_work(name):
    estimator, X, _ = fitted(name)
    found = answers(estimator, X)
    assert found
    for arrays in found.values():
        assert all(np.isfinite(a).all() for a in arrays if a.dtype.kind == "f")


@pytest.mark.parametrize("name", ENTRIES)
def test_float32_stays_float32(name):
    X, y = data(ENTRIES[name], np.float32)
    estimator = ENTRIES[name].make().fit(X, y)
    if hasattr(estimator, "transform"):
        assert answers(estimator, X)["transform"][0].dtype == np.float32
