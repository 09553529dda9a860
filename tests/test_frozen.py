"""Arrays as the compiled loops take them."""

import numpy as np
import pytest

from dlkit._frozen import frozen


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
