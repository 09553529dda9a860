"""Where patches lie, against counting."""

import numpy as np
import pytest

from dlkit.conv._geometry import Geometry, size_on

from .. import naive_conv as naive
from .images import IMAGES, conv


@pytest.mark.parametrize("padding", ["same", "full"])
def test_a_kernel_may_be_larger_where_padding_allows_it(padding):
    F = conv(kernel_size=(11, 10), padding=padding).fit_transform(IMAGES)
    assert np.isfinite(F).all()


@pytest.mark.parametrize("padding", ["valid", "same", "full"])
def test_positions_and_runs_are_those_of_plain_counting(padding):
    rng = np.random.RandomState(0)
    for stride, dilation in ((1, 1), (2, 1), (3, 2), ((2, 1), (1, 3))):
        geometry = Geometry.of((3, 2), stride, dilation, padding)
        x = rng.randn(8, 7, 2)
        patches = naive.patches(x, (3, 2), geometry.stride, geometry.dilation, padding)
        assert geometry.positions((8, 7)) == patches.shape[:-1]
        between_zeros = np.pad(x, [*geometry.pads, (0, 0)])
        runs, length = geometry.runs([2 * between_zeros.shape[1], 2], 2)
        first = np.concatenate([between_zeros.ravel()[r : r + length] for r in runs])
        np.testing.assert_array_equal(first, patches[0, 0])
        assert geometry.n_inputs(2) == len(first)


@pytest.mark.parametrize(
    ("space", "n_channels", "size"),
    [
        ((112, 92), 1, (10, 10)), ((28, 28), 1, (9, 9)), ((8, 8), 1, (4, 4)), ((16, 8), 1, (5, 4)),
        ((3, 2), 1, (3, 2)), ((32, 32), 3, (6, 6)), ((12, 100), 3, (4, 6)), ((32, 32), 64, (3, 3)),
        ((28, 28), None, (6, 6)), ((100,), 1, (9,)), ((10,), 4, (5,)), ((9, 32, 32), 1, (4, 5, 5)),
    ],
)  # fmt: skip
def test_usual_sizes(space, n_channels, size):
    assert size_on(None, space, n_channels) == size
