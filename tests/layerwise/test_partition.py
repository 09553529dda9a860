"""Partition functions against enumeration and integrals."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.integrate import quad

from .. import naive_layerwise as naive
from .machines import parameters, small


@pytest.mark.parametrize("shape", [(4, 3), (3, 5), (13, 2)])
def test_exact_partition_function(shape):
    rbm = small(*shape)
    log_z, error = rbm.log_partition()
    n_visible = shape[0]
    W, b, c = parameters(rbm)
    expected = np.logaddexp.reduce(-rbm.free_energy(naive.states(n_visible)))
    assert_allclose(log_z, expected, rtol=1e-12)
    assert error == 0.0
    if n_visible < 5:
        assert_allclose(log_z, naive.log_partition(W, b, c), rtol=1e-10)


def test_exact_partition_function_of_other_units():
    rbm = small(1, 3, visible="gaussian")
    integral = quad(lambda v: np.exp(-rbm.free_energy([[v]])[0]), -30, 30)[0]
    assert_allclose(rbm.log_partition()[0], np.log(integral), rtol=1e-8)
    rbm = small(4, 3, hidden="relu", scale=0.5)
    expected = np.logaddexp.reduce(-rbm.free_energy(naive.states(4)))
    assert_allclose(rbm.log_partition("exact")[0], expected, rtol=1e-12)


@pytest.mark.parametrize("visible", ["bernoulli", "gaussian"])
def test_annealing_is_right_within_its_error(visible):
    rbm = small(8, 5, visible=visible, scale=0.7)
    exact, _ = rbm.log_partition("exact")
    log_z, error = rbm.log_partition("ais", n_chains=200, n_steps=300, random_state=1)
    assert 0 < error < 0.1
    assert abs(log_z - exact) < 4 * error
    assert rbm.log_partition("ais", n_chains=200, n_steps=300, random_state=1)[0] == log_z
