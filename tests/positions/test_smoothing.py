import numpy as np
import pytest

from dlkit.positions._smoothing import check_smoothing, guided, smoothed, smoothing_margin

from .. import naive_positions as naive


def test_guided_filter_is_that_of_the_formula():
    rng = np.random.RandomState(0)
    I, p = rng.standard_normal((9, 8)), rng.uniform(size=(9, 8, 2))
    found = guided(p, I, 2, 0.1)
    for c in range(2):
        np.testing.assert_allclose(found[..., c], naive.guided(p[..., c], I, 2, 0.1), atol=1e-10)


def test_guided_filter_keeps_edges_of_the_image_and_a_gaussian_does_not():
    I = np.repeat([0.0, 1.0], 10)[None].repeat(20, axis=0)
    noisy = np.clip(I + 0.3 * np.random.RandomState(0).standard_normal(I.shape), 0, 1)[..., None]
    kept = smoothed(noisy, "guided", I, I.var())
    blurred = smoothed(noisy, 3.0)
    assert np.abs(kept[..., 0] - I).max() < np.abs(blurred[..., 0] - I).max() / 2
    assert smoothed(noisy, None) is noisy


def test_margins_hold_all_that_is_looked_at():
    values = np.random.RandomState(0).uniform(size=(60, 3, 2))
    guide = values[..., 0]
    for smoothing in (1.5, "guided"):
        m = smoothing_margin(smoothing)
        part = slice(30 - m, 32 + m)
        whole = smoothed(values, smoothing, guide)[30:32]
        cut = smoothed(values[part], smoothing, guide[part])[m:-m]
        np.testing.assert_allclose(cut, whole, atol=1e-12)


@pytest.mark.parametrize("wrong", ["bilateral", -1.0, True, np.inf, 2**63])
def test_wrong_smoothing_is_named(wrong):
    with pytest.raises(ValueError, match="smoothing"):
        check_smoothing(wrong)
