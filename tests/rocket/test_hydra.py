"""Hydra: competing kernels and what is counted."""

import numpy as np
import pytest

from dlkit import Hydra

from .. import naive_rocket as naive
from .maps import row, series

pytestmark = pytest.mark.kernels


def test_hydras_kernels_are_scaled():
    for own in Hydra(40, random_state=0).fit(series(5, (100,))).kernels_:
        w = own.weights.transpose(0, 1, 4, 2, 3).reshape(len(own.dilations), 32, 8, 9)
        np.testing.assert_allclose(w.sum(axis=-1), 0, atol=1e-12)
        np.testing.assert_allclose(np.abs(w[:, :20]).sum(axis=-1), 1)
        assert not w[:, 20:].any()
        assert own.dilations.tolist() == [1, 2, 4, 8]
        assert own.channels.shape == (4, 20, 2)


def test_hydra_counts_every_step_once():
    X = series(1, (30, 12, 1))
    got = Hydra(32, n_kernels=4, random_state=0).fit_transform(X)
    got = got.reshape(3, 2, 2, 2, 16, 4)  # dilations, series or differences, largest or least
    counts = got[:, :, :, 1].sum(axis=-1)
    np.testing.assert_array_equal(counts[0, :, 0], 30)
    np.testing.assert_array_equal(counts[0, :, 1], 29)
    np.testing.assert_array_equal(counts[2], 1)


def test_hydra_with_one_group_reads_no_differences():
    model = Hydra(1, n_kernels=4, random_state=0).fit(series(1, (20,)))
    assert len(model.kernels_) == 1
    x = series(1, (15,))[0]
    np.testing.assert_allclose(row(model, x), naive.hydra(x, model.kernels_), atol=1e-12)
