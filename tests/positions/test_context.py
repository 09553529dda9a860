import numpy as np
import pytest

from dlkit.conv._samples import check_samples
from dlkit.positions._context import Context, offsets_of, surroundings, surroundings_at

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


@pytest.mark.parametrize("rings", [(), (2,)])
def test_products_are_those_of_values_and_intensities(rings):
    rng = np.random.RandomState(0)
    X, values = rng.standard_normal((2, 5, 4, 2)), rng.standard_normal((5, 4, 3))
    samples = check_samples(X, 2)
    context = Context.of(samples, 3, rings, 3, X.reshape(-1, 2))
    out = np.full((3, 2, context.n_columns), np.nan)
    context.of_box(samples, 1, (1, 2), (4, 4), values, (1, 2), out)
    Z = (X[1] - X.mean(axis=(0, 1, 2))) / X.std(axis=(0, 1, 2))
    positions = []
    for p in np.ndindex(3, 2):
        at = (p[0] + 1, p[1] + 2)
        want = list(naive.surroundings(values, at, context.offsets))
        for step in context.offsets[:9]:
            near = naive.surroundings(values, at, [step])
            there = naive.surroundings(Z, at, [step])  # zero beyond the image, as the values are
            for intensity in (*Z[at], *there):
                want += list(near * intensity)
        np.testing.assert_allclose(out[p], want, atol=1e-12)
        positions.append(np.ravel_multi_index(at, (5, 4)))
    np.testing.assert_allclose(
        context.at(samples, 1, np.array(positions), values), out.reshape(6, -1), atol=1e-12
    )


def test_many_products_are_left_out():
    samples = check_samples(np.zeros((2, 9, 64)), 1)
    assert Context.of(samples, 3, (2,), 26, np.zeros((3, 64))).n_columns == 26 * 5
