"""MultiRocket: four poolings of a series and its differences."""

import numpy as np
import pytest
from sklearn.base import clone

from dlkit import MultiRocket

from .. import naive_rocket as naive
from .maps import SMALL, row, series

pytestmark = pytest.mark.kernels


@pytest.mark.compiled
def test_long_series_sum_without_losing_digits():
    x = np.random.RandomState(0).uniform(0, 1, (20_000, 1)).astype(np.float32)
    for name in ("MultiRocket", "Hydra"):
        model = clone(SMALL[name]).fit([x])
        np.testing.assert_allclose(
            model.transform([x])[0], model.transform([x.astype(float)])[0], rtol=2e-4, atol=2e-3
        )


def test_four_poolings_by_hand():
    """One series, its differences, and a bias of zero: everything can be counted."""
    x = series(1, (40,))[0]
    model = MultiRocket(84, random_state=0).fit([x])
    own = model.kernels_[0]._replace(biases=np.zeros(84))
    model.kernels_ = own, model.kernels_[1]
    got = row(model, x)[: 4 * 84].reshape(4, 84)
    for k, taps in enumerate(own.taps):
        weights = np.full((1, 9), -1.0)
        weights[:, taps] = 2
        out = naive.convolve(x, weights, 1, 0, 40)
        out = out[4:-4] if k % 2 else out  # every other kernel goes without padding
        above = np.flatnonzero(out > 0)
        edges = np.flatnonzero(out < 0)
        stretches = np.diff([0, *edges, len(out) - 1])
        assert got[0, k] == pytest.approx(len(above) / len(out))
        assert got[1, k] == stretches.max()
        assert got[2, k] == pytest.approx(out[above].mean())
        assert got[3, k] == pytest.approx(above.mean())
