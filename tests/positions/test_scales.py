import numpy as np
import pytest

from dlkit.positions import ScaleFeatures
from dlkit.positions._scales import eigenvalues

from .. import naive_positions as naive


@pytest.mark.parametrize(("space", "spacing"), [((9,), None), ((6, 7), (2.0, 1.0)), ((4, 5, 3), 1)])
def test_features_are_those_of_the_formula(space, spacing):
    a = np.random.RandomState(0).standard_normal(space)
    d, sigma = len(space), 1.2
    given = np.broadcast_to(1.0 if spacing is None else spacing, (d,)).astype(float)
    scales = ScaleFeatures(sigma, spacing=spacing, n_axes=d, window=1, neighbours=False)
    found = scales.fit_transform(a[None, ..., None])[0]
    g = naive.gaussian(a, sigma / given)
    np.testing.assert_allclose(found[..., 0], a)
    np.testing.assert_allclose(found[..., 1], g, rtol=1e-10, atol=1e-12)
    for p in np.ndindex(space):
        unit = np.eye(d, dtype=int)
        slope = [
            (naive.reflected(g, np.array(p) + u) - naive.reflected(g, np.array(p) - u)) / 2 / s
            for u, s in zip(unit, given, strict=True)
        ]
        edge = slope[0] if d == 1 else np.sqrt(np.sum(np.square(slope)))
        values = np.linalg.eigvalsh(naive.second_derivatives(g, p, given))[::-1]
        np.testing.assert_allclose(found[p][2], edge, atol=1e-10)
        np.testing.assert_allclose(found[p][3:-1], values, atol=1e-9)
    squares = naive.gaussian((a - g) ** 2, sigma / given)
    np.testing.assert_allclose(found[..., -1], np.sqrt(squares), rtol=1e-10, atol=1e-12)


def test_window_and_neighbours_are_reflected():
    a = np.random.RandomState(0).standard_normal((5, 4))
    found = ScaleFeatures(1e-6, n_axes=2).fit_transform(a[None])[0]
    for p in np.ndindex(a.shape):
        near = [naive.reflected(a, (p[0] + i, p[1] + j)) for i in (-1, 0, 1) for j in (-1, 0, 1)]
        np.testing.assert_array_equal(found[p][:9], near)
        steps = [(-1, 0), (1, 0), (0, -1), (0, 1), (-1, -1), (-1, 1), (1, -1), (1, 1)]
        around = [naive.reflected(a, (p[0] + i, p[1] + j)) for i, j in steps]
        np.testing.assert_allclose(found[p][-8:], around)


def test_eigenvalues_of_equal_rows_and_of_rank_one():
    for M in (np.eye(3), np.ones((3, 3)), np.zeros((3, 3)), np.diag([3.0, 1.0, 2.0])):
        upper = {(i, j): np.array([M[i, j]]) for i in range(3) for j in range(i, 3)}
        np.testing.assert_allclose(
            np.concatenate(eigenvalues(upper, 3)), np.linalg.eigvalsh(M)[::-1], atol=1e-7
        )


def test_lists_of_other_sizes_and_dtypes():
    rng = np.random.RandomState(0)
    X = [rng.randint(0, 255, (5, 6, 3)).astype(np.uint8), np.zeros((1, 9, 3), np.uint8)]
    scales = ScaleFeatures((0.7, 2.0), n_jobs=2).fit(X)
    found = scales.transform(X)
    assert [one.shape[:2] for one in found] == [(5, 6), (1, 9)]
    assert found[0].shape[2] == scales._n_features_out
    assert found[0].dtype == np.float32
    assert not found[1].any()
    assert scales.halo_ == (12, 12)
    assert ScaleFeatures((0.7, 2.0), deviation=False).fit(X).halo_ == (10, 10)


@pytest.mark.parametrize("size", [1e-30, 1e30])
def test_features_of_float32_are_as_large_as_the_sample(size):
    X = np.random.RandomState(0).uniform(size=(1, 12, 12)).astype(np.float32)
    scales = ScaleFeatures((0.7, 1.5)).fit(X)
    want = scales.transform(X)
    found = scales.transform(X * np.float32(size)) / np.float32(size)
    np.testing.assert_allclose(found, want, atol=1e-5)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"sigmas": ()}, "sigmas"), ({"sigmas": (1.0, -1.0)}, "sigmas"),
        ({"window": 2}, "window=2"), ({"spacing": (1.0, 0.0)}, "spacing"),
        ({"spacing": (1.0, 1.0, 1.0)}, "2 axes"), ({"sigmas": 2**63}, "10000: give smaller"),
        ({"spacing": 1e-9}, "spacing=1e-09"), ({"window": 10**9 + 1}, "window=1000000001"),
    ],
)  # fmt: skip
def test_wrong_parameters_are_named(wrong, said):
    with pytest.raises(ValueError, match=said):
        ScaleFeatures(**wrong).fit(np.zeros((1, 6, 6)))


def test_a_box_has_the_features_that_it_has_in_the_whole():
    a = np.random.RandomState(0).standard_normal((40, 30, 2))
    scales = ScaleFeatures((0.7, 1.5)).fit(a[None])
    halo, want = scales.halo_, scales.transform(a[None])[0]
    low, high = [15 - halo[0], 3], [18 + halo[0], 30]
    part = scales.describe(a[low[0] : high[0], 0:30], (slice(halo[0], halo[0] + 3), slice(3, 9)))
    np.testing.assert_allclose(part, want[15:18, 3:9], atol=1e-12)


@pytest.mark.parametrize("offset", [1e3, 1e5, -1e5])
def test_float32_far_from_zero_keeps_its_edges(offset):
    X = np.random.RandomState(0).uniform(size=(2, 12, 12)) + offset
    X = X.astype(np.float32)
    scales = ScaleFeatures((0.7, 1.5), neighbours=False, window=1)
    got, want = scales.fit_transform(X), scales.fit_transform(X.astype(np.float64))
    assert got.dtype == np.float32
    for k in range(got.shape[-1]):
        level = k in (0, 1, 5)  # intensities, of which float32 holds no more digits
        atol = np.abs(offset) * 1e-7 if level else 1e-6
        np.testing.assert_allclose(got[..., k], want[..., k], rtol=1e-6, atol=atol)


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.uint64])
def test_small_integers_are_windows_like_others(dtype):
    X = np.random.RandomState(0).uniform(size=(2, 12, 12))
    got = ScaleFeatures(1.0, window=dtype(5)).fit_transform(X)
    np.testing.assert_array_equal(got, ScaleFeatures(1.0, window=5).fit_transform(X))
