import numpy as np
import pytest

from dlkit.positions._context import offsets_of, surroundings, surroundings_at

from .. import naive_positions as naive


@pytest.mark.parametrize("space", [(7,), (5, 6), (3, 4, 5)])
def test_surroundings_of_a_box_are_those_of_its_positions(space):
    values = np.random.RandomState(0).standard_normal((*space, 2))
    offsets = offsets_of(len(space), 3, (1, 2, 4))
    low, shape = (1,) * len(space), tuple(n - 2 for n in space)
    out = np.full((*shape, 2 * len(offsets)), np.nan)
    surroundings(values, low, shape, offsets, out)
    positions = []
    for p in np.ndindex(shape):
        at = tuple(i + 1 for i in p)
        want = naive.surroundings(values, at, offsets)
        np.testing.assert_array_equal(out[p], want)
        positions.append(np.ravel_multi_index(at, space))
    found = surroundings_at(values, np.array(positions), offsets)
    np.testing.assert_array_equal(found, out.reshape(len(found), -1))


def test_offsets_are_a_window_and_points_on_rings():
    assert offsets_of(1, 3, (1, 4)) == [(-1,), (0,), (1,), (-4,), (4,)]
    assert len(offsets_of(2, 3, (2, 4))) == 9 + 2 * 8
    assert len(offsets_of(3, 3, (2,))) == 27 + 6 + 8
    assert offsets_of(2, 1, ()) == [(0, 0)]
