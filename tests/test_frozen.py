"""Arrays as the compiled loops take them."""

import numpy as np
import pytest
from scipy import sparse

from dlkit._frozen import frozen, read_only


@pytest.mark.parametrize(
    "given",
    [np.arange(6.0).reshape(2, 3), np.arange(6.0).reshape(3, 2).T, np.arange(12.0)[::2], [1, 2]],
)
def test_values_stay_and_the_layout_is_one(given):
    for dtype in (np.float32, np.float64, np.int64):
        found = frozen(given, dtype)
        np.testing.assert_array_equal(found, np.asarray(given))
        assert found.dtype == dtype
        assert found.flags.c_contiguous
        assert not found.flags.writeable


def test_what_has_the_layout_is_not_copied_and_stays_writeable():
    given = np.ones((3, 2))
    assert np.shares_memory(frozen(given, np.float64), given)
    assert given.flags.writeable


def test_arrays_inside_of_others_are_read_only_and_the_callers_are_not():
    W = sparse.csr_array(np.eye(3))
    given = {"a": (np.ones(2), [1.0]), "W": W, "n": 3, "name": "ring"}
    found = read_only(given)
    assert found["a"][1] is given["a"][1]
    assert (found["n"], found["name"]) == (3, "ring")
    for array in (found["a"][0], found["W"].data, found["W"].indices, found["W"].indptr):
        assert not array.flags.writeable
    assert given["a"][0].flags.writeable
    assert W.data.flags.writeable
    assert np.shares_memory(found["W"].data, W.data)
    assert read_only(found["W"]) is found["W"]
    assert read_only(found["a"][0]) is found["a"][0]
