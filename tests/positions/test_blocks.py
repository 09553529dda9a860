import numpy as np
import pytest

from dlkit.conv._samples import check_samples
from dlkit.positions._blocks import boxes, read_box, widened

from .. import naive_positions as naive


@pytest.mark.parametrize(("space", "budget"), [((50,), 20), ((30, 7), 600), ((9, 11, 10), 2000)])
def test_boxes_cover_a_space_once(space, budget, monkeypatch):
    monkeypatch.setattr("dlkit._budgets.POSITION_BYTES", budget)
    seen = np.zeros(space, dtype=int)
    for low, high in boxes(space, 1, (1,) * len(space), (0,) * len(space)):
        extents = np.minimum(np.subtract(high, low) + 2, space)
        assert 2 * np.prod(extents) <= max(budget, 2 * 10 ** len(space))
        seen[tuple(slice(a, b) for a, b in zip(low, high, strict=True))] += 1
    assert (seen == 1).all()
    assert list(boxes(space, 1, (1,) * len(space), None)) == [((0,) * len(space), space)]


def test_boxes_are_read_with_reflected_borders():
    a = np.random.RandomState(0).standard_normal((2, 4, 3))
    samples = check_samples(a, 2)
    found = read_box(samples, 1, (-6, -2), (5, 8))
    for p in np.ndindex(11, 10):
        assert found[p][0] == naive.reflected(a[1], (p[0] - 6, p[1] - 2))
    assert read_box(samples, 0, (1, 0), (3, 2)).shape == (2, 2, 1)


def test_margins_end_where_the_space_does():
    assert widened((0, 5), (3, 9), (2, 2), (4, 20)) == ((0, 3), (4, 11))
